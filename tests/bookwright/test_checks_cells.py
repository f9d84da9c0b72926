"""What is wrong with code cells before they run."""

from __future__ import annotations

import pytest

from bookwright.checks import cells
from bookwright.source.facts import Cell


def cell(source: str, line: int = 1) -> Cell:
    return Cell(source, (), line)


def test_a_line_that_its_box_does_not_hold_is_named_with_its_width():
    fits, wide = "x = " + "1" * 84, "x = " + "1" * 85
    assert cells.width_problems("p", [cell(fits), cell(f"{fits}\n{fits}")]) == []
    (problem,) = cells.width_problems("p", [cell(fits), cell(f"y = 1\n{wide}", line=20)])
    assert problem == ("p:21: this line of code is 89 columns wide, and its box holds 88: break it")


@pytest.mark.parametrize(("text", "columns"), [("가" * 45, 90), ("é" * 45, 45), ("─" * 45, 45)])
def test_a_letter_of_hangul_is_two_columns_wide(text, columns):
    found = cells.width_problems("p", [cell(f"{text}")])
    assert [f"{columns} columns" in problem for problem in found] == [True] * (columns > 88)
