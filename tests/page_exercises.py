"""The exercises of a page, run as its cells: what the tests of several chapters share."""

import ast
from typing import Any

import pytest

from bookwright.source.facts import Cell


def exercise_cells(cells: list[Cell], tag: str) -> list:
    """The cells with a tag, `exercise` or `solution`, as parameters named by their exercise."""
    return [
        pytest.param(cell, id=ast.literal_eval(ast.parse(cell.source).body[-1].value.args[0]))
        for cell in cells
        if tag in cell.tags
    ]


def run(cell: Cell, names: dict[str, Any]) -> Any:
    """Runs a cell and returns the value of its last line, as a notebook does."""
    *body, last = ast.parse(cell.source).body
    exec(compile(ast.Module(body, []), "page", "exec"), names)
    return eval(compile(ast.Expression(last.value), "page", "eval"), names)
