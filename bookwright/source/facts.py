"""What a page holds, and on which line: headings, code cells, labels, directives, terms, claims."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat.validator import NotebookValidationError

from bookwright import book
from bookwright.mends import emphasis
from bookwright.problems import Problem
from bookwright.source.header import header_problems

# Where the book does not say: Jupyter Book's own, but for those that need further packages.
_EXTENSIONS = ("colon_fence", "dollarmath", "substitution", "tasklist")
# Directives with no prose inside.
VERBATIM = ("{code", "{bibliography}", "{math}", "{raw}", "{glue:math}")
_OPTION = re.compile(r":([\w-]+):\s*(.*?)\s*")
_YAML_OPTION = re.compile(r"([\w-]+)\s*:\s*(.*?)\s*")


class Found(NamedTuple):
    """Something that a page has, and the line it stands on."""

    what: str
    line: int


class Cell(NamedTuple):
    """A code cell, and the line its code starts on."""

    source: str
    tags: tuple[str, ...]
    line: int


class Facts(NamedTuple):
    """What has to be the same in all languages, each in the order of the page."""

    headings: list[Found]
    cells: list[Cell]
    labels: list[Found]
    directives: list[Found]
    claims: list[Found]
    terms: list[Found]

    @classmethod
    def nothing(cls) -> Facts:
        """What an empty page holds."""
        return cls([], [], [], [], [], [])


@functools.cache
def parser_config() -> MdParserConfig:
    """How MyST reads the pages."""
    said = book.config().get("parse", {})
    return MdParserConfig(enable_extensions=set(said.get("myst_enable_extensions", _EXTENSIONS)))


@functools.cache  # one for all: a page has hundreds of directives, each parsed by itself
def _parser() -> MarkdownIt:
    emphasis.mend()
    parser = create_md_parser(parser_config(), RendererHTML)
    # Else `[...](javascript:...)` would pass for text.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


def is_directive(token: Token) -> bool:
    """Whether a fence is a directive, such as `{claim}`."""
    return token.type in ("fence", "colon_fence") and token.info.startswith("{")


@functools.lru_cache(maxsize=64)  # each check of a page asks for them again
def tokens(text: str) -> tuple[tuple[Token, int], ...]:
    """All block tokens with their line numbers, those inside directives too; to be read only."""
    return tuple(_tokens(text, 0))


def _as_read(info: str) -> str:
    """What a fence begins with, with a directive's name and argument as MyST tells them apart."""
    name, *argument = info.split(maxsplit=1) or [""]
    name = name.lower() if name.startswith("{") else name
    return " ".join([name, *(part.rstrip() for part in argument)])


def _tokens(text: str, offset: int) -> Iterator[tuple[Token, int]]:
    for token in _parser().parse(text):
        if token.type in ("fence", "colon_fence"):
            token.info = _as_read(token.info)
        line = offset + (token.map[0] if token.map else 0) + 1
        yield token, line
        if is_directive(token) and not token.info.startswith(VERBATIM):
            n = len(options(token))
            # Blank lines take the place of the options, so that the rest keeps its line numbers.
            content = "\n" * n + "\n".join(token.content.split("\n")[n:])
            yield from _tokens(content, line)


def options(token: Token) -> list[tuple[str, str]]:
    """Names and values of a directive's options, one for each line; some lines have no name."""
    lines = token.content.split("\n")
    if lines[0].strip() == "---" and "---" in map(str.strip, lines[1:]):  # as a block of YAML
        end = [line.strip() for line in lines].index("---", 1)
        named = [_YAML_OPTION.fullmatch(line) for line in lines[1:end]]
        return [("", ""), *map(_option, named), ("", "")]
    found: list[tuple[str, str]] = []
    for line in lines:
        named_here = _OPTION.fullmatch(line)
        if named_here is None and not (found and line[:1].isspace() and line.strip()):
            break
        found.append(_option(named_here))
    return found


def _option(found: re.Match[str] | None) -> tuple[str, str]:
    return (found[1], found[2].strip("'\"")) if found else ("", "")  # another's further line


@functools.lru_cache(maxsize=256)
def _cells(text: str) -> tuple[Cell, ...]:
    notebook = read_myst_markdown_notebook(text, config=parser_config(), add_source_map=True)
    lines, found = text.split("\n"), []
    # `line` is the one after the fence; options and blank lines come before the code.
    for cell, line in zip(notebook.cells, notebook.metadata.source_map, strict=True):
        if cell.cell_type == "code":
            while line < len(lines) and (not lines[line].strip() or lines[line].startswith(":")):
                line += 1
            found.append(Cell(cell.source, tuple(cell.metadata.get("tags", ())), line + 1))
    return tuple(found)


