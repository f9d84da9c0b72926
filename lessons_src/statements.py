"""What the sources say in prose about their results, decided by differences over seeds."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import scipy.stats
import yaml

from lessons_src import reproduction

VERDICTS = ("held", "not-held", "undecided")


class Statement(NamedTuple):
    """One sentence of the sources, with its verdict and what decided it."""

    id: str
    sources: tuple[str, ...]
    place: str
    says: dict[str, str]  # in both languages
    verdict: str  # one of VERDICTS
    note: dict[str, str]
    claims: tuple[str, ...]  # of the chapters, if they decide
    values: np.ndarray | None  # differences by seed, positive as the source says; else None


def interval(values: np.ndarray) -> tuple[float, float]:
    """95 % confidence interval of the mean, by Student's distribution; values of shape (n,)."""
    n = len(values)
    reach = scipy.stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return float(values.mean() - reach), float(values.mean() + reach)


def decide(values: np.ndarray, within: float | None = None) -> str:
    """The verdict on a statement.

    Args:
        values: One difference for each seed, positive where it is as the source says, (n_seeds,).
        within: For a statement that two are alike, the largest difference that counts as alike.

    Returns:
        "held" if the interval of the mean lies above zero, or inside ±`within`; "not-held" if it
        lies below zero, or outside; else "undecided".
    """
    low, high = interval(values)
    if within is None:
        inside, outside = low > 0, high < 0
    else:
        inside, outside = -within < low and high < within, low > within or high < -within
    return "held" if inside else "not-held" if outside else "undecided"


def _at(curve: np.ndarray, metric: str, epochs: Any) -> float:  # noqa: ANN401
    if isinstance(epochs, list):  # the mean from one epoch to another, counted from 1
        return float(curve[epochs[0] - 1 : epochs[1]].mean())
    if epochs == "best":
        return float(curve.min() if metric.endswith("loss") else curve.max())
    if epochs == "best epoch":
        return float(1 + (curve.argmin() if metric.endswith("loss") else curve.argmax()))
    if epochs == "steps":  # how much the curve goes up and down from epoch to epoch
        return float(np.abs(np.diff(curve)).mean())
    return float(curve[{"first": 0, "last": -1}[epochs]])


def _measured(run: str, metric: str, epochs: Any) -> np.ndarray:  # noqa: ANN401
    """One value for each seed; `test_loss` and `test_accuracy` are those at the end."""
    if metric.startswith("test_"):
        found = reproduction.record()["runs"][run]["keras3"]
        return np.array([one["test"][metric.removeprefix("test_")] for one in found])
    curves = reproduction.curves(run, metric)
    return np.array([_at(curve, metric, epochs) for curve in curves])


def differences(compare: dict[str, Any]) -> np.ndarray:
    """The differences that a comparison of statements.yml asks for, shape (n_seeds,).

    Args:
        compare: `run`, `metric`, `at`; `minus`, what is taken away: another run, the same run at
            `minus_at` or with `minus_metric`, or a number; `sign`, -1 where the source says
            "less".
    """
    metric, at = compare["metric"], compare.get("at", "last")
    minus, other_metric = compare.get("minus", compare["run"]), compare.get("minus_metric", metric)
    if isinstance(minus, str):
        minus = _measured(minus, other_metric, compare.get("minus_at", at))
    return compare.get("sign", 1) * (_measured(compare["run"], metric, at) - minus)


@functools.cache
def judged() -> tuple[Statement, ...]:
    """Every statement, in the order of the sources."""
    text = (reproduction.FOLDER / "statements.yml").read_text(encoding="utf-8")
    found = []
    for entry in yaml.safe_load(text):
        compare = entry.get("compare")
        values = None if compare is None else differences(compare)
        verdict = entry.get("verdict")
        if values is not None:
            verdict = decide(values, compare.get("within"))
        found.append(
            Statement(
                entry["id"],
                tuple(entry["sources"]),
                entry["place"],
                entry["says"],
                verdict,
                entry["note"],
                tuple(entry.get("claims", ())),
                values,
            )
        )
    return tuple(sorted(found, key=lambda statement: statement.sources))
