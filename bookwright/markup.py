"""Which HTML and SVG pages and outputs of cells may hold: what neither runs nor loads anything.

The site's policy blocks scripts and foreign pictures in a browser. Nothing does so in a downloaded
notebook, nor for a drawing that is opened at its own address. So what the lists in `markup.yml` do
not hold is refused; nothing is cleaned in silence.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import tinycss2
import yaml
from lxml import etree
from tinycss2.ast import Node

SCHEMES = frozenset({"http", "https", "mailto"})  # of links that leave a page
# Of every page. Pagefind is WebAssembly, which the search runs without a worker. MyST writes the
# alignment of table cells as style attributes.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'none'; "
    "base-uri 'none'; form-action 'none'"
)

_HTML = "{http://www.w3.org/1999/xhtml}"
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# What is said about a drawing, by Matplotlib and others, and shows nothing.
_ABOUT = (_RDF, "{http://creativecommons.org/ns#}", "{http://purl.org/dc/elements/1.1/}")

_LISTS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
_OF_ANY = set(_LISTS["html"]["attributes"].split())
_HTML_ELEMENTS = dict.fromkeys(_LISTS["html"]["plain"].split(), _OF_ANY) | {
    name: _OF_ANY | set(own.split()) for name, own in _LISTS["html"]["elements"].items()
}
_SVG_ELEMENTS = frozenset(_LISTS["svg"]["elements"].split())
_SVG_ATTRIBUTES = frozenset(_LISTS["svg"]["attributes"].split()) | {
    f"{_XLINK}href",
    f"{_XML}space",
    f"{_XML}lang",
}
_FUNCTIONS = frozenset(_LISTS["functions"].split())
# Calls that a drawing has by the thousand, and that the reader of styles need not look at.
_PLAIN = re.compile(r"url\(#[\w-]+\)|(?:translate|scale|rotate|matrix)\([-\d.e, ]*\)")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r'<!DOCTYPE svg(?:\s+PUBLIC\s+"[\w /.-]*"\s+"[\w:/.-]*")?\s*>')
_LONGEST = 60  # characters of a value that are told


def scheme(address: str) -> str:
    """The scheme of an address as a browser reads it, in small letters; empty if it has none."""
    seen = re.sub(r"[\x00-\x20]", "", address)
    found = re.match(r"([a-z][a-z0-9+.-]*):", seen, re.IGNORECASE)
    return found[1].lower() if found else ""


def is_picture(address: str) -> bool:
    """Whether an address holds a picture itself."""
    return _PICTURE.match(address) is not None


def _outside(node: Node) -> bool:
    """Whether a part of a style loads or runs something; a place of the same drawing does not."""
    if node.type == "url":
        return not node.value.startswith("#")
    if node.type == "function":
        named = [part.value for part in node.arguments if part.type == "string"]
        inside = all(name.startswith("#") for name in named)
        return node.lower_name not in _FUNCTIONS or not inside
    return node.type in ("at-keyword", "error")


def _loads(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if _outside(node):
            yield node.serialize()
        yield from _loads(getattr(node, "arguments", None) or getattr(node, "content", None) or [])


def _style_problems(where: str, style: str) -> Iterator[str]:
    """What in a style loads something, or is no style."""
    left = _PLAIN.sub("", style)
    if any(mark in left for mark in "(\\@"):  # mostly there is none of these
        for found in _loads(tinycss2.parse_component_value_list(style)):
            yield f"{where} with {found[:_LONGEST]!r} in its style"


def _html_attribute(name: str, attribute: str, value: str) -> Iterator[str]:
    if attribute not in _HTML_ELEMENTS[name] and not attribute.startswith("aria-"):
        yield f"<{name}> with {attribute}"
    elif attribute == "style":
        yield from _style_problems(f"<{name}>", value)
    else:
        leads_out = attribute == "href" and scheme(value) not in SCHEMES | {""}
        if leads_out or (attribute == "src" and not is_picture(value)):
            yield f"<{name}> with {attribute}={value[:_LONGEST]!r}"


def _html_element(element: Element) -> Iterator[str]:
    name = element.tag.removeprefix(_HTML)
    if name in ("html", "head", "body"):  # the parser makes one of each
        yield from (f"<{name}> with {attribute}" for attribute, _ in element.items())
    elif name not in _HTML_ELEMENTS:
        yield f"<{name.rpartition('}')[2]}>"
    else:
        for attribute, value in element.items():
            yield from _html_attribute(name, str(attribute), value)
    if name == "style":
        yield from _style_problems("<style>", "".join(element.itertext()))


def html_problems(text: str) -> list[str]:
    """What HTML holds that is not allowed, as a browser reads it: "<script>", "<b> with onclick".

    Args:
        text: HTML that comes to stand in the body of a page.
    """
    # As in a page, and not by itself: a further <body onload=...> is added to the page's own.
    end = secrets.token_hex()  # which the text cannot know
    whole = f'<!doctype html><body>{text}<wbr id="{end}">'
    document = html5lib.parse(whole, treebuilder="etree")
    # A row means nothing outside a table; but the table may have begun in a piece before this one.
    within = html5lib.parseFragment(text, container="table", treebuilder="etree")
    every = (element for part in (document, *within) for element in part.iter())
    elements = [element for element in every if isinstance(element.tag, str)]
    found = [what for element in elements for what in _html_element(element)]
    if not any(element.get("id") == end for element in elements):
        found.append("a tag or a comment without its end")  # what follows would be part of it
    return list(dict.fromkeys(found))


def _svg_attribute(name: str, attribute: str, value: str) -> Iterator[str]:
    short = attribute.rpartition("}")[2]
    if attribute not in _SVG_ATTRIBUTES and not attribute.startswith("aria-"):
        yield f"<{name}> with {short}"
    elif short == "href":
        if not value.startswith("#") and not (name == "image" and is_picture(value)):
            yield f"<{name}> with {short}={value[:_LONGEST]!r}"
    else:
        yield from _style_problems(f"<{name}>", value)


def _svg_element(element: etree._Element) -> Iterator[str]:
    if element.tag is etree.Comment:
        if (element.text or "").startswith((">", "->")):  # which ends one in HTML
            yield "a comment that begins with '>'"
        return
    if not isinstance(element.tag, str):  # an entity, or an instruction such as a style sheet
        yield repr(etree.tostring(element, with_tail=False).decode()[:_LONGEST])
        return
    space, _, name = element.tag.rpartition("}")
    attributes = [(str(name), str(value)) for name, value in element.items()]
    if f"{space}}}" in _ABOUT and element.prefix:  # as HTML, <script> would be one by its name
        others = [attribute for attribute, _ in attributes if not attribute.startswith(_RDF)]
        yield from (f"<{name}> with {other.rpartition('}')[2]}" for other in others)
    elif f"{space}}}" != _SVG or name not in _SVG_ELEMENTS or element.prefix:
        yield f"<{name}>"
    else:
        for attribute, value in attributes:
            yield from _svg_attribute(name, attribute, value)
    if name in ("title", "desc"):  # HTML reads what is in them by other rules
        yield from (f"<{name}> with an element in it" for _ in element.iterchildren("*"))
    if name == "style":
        yield from _style_problems("<style>", element.text or "")
        yield from (f"<style> with {str(part)[:_LONGEST]!r}" for part in element)


def svg_problems(text: str) -> list[str]:
    """What a drawing holds that is not allowed: "<script>", "<image> with href='https:...'".

    It is read as XML. A notebook may put it into a page, where it is read as HTML: what would be
    something else there is not allowed.

    Args:
        text: SVG, as a file holds it.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        return [f"SVG that is no XML ({error})"]
    # Entities, attributes that elements have by themselves, and sections that HTML has not.
    left = _DOCTYPE.sub("", _COMMENT.sub("", text), count=1)
    found = [f"{what}>" for what in re.findall(r"<!\W?\w*", left)]
    encoding = root.getroottree().docinfo.encoding or "utf-8"
    if encoding.lower() != "utf-8":  # others may read other elements in it
        found.append(f"the encoding {encoding}")
    around = [*root.itersiblings(preceding=True), *root.itersiblings()]
    for element in [*around, *root.iter()]:
        found += _svg_element(element)
    return list(dict.fromkeys(found))
