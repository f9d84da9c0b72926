"""What the sources say in prose about their results; what was measured decides each sentence."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import yaml

from lessons_src import claims
from lessons_src.reproduction import results
from lessons_src.reproduction.comparison import confidence_interval

VERDICTS = ("held", "not-held", "undecided", "not-measured")
DIRECTIONS = ("for", "against")  # what a claim of a chapter says of a statement if it holds
KINDS = ("more", "alike", "differ")
ERRATA = ("statement", "part", "open", "held")  # what verdicts make of an entry of the errata


class Statement(NamedTuple):
    """One sentence of the sources, with its verdict and what decided it."""

    id: str
    sources: tuple[str, ...]
    place: str
    says: dict[str, str]  # in both languages
    verdict: str  # one of VERDICTS; trainings with the optimizer of the source's Keras
    today: str | None  # the verdict with today's optimizer, where it is another
    note: dict[str, str]
    claims: dict[str, str]  # of the book: those that decide, each "for" or "against"
    beside: tuple[str, ...]  # those worth reading, which decide nothing
    values: np.ndarray | None  # differences by seed, positive as the source says; else None
    erratum: str | None  # the entry of the errata that treats it


def decide(values: np.ndarray, margin: float = 0.0, kind: str = "more") -> str:
    """The verdict that differences over seeds give.

    The 95 % interval of their mean has to lie on one side of what matters: each limit of it is a
    one-sided test at 2.5 %.

    Args:
        values: One difference for each seed, positive where it is as the source says, (n_seeds,).
        margin: The smallest difference that matters; 0 if the values are counted from a number
            that the statement names.
        kind: "more" for a difference beyond the margin, "alike" for one within ±`margin`, "differ"
            for one beyond it in either direction.

    Returns:
        "held" or "not-held" if the whole interval is there or not there, else "undecided".
    """
    low, high = confidence_interval(values)
    if kind == "more":
        inside, outside = low > margin, high < margin
    else:
        inside, outside = -margin < low and high < margin, low > margin or high < -margin
        if kind == "differ":
            inside, outside = outside, inside
    return "held" if inside else "not-held" if outside else "undecided"


def verdict_of(entry: Mapping[str, Any], verdicts: Mapping[str, str]) -> str:
    """The verdict on one entry of statements.yml, by what was measured of it.

    `claims` of the chapters decide if all of them hold. One that is against the statement refutes
    it, however many others are for a part of it: a sentence is true if all that it says is.

    Args:
        entry: What decides it: `claims`, each "for" or "against"; or `measure` or `compare`.
        verdicts: What the book finds of its claims: "holds", "fails" or "undecided".

    Returns:
        One of `VERDICTS`: "undecided" also if a claim fails, since that it could not be shown does
        not show the contrary; "not-measured" if nothing decides.
    """
    if "claims" in entry:
        if any(verdicts.get(claim) != "holds" for claim in entry["claims"]):
            return "undecided"
        return "not-held" if "against" in entry["claims"].values() else "held"
    if "measure" in entry or "compare" in entry:
        return decide(*differences(entry, "keras2"))
    return "not-measured"


def differences(entry: Mapping[str, Any], rule: str) -> tuple[np.ndarray, float, str]:
    """The differences that the record has for an entry with `measure` or `compare`.

    Args:
        entry: `measure` names a measurement of the record. In `compare`, `run`, `metric` and `at`
            say what is compared; `minus` what is taken away (the same run at `minus_at`, another
            one, the larger of several, or a number), `times` how often. With either, `kind` is that
            of `decide`, and the margin is the book's of the quantity `of` (in `compare` it follows
            from the metric), or `within` if the statement has a number of its own.
        rule: "keras2" for the optimizer as the sources had it, or "keras3".

    Returns:
        As `decide` takes them: values, margin, kind.
    """
    asked = entry.get("compare", entry)
    if "compare" in entry:
        values, quantity = _compared(asked, rule), _quantity(asked)
    else:
        values = np.array(results.record()["measures"][entry["measure"]])
        quantity = entry.get("of")
    margin = asked.get("within", claims.margins()[quantity]["margin"] if quantity else 0.0)
    return values, margin, asked.get("kind", "more")


def _quantity(compare: Mapping[str, Any]) -> str | None:
    """What the book calls the compared quantity; None if the statement itself names a number."""
    if "times" in compare or isinstance(compare.get("minus"), int | float):
        return None
    return compare["metric"].removeprefix("val_").removeprefix("test_")


def _compared(compare: Mapping[str, Any], rule: str) -> np.ndarray:
    metric, at = compare["metric"], compare.get("at", "last")
    minus = compare.get("minus", compare["run"])
    if isinstance(minus, int | float):
        taken = np.array(float(minus))
    else:
        others = minus if isinstance(minus, list) else [minus]
        other_at = compare.get("minus_at", at)
        taken = np.max([_measured(run, metric, other_at, rule) for run in others], axis=0)
    return _measured(compare["run"], metric, at, rule) - compare.get("times", 1) * taken


def _measured(run: str, metric: str, epochs: Any, rule: str) -> np.ndarray:  # noqa: ANN401
    """One value for each seed; `test_loss` and `test_accuracy` are those at the end."""
    found = results.record()["runs"][run]
    trained = found.get(rule, found["keras3"])  # the recurrent network has no other optimizer
    if metric.startswith("test_"):
        return np.array([one["test"][metric.removeprefix("test_")] for one in trained])
    return np.array([_at(np.array(one["history"][metric]), metric, epochs) for one in trained])


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


@functools.cache
def entries() -> list[dict[str, Any]]:
    """statements.yml, in the order of the sources."""
    text = (results.FOLDER / "statements.yml").read_text(encoding="utf-8")
    return sorted(yaml.safe_load(text), key=lambda entry: entry["sources"])


def judged(verdicts: Mapping[str, str]) -> list[Statement]:
    """Every statement, judged by what the book finds of its claims, as `verdict_of` takes it."""
    return [_judge(entry, verdicts) for entry in entries()]


def _judge(entry: Mapping[str, Any], verdicts: Mapping[str, str]) -> Statement:
    verdict, today, values = verdict_of(entry, verdicts), None, None
    if "measure" in entry or "compare" in entry:
        values = differences(entry, "keras2")[0]
        today = decide(*differences(entry, "keras3"))
    return Statement(
        entry["id"],
        tuple(entry["sources"]),
        entry["place"],
        entry["says"],
        verdict,
        today if today != verdict else None,
        entry["note"],
        entry.get("claims", {}),
        tuple(entry.get("beside", ())),
        values,
        entry.get("erratum"),
    )


def erratum_kind(verdicts: Sequence[str]) -> str:
    """The kind of an entry of the errata, from the verdicts on the statements that it treats.

    Returns:
        One of `ERRATA`: "statement" if what is said is not true; "part" if one sentence is not and
        another one is; "open" if none is refuted, but not all hold; "held" if all do, so that the
        entry names no mistake.
    """
    if "not-held" in verdicts:
        return "part" if "held" in verdicts else "statement"
    return "held" if set(verdicts) == {"held"} else "open"
