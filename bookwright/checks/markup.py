"""Markup of pages that would run, or load something from elsewhere, or hide from the checks."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from docutils.parsers.rst.languages import get_language
from markdown_it.token import Token

from bookwright import book, files, markup
from bookwright.problems import Problem
from bookwright.source.facts import is_directive, options, tokens

# MyST's own, for places within the book and in other projects.
_LINKS = markup.SCHEMES | {"", "inv", "myst", "path", "project"}
_UNSEEN = ("{eval-rst}", "{include}", "{meta}", "{raw-cell}", "{toctree}")


def link_problem(address: str) -> str | None:
    """Why a page may not hold a link, if so."""
    if markup.scheme(address) in _LINKS:
        return None
    return f"the link leads to {address[:60]!r}: pages link to http, https and mailto alone"


def picture_problem(address: str) -> str | None:
    """Why a page may not show a picture, if so."""
    elsewhere = markup.scheme(address) or address.startswith("//")
    if not elsewhere or markup.is_picture(address):
        return None
    return (
        f"the picture {address[:60]!r} lies elsewhere, and the site's pages load nothing from "
        "there: put it into book/_static"
    )


def html_problems(text: str) -> Iterator[str]:
    """What of a page's own HTML may not be there."""
    for what in markup.html_problems(text):
        yield f"pages may not hold {what}: say it in Markdown"


def _inline(token: Token, line: int) -> Iterator[tuple[int, str]]:
    """What is wrong in a paragraph or the like, by line."""
    for child in token.children or []:
        found: list[str | None] = []
        if child.type == "html_inline":
            found += html_problems(child.content)
        elif child.type == "link_open":
            found.append(link_problem(str(child.attrs.get("href", ""))))
        elif child.type == "image":
            found.append(picture_problem(str(child.attrs.get("src", ""))))
        yield from ((line, text) for text in found if text)
        line += child.content.count("\n") + (child.type in ("softbreak", "hardbreak"))


@functools.cache
def _in_english() -> dict[str, str]:
    """The names that directives have in other languages, which docutils takes as well."""
    known = filter(None, map(get_language, book.LANGUAGES))
    tables = [language.directives for language in known]
    return {f"{{{name}}}": f"{{{english}}}" for table in tables for name, english in table.items()}


def _directive(token: Token, line: int) -> Iterator[tuple[int, str]]:
    """What is wrong with a directive, by line."""
    name, _, argument = token.info.partition(" ")
    name = _in_english().get(name, name)
    if name in _UNSEEN:
        yield line, f"pages may not hold {name}: no check looks at what it brings"
    elif name == "{raw}":
        said = options(token)
        text = "\n".join(token.content.split("\n")[len(said) :])
        yield from ((line, what) for what in html_problems(text))
        if argument.split() != ["html"]:
            what = f"readers do not see {name} {argument}".rstrip()
            yield line, f"{what}: write {{raw}} html, or say it in Markdown"
        if {option for option, _ in said} & {"file", "url"}:
            yield line, "pages may not hold {raw} of a file: no check looks at what it brings"
    elif name == "{csv-table}" and dict(options(token)).get("url"):
        yield line, "pages may not hold {csv-table} with :url:, which every build would load"
    elif name in ("{image}", "{figure}") and (problem := picture_problem(argument.strip())):
        yield line, problem


def _header(text: str) -> Iterator[tuple[int, str]]:
    """Settings of a page by which it would be read in another way than it is looked at."""
    header = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    said = yaml.safe_load(header[1]) if header else None
    if isinstance(said, dict) and "myst" in said:
        yield 1, "the header may not hold 'myst': all pages are read in the one way"


def drawing_problems(book: Path) -> list[Problem]:
    """Drawings below the folder of the book that are more than drawings, to be opened by anybody.

    Args:
        book: The folder that holds one of pages for each language.
    """
    return [
        Problem(f"a drawing may not hold {what}: take it out", files.name_of(path, book.parent))
        for path in sorted(book.rglob("*.svg"))
        if "_build" not in path.parts
        for what in markup.svg_problems(path.read_text(encoding="utf-8", errors="replace"))
    ]


def markup_problems(where: str, text: str) -> list[Problem]:
    """Markup of a page that would run, load something, or bring what no check looks at.

    Args:
        where: The page, as problems name it.
        text: Its source.
    """
    found = list(_header(text))
    for token, line in tokens(text):
        if token.type == "html_block":
            found += [(line, what) for what in html_problems(token.content)]
        elif token.type == "inline":
            found += _inline(token, line)
        elif is_directive(token):
            found += _directive(token, line)
    return [Problem(what, where, line) for line, what in found]
