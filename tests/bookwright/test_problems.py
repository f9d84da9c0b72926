"""Problems reach people from one place: by cause, with their places, each of them once."""

from __future__ import annotations

import io
import pickle
import re
import subprocess
import sys

import pytest

from bookwright import problems
from bookwright.problems import Problem, ProblemError
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """A book's folder, on no service."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "_toc.yml").touch()
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


def told(*found: Problem) -> list[str]:
    return problems.told(found).splitlines()


# One problem


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("wrong"), "wrong"),
        (Problem("wrong", "p.md"), "p.md: wrong"),
        (Problem("wrong", "p.md", 3), "p.md:3: wrong"),
        (Problem("wrong", "p.md", 3, 5), "p.md:3:5: wrong"),
    ],
)
def test_a_problem_is_said_with_its_place_as_editors_take_it(problem, said):
    assert str(problem) == said
    assert told(problem) == [said]


def test_an_error_says_its_problems_and_brings_them_through_another_process():
    error = ProblemError(Problem("one", "p.md", 1), Problem("two"))
    assert str(error) == "p.md:1: one\ntwo"
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert problems.of_error(again) == error.problems
    assert problems.of_error(RuntimeError("do this")) == (Problem("do this"),)


def test_what_code_says_neither_colours_a_terminal_nor_begins_a_line():
    (line,) = told(Problem("50%\r::error::\x1b[31m\x07\u2028\ud800", "p\x0c.md"))
    assert line == r"p\x0c.md: 50%\r::error::\x1b[31m\x07\u2028\ud800"


# Several of them


def test_problems_are_told_once_by_file_line_and_column_and_counted_last():
    found = [
        Problem("e", "b.md", 2),
        Problem("c", "a.md", 10),
        Problem("b", "a.md", 9, 7),
        Problem("a", "a.md", 9, 3),
        Problem("e", "b.md", 2),
        Problem("none"),
        Problem("d", "b.md"),
    ]
    assert told(*found) == [
        "none",
        "a.md:9:3: a",
        "a.md:9:7: b",
        "a.md:10: c",
        "b.md: d",
        "b.md:2: e",
        "6 problems in 2 files",
    ]


def test_problems_of_one_file_are_counted_without_files():
    assert told(Problem("one", "a.md", 1), Problem("two", "a.md", 2))[-1] == "2 problems"


def test_what_is_wrong_in_a_few_places_is_one_line():
    found = [Problem("wrong", f"book/{language}/p.md", 3) for language in ("ko", "en")]
    assert told(*found) == ["book/en/p.md:3, book/ko/p.md:3: wrong"]


def test_what_is_wrong_in_many_places_lists_them_below():
    found = [Problem("wrong", "p.md", line) for line in (4, 3, 2, 1)]
    assert told(*found) == ["wrong (4 places)", *(f"  p.md:{line}" for line in (1, 2, 3, 4))]


def test_problems_of_one_cause_stand_below_it():
    gone = "there is no page rnn"
    found = [
        Problem("[b](rnn.md)", "b.md", 2, cause=gone),
        Problem("wrong", "a.md", 7),
        Problem("[a](rnn.md)", "a.md", 9, cause=gone),
        Problem("somewhere", cause=gone),
    ]
    assert told(*found) == [
        f"{gone} (3 places)",
        "  a.md:9: [a](rnn.md)",
        "  b.md:2: [b](rnn.md)",
        "  somewhere",
        "a.md:7: wrong",
        "2 problems in 2 files",
    ]
    assert told(found[0]) == [gone, "  b.md:2: [b](rnn.md)"]


# Where they are printed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {}, False),
    ],
)
def test_places_are_coloured_on_a_terminal_only(monkeypatch, stream, variables, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", stream)
    assert problems.tell([Problem("wrong", "p.md", 3)]) == 1
    said = stream.getvalue()
    assert ("\33[" in said) == coloured
    assert re.sub(r"\x1b\[\d+m", "", said) == "p.md:3: wrong\n"


def test_nothing_is_said_where_nothing_is_wrong(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert problems.tell([]) == 0
    assert problems.tell(iter(())) == 0
    assert capsys.readouterr() == ("", "")


def test_problems_come_after_what_was_printed_and_each_of_them_once():
    code = (
        "from bookwright.problems import *; print('before'); "
        "tell(map(Problem, ['one', 'two', 'one']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["before", "one", "two", "2 problems"]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("wrong", "wrong"),
        (Problem("wrong", "p.md", 3), "p.md:3: wrong"),
        (RuntimeError("wrong"), "wrong"),
        (OSError("wrong"), "wrong"),
        (ProblemError(Problem("wrong", "p.md", 3)), "p.md:3: wrong"),
    ],
)
def test_whatever_is_a_problem_is_told_in_the_same_way(capsys, problem, said):
    assert problems.tell_problem(problem) == 1
    assert capsys.readouterr() == ("", f"{said}\n")


# On GitHub


def test_on_github_problems_appear_on_the_lines_of_the_pull_request_too(capsys, monkeypatch):
    found = [
        Problem("100 % wrong:\ntwo, lines", "a,b:c%.md", 3, 5),
        Problem("wrong", "p.md"),
        Problem("[a](rnn.md)", "p.md", 9, cause="there is no page rnn"),
        Problem("nowhere"),
    ]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert problems.tell([*found, found[0]]) == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "::error file=a%2Cb%3Ac%25.md,line=3,col=5::100 %25 wrong:%0Atwo, lines",
        "::error file=p.md::wrong",
        "::error file=p.md,line=9::[a](rnn.md) (there is no page rnn)",
    ]
    assert output.err.splitlines()[-1] == "4 problems in 2 files"


@pytest.mark.parametrize("value", ["", "false", "1"])
def test_elsewhere_there_are_no_such_lines(capsys, monkeypatch, value):
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    problems.tell([Problem("wrong", "p.md", 3)])
    assert capsys.readouterr().out == ""


def test_problems_without_a_file_leave_no_empty_line_on_github(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    problems.tell([Problem("nowhere")])
    assert capsys.readouterr().out == ""


# Errors


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (RuntimeError("do this"), 1, "do this\n"),
        (OSError("no space left"), 1, "no space left\n"),
        (ProblemError(Problem("wrong", "p.md", 3)), 1, "p.md:3: wrong\n"),
        (KeyboardInterrupt(), 130, "\nstopped; all kept\n"),
    ],
)
def test_work_that_ends_early_says_why_and_what_is_kept(error, status, expected, capsys):
    def work() -> int:
        raise error

    assert problems.attempt(work, "all kept") == status
    assert capsys.readouterr().err == expected
    assert problems.attempt(lambda: 0, "all kept") == 0


def slip() -> int:
    """What nobody foresaw."""
    return {}["a key"]


def deeper() -> int:
    """An error that Python counts among those that say what is wrong."""
    return deeper()


def test_a_slip_of_code_is_not_told_as_if_it_said_what_to_do(capsys):
    assert problems.attempt(deeper, "all kept") == 1
    assert capsys.readouterr().err.startswith("something unexpected happened: RecursionError: ")


def test_what_nobody_foresaw_is_one_line_and_its_traceback_a_file(nowhere, capsys):
    assert problems.attempt(slip, "all kept") == 1
    output = capsys.readouterr()
    assert output.err == (
        "something unexpected happened: KeyError: 'a key' (traceback: _build/traceback.log)\n"
    )
    assert output.out == ""
    kept = (nowhere / "_build" / "traceback.log").read_text(encoding="utf-8")
    assert kept.startswith("Traceback (most recent call last):\n")
    assert "in slip\n" in kept
    assert kept.endswith("KeyError: 'a key'\n")


def test_an_error_of_several_lines_is_said_in_one_and_with_what_was_being_done():
    try:
        raise ValueError("first line\nlast line")
    except ValueError as error:
        said = problems.unexpected(error, "while building en")
    assert said.what.startswith(
        "something unexpected happened while building en: ValueError: first line last"
    )


@pytest.mark.parametrize("cause", ["no book", "a file in its place"])
def test_a_traceback_goes_elsewhere_where_there_is_no_folder_for_it(nowhere, cause, monkeypatch):
    elsewhere = nowhere / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(problems.tempfile, "gettempdir", lambda: str(elsewhere))
    if cause == "no book":
        (nowhere / "_toc.yml").unlink()
    else:
        (nowhere / "_build").touch()
    assert problems.keep_traceback("its lines") == str(elsewhere / "traceback.log")
    assert (elsewhere / "traceback.log").read_text(encoding="utf-8") == "its lines"
    assert not (nowhere / "_build").is_dir()
    elsewhere.joinpath("traceback.log").unlink()
    elsewhere.rmdir()
    elsewhere.touch()
    assert problems.keep_traceback("its lines") == "nowhere, for no file can be written"


def test_no_tool_prints_what_is_wrong_by_itself():
    own = ROOT / "bookwright" / "problems.py"
    alone = ROOT / "bookwright" / "runs" / "recorder.py"  # runs in kernels, without the other tools
    for path in (ROOT / "bookwright").rglob("*.py"):
        if path not in (own, alone):
            assert not re.search(r"file=sys\.stderr|sys\.stderr\.write", path.read_text("utf-8")), (
                path
            )
