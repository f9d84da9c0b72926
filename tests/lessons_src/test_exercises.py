"""Checks of exercises: they judge an answer, say why, and never stop the reader's page."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from lessons_src import chapters, exercises

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(autouse=True)
def exercise(monkeypatch):
    """One exercise: a function that doubles."""
    monkeypatch.setattr(exercises, "_CHECKS", {})

    @exercises.checks("double")
    def check_double(answer):
        exercises.expect_close(answer(np.array([1.0, 2.5])), [2.0, 5.0])

    return check_double


@pytest.fixture(autouse=True)
def nobody_named_a_language(monkeypatch):
    monkeypatch.delenv("BOOK_LANGUAGE", raising=False)


def test_a_right_answer_is_solved():
    verdict = exercises.check("double", lambda x: x + x)
    assert verdict.solved
    assert repr(verdict) == "✓ double: correct / 맞았습니다"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "right shape, but off by up to 1.25"),
        ("ko", "모양은 맞지만 값이 최대 1.25만큼 다릅니다"),
        ("", "right shape, but off by up to 1.25 / 모양은 맞지만 값이 최대 1.25만큼 다릅니다"),
        ("fr", "right shape, but off by up to 1.25 / 모양은 맞지만 값이 최대 1.25만큼 다릅니다"),
    ],
)
def test_a_verdict_is_shown_with_its_id_in_the_language_that_is_named(monkeypatch, language, said):
    monkeypatch.setenv("BOOK_LANGUAGE", language)
    assert repr(exercises.check("double", lambda x: x**2)) == f"✗ double [off]: {said}"


def test_an_error_of_the_reader_s_own_code_is_said_once():
    assert repr(exercises.check("double", 3)) == (
        "✗ double [error]: TypeError: 'int' object is not callable"
    )


def stub(x):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [None, stub])
def test_an_unfilled_stub_is_no_answer_yet(answer):
    verdict = exercises.check("double", answer)
    assert not verdict.solved
    assert repr(verdict) == "✗ double [no-answer]: no answer yet / 아직 답이 없습니다"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: x**2, "off by up to 1.25"),
        (lambda x: 2 * x[0], r"expected shape (2,), got ()"),
        (lambda x: "no number", "expected numbers, got str"),
        (lambda x: None, "expected numbers, got NoneType"),
        (lambda x: x.doubled, "AttributeError: "),
        (lambda: 2, "TypeError: "),
        (3, "TypeError: 'int' object is not callable"),
        (lambda x: np.array([2.0, np.nan]), "off by up to nan"),
    ],
)
def test_a_wrong_answer_is_told_why_and_raises_nothing(answer, message):
    verdict = exercises.check("double", answer)
    assert not verdict.solved
    assert message in verdict.message
    assert repr(verdict).startswith(f"✗ double [{verdict.hint}]: ")


def test_an_exercise_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match=r"expected one of \['double'\], got 'triple'"):
        exercises.check("triple", 1)


def test_the_tolerance_is_relative_and_absolute():
    exercises.expect_close(1000.5, 1000.0, tolerance=1e-3)
    exercises.expect_close(5e-4, 0.0, tolerance=1e-3)
    with pytest.raises(AssertionError, match="off by up to 2"):
        exercises.expect_close(1002.0, 1000.0, tolerance=1e-3)
    with pytest.raises(AssertionError, match=r"off by up to 0\.01"):
        exercises.expect_close([0.0, 1.01], [0.0, 1.0], tolerance=1e-3)


def test_the_books_own_solution_is_recorded(published):
    assert exercises.solution("double", lambda x: 2 * x).solved
    assert published == {"solution:double": {}}


def test_what_references_gave_is_noted_and_handed_over_with_the_solution(published, monkeypatch):
    monkeypatch.setattr(exercises, "NOTED", {})
    asked = []

    @exercises.reference
    def tripled(values, of):
        asked.append(of)
        return [np.float32(3) * np.asarray(values, np.float32), 1 / 3]

    @exercises.checks("triple")
    def check_triple(answer):
        for value in (1.5, 2):
            exercises.expect_close(answer(value), tripled([value], "x")[0])

    exercises.check("triple", lambda x: 3 * x)
    exercises.solution("triple", lambda x: np.array([3 * x]))
    assert asked == ["x", "x"], "it was asked twice for the same"
    name = "test_exercises.tripled"
    assert published["solution:triple"] == {
        f'{name}[[1.5], "x"]': [[4.5], 0.333333333],
        f'{name}[[2], "x"]': [[6.0], 0.333333333],
    }
    exercises.solution("double", lambda x: 2 * x)
    assert published["solution:double"] == {}, "of another exercise"


def test_where_something_is_noted_the_reference_itself_is_not_asked(monkeypatch):
    @exercises.reference
    def gone():
        raise LookupError

    monkeypatch.setattr(exercises, "NOTED", {"test_exercises.gone[]": [1.0, 2.0]})
    assert gone() == [1.0, 2.0]


def test_a_wrong_solution_of_the_book_stops_the_page(published):
    with pytest.raises(AssertionError, match=r"the book's solution is wrong: ✗ double \[off\]"):
        exercises.solution("double", lambda x: 3 * x)
    assert not published


# What the chapters' checks say

MODULES = [Path(exercises.__file__), *sorted(Path(chapters.__file__).parent.glob("*.py"))]


def raised(path: Path) -> list[ast.Call]:
    """The calls by which a module says that an answer is wrong."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("WrongAnswerError")
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_each_reason_has_an_id_and_is_said_in_both_languages(path):
    hints = set()
    for call in raised(path):
        said = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        (hint,) = [ast.literal_eval(argument) for argument in call.args]
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", hint), hint
        assert hint not in hints, f"{hint} is the id of two reasons"
        hints.add(hint)
        assert set(said) == {"en", "ko"}
        assert not re.search("[가-힣]", said["en"])
        assert re.search("[가-힣]", said["ko"]), hint
        values = {each: sorted(re.findall(r"\{([a-z_]+)", text)) for each, text in said.items()}
        assert values["en"] == values["ko"] or hint in ("not-the-limit", "too-large"), hint


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_check_refuses_an_answer_without_saying_why_in_both_languages(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any("exercises.checks" in ast.unparse(each) for each in node.decorator_list)
    ]
    for check in checks:
        for node in ast.walk(check):
            assert not isinstance(node, ast.Assert), f"{check.name}, line {node.lineno}"
            if isinstance(node, ast.Raise):
                assert "exercises.W" in (how := ast.unparse(node)) or "wrong_shape" in how, how
