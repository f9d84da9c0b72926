"""Which statements of a page a live cell needs, and what of them cannot run in a browser.

The page's own source is what runs. Of the cells above a live cell, those statements run first that
give its names their values: drawings and reports are no part of that. A live cell among them runs
as a whole, as its reader has left it. Exercises run as live cells do, where they can.
"""

from __future__ import annotations

import ast
import contextlib
import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bookwright import book
from bookwright.live import exercises, helpers
from bookwright.live.exercises import Exercise
from bookwright.live.helpers import Cut, Refusal, Want
from bookwright.problems import Problem
from bookwright.source.facts import Cell, facts, reading_problems
from bookwright.source.needed import Statement, names_taken, needed, statement

TAG = "live"
_UNSEEN = {"remove-cell", "remove-input"}
_CHECKS = f"import {exercises.MODULE}"
_ADVICE = "take the tag `live` away, or let the cell do without"


class Step(NamedTuple):
    """Something that runs in the browser: a live cell, an exercise, or a statement that one needs.

    Attributes:
        cell: The number of its cell on the page, from 1.
        line: The line in that cell at which it begins, from 1.
        source: Its code.
        needs: For a cell the steps that have to have run, by their places; else None.
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
    exercises: list[Exercise]
    checks: list[Want]


class _Placed(NamedTuple):
    """A statement of a page, and the number of its cell."""

    cell: int
    of: Statement


@functools.lru_cache(maxsize=256)  # a page is asked for when it is read and when it is written
def _parsed(cells: tuple[Cell, ...]) -> tuple[_Placed, ...]:
    return tuple(
        _Placed(number, statement(node))
        for number, cell in enumerate(cells, start=1)
        for node in helpers.split_imports(ast.parse(cell.source).body)
    )


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
    """A page's statements, and which of them its live cells and exercises need."""

    def __init__(self, cells: Sequence[Cell], folder: Path) -> None:
        self.cells = cells
        self.page = _parsed(tuple(cells))
        self.live = [number for number, cell in enumerate(cells, 1) if TAG in cell.tags]
        self.foreign = helpers.foreign(each.of for each in self.page)
        self.needs: dict[int, set[int]] = {}  # places of statements, by the cell's number
        for number in self.live:
            self.needs[number] = self._needs(number, set())
        self.checks: list[Want] = []
        self.exercises = list(self._exercises(folder))

    def _exercises(self, folder: Path) -> Iterator[Exercise]:
        modules = exercises.imported((each.of.node for each in self.page), folder)
        checks = exercises.checks(modules, folder)
        for each in exercises.of_cells(self.cells):
            solved = [x.of for x in self.page if x.cell == each.solved]
            self.needs[each.cell] = self._needs(each.cell, _taken(solved) | self._libraries())
            own = [self.page[k].of for k in sorted(self.whole(each.cell))]
            check = [checks[each.name]] if each.name in checks else []
            wanted = [*helpers.wants([*own, *solved], folder), *check]
            refused = helpers.cut(filter(exercises.in_browser, wanted), folder).refused
            if refused or not check:
                del self.needs[each.cell]
            else:
                self.checks += check
            yield each._replace(why=exercises.why(refused))

    def _libraries(self) -> set[str]:
        """The names of libraries that the page imports and browsers have."""
        return {
            name
            for each in self.page
            if isinstance(each.of.node, ast.Import) and not each.of.binds & self.foreign
            for name in each.of.binds
        }

    def _needs(self, number: int, more: set[str]) -> set[int]:
        no_part = (exercises.TAG, exercises.SOLUTION)  # stubs and answers give nothing to others
        places = [
            k
            for k, each in enumerate(self.page)
            if each.cell < number and not {*no_part} & {*self.cells[each.cell - 1].tags}
        ]
        before = [self.page[k].of for k in places]
        own = [each.of for each in self.page if each.cell == number]
        found = {id(one) for one in needed(_taken(own) | more, before, without=self.foreign)}
        wanted: set[int] = set()
        for k in places:
            if id(self.page[k].of) in found:
                above = self.page[k].cell
                wanted |= {k} if above not in self.needs else self.whole(above)
        return wanted

    def whole(self, number: int) -> set[int]:
        """A cell's own statements, and those that it needs."""
        return {k for k, each in enumerate(self.page) if each.cell == number} | self.needs[number]

    def used(self) -> set[int]:
        """All statements that run in the browser."""
        return set().union(*map(self.whole, self.needs))

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
                    needs = {at[each] for each in self.needs[number]}
                    if number not in self.live:
                        first = next((n for n, x in enumerate(found) if x.source == _CHECKS), None)
                        if first is None:
                            first = at[k]
                            found.append(Step(number, 1, _CHECKS, None))
                            at[k] += 1
                        needs.add(first)
                    found.append(Step(number, 1, cell.source, tuple(sorted(needs))))
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
        if not any(each.cell == number for each in page.page):  # comments are none
            what = "a live cell holds no code: write some, or take it away"
            yield Problem(what, where, cell.line)
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
    if not any({TAG, exercises.TAG} & {*cell.tags} for cell in cells):
        return Live([], Cut({}, set(), []), [], [], [])
    page = _Page(cells, folder)
    found = (page.page[k].of for k in sorted(page.used()))
    cut = helpers.cut([*helpers.wants(found, folder), *page.checks], folder)
    problems = list(dict.fromkeys(_problems(where, page, folder)))
    return Live(page.steps(), cut, problems, page.exercises, page.checks)


def of_page(page: book.Page) -> Live:
    """What of a page runs in the browser."""
    return of_cells(page.where, facts(page.source.read_text(encoding="utf-8")).cells)


def any_live() -> bool:
    """Whether a page of the book has a live cell or an exercise."""
    texts = (page.source.read_text("utf-8") for page in book.all_pages() if page.source.exists())
    tags = {TAG, exercises.TAG}
    said = (text for text in texts if any(tag in text for tag in tags))
    readable = (text for text in said if not reading_problems("", text))
    return any(tags & {*cell.tags} for text in readable for cell in facts(text).cells)
