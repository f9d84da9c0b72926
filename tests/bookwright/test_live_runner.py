"""What runs cells in the browser, run here: values, exceptions and their lines, mended signs."""

from __future__ import annotations

import json

import pytest

from bookwright.live import runner


@pytest.fixture(autouse=True)
def fresh():
    runner.fresh()


def run(source: str, name: str = "<cell 1>", line: int = 1) -> dict:
    return json.loads(runner.run(source, name, line))


def test_the_last_expression_is_shown_as_python_shows_it():
    assert run("a = 'text'\na") == {"result": "'text'"}
    assert run("a;b = 1") == {"result": None}
    assert run("print(1)") == {"result": None}
    assert run("") == {"result": None}


def test_cells_share_their_names_until_all_is_forgotten():
    run("a = 1\ndef f(): return a")
    assert run("f() + 1", "<cell 2>")["result"] == "2"
    runner.fresh()
    assert run("f()")["error"]["kinds"][0] == "NameError"


def test_an_exception_is_told_as_python_tells_it_with_its_line():
    run("\ndef halve(n):\n    return n / 0", "<cell 1>")
    error = run("x = 1\n\nhalve(x)", "<cell 2>")["error"]
    assert error["line"] == 3
    assert error["kinds"][:2] == ["ZeroDivisionError", "ArithmeticError"]
    lines = error["traceback"].splitlines()
    assert lines[:3] == [
        "Traceback (most recent call last):",
        '  File "<cell 2>", line 3, in <module>',
        "    halve(x)",
    ]
    assert '  File "<cell 1>", line 3, in halve' in lines
    assert "    return n / 0" in lines
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "runner" not in error["traceback"]


def test_a_statement_of_a_cell_keeps_its_lines():
    run("a = 1", "<cell 1>", 1)
    error = run("b = a / 0  # here", "<cell 1>", 5)["error"]
    assert error["line"] == 5
    assert "b = a / 0  # here" in error["traceback"]


def test_what_is_no_python_is_told_with_its_line():
    error = run("a = 1\nif a\n    b")["error"]
    assert error["line"] == 2
    assert error["kinds"][0] == "SyntaxError"
    assert error["traceback"].startswith('  File "<cell 1>", line 2\n    if a')
    assert run("if 1:\na")["error"]["kinds"][:2] == ["IndentationError", "SyntaxError"]


@pytest.mark.parametrize("source", ["raise SystemExit(3)", "raise KeyboardInterrupt", "exit()"])
def test_nothing_that_a_reader_writes_ends_it(source):
    assert run(source)["error"]["traceback"]


def test_an_exception_in_a_function_from_above_is_told_at_the_line_that_called_it():
    run("def f():\n    raise KeyError('k')", "<cell 1>")
    error = run("f()", "<cell 2>")["error"]
    assert error["line"] == 1


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("print(“a”)", 'print("a")'),
        ("x ＝ ‘a’", "x = 'a'"),
        ("f（１，２）", "f(1,2)"),
        ("a\u3000= 5 − 3", "a = 5 - 3"),
        ("print(“그는 ‘예’라고 했다”)", "print(\"그는 '예'라고 했다\")"),
        ("s = '“a”，b'", "s = '“a”，b'"),
        ("# “a”\nx = 1", "# “a”\nx = 1"),
        ("x = (“", "x = (“"),
    ],
)
def test_signs_are_mended_where_only_that_makes_it_python(source, wanted):
    assert runner.mended(source) == wanted
