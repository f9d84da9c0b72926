"""What is said of the measurements: numbers with their units, goals, exceptions, in words."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import chapters, results, today, turns
from benchmarks.sides import common

# How numbers are written: by what they are multiplied, the form, the unit.
_UNITS = {
    "memory": (1e-9, ".2f", "GB"),
    "arrays": (1e-9, ".3f", "GB"),
    "batch": (1e3, ".2f", "ms"),
}
_SECONDS = (1.0, ".2f", "s")
MODULES = {"chapters": chapters, "today": today}


def complete(point: str) -> dict[str, Any]:
    """The cases of a point of which all turns are measured, by name."""
    found = results.read().get(point, {"cases": {}})["cases"]
    return {
        case.name: found[case.name]
        for case in MODULES[point].cases()
        if case.name in found
        and all(len(found[case.name]["runs"].get(side, ())) == case.runs for side in case.sides)
    }


def network(name: str, words: Mapping[str, str]) -> str:
    """What a case trains, in words."""
    if name in common.UNITS:
        units = "-".join(map(str, common.UNITS[name]))
        return words[name].format(units, common.EPOCHS[name])
    return words[name].format(common.EPOCHS["rnn"])


def value(case: Mapping[str, Any], side: str, number: str) -> str:
    """The median of a side's number, with its unit."""
    scale, form, unit = _UNITS.get(number, _SECONDS)
    middle = statistics.median(run[number] for run in case["runs"][side])
    return f"{middle * scale:{form}}\N{NO-BREAK SPACE}{unit}"


def ratio(case: Mapping[str, Any], side: str, number: str) -> turns.Ratio:
    """The book's number as a part of another side's."""
    return turns.ratio(case["runs"]["book"], case["runs"][side], number)


def spread(found: turns.Ratio) -> str:
    """A ratio's median, smallest and largest."""
    return f"{found.median:.2f} ({found.low:.2f}–{found.high:.2f})"


def met(case: Mapping[str, Any], number: str) -> bool | None:
    """Whether a goal is met, by the median; None if there is none."""
    if number not in case.get("goals", {}):
        return None
    return ratio(case, case["sides"][1], number).median <= case["goals"][number]


def goal(case: Mapping[str, Any], number: str, words: Mapping[str, str]) -> str:
    """A goal, and whether it is met."""
    if (is_met := met(case, number)) is None:
        return ""
    return words["at_most"].format(case["goals"][number], words["met" if is_met else "missed"])


def of_today(name: str, words: Mapping[str, str]) -> str:
    """What a case of point 2 trains, in words: its recurrent network goes all the way back."""
    return network("rnn-whole" if name == "rnn" else name, words)


def exceptions(point: str, words: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """What is to be explained, in words: goals that are missed, tools that are faster each turn.

    Returns:
        By point, case, side and number, as in `REASONS`.
    """
    found: dict[tuple[str, ...], str] = {}
    for name, case in complete(point).items():
        if point == "chapters":
            for number in case.get("goals", ()):
                if not met(case, number):
                    apart = spread(ratio(case, "sources", number))
                    told = f"{network(name, words)}, {words[number]}: {apart}"
                    found[point, name, "sources", number] = told
        else:
            for side, number in itertools.product(case["sides"][1:], ("cpu", "epoch_cpu")):
                if (found_ratio := ratio(case, side, number)).low > 1:
                    place = f"{words[f'side_{side}']}, {of_today(name, words)}, {words[number]}"
                    found[point, name, side, number] = f"{place}: {spread(found_ratio)}"
    return found


def stale(point: str) -> list[str]:
    """The cases of a point whose code has changed since they were measured."""
    cases = complete(point)
    return [
        case.name
        for case in MODULES[point].cases()
        if case.name in cases and cases[case.name]["of"] != case.of()
    ]


MISSING = "–"  # what stands for a number that is not measured yet
_CONSTANTS = {
    "within": str(chapters.WITHIN),
    "level": "95%",  # of the interval of `lessons_src.reproduction.comparison`
    "runs": str(chapters.RUNS),
    "words": f"{common.N_WORDS:,}",
    "reviews": f"{common.N_REVIEWS:,}",
}


def said(asked: Sequence[str], words: Mapping[str, str]) -> str:
    """What a place in prose says.

    Args:
        asked: `ratio CASE SIDE NUMBER`, `times CASE SIDE NUMBER` (the other side's as a multiple of
            the book's), `value CASE SIDE NUMBER`, `goal CASE NUMBER` or `machine`, each after the
            name of a point; or `constant NAME`, what was set before.
        words: Of the language.

    Raises:
        KeyError: There is nothing of that name.
    """
    point, what, *names = asked
    if point == "constant":
        return _CONSTANTS[what]
    if what == "machine":
        if not complete(point):
            return MISSING
        facts = results.read()[point]["machine"]
        versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        return words["machine"].format(**facts | {"versions": versions})
    sides = {case.name: case.sides for case in MODULES[point].cases()}[names[0]]
    if what != "goal":
        sides[names[1]]
    if (case := complete(point).get(names[0])) is None:
        return MISSING
    if what == "goal":
        return words["met" if met(case, names[1]) else "missed"]
    if what == "value":
        return value(case, names[1], names[2])
    middle = ratio(case, names[1], names[2]).median
    return f"{middle:.2f}" if what == "ratio" else f"{1 / middle:.1f}"