# What MyST-NB says of a cell: "Code cell 1 at line 7 could not be read: ...".
_UNREADABLE = re.compile(r"(\w+) cell \d+ at line (\d+) could not be read: ", re.DOTALL)
_REASONS = {
    "Code": "the options of this cell cannot be read: see to its brackets and quotes",
    "Raw": "the options of this cell cannot be read: see to its brackets and quotes",
    "Markdown": "what follows the +++ is no JSON: write +++ alone, or no + first in a text",
}


def reading_problems(where: str, text: str) -> list[Problem]:
    """Why a page cannot be read as a notebook: its header, or what a code cell says of itself.

    Args:
        where: The page, as problems name it.
        text: Its source.
    """
    if found := header_problems(where, text):
        return found
    try:
        _cells(text)
    except NotebookValidationError as error:  # of the tags alone: they are all that it knows
        what = (
            f"a code cell has tags that are no list of names, as [hide-input] is: {error.message}"
        )
        return [Problem(what, where, _line_of_tags(text))]
    except Exception as error:  # of several kinds, some of them MyST-NB's own affair
        if cell := _UNREADABLE.match(str(error)):
            return [Problem(_REASONS[cell[1]], where, int(cell[2]))]
        if ":load:" in str(error):
            return [Problem("a cell may not load a file: put its code into the page", where)]
        return [Problem(f"cannot be read as a notebook: {error}", where)]
    return []


def _line_of_tags(text: str) -> int | None:
    """The first line with tags that are no list of names."""
    for number, line in enumerate(text.split("\n"), start=1):
        if found := re.fullmatch(r":?tags:\s*(\S.*)", line):
            tags = yaml.safe_load(found[1])
            if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
                return number
    return None


def _terms(token: Token) -> Iterator[str]:
    """The terms of the glossary that a paragraph links to."""
    for child in token.children or []:
        if child.type == "myst_role" and child.meta["name"] == "term":
            named = re.fullmatch(r".*<(.+)>", child.content)
            yield named[1] if named else child.content


def _directive(found: Facts, token: Token, line: int) -> None:
    name, _, argument = token.info.partition(" ")
    found.directives.append(Found(f"{name} {argument}" if "glue" in name else name, line))
    for number, (option, value) in enumerate(options(token), start=1):
        if option in ("name", "label"):
            found.labels.append(Found(value, line + number))
    if name == "{claim}":
        found.claims.append(Found(argument.strip(), line))


@functools.lru_cache(maxsize=4096)  # every check of a page asks for them again
def facts(text: str) -> Facts:
    """Reads from a page's source what all languages must share."""
    found = Facts.nothing()
    found.cells.extend(_cells(text))
    for token, line in tokens(text):
        if token.type == "heading_open":
            found.headings.append(Found(token.tag, line))
        elif token.type == "myst_target":
            found.labels.append(Found(token.content, line))
        elif token.type == "math_block_label":
            found.labels.append(Found(token.info, line))
        elif token.type == "inline":
            found.terms.extend(Found(term, line) for term in _terms(token))
        elif is_directive(token) and not token.info.startswith("{code-cell}"):
            _directive(found, token, line)
    return found


def chapter_facts(name: str, folder: Path = book.ROOT / "book") -> Facts:
    """What a page holds in the first language, and so in each; nothing where it cannot be read.

    Args:
        name: The page's name.
        folder: The folder that holds one of pages for each language.
    """
    path = folder / book.LANGUAGES[0] / f"{name}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return Facts.nothing() if reading_problems("", text) else facts(text)


def calls(cells: Iterable[Cell], function: str) -> list[Found]:
    """First arguments of the calls of `function` (such as claims.effect) in code cells."""
    return [
        Found(_text(node.args[0]), cell.line + node.lineno - 1)
        for cell in cells
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function and node.args
    ]


def class_sources(cells: Iterable[Cell], names: Iterable[str]) -> dict[str, str]:
    """The code of the classes of these names that the cells define."""
    wanted = set(names)
    return {
        node.name: ast.unparse(node)
        for cell in cells
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.ClassDef) and node.name in wanted
    }


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def left_over(some: Iterable[Found], others: Iterable[Found]) -> Iterator[Found]:
    """What stands among some more often than among others."""
    spare = Counter(other.what for other in others)
    for one in some:
        if spare[one.what] == 0:
            yield one
        spare[one.what] = max(spare[one.what] - 1, 0)
