"""Automatic checks of exercises: the reader's object against a reference, with a tolerance.

What is wrong with an answer has an id and is said in the reader's language: a downloaded notebook
names it in the variable `BOOK_LANGUAGE`. Where nobody did, as on the site, whose outputs are the
same for all readers, it is said in both.

Readers' browsers have NumPy and no Keras: what a check asks Keras stands in a function of its own,
marked `@exercises.reference`, and there what the page's run noted takes its place.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lessons_src import contract

# Each chapter adds its own with `@exercises.checks("its-id")`.
_CHECKS: dict[str, Callable[[Any], None]] = {}
# What else a verdict says of an answer that no check refused.
_CORRECT = {"en": "correct", "ko": "맞았습니다"}
NO_ANSWER = "no-answer"
# What references gave, by their names and arguments, and which of them the last check asked.
NOTED: dict[str, Any] = {}
_asked: set[str] = set()
_NO_ANSWER = {"en": "no answer yet", "ko": "아직 답이 없습니다"}


class WrongAnswerError(AssertionError):
    """Says why an answer is wrong; checks raise it.

    Args:
        hint: What this reason is called, by which a reader can ask and search for it.
        en: The reason in English; it helps along and does not give the answer away.
        ko: The same in Korean.
    """

    def __init__(self, hint: str, *, en: str, ko: str) -> None:
        super().__init__(en)
        self.hint, self.texts = hint, {"en": en, "ko": ko}


class Verdict(NamedTuple):
    """What a check found; shown as one line below the reader's cell.

    Attributes:
        exercise: The exercise's id.
        solved: Whether the answer is right.
        hint: The id of what is wrong; "" if nothing is.
        texts: The verdict in words, by language.
        error: What the reader's own code raised.
    """

    exercise: str
    solved: bool
    hint: str
    texts: dict[str, str]
    error: Exception | None = None

    @property
    def message(self) -> str:
        """The verdict in the reader's language; in all of them where nobody named one."""
        own = self.texts.get(os.environ.get("BOOK_LANGUAGE", ""))
        return own or " / ".join(dict.fromkeys(self.texts.values()))

    def __repr__(self) -> str:
        hint = f" [{self.hint}]" if self.hint else ""
        return f"{'✓' if self.solved else '✗'} {self.exercise}{hint}: {self.message}"


def checks(exercise: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Registers a function that raises WrongAnswerError if an answer is wrong."""

    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        _CHECKS[exercise] = function
        return function

    return register


def reference(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a function that asks Keras or TensorFlow what an answer is compared with.

    It takes numbers, texts and lists of them, never the answer, and returns numbers or arrays,
    which come as JSON holds them: lists of numbers.
    """
    own = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"

    @functools.wraps(function)
    def noted(*arguments: Any) -> Any:  # noqa: ANN401
        name = f"{own}{json.dumps(arguments)}"
        _asked.add(name)
        if name not in NOTED:
            given = json.dumps(function(*arguments), default=lambda x: np.asarray(x).tolist())
            NOTED[name] = json.loads(given, parse_float=lambda x: float(f"{float(x):.9g}"))
        return NOTED[name]

    return noted


def wrong_shape(got: tuple[int, ...], wanted: tuple[int, ...]) -> WrongAnswerError:
    """What to raise if an array has another shape than it should."""
    return WrongAnswerError(
        "shape",
        en=f"expected shape {wanted}, got {got}",
        ko=f"배열의 모양이 다릅니다. 나와야 할 모양: {wanted}, 지금 모양: {got}",
    )


def expect_close(answer: Any, reference: Any, tolerance: float = 1e-6) -> None:  # noqa: ANN401
    """Compares numbers or arrays.

    Raises:
        WrongAnswerError: The shapes differ, or a value is further than `tolerance` (relative and
            absolute) from the reference.
    """
    try:
        got = np.asarray(answer, dtype=float)
        if answer is None:  # a function without `return`; NumPy would take it for NaN
            raise TypeError
    except (TypeError, ValueError):
        got_type = type(answer).__name__
        raise WrongAnswerError(
            "no-numbers",
            en=f"expected numbers, got {got_type}",
            ko=f"수나 수의 배열이 나와야 합니다. 지금 나온 것의 타입: {got_type}",
        ) from None
    wanted = np.asarray(reference, dtype=float)
    if got.shape != wanted.shape:
        raise wrong_shape(got.shape, wanted.shape)
    if not np.allclose(got, wanted, rtol=tolerance, atol=tolerance):
        far = float(np.max(np.abs(got - wanted)))
        raise WrongAnswerError(
            "off",
            en=f"right shape, but off by up to {far:.4g}",
            ko=f"모양은 맞지만 값이 최대 {far:.4g}만큼 다릅니다",
        )


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
    _asked.clear()
    if answer is None:
        return Verdict(exercise, False, NO_ANSWER, _NO_ANSWER)
    try:
        _CHECKS[exercise](answer)
    except WrongAnswerError as error:
        return Verdict(exercise, False, error.hint, error.texts)
    except NotImplementedError:
        return Verdict(exercise, False, NO_ANSWER, _NO_ANSWER)
    except Exception as error:  # whatever the reader's own function raises
        said = f"{type(error).__name__}: {error}"
        return Verdict(exercise, False, "error", {"en": said, "ko": said}, error)
    return Verdict(exercise, True, "", _CORRECT)


def solution(exercise: str, answer: Any) -> Verdict:  # noqa: ANN401
    """Checks the book's own solution, which has to be right, and hands over what that asked.

    Raises:
        AssertionError: It is not; the page then fails.
    """
    verdict = check(exercise, answer)
    if not verdict.solved:
        raise AssertionError(f"the book's solution is wrong: {verdict}")
    contract.publish(f"solution:{exercise}", {name: NOTED[name] for name in sorted(_asked)})
    return verdict
