"""What is wrong with code cells before they run."""

from __future__ import annotations

import pytest

from bookwright.checks import cells
from bookwright.source.facts import Cell
from tests.helpers import said


def cell(source: str, line: int = 1) -> Cell:
    return Cell(source, (), line)


def test_a_line_that_its_box_does_not_hold_is_named_with_its_width():
    fits, wide = "x = " + "1" * 84, "x = " + "1" * 85
    assert cells.width_problems("p", [cell(fits), cell(f"{fits}\n{fits}")]) == []
    assert said(cells.width_problems("p", [cell(fits), cell(f"y = 1\n{wide}", line=20)])) == [
        "p:21: this line of code is 89 columns wide, and its box holds 88: break it"
    ]


@pytest.mark.parametrize(("text", "columns"), [("가" * 45, 90), ("é" * 45, 45), ("─" * 45, 45)])
def test_a_letter_of_hangul_is_two_columns_wide(text, columns):
    found = said(cells.width_problems("p", [cell(f"{text}")]))
    assert [f"{columns} columns" in problem for problem in found] == [True] * (columns > 88)


OPENING = "x_test, y_test = reviews.open_test()\nprint(accuracy(x_test, y_test))"


def opened(*sources: str) -> list[str]:
    """What is wrong with cells that begin on lines 10, 20 and so on."""
    page = [cell(source, line=10 * (1 + number)) for number, source in enumerate(sources)]
    return said(cells.opening_problems("p", page, ["open_test"], ["x_test", "y_test"]))


def test_data_opened_once_and_used_in_that_cell_are_no_problem():
    assert opened("n = reviews.n_test", OPENING, "print(n)") == []
    assert opened("n = 1") == []


@pytest.mark.parametrize(
    "again", ["x, y = reviews.open_test()", "opened = reviews.open_test", "open_test(reviews)"]
)
def test_data_opened_again_are_named_with_the_second_place(again):
    assert opened(OPENING, again) == [
        "p:20: open_test is called again: a page calls it once, by itself, in one cell"
    ]
    (problem,) = opened(f"{OPENING}\n{again}")
    assert problem.startswith("p:12: open_test is called again")


@pytest.mark.parametrize(
    "source",
    [
        "def score():\n    return reviews.open_test()",
        "for seed in SEEDS:\n    found = reviews.open_test()",
        "found = [reviews.open_test() for seed in SEEDS]",
        "score = lambda: reviews.open_test()",
        "while True:\n    found = reviews.open_test()",
    ],
)
def test_what_may_open_data_more_than_once_is_named(source):
    (problem,) = opened(source)
    assert "open_test stands in a loop or a function" in problem


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("print(len(x_test))", "x_test"),
        ("def score(model):\n    return model(x_test)", "x_test"),
        ("y_test = 1", "y_test"),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_what_was_opened_is_used_in_no_other_cell(source, name, before):
    page = (source, OPENING) if before else (OPENING, source)
    (problem,) = opened(*page)
    line = 10 if before else 20
    assert problem == f"p:{line}: {name!r} is used outside of the cell that calls open_test"


def test_a_parameter_of_the_same_name_is_another_thing():
    assert opened("def score(x_test, y_test):\n    return model(x_test) - y_test", OPENING) == []


def test_another_value_of_that_name_is_no_problem_where_nothing_is_opened():
    assert opened("x_test, y_test = draw(1)", "print(x_test)") == []


@pytest.mark.parametrize("source", ["n = 1\nprint(reviews.x_test)", "n = (1,\n  len(r.x_test))"])
def test_what_is_closed_is_read_by_no_cell(source):
    assert opened(source) == [
        "p:11:7: cells do not read .x_test: take it by .open_test(), once, at the end"
    ]


def test_a_book_that_closes_nothing_asks_for_nothing():
    page = [cell(OPENING), cell(OPENING), cell("print(reviews.x_test)")]
    assert cells.opening_problems("p", page, [], []) == []


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a = 1\nb = (\n", "2:5: the module is not Python: '(' was never closed"),
        (b"a = '\xb0'\n", "1:8: the module is not Python: (unicode error)"),
        (b"a = 1\n<<<<<<< HEAD\n", "2:1: the module is not Python: invalid syntax"),
    ],
)
def test_a_module_that_is_not_python_is_named_itself(tmp_path, content, place):
    (tmp_path / "helper" / "chapters").mkdir(parents=True)
    (tmp_path / "helper" / "__init__.py").touch()
    assert cells.module_problems(tmp_path / "helper", tmp_path) == []
    (tmp_path / "helper" / "chapters" / "tides.py").write_bytes(content)
    [line] = said(cells.module_problems(tmp_path / "helper", tmp_path))
    assert line.startswith(f"helper/chapters/tides.py:{place}")
