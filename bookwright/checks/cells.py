"""What can be wrong with code cells: no Python, lines wider than their box, data opened twice."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from bookwright.source.facts import Cell
from bookwright.source.needed import statements

WIDTH = 88  # columns that fit the box of a cell, on a window of 1200 pixels
_REPEATING = (
    *(ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def syntax_problems(where: str, cells: Iterable[Cell]) -> list[str]:
    """The other checks read cells as Python: a magic command or a slip would stop them."""
    problems = []
    for cell in cells:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            line = cell.line + (error.lineno or 1) - 1
            problems.append(f"{where}:{line}: the code cell is not Python: {error.msg}")
    return problems


def _columns(line: str) -> int:
    """The columns that a line takes; letters such as those of Hangul take two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "FW") for letter in line)


def width_problems(where: str, cells: Iterable[Cell]) -> list[str]:
    """Lines of code of which a reader would have to scroll the end into sight."""
    return [
        f"{where}:{cell.line + number}: this line of code is {_columns(line)} columns wide, "
        f"and its box holds {WIDTH}: break it"
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


def _opened(where: str, cells: Sequence[Cell], name: str) -> Iterator[str]:
    """Data that are opened more often than once, or used outside of the cell that opened them."""
    page = [(cell, each) for cell in cells for each in statements(cell.source)]
    opener: Cell | None = None
    bound: frozenset[str] = frozenset()
    for cell, each in page:
        for found in _named(each.node, name):
            line = cell.line + found.lineno - 1
            if opener is not None:
                yield f"{where}:{line}: {name} is called again: a page calls it once, in one cell"
            if found in _repeated(each.node, name):
                yield f"{where}:{line}: {name} stands in a loop or a function: call it by itself"
            opener, bound = opener or cell, bound or each.binds
    for cell, each in page:
        for used in sorted((each.uses | each.binds) & bound if cell is not opener else ()):
            yield (
                f"{where}:{cell.line + each.node.lineno - 1}: {used!r} is used outside of the cell "
                f"that calls {name}"
            )


def opening_problems(
    where: str, cells: Sequence[Cell], once: Iterable[str], closed: Collection[str]
) -> list[str]:
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
        f"{where}:{cell.line + part.lineno - 1}: cells do not read .{part.attr}: "
        f"take it by {ways}, once, at the end"
        for cell in cells
        for part in ast.walk(ast.parse(cell.source))
        if isinstance(part, ast.Attribute) and part.attr in closed
    ]
    return found
