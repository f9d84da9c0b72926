"""Whether a reader reads every word that the author wrote.

The words of a page's source, less markup, options and code, against those of the built page. The
source is read line by line and not by the parser that built the page: what that drops in silence, a
line that it takes for a comment or the last cell of a row, is missing here.
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from bookwright.problems import Problem
from bookwright.source.facts import VERBATIM

_WORD = re.compile(r"[^\W\d_]+|\d+")
_OPEN = re.compile(r"(?P<fence>`{3,}|~{3,}|:{3,}|\$\$)\s*(?P<name>\{[\w:-]+\})?(?P<rest>.*)")
# Directives whose argument is a title that the page shows.
_TITLED = ("{admonition}", "{dropdown}", "{exercise}", "{solution}", "{card}", "{tab-item}")
_UNREAD = ("{code-cell}", "{figure}", "{image}", "{literalinclude}", "{include}", *VERBATIM)
_LINES = re.compile(r"^\s*(?:\(.+\)=|:[\w-]+:.*|\+\+\+.*|<!--.*-->)\s*$")
_SIGNS = re.compile(r"\W+")
# What stands in a line and is no word of the page, with what is shown of it.
_INLINE: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?:^|(?<=\0))\s*\d+[.)]\s"), " "),
    (re.compile(r"\{(?:ref|numref|doc|term|download)\}`([^`<]+?)\s*<[^`]*>`"), r"\1"),
    (re.compile(r"\{term\}`([^`]*)`"), r"\1"),
    # With the letters beside it: a value that is a word would be one with them on the page.
    (re.compile(r"[^\W\d_]*\{[\w:-]+\}`[^`]*`[^\W\d_]*"), " "),
    (re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)"), lambda code: _SIGNS.sub(" ", code[2])),
    (re.compile(r"(?<!\\)\$\$?[^$]+?(?<!\\)\$\$?"), " "),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), " "),
    (re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)"), "]"),
    (re.compile(r"\]\{[^}]*\}"), "]"),
    (re.compile(r"\[\^[^\]\s]+\]:?"), " "),
    (re.compile(r"<[^<>\s][^<>]*>"), " "),
    (re.compile(r"[*`\[\]\\]|(?<!\w)_|_(?!\w)"), ""),
)
_BLOCKS = {"p", "div", "li", "td", "th", "tr", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS |= {
    "pre",
    "figcaption",
    "summary",
    "section",
    "br",
    "math",
    "svg",
    "details",
    "table",
    "ul",
}
_SILENT = {"script", "style", "template"}


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a source with words in them, numbered from 1: those of prose and titles."""
    lines = text.split("\n")
    start = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    unread: str | None = None  # the fence that ends what is passed over
    for number, line in enumerate(lines[start:], start=start + 1):
        bare = line.strip().lstrip("> ")
        if unread is not None:
            if bare.startswith(unread) or (unread == "$$" and bare.endswith("$$")):
                unread = None
            continue
        found = _OPEN.fullmatch(bare)
        if found is None:
            alone = (
                not lines[number - 2].strip() and not "".join(lines[number : number + 1]).strip()
            )
            if not _LINES.match(line) and not (line.startswith("%") and alone):
                yield number, line
        elif found["fence"] == "$$":
            unread = None if "$$" in found["rest"] else "$$"
        elif found["name"] in _UNREAD:
            unread = found["fence"]
        elif found["name"] in _TITLED:
            yield number, found["rest"]


def _replaced(shown: str | Callable[[re.Match[str]], str], found: re.Match[str]) -> str:
    """What is shown instead of a match, with as many line ends as it had."""
    text = found.expand(shown) if isinstance(shown, str) else shown(found)
    return text + "\0" * (found[0].count("\0") - text.count("\0"))


def written(text: str) -> list[tuple[str, int]]:
    """The words of a page's source that readers are to read, with their lines."""
    found = []
    prose = list(_blocks(text))
    # Formulas and links may be wrapped: a paragraph is looked at as one text.
    whole = "\0".join(line for _, line in prose)
    for pattern, shown in _INLINE:
        whole = pattern.sub(functools.partial(_replaced, shown), whole)
    for (number, _), line in zip(prose, whole.split("\0"), strict=True):
        found += [(word, number) for word in _WORD.findall(html.unescape(line))]
    return found


class _Article(HTMLParser):
    """Collects the text of a page's article, with blanks where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._articles = self._silent = 0

    def _edge(self, tag: str, step: int) -> None:
        self._articles += step * (tag == "article")
        self._silent += step * (tag in _SILENT)
        if tag in _BLOCKS:
            self.parts.append(" ")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._edge(tag, 1)

    def handle_endtag(self, tag: str) -> None:
        self._edge(tag, -1)

    def handle_data(self, data: str) -> None:
        if self._articles and not self._silent:
            self.parts.append(data)


def shown(page: str) -> Counter[str]:
    """The words of a built page's article.

    Args:
        page: A whole HTML document, whose elements are all closed.
    """
    reader = _Article()
    reader.feed(page)
    return Counter(_WORD.findall("".join(reader.parts)))


def lost(where: str, source: str, page: str) -> list[Problem]:
    """The lines of a page of which readers do not read every word.

    Args:
        where: The page, as problems name it.
        source: Its source.
        page: The built page, a whole HTML document.
    """
    has, words = shown(page), written(source)
    lacking = Counter(word for word, _ in words) - has
    if not lacking:
        return []
    # A word may be there elsewhere: the line with most of those that are missing is the one.
    by_line: dict[int, list[str]] = {}
    for word, line in words:
        if word in lacking:
            by_line.setdefault(line, []).append(word)
    line = max(by_line, key=lambda each: len(by_line[each]))
    said = " ".join(dict.fromkeys(by_line[line]))
    what = f"readers do not see: {said[:80]}: see how this line, and what is before it, is written"
    return [Problem(what, where, line)]


def of_language(folder: Path, sources: Path, names: list[str], where: str) -> list[Problem]:
    """What the built pages of a language have lost.

    Args:
        folder: The built pages.
        sources: The sources of these pages.
        names: Their names.
        where: What problems call the folder of the sources.
    """
    return [
        problem
        for name in names
        if (built := folder / f"{name}.html").exists() and (sources / f"{name}.md").exists()
        for problem in lost(
            f"{where}/{name}.md",
            (sources / f"{name}.md").read_text(encoding="utf-8"),
            built.read_text(encoding="utf-8"),
        )
    ]
