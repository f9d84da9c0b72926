"""What can be wrong with code cells: no Python, or lines wider than their box."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterable

from bookwright.source.facts import Cell

WIDTH = 88  # columns that fit the box of a cell, on a window of 1200 pixels


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
