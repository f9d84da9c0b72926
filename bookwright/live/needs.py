"""Which statements of a page a live cell needs, and what of them cannot run in a browser.

The page's own source is what runs. Of the cells above a live cell, those statements run first that
give its names their values: drawings and reports are no part of that. A live cell among them runs
as a whole, as its reader has left it.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bookwright import book
from bookwright.live import helpers
from bookwright.live.helpers import Cut, Refusal
from bookwright.problems import Problem
from bookwright.source.facts import Cell, facts, reading_problems
from bookwright.source.needed import Statement, names_taken, needed, statement

TAG = "live"
_UNSEEN = {"remove-cell", "remove-input"}
_ADVICE = "take the tag `live` away, or let the cell do without"


class Step(NamedTuple):
    """Something that runs in the browser: a live cell, or a statement that one needs.

    Attributes:
        cell: The number of its cell on the page, from 1.
        line: The line in that cell at which it begins, from 1.
        source: Its code.
        needs: For a live cell the steps that have to have run, by their places; else None.
    """

    cell: int
    line: int
    source: str
    needs: tuple[int, ...] | None


class Live(NamedTuple):
    """What of a page runs in the browser, in the page's order, and what is wrong with that."""

    steps: list[Step]
    cut: Cut
    problems: list[Problem]


class _Placed(NamedTuple):
    """A statement of a page, and the number of its cell."""

    cell: int
    of: Statement


def _parsed(cells: Sequence[Cell]) -> list[_Placed]:
    return [
        _Placed(number, statement(node))
        for number, cell in enumerate(cells, start=1)
        for node in helpers.split_imports(ast.parse(cell.source).body)
    ]


def _taken(own: Sequence[Statement]) -> set[str]:
    """The names whose values a cell takes from above it."""
    found = set(names_taken([one.node for one in own], set()))
    for one in own:
        for part in ast.walk(one.node):
            if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                found.add(part.target.id)
    return found


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])


def _source(cell: Cell, node: ast.stmt) -> str:
    """A statement as it stands on the page, with its comments; of an import its own name alone."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        whole = "\n".join(cell.source.split("\n")[_first_line(node) - 1 : node.end_lineno])
        with contextlib.suppress(SyntaxError):
            if len(ast.parse(whole).body) == 1:
                return whole
    return ast.unparse(node)  # another one stands on the same line


class _Page:
    """A page's statements, and which of them its live cells need."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells
        self.page = _parsed(cells)
        self.live = [number for number, cell in enumerate(cells, 1) if TAG in cell.tags]
        self.foreign = helpers.foreign(each.of for each in self.page)
        self.needs: dict[int, set[int]] = {}  # places of statements, by the live cell's number
        for number in self.live:
            self.needs[number] = self._needs(number)

    def _needs(self, number: int) -> set[int]:
        places = [k for k, each in enumerate(self.page) if each.cell < number]
        before = [self.page[k].of for k in places]
        own = [each.of for each in self.page if each.cell == number]
        found = {id(one) for one in needed(_taken(own), before, without=self.foreign)}
        wanted: set[int] = set()
        for k in places:
            if id(self.page[k].of) in found:
                above = self.page[k].cell
                wanted |= {k} if above not in self.needs else self.whole(above)
        return wanted

    def whole(self, number: int) -> set[int]:
        """A live cell's own statements, and those that it needs."""
        return {k for k, each in enumerate(self.page) if each.cell == number} | self.needs[number]

    def used(self) -> set[int]:
        """All statements that run in the browser."""
        return set().union(*(self.whole(number) for number in self.live))

    def steps(self) -> list[Step]:
        """What runs, in the page's order."""
        found: list[Step] = []
        at: dict[int, int] = {}  # the step of each statement
        for k in sorted(self.used()):
            number, node = self.page[k].cell, self.page[k].of.node
            cell = self.cells[number - 1]
            if number in self.needs:
                at[k] = next((n for n, x in enumerate(found) if x.cell == number), len(found))
                if at[k] == len(found):
                    needs = sorted({at[each] for each in self.needs[number]})
                    found.append(Step(number, 1, cell.source, tuple(needs)))
            else:
                at[k] = len(found)
                found.append(Step(number, _first_line(node), _source(cell, node), None))
        return found


def _problems(where: str, page: _Page, folder: Path) -> Iterable[Problem]:
    for number in page.live:
        cell = page.cells[number - 1]
        if unseen := _UNSEEN & set(cell.tags):
            what = f"a live cell has to be seen: take the tag {unseen.pop()} away, or live"
            yield Problem(what, where, cell.line)
        if not cell.source.strip():
            yield Problem("a live cell holds no code: write some, or take it away", where)
        whole = sorted(page.whole(number))
        cut = helpers.cut(helpers.wants((page.page[k].of for k in whole), folder), folder)
        for refusal in cut.refused:
            yield _refused(where, page, number, whole, refusal)


def _refused(
    where: str, page: _Page, number: int, whole: Sequence[int], refusal: Refusal
) -> Problem:
    """A problem at the statement that takes what is not there, or at the live cell itself."""
    line = page.cells[number - 1].line
    names = {refusal.because}
    for k in whole:  # who takes what an import brings
        if ast.unparse(page.page[k].of.node) == refusal.because:
            names |= page.page[k].of.binds
    place, taken_as, there = line, refusal.because, ""
    for k in whole:
        node, cell = page.page[k].of.node, page.cells[page.page[k].cell - 1]
        taken = [x for x in ast.walk(node) if isinstance(x, ast.Name | ast.Attribute | ast.stmt)]
        if found := [x for x in taken if ast.unparse(x) in names and x is not node]:
            place, taken_as = cell.line + found[0].lineno - 1, ast.unparse(found[0])
            there = "" if cell.line == line else f" (for the live cell of line {line})"
            break
    what = f"`{taken_as}` takes {refusal.library}, which browsers do not have{there}"
    return Problem(f"{what}: {_ADVICE}", where, place)


def of_cells(where: str, cells: Sequence[Cell], folder: Path = book.ROOT) -> Live:
    """What of a page's cells runs in the browser.

    Args:
        where: The page, as problems name it.
        cells: Its cells, each of which is Python.
        folder: Where the helper package lies.
    """
    if not any(TAG in cell.tags for cell in cells):
        return Live([], Cut({}, set(), []), [])
    page = _Page(cells)
    found = (page.page[k].of for k in sorted(page.used()))
    cut = helpers.cut(helpers.wants(found, folder), folder)
    return Live(page.steps(), cut, list(dict.fromkeys(_problems(where, page, folder))))


def of_page(page: book.Page) -> Live:
    """What of a page runs in the browser."""
    return of_cells(page.where, facts(page.source.read_text(encoding="utf-8")).cells)


def any_live() -> bool:
    """Whether a page of the book has a live cell."""
    texts = (page.source.read_text("utf-8") for page in book.all_pages() if page.source.exists())
    readable = (text for text in texts if TAG in text and not reading_problems("", text))
    return any(TAG in cell.tags for text in readable for cell in facts(text).cells)
