"""Finds what is no valid HTML in a built page, as far as Python alone can tell.

The parser of the HTML standard reports what it had to mend; on top of that come the rules that
extensions break most easily. `bookwright.verify.nu` asks the full validator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as MESSAGES

# Attributes that name elements of the same page by their ids.
_REFERENCES = (
    *("for", "headers", "list", "aria-labelledby", "aria-describedby", "aria-controls"),
    *("aria-owns", "aria-details", "aria-flowto", "aria-activedescendant"),
)
# Elements that hold text and what stands in text, but no blocks (the parser sees to <p>).
_TEXT = {"abbr", "b", "button", "cite", "code", "em", "i", "label", "legend", "pre"}
_TEXT |= {"small", "span", "strong", "sub", "summary", "sup", "time"}
_TEXT |= {f"h{level}" for level in range(1, 7)}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_BLOCKS = {"address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset"}
_BLOCKS |= {"figure", "footer", "form", "header", "hr", "main", "nav", "ol", "p", "pre", "section"}
_BLOCKS |= {"table", "ul", *_HEADINGS}
_INTERACTIVE = {"a", "button", "details", "input", "label", "select", "textarea"}
# What the standard calls obsolete.
_OBSOLETE = {"acronym", "big", "center", "font", "strike", "tt", "nobr", "frame", "frameset"}
_OBSOLETE_ATTRIBUTES = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "valign"}


def _describe(element: Element) -> str:
    """An element as one would look for it in the page."""
    attributes = [f'{name}="{element.get(name)}"' for name in ("id", "class") if element.get(name)]
    text = " ".join("".join(element.itertext()).split())[:40]
    return f"<{' '.join([element.tag, *attributes])}> {text!r}"


def _ids(root: Element) -> Iterator[str]:
    """Ids that are not unique, and references to ids that are not there."""
    ids = Counter(element.get("id") for element in root.iter() if element.get("id") is not None)
    yield from (
        f"{count} elements have the id {name!r}" for name, count in ids.items() if count > 1
    )
    for element in root.iter():
        for attribute in _REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"{_describe(element)}: {attribute} names {name!r}, which is not there"


def _misplaced(element: Element) -> Iterator[str]:
    """What stands in an element and may not."""
    barred: set[str] = set()
    if element.tag in _TEXT:
        barred |= _BLOCKS - (_HEADINGS if element.tag in ("summary", "legend") else set())
    if element.tag in ("a", "button"):
        barred |= _INTERACTIVE
    for child in element.iter() if barred else ():
        if child is not element and child.tag in barred:
            yield f"{_describe(element)} holds {_describe(child)}"


def _outdated(element: Element) -> Iterator[str]:
    """What an element has that HTML no longer has."""
    if element.tag in _OBSOLETE:
        yield f"{_describe(element)} is obsolete"
    for attribute in _OBSOLETE_ATTRIBUTES.intersection(element.keys()):
        yield f"{_describe(element)}: the attribute {attribute} is obsolete"


def _content(root: Element) -> Iterator[str]:
    """What is wrong with each element by itself."""
    for element in root.iter():
        if not isinstance(element.tag, str):  # a comment
            continue
        yield from _misplaced(element)
        yield from _outdated(element)
        if element.tag == "img" and element.get("alt") is None:
            yield f"{_describe(element)} {element.get('src')} has no alt"


def problems(page: str) -> list[str]:
    """All that is wrong with a page.

    Args:
        page: A whole HTML document.
    """
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page)
    errors = [
        f"line {line}: {MESSAGES.get(code, code) % values}"
        for (line, _), code, values in parser.errors
    ]
    mains = [e for e in root.iter() if e.tag == "main" or e.get("role") == "main"]
    found = [*errors, *_ids(root), *_content(root)]
    if len(mains) > 1:
        found.append(f"more than one main part: {', '.join(map(_describe, mains))}")
    if not (root.get("lang") or "").strip():
        found.append("<html> has no lang")
    if not (root.findtext("head/title") or "").strip():
        found.append("<head> has no title")
    return found
