"""Which exercises run in the browser, with what, and what the others lack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bookwright import book
from bookwright.live import exercises, extension, needs
from bookwright.publication import Publication
from bookwright.source.facts import Cell
from tests.conftest import ROOT

CHAPTER = '''"""Checks."""

from __future__ import annotations

import keras

from lessons_src import exercises


@exercises.reference
def _doubled(x: float) -> float:
    return float(keras.ops.add(x, x))


@exercises.checks("double")
def _check_double(answer) -> None:
    exercises.expect_close(answer(3), _doubled(3))


@exercises.checks("model")
def _check_model(answer) -> None:
    exercises.expect_close(keras.Model(answer), 1)
'''
FIRST = """import math
import keras
from lessons_src import exercises
from lessons_src.chapters import sums
TWO = 2"""
STUB = 'def my_double(x):\n    raise NotImplementedError\n\nexercises.check("double", my_double)'
SOLVED = 'def solved(x):\n    return TWO * x\n\nexercises.solution("double", solved)'
GUESS = 'my_guess = None\nexercises.check("model", my_guess)'
GUESSED = 'exercises.solution("model", 1)'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The helper package's own `exercises`, and a chapter with two checks."""
    package = tmp_path / "lessons_src"
    (package / "chapters").mkdir(parents=True)
    (package / "__init__.py").write_text("import keras\n", encoding="utf-8")
    (package / "chapters" / "sums.py").write_text(CHAPTER, encoding="utf-8")
    own = (ROOT / "lessons_src" / "exercises.py").read_text(encoding="utf-8")
    (package / "exercises.py").write_text(own, encoding="utf-8")
    return tmp_path


def of(folder: Path, *sources: str) -> needs.Live:
    """What runs of a page; stubs and solutions are tagged as what they call."""
    tags = {"exercises.check(": ("exercise",), "exercises.solution(": ("solution",)}
    cells = [
        Cell(source, next((tags[call] for call in tags if call in source), ()), 10 * number)
        for number, source in enumerate(sources, start=1)
    ]
    return needs.of_cells("book/en/a.md", cells, folder)


def test_an_exercise_has_what_its_solution_takes_and_the_pages_libraries(folder):
    live = of(folder, FIRST, STUB, SOLVED)
    step = live.steps[-1]
    assert step.source == STUB
    assert [live.steps[k].source for k in step.needs] == [
        "import math",
        "from lessons_src import exercises",
        "TWO = 2",
        "import live_checks",
    ]
    assert live.problems == []


def test_solutions_and_other_exercises_run_for_none(folder):
    other = STUB.replace("my_double", "TWO")
    live = of(folder, FIRST, other, SOLVED.replace("solved", "TWO"), STUB, SOLVED)
    sources = [live.steps[k].source for k in live.steps[-1].needs]
    assert sources.count("TWO = 2") == 1
    assert other not in sources
    assert not any("solution" in step.source for step in live.steps)


def test_a_reference_goes_without_the_way_by_which_it_comes_about(folder):
    code = of(folder, FIRST, STUB, SOLVED).cut.modules["lessons_src/chapters/sums.py"]
    assert "@exercises.reference\ndef _doubled(x):\n    raise LookupError" in code
    assert "_check_model" not in code
    assert "keras" not in code


@pytest.mark.parametrize(
    ("stub", "solution", "why"),
    [
        (STUB, SOLVED, ""),
        (GUESS, GUESSED, "keras"),
        (STUB, SOLVED.replace("TWO * x", "keras.ops.add(x, x)"), "keras"),
    ],
)
def test_what_browsers_lack_for_a_check_or_its_solution_is_said(folder, stub, solution, why):
    live = of(folder, FIRST, stub, solution)
    [exercise] = live.exercises
    assert exercise.why == why
    assert bool(live.steps) == (not why)
    assert live.problems == [], "that is no fault of the page"


def test_the_checks_judge_by_what_was_noted(folder, tmp_path):
    live = of(folder, FIRST, STUB, SOLVED)
    noted = {"sums._doubled[3]": 6.0}
    modules = {**live.cut.modules, "live_checks.py": exercises.module(live.checks, noted, "ko")}
    for name, code in modules.items():
        path = tmp_path / "browser" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    lines = [
        *("import sys", f"sys.path.insert(0, {str(tmp_path / 'browser')!r})"),
        *("sys.modules['keras'] = None", "import live_checks"),
        "from lessons_src import exercises",
        *(
            "print(exercises.check('double', lambda x: 2 * x))",
            "print(exercises.check('double', abs))",
        ),
    ]
    command = [sys.executable, "-X", "utf8", "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines() == [
        "✓ double: 맞았습니다",
        "✗ double [off]: 모양은 맞지만 값이 최대 3만큼 다릅니다",
    ]


def test_an_answer_is_kept_by_the_stub_it_was_written_for(folder):
    [one] = of(folder, FIRST, STUB, SOLVED).exercises
    [same] = of(folder, "# moved", FIRST, STUB, SOLVED).exercises
    [other] = of(folder, FIRST, STUB.replace("(x)", "(y)"), SOLVED).exercises
    assert one.stub == same.stub != other.stub


def test_an_exercise_that_runs_in_no_browser_leads_to_where_it_runs():
    known = Publication("https://github.com/ada/book", "main", None, "gh-pages")
    page = book.Page("ko", "rnn")
    said = extension.elsewhere("keras", page, known)
    assert "이 문제에 필요한 라이브러리(keras)는" in said
    assert 'href="https://colab.research.google.com/github/ada/book/blob/gh-pages/ko/' in said
    assert 'href="notebooks/rnn.ipynb" download' in said
    assert "colab" not in extension.elsewhere("keras", page, known._replace(repository=None))
