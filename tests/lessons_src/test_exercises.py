"""Checks of exercises: they judge an answer, say why, and never stop the reader's page."""

import numpy as np
import pytest

from lessons_src import exercises

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(autouse=True)
def exercise(monkeypatch):
    """One exercise: a function that doubles."""
    monkeypatch.setattr(exercises, "_CHECKS", {})

    @exercises.checks("double")
    def check_double(answer):
        exercises.expect_close(answer(np.array([1.0, 2.5])), [2.0, 5.0])

    return check_double


def test_a_right_answer_is_solved():
    verdict = exercises.check("double", lambda x: x + x)
    assert verdict.solved
    assert repr(verdict) == "✓ double: correct / 맞았습니다"


def stub(x):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [None, stub])
def test_an_unfilled_stub_is_no_answer_yet(answer):
    verdict = exercises.check("double", answer)
    assert not verdict.solved
    assert verdict.message == "no answer yet / 아직 답이 없습니다"


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
    assert repr(verdict).startswith("✗ double: ")


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
    assert published == {"solution:double": True}


def test_a_wrong_solution_of_the_book_stops_the_page(published):
    with pytest.raises(AssertionError, match="the book's solution is wrong: ✗ double: right shape"):
        exercises.solution("double", lambda x: 3 * x)
    assert not published
