"""Automatic checks of exercises: the reader's object against a reference, with a tolerance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lessons_src import contract

# Each chapter adds its own with `@exercises.checks("its-id")`.
_CHECKS: dict[str, Callable[[Any], None]] = {}


class Verdict(NamedTuple):
    """What a check found; shown as one line below the reader's cell."""

    exercise: str
    solved: bool
    message: str

    def __repr__(self) -> str:
        return f"{'✓' if self.solved else '✗'} {self.exercise}: {self.message}"


def checks(exercise: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Registers a function that raises AssertionError with a hint if an answer is wrong."""

    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        _CHECKS[exercise] = function
        return function

    return register


def expect_close(answer: Any, reference: Any, tolerance: float = 1e-6) -> None:  # noqa: ANN401
    """Compares numbers or arrays.

    Raises:
        AssertionError: The shapes differ, or a value is further than `tolerance` (relative and
            absolute) from the reference.
    """
    try:
        got = np.asarray(answer, dtype=float)
        if answer is None:  # a function without `return`; NumPy would take it for NaN
            raise TypeError
    except (TypeError, ValueError):
        raise AssertionError(f"expected numbers, got {type(answer).__name__}") from None
    wanted = np.asarray(reference, dtype=float)
    if got.shape != wanted.shape:
        raise AssertionError(f"expected shape {wanted.shape}, got {got.shape}")
    if not np.allclose(got, wanted, rtol=tolerance, atol=tolerance):
        far = float(np.max(np.abs(got - wanted)))
        raise AssertionError(f"right shape, but off by up to {far:.4g}")


def check(exercise: str, answer: Any) -> Verdict:  # noqa: ANN401
    """Checks a reader's answer; never raises for a wrong one, so the page goes on.

    Args:
        exercise: The id shown with the exercise.
        answer: The reader's number, array, function or model. None means "not answered yet".

    Raises:
        ValueError: There is no such exercise.
    """
    if exercise not in _CHECKS:
        raise ValueError(f"expected one of {sorted(_CHECKS)}, got {exercise!r}")
    if answer is None:
        verdict = Verdict(exercise, False, "no answer yet / 아직 답이 없습니다")
    else:
        try:
            _CHECKS[exercise](answer)
            verdict = Verdict(exercise, True, "correct / 맞았습니다")
        except AssertionError as error:
            verdict = Verdict(exercise, False, str(error))
        except NotImplementedError:
            verdict = Verdict(exercise, False, "no answer yet / 아직 답이 없습니다")
        except Exception as error:  # whatever the reader's own function raises
            verdict = Verdict(exercise, False, f"{type(error).__name__}: {error}")
    return verdict


def solution(exercise: str, answer: Any) -> Verdict:  # noqa: ANN401
    """Checks the book's own solution, which has to be right.

    Raises:
        AssertionError: It is not; the page then fails.
    """
    verdict = check(exercise, answer)
    if not verdict.solved:
        raise AssertionError(f"the book's solution is wrong: {verdict}")
    contract.publish(f"solution:{exercise}", True)
    return verdict
