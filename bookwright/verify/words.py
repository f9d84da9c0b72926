"""Whether a reader reads every word that the author wrote.

The words of a page's source, less markup, options and formulas, against those of the built page.
The source is read line by line and not by the parser that built the page: what that drops in
silence, a line that it takes for a comment or the last cell of a row, is missing here.
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import lxml.html

from bookwright.blocks import NOT_SEARCHED
from bookwright.problems import Problem
from bookwright.source.facts import VERBATIM

_WORD = re.compile(r"[^\W\d_]+|\d+")
_OPEN = re.compile(r"(?P<fence>`{3,}|~{3,}|:{3,}|\$\$)\s*(?P<name>\{[\w:-]+\})?(?P<rest>.*)")
# Directives whose argument is a title that the page shows.
_TITLED = ("{admonition}", "{dropdown}", "{exercise}", "{card}", "{tab-item}")
_SHOWING = ("{figure}", "{image}", "{literalinclude}", "{include}")
_UNREAD = ("{code-cell}", "{predict}", *_SHOWING, *VERBATIM)
_LINES = re.compile(r"^\s*(?:\(.+\)=|\+\+\+.*)\s*$")
_COMMENT = re.compile(r"^[ >]*<!--.*?-->", re.DOTALL | re.MULTILINE)
_FORMULA = re.compile(r"\\begin\{(\w+\*?)\}")
_FORMULA_END = re.compile(r"\$\$\s*(?:\([^()]*\))?$")
_LINK = re.compile(r"^[ >]*\[(?!\^)([^\]]+)\]:[ \0]+\S+.*$", re.MULTILINE)  # what [...][name] names
_SIGNS = re.compile(r"\W+")
_ADDRESS = (
    r"\([\s\0]*(?:<[^<>]*>|(?:[^\s()\0]|\([^\s()\0]*\))*)"
    r"(?:[\s\0]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[\s\0]*\)"
)
# What stands in a paragraph and is no word of the page, with what is shown of it.
_INLINE: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?:^|(?<=\0))[\s>]*(?:[-*+:]\s+)*\d+[.)]\s"), " "),
    (re.compile(r"\{(?:ref|doc|term|download)\}`([^`<]+?)\s*<[^`]*>`"), r"\1"),
    (re.compile(r"\{term\}`([^`]*)`"), r"\1"),
    # With the letters beside it: a value that is a word would be one with them on the page.
    (re.compile(r"\w*\{[\w:-]+\}`[^`]*`\w*"), " "),
    (
        re.compile(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)(?:\{[^}`]*\})?"),
        lambda code: _SIGNS.sub(" ", code[2]),
    ),
    (re.compile(r"<!--.*?-->"), " "),
    (re.compile(r"(?<!\\)\$\$?[^$]+?(?<!\\)\$\$?"), " "),
    (re.compile(r"\\[!-/:-@\[-`{-~]"), " "),
    (re.compile(rf"!\[[^\]]*\]{_ADDRESS}(?:\{{[^}}]*\}})?"), " "),
    (re.compile(rf"\]{_ADDRESS}"), "]"),
    (re.compile(r"\]\{[^}]*\}"), "]"),
    (re.compile(r"\[\^[^\]\s]+\]:?"), " "),
    (re.compile(r"</?[A-Za-z][^<>]*>"), " "),
)
# Marks of emphasis and links, and signs of a text: "3*3" is one word or two on the page.
_MARKS = re.compile(r"[*\[\]]")
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
# What stands on a page and is nobody's prose: it would hide that a word of the prose is lost.
_NOT_WRITTEN = {"cell", *(name.strip(" .") for name in NOT_SEARCHED.split(","))}
_LONGEST = 80  # characters of lost words that are told


_BEFORE = -1  # what no line is indented by


class _Reader:
    """Reads a source line by line, and keeps which blocks are open.

    Args:
        lines: The lines of a page.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._open: list[str] = []  # fences of the directives around
        self._code = ""  # the fence that ends a block of code
        self._until: re.Pattern[str] | None = None  # what ends what is passed over
        self._options: int | None = None  # how far the last option is indented

    def read(self) -> Iterator[tuple[int, str]]:
        """The lines with words in them, numbered from 1; empty ones between paragraphs."""
        for number, line in enumerate(self._lines, start=1):
            bare = line.strip().lstrip("> ")
            if self._until is not None:
                if self._until.search(bare):
                    self._until = None
                yield number, ""
            elif self._options is not None and self._is_option(line, bare):
                yield number, ""
            elif self._code:
                if bare.startswith(self._code) and not bare.strip(self._code[0]):
                    self._code = ""
                yield number, _SIGNS.sub(" ", bare)
            else:
                yield from self._line(number, line, bare)

    def _is_option(self, line: str, bare: str) -> bool:
        indented = len(line) - len(line.lstrip())
        if self._options == _BEFORE and bare == "---":  # a block of YAML
            self._until, self._options = re.compile("^---$"), None
            return True
        if re.match(r":[\w-]+:", bare):
            self._options = indented
            return True
        if self._options != _BEFORE and indented > (self._options or 0):  # an option goes on
            return True
        self._options = None
        return False

    def _line(self, number: int, line: str, bare: str) -> Iterator[tuple[int, str]]:
        found = _OPEN.fullmatch(bare)
        if found is None:
            if formula := _FORMULA.match(bare):
                end = re.compile(rf"\\end\{{{re.escape(formula[1])}\}}")
                self._until = None if end.search(bare) else end
            yield number, "" if formula or _LINES.match(line) else line
            return
        yield number, ""
        yield number, self._fence(found["fence"], found["name"] or "", found["rest"])
        yield number, ""

    def _fence(self, fence: str, name: str, rest: str) -> str:
        """Opens or closes a block; returns its title."""
        if fence == "$$":
            self._until = None if _FORMULA_END.search(rest) else _FORMULA_END
        elif not name and not rest and self._open and fence.startswith(self._open[-1]):
            self._open.pop()
        elif name in _UNREAD:
            self._until = re.compile(f"^{fence}")
        elif name and not name.startswith("{code"):
            self._open.append(fence)
            self._options = _BEFORE
            return rest if name in _TITLED else ""
        elif name or not fence.startswith(":"):
            self._code = fence
            self._options = _BEFORE if name else None
        return ""


