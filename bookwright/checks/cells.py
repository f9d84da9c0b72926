"""What can be wrong with code: no Python, lines wider than their box, data opened twice."""

from __future__ import annotations

import ast
import unicodedata
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from bookwright import files
from bookwright.problems import Problem
from bookwright.source.facts import Cell
from bookwright.source.needed import statements

WIDTH = 88  # columns that fit the box of a cell, on a window of 1200 pixels
_REPEATING = (
    *(ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def syntax_problems(where: str, cells: Iterable[Cell]) -> list[Problem]:
    """The other checks read cells as Python: a magic command or a slip would stop them."""
    problems = []
    for cell in cells:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            line = cell.line + (error.lineno or 1) - 1
            what = f"the code cell is not Python: {error.msg}"
            problems.append(Problem(what, where, line, error.offset))
    return problems


def module_problems(folder: Path, book: Path) -> list[Problem]:
    """Modules that are no Python: every page that imports them would seem to be at fault.

    Args:
        folder: The package's.
        book: The book's folder.
    """
    problems = []
    for path in sorted(folder.rglob("*.py")):
        where = files.name_of(path, book)
        try:
            with warnings.catch_warnings(action="ignore"):
                ast.parse(path.read_bytes())
        except SyntaxError as error:
            what = f"the module is not Python: {error.msg}"
            problems.append(Problem(what, where, error.lineno, error.offset))
    return problems


def _columns(line: str) -> int:
    """The columns that a line takes; letters such as those of Hangul take two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "FW") for letter in line)


def width_problems(where: str, cells: Iterable[Cell]) -> list[Problem]:
    """Lines of code of which a reader would have to scroll the end into sight."""
    return [
        Problem(
            f"this line of code is {_columns(line)} columns wide, and its box holds {WIDTH}: "
            "break it",
            where,
            cell.line + number,
        )
        for cell in cells
        for number, line in enumerate(cell.source.split("\n"))
        if _columns(line) > WIDTH
    ]


def _named(node: ast.AST, name: str) -> list[ast.Attribute | ast.Name]:
    """Where code names a function, as an attribute or by itself."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Attribute | ast.Name)]
    return [part for part in parts if name == getattr(part, "attr", getattr(part, "id", ""))]


def _repeated(node: ast.stmt, name: str) -> set[ast.AST]:
    """Where a statement names a function and may call it more than once."""
    parts = (part for part in ast.walk(node) if isinstance(part, _REPEATING))
    return {found for part in parts for found in _named(part, name)}


def _opened(where: str, cells: Sequence[Cell], name: str) -> Iterator[Problem]:
    """Data that are opened more often than once, or used outside of the cell that opened them."""
    page = [(cell, each) for cell in cells for each in statements(cell.source)]
    opener: Cell | None = None
    once = "a page calls it once, by itself, in one cell"
    bound: frozenset[str] = frozenset()
    for cell, each in page:
        for found in _named(each.node, name):
            line = cell.line + found.lineno - 1
            if opener is not None:
                yield Problem(f"{name} is called again: {once}", where, line)
            if found in _repeated(each.node, name):
                yield Problem(f"{name} stands in a loop or a function: {once}", where, line)
            opener, bound = opener or cell, bound or each.binds
    for cell, each in page:
        for used in sorted((each.uses | each.binds) & bound if cell is not opener else ()):
            line = cell.line + each.node.lineno - 1
            what = f"{used!r} is used outside of the cell that calls {name}"
            yield Problem(what, where, line)


def opening_problems(
    where: str, cells: Sequence[Cell], once: Iterable[str], closed: Collection[str]
) -> list[Problem]:
    """Data that a page may look at once, looked at more often.

    Args:
        where: The page, as problems name it.
        cells: Its cells.
        once: The functions that give such data.
        closed: Attributes that hold them.
    """
    found = [problem for name in once for problem in _opened(where, cells, name)]
    ways = " or ".join(f".{name}()" for name in once) or "what the book has for that"
    found += [
        Problem(
            f"cells do not read .{part.attr}: take it by {ways}, once, at the end",
            where,
            cell.line + part.lineno - 1,
            part.col_offset + 1,
        )
        for cell in cells
        for part in ast.walk(ast.parse(cell.source))
        if isinstance(part, ast.Attribute) and part.attr in closed
    ]
    return found
