"""Exercises that are checked in the reader's browser: what they take, and what checks them.

An exercise is a cell tagged `exercise` that calls `exercises.check("its-id", ...)`. Where it runs,
a reader has what the book's own solution takes from above, and the libraries that the page imports.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bookwright import book
from bookwright.live import helpers
from bookwright.live.helpers import Refusal, Want
from bookwright.source.facts import Cell
from bookwright.source.needed import file_of

TAG, SOLUTION = "exercise", "solution"
MODULE = "live_checks"  # what the browser imports before the first check


class Exercise(NamedTuple):
    """An exercise of a page.

    Attributes:
        cell: The number of its cell, from 1.
        name: Its id.
        stub: A hash of its cell: answers are kept by it.
        solved: The cell of its solution; None if there is none.
        why: What its check or its solution takes that browsers do not have; "" if it runs there.
    """

    cell: int
    name: str
    stub: str
    solved: int | None
    why: str = ""


def _called(cell: Cell, function: str) -> str | None:
    """The id that a cell hands to `exercises.check` or `exercises.solution`."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"exercises.{function}":
            for first in node.args[:1]:
                if isinstance(first, ast.Constant):
                    return str(first.value)
    return None


def of_cells(cells: Sequence[Cell]) -> Iterator[Exercise]:
    """The exercises among the cells of a page."""
    tagged = [(number, cell) for number, cell in enumerate(cells, start=1)]
    solutions = {
        _called(cell, "solution"): number for number, cell in tagged if SOLUTION in cell.tags
    }
    for number, cell in tagged:
        if TAG in cell.tags and (name := _called(cell, "check")):
            stub = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
            yield Exercise(number, name, stub, solutions.get(name))


def checks(modules: Iterable[str], folder: Path) -> dict[str, Want]:
    """The functions that check exercises, by the exercise's id.

    Args:
        modules: Those of the helper package in which they may stand.
        folder: Where the helper package lies.
    """
    found = {}
    for module in modules:
        path = file_of(module, folder)
        for node in ast.parse(path.read_text(encoding="utf-8")).body if path else ():
            for said in getattr(node, "decorator_list", ()):
                if isinstance(said, ast.Call) and ast.unparse(said.func) == "exercises.checks":
                    name = ast.literal_eval(said.args[0])
                    found[name] = Want(module, node.name, f"the check of {name}")  # type: ignore
    return found


def imported(nodes: Iterable[ast.stmt], folder: Path) -> set[str]:
    """The modules of the helper package that some statements import."""
    found = set()
    for node in nodes:
        for each in helpers.imports(node):
            if isinstance(each, ast.ImportFrom) and helpers.of_helper(each.module or ""):
                whole = {f"{each.module}.{alias.name}" for alias in each.names}
                found |= {name for name in whole if file_of(name, folder)}
    return found


def in_browser(want: Want | Refusal) -> bool:
    """Whether something is taken there, too: a solution's own check is not."""
    return not (isinstance(want, Want) and want[1:] == ("solution", "exercises.solution"))


def why(refused: Iterable[Refusal]) -> str:
    """The libraries that something takes and browsers do not have, as readers call them."""
    return ", ".join(sorted({each.library.rpartition(".")[2] for each in refused}))


def module(wanted: Iterable[Want], noted: Mapping[str, Any], language: str) -> str:
    """The code that brings the checks, with what the page's run noted of their references.

    Args:
        wanted: The checks.
        noted: Values by the references' names and arguments.
        language: In which verdicts are said.
    """
    lines = ["import json", "import os", f"os.environ['BOOK_LANGUAGE'] = {language!r}"]
    for each in sorted({want.module for want in wanted}):
        package, _, name = each.rpartition(".")
        lines.append(f"from {package} import {name}")
    if noted:
        lines.append(f"from {book.BOOK.helper} import exercises")
        lines.append(f"exercises.NOTED.update(json.loads({json.dumps(noted)!r}))")
    return "\n".join([*lines, ""])