def _paragraphs(text: str) -> Iterator[list[tuple[int, str]]]:
    """What has words in a source: lines without an empty one between them, numbered from 1."""
    lines = text.split("\n")
    if lines[0] == "---" and "---" in lines[1:]:
        end = lines.index("---", 1) + 1
        lines[:end] = [""] * end
    paragraph: list[tuple[int, str]] = []
    for number, line in [*_Reader(lines).read(), (0, "")]:
        if line.strip(" >\t"):
            paragraph.append((number, line))
        elif paragraph:
            if not all(each.lstrip(" >").startswith("%") for _, each in paragraph):  # a comment
                yield paragraph
            paragraph = []


def _replaced(shown: str | Callable[[re.Match[str]], str], found: re.Match[str]) -> str:
    """What is shown instead of a match, with as many line ends as it had."""
    text = found.expand(shown) if isinstance(shown, str) else shown(found)
    return text + "\0" * (found[0].count("\0") - text.count("\0"))


def _without(pattern: re.Pattern[str], text: str) -> str:
    """A source without what matches, with as many lines as it had."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n"), text)


def _links(text: str) -> str:
    """A source with links that name their address elsewhere as links without one."""
    for found in _LINK.finditer(text):
        used = re.compile(rf"\]\[{re.escape(found[1])}\]", re.IGNORECASE)
        alone = re.compile(rf"\[{re.escape(found[1])}\](?!:)", re.IGNORECASE)
        if alone.search(text):
            text = used.sub("]", text.replace(found[0], ""))
    return text


def written(text: str, mark: str = "") -> list[tuple[str, int]]:
    """The words of a page's source that readers are to read, with their lines.

    Args:
        text: The source.
        mark: What stands in the place of marks that may be signs of the text.
    """
    found = []
    for paragraph in _paragraphs(_links(_without(_COMMENT, text))):
        # Formulas and links may be wrapped: a paragraph is looked at as one text.
        whole = "\0".join(line for _, line in paragraph)
        for pattern, shown in _INLINE:
            whole = pattern.sub(functools.partial(_replaced, shown), whole)
        whole = _MARKS.sub(mark, whole)
        for (number, _), line in zip(paragraph, whole.split("\0"), strict=True):
            found += [(word, number) for word in _WORD.findall(html.unescape(line))]
    return found


def _texts(element: lxml.html.HtmlElement) -> Iterator[str]:
    """The texts of an element, with blanks where a block begins or ends."""
    if element.tag in _SILENT or not _NOT_WRITTEN.isdisjoint(element.classes):
        return
    edge = " " if element.tag in _BLOCKS else ""
    yield edge + (element.text or "")
    for child in element:
        if isinstance(child.tag, str):  # and no comment
            yield from _texts(child)
        yield child.tail or ""
    yield edge


def shown(page: str) -> Counter[str]:
    """The words of a built page's article.

    Args:
        page: A whole HTML document, whose elements are all closed.
    """
    articles = lxml.html.document_fromstring(page).iter("article")
    return Counter(_WORD.findall(" ".join("".join(_texts(each)) for each in articles)))


def _lacking(words: list[tuple[str, int]], has: Counter[str]) -> dict[int, list[str]]:
    """The words that are missing, by the lines that have them."""
    lacking = Counter(word for word, _ in words) - has
    found: dict[int, list[str]] = {}
    for word, line in words:
        if word in lacking:
            found.setdefault(line, []).append(word)
    return found


def lost(where: str, source: str, page: str) -> list[Problem]:
    """The lines of a page of which readers do not read every word.

    Args:
        where: The page, as problems name it.
        source: Its source.
        page: The built page, a whole HTML document.
    """
    has = shown(page)
    found = _lacking(written(source), has)
    if found:
        apart = _lacking(written(source, " "), has)
        found = {line: words for line, words in found.items() if line in apart}
    if not found:
        return []
    # A word may be there elsewhere: the line with most of those that are missing is the one.
    line = max(found, key=lambda each: len(found[each]))
    said = " ".join(dict.fromkeys(found[line]))[:_LONGEST]
    what = f"readers do not see: {said}: see how this line, and what is before it, is written"
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
