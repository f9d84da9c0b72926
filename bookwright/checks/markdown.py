"""Markdown that loses or spoils what its author wrote, and that no build complains about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from markdown_it.token import Token

from bookwright import book
from bookwright.problems import Problem
from bookwright.source.facts import is_directive, options, tokens

_FENCE = re.compile(r"(`{3,}|~{3,}|:{3,})\s*$")
# Marks that are left in a text: their other half is missing, or stands where it counts for nothing.
_LEFT_OVER = {
    "**": "the asterisks are no bold type here: see to the blanks around them",
    "`": "a ` has no second one: close the code, or write \\`",
    "](": "this is no link: see to its brackets",
}
# Syntax that is a text where it stands, or that the book has not switched on.
_TEXT_INSTEAD = {
    re.compile(r"\{[.#][A-Za-z]"): "braces with attributes are text here: they stand directly "
    "behind ], ` or the address of a link",
    re.compile(r"\{\{"): "{{ is text here: the book has no substitutions",
    re.compile(
        r"\\[A-Za-z]+\{"
    ): "LaTeX is text here: put $ around a formula, and end what it begins",
    re.compile(
        r"(?<![^\W_])__?[^\s_][^_]*__?(?=[^\W\da-zA-Z_])"
    ): "underscores before a letter are no emphasis: write *...*, and a name of the code as `...`",
    re.compile(r"~~"): "~~ is text here: say in words what no longer holds",
    re.compile(r"^:[\w-]+:(?:\s|$)"): "an option is text here: options stand directly below the "
    "line that opens their block",
    re.compile(r"^\|?[ :]*-{3,}[ :]*\|[-| :]*$"): "this is no table: give this line and the one "
    "before it as many columns, and a blank line above",
}
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]:")
# Directives that show the file that their argument names, and options that name one.
_SHOWING = ("{literalinclude}", "{include}", "{image}", "{figure}")
_FILE_OPTIONS = ("file", "diff", "url")


def _titles(where: str, text: str) -> Iterator[Problem]:
    """A page has one title, and begins with it."""
    headings = [(each, line) for each, line in tokens(text) if each.type == "heading_open"]
    titles = [line for each, line in headings if each.tag == "h1"]
    if not titles:
        yield Problem("the page has no title: begin it with a line such as `# Title`", where)
    elif headings[0][0].tag != "h1":
        yield Problem("a heading stands before the page's title", where, headings[0][1])
    for line in titles[1:]:
        what = f"a second title, after that in line {titles[0]}: write it with ## as a section"
        yield Problem(what, where, line)


def _unclosed(where: str, token: Token, line: int, lines: Sequence[str]) -> Iterator[Problem]:
    """A fence that ends with what is around it."""
    if token.type not in ("fence", "colon_fence") or not token.map:
        return
    last = line + token.map[1] - token.map[0] - 1  # both count from 1
    closing = _FENCE.search(lines[last - 1]) if line < last <= len(lines) else None
    if closing is None or not closing[1].startswith(token.markup):
        name = token.info.split()[0] if token.info else token.markup
        what = f"the block {name} is not closed: end it with a line {token.markup}"
        yield Problem(what, where, line)


def _comment(where: str, token: Token, line: int, lines: Sequence[str]) -> Iterator[Problem]:
    """A line of a paragraph that begins with a percent sign, which nobody would read."""
    if token.type != "myst_line_comment" or not token.map:
        return
    end = line + token.map[1] - token.map[0]
    around = [lines[n - 1] for n in (line - 1, end) if 0 < n <= len(lines)]
    if any(each.strip() for each in around):
        what = "a line that begins with % is a comment, and readers never see it: put a word before"
        yield Problem(f"{what} it, or blank lines around a comment", where, line)


def _marks(where: str, token: Token, line: int, notes: set[str]) -> Iterator[Problem]:
    """Marks that a paragraph shows as they are, though they were to be something else."""
    for child in token.children or []:
        if child.type == "softbreak":
            line += 1
        if child.type != "text":
            continue
        for name in _FOOTNOTE.findall(child.content):
            lost = "is defined nowhere on the page" if name not in notes else "is no footnote here"
            yield Problem(f"the footnote {name!r} {lost}: [^{name}]: ...", where, line)
        for mark, what in _LEFT_OVER.items():
            if mark in child.content and f"\\{mark[0]}" not in token.content:
                yield Problem(what, where, line)
        for pattern, what in _TEXT_INSTEAD.items():
            if (found := pattern.search(child.content)) and f"\\{found[0][0]}" not in token.content:
                yield Problem(what, where, line)


def _products(where: str, token: Token, line: int) -> Iterator[Problem]:
    """Asterisks between numbers or single letters, which are read as emphasis and not shown."""
    children = token.children or []
    for before, opening, inside in zip(children, children[1:], children[2:], strict=False):
        line += before.type in ("softbreak", "hardbreak")
        multiplied = re.search(r"[0-9A-Za-z]$", before.content if before.type == "text" else "")
        factor = re.fullmatch(r"\d+|[A-Za-z]", inside.content)
        if opening.type in ("em_open", "strong_open") and multiplied and factor:
            what = f"the {opening.markup} around {inside.content!r} are emphasis here and not shown"
            yield Problem(f"{what}: write × or \\{opening.markup[0]} for a product", where, line)


def _notes(where: str, text: str) -> Iterator[Problem]:
    """Footnotes that are defined twice."""
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _NOTE.match(line):
            if found[1] in seen:
                what = f"the footnote {found[1]!r} is defined already, in line {seen[found[1]]}"
                yield Problem(f"{what}: give one another name", where, number)
            seen.setdefault(found[1], number)


def _shown_files(token: Token, line: int) -> Iterator[tuple[int, str, str]]:
    """The files that a page shows or carries, with their lines, and by what."""
    if is_directive(token):
        name, _, argument = token.info.partition(" ")
        if name in _SHOWING:
            yield line, name, argument.strip()
        for number, (option, value) in enumerate(options(token), start=1):
            if option in _FILE_OPTIONS and not name.startswith("{code-cell"):
                yield line + number, f"{name} with :{option}:", value
    for child in token.children or []:
        if child.type == "image":
            yield line, "a picture", str(child.attrs.get("src", ""))
        elif child.type == "link_open":
            yield line, "a link", str(child.attrs.get("href", "")).partition("#")[0]
        elif child.type == "myst_role" and child.meta["name"] == "download":
            yield line, "{download}", re.sub(r".*<(.+)>", r"\1", child.content)
        line += child.content.count("\n") + (child.type in ("softbreak", "hardbreak"))


def _outside(where: str, token: Token, line: int, root: Path) -> Iterator[Problem]:
    """What shows a file from outside the project."""
    folder = (root / where).parent
    language = root / "book" / Path(where).parts[1] if len(Path(where).parts) > 1 else folder
    for number, name, address in _shown_files(token, line):
        path = unquote(address).removeprefix("file://")
        if not path or re.match(r"[a-z][a-z0-9+.-]+:|//", path, re.IGNORECASE):
            continue
        target = language / path.lstrip("/") if path.startswith("/") else folder / path
        absolute = address.startswith("file:")
        if absolute or not target.resolve().is_relative_to(root.resolve()):
            what = f"{name} shows a file from outside the project: put it into book/_static"
            yield Problem(what, where, number)


def markdown_problems(where: str, text: str, root: Path = book.ROOT) -> list[Problem]:
    """What is wrong with a page's Markdown, though every parser takes it.

    Args:
        where: The page, as problems name it.
        text: Its source.
        root: The project's folder.
    """
    lines = text.split("\n")
    notes = {found[1] for line in lines if (found := _NOTE.match(line))}
    problems = [*_titles(where, text), *_notes(where, text)]
    for token, line in tokens(text):
        problems += _unclosed(where, token, line, lines)
        problems += _comment(where, token, line, lines)
        problems += _marks(where, token, line, notes)
        problems += _products(where, token, line)
        problems += _outside(where, token, line, root)
    return problems
