"""What the sources say in prose about their results, decided by differences over seeds."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import yaml

from lessons_src.reproduction import results
from lessons_src.reproduction.comparison import confidence_interval

VERDICTS = ("held", "not-held", "undecided")


class Statement(NamedTuple):
    """One sentence of the sources, with its verdict and what decided it."""

    id: str
    sources: tuple[str, ...]
    place: str
    says: dict[str, str]  # in both languages
    verdict: str  # one of VERDICTS; trainings with the optimizer of the source's Keras
    today: str | None  # the verdict with today's optimizer, where it is another
    note: dict[str, str]
    claims: tuple[str, ...]  # of the chapters, if they decide
    values: np.ndarray | None  # differences by seed, positive as the source says; else None


def decide(values: np.ndarray, within: float | None = None) -> str:
    """The verdict on a statement.

    Args:
        values: One difference for each seed, positive where it is as the source says, (n_seeds,).
        within: For a statement that two are alike, the largest difference that counts as alike.

    Returns:
        "held" if the interval of the mean lies above zero, or inside ±`within`; "not-held" if it
        lies below zero, or outside; else "undecided".
    """
    low, high = confidence_interval(values)
    if within is None:
        inside, outside = low > 0, high < 0
    else:
        inside, outside = -within < low and high < within, low > within or high < -within
    return "held" if inside else "not-held" if outside else "undecided"


def _at(curve: np.ndarray, metric: str, epochs: Any) -> float:  # noqa: ANN401
    if isinstance(epochs, list):  # the mean from one epoch to another, counted from 1
        return float(curve[epochs[0] - 1 : epochs[1]].mean())
    down = metric.endswith("loss")
    best = int(curve.argmin() if down else curve.argmax())
    return float(
        {
            "last": curve[-1],
            "best": curve[best],
            "best epoch": best + 1,
            "rise": curve[-1] - curve[best],
            "share rising": np.mean(np.diff(curve) > 0),
            "steps after 15": np.abs(np.diff(curve[15:])).mean() if len(curve) > 16 else np.nan,
        }[epochs]
    )


def _measured(run: str, metric: str, epochs: Any, rule: str) -> np.ndarray:  # noqa: ANN401
    """One value for each seed; `test_loss` and `test_accuracy` are those at the end."""
    found = results.record()["runs"][run]
    trained = found.get(rule, found["keras3"])  # the recurrent network has no other optimizer
    if metric.startswith("test_"):
        return np.array([one["test"][metric.removeprefix("test_")] for one in trained])
    return np.array([_at(np.array(one["history"][metric]), metric, epochs) for one in trained])


def differences(compare: dict[str, Any], rule: str) -> tuple[np.ndarray, float | None]:
    """The differences that a comparison of statements.yml asks for.

    Args:
        compare: `run`, `metric` and `at` say what is compared; `minus` what is taken away (the
            same run at `minus_at`, another one, the larger of two, or a number), `times` how
            often, `margin` how much more. `within`, or `within_stds` in standard deviations of
            what is taken away: how far apart two may lie that are alike. `either`: a difference
            in either direction is what the source says.
        rule: "keras2" for the optimizer as the sources had it, or "keras3".

    Returns:
        One value for each seed, positive as the source says, shape (n_seeds,); and the largest
        difference that counts as alike, if the source says that.
    """
    metric, at = compare["metric"], compare.get("at", "last")
    minus = compare.get("minus", compare["run"])
    if isinstance(minus, int | float):
        taken = np.array(float(minus))
    else:
        others = minus if isinstance(minus, list) else [minus]
        other_at = compare.get("minus_at", at)
        taken = np.max([_measured(run, metric, other_at, rule) for run in others], axis=0)
    values = _measured(compare["run"], metric, at, rule) - compare.get("times", 1) * taken
    values = values - compare.get("margin", 0)
    if compare.get("either") and values.mean() < 0:
        values = -values
    within = compare.get("within")
    if "within_stds" in compare:
        within = compare["within_stds"] * float(taken.std(ddof=1))
    return values, within


@functools.cache
def judged() -> tuple[Statement, ...]:
    """Every statement, in the order of the sources."""
    text = (results.FOLDER / "statements.yml").read_text(encoding="utf-8")
    found = [_judge(entry) for entry in yaml.safe_load(text)]
    return tuple(sorted(found, key=lambda statement: statement.sources))


def _judge(entry: dict[str, Any]) -> Statement:
    values, today = None, None
    verdict: str = entry.get("verdict", "")
    if "measure" in entry:
        values = np.array(results.record()["measures"][entry["measure"]])
        verdict = decide(values)
    elif "compare" in entry:
        values, within = differences(entry["compare"], "keras2")
        verdict = decide(values, within)
        today = decide(*differences(entry["compare"], "keras3"))
    return Statement(
        entry["id"],
        tuple(entry["sources"]),
        entry["place"],
        entry["says"],
        verdict,
        today if today != verdict else None,
        entry["note"],
        tuple(entry.get("claims", ())),
        values,
    )
