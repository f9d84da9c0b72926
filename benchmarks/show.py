"""Tables of what was measured, as Markdown: for the terminal, and between marks of a document.

What stands in a document between `<!-- measured: POINT -->` and `<!-- end -->` is made of the
results, so that no figure in it is typed.
"""

from __future__ import annotations

import importlib
import re
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import turns
from benchmarks.results import Run

_PLACE = re.compile(r"(<!-- measured: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_UNITS = {"wall": ("s", 1.0), "cpu": ("s", 1.0), "memory": ("MB", 1e6)}


def _numbers(runs: Mapping[str, Sequence[Run]]) -> list[str]:
    """Names of the single numbers of all runs, the measured ones first."""
    named = dict.fromkeys([*_UNITS, *(name for side in runs.values() for name in side[0])])
    return [
        name
        for name in named
        if any(isinstance(side[0].get(name), int | float) for side in runs.values())
    ]


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table; the first row is its head."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: Sequence[float]) -> str:
    """Median, and from where to where; without decimals if one is 100 or more."""
    form = ",.0f" if max(values) >= 100 else ".3g"
    middle = format(statistics.median(values), form)
    ends = format(min(values), form), format(max(values), form)
    return middle if ends[0] == ends[1] else f"{middle} ({ends[0]} to {ends[1]})"


def _value(runs: Sequence[Run], number: str) -> str:
    _, scale = _UNITS.get(number, ("", 1.0))
    values = [run[number] / scale for run in runs if number in run]
    return spread(values) if values else "–"


def table(name: str, case: Mapping[str, Any]) -> str:
    """One case: a row for each number, a column for each side and each ratio."""
    runs: dict[str, list[Run]] = case["runs"]
    ours, *others = case["sides"]
    if set(runs) != {ours, *others}:
        return f"{name}: not measured on all sides yet"
    goals = case.get("goals", {})
    heads = [name, ours, *others, *(f"{ours} / {other}" for other in others)]
    rows = [[*heads, "goal"] if goals else heads]
    for number in _numbers(runs):
        unit = f", {_UNITS[number][0]}" if number in _UNITS else ""
        row = [f"{number}{unit}", *(_value(runs[side], number) for side in (ours, *others))]
        found = []
        for other in others:
            both = [*runs[ours], *runs[other]]
            if all(run.get(number) for run in both):
                found.append(turns.ratio(runs[ours], runs[other], number))
                row.append("{:.2f} ({:.2f} to {:.2f})".format(*found[-1]))
            else:
                row.append("–")
        if goals:
            most = goals.get(number)
            met = found and most is not None and found[0].median <= most
            row.append("" if most is None else f"at most {most}: {'met' if met else 'missed'}")
        rows.append(row)
    return markdown(rows)


def point(name: str, found: Mapping[str, Any]) -> str:
    """One point: its machine and its cases.

    The point's module may make its own table of its cases: a function `table(cases)`.
    """
    machine = found["machine"]
    head = f"{machine['cores']} cores of {machine['cpu']}, {machine['memory']} GB, " + ", ".join(
        f"{package} {version}" for package, version in machine["versions"].items()
    )
    own = getattr(importlib.import_module(f"benchmarks.{name}"), "table", None)
    tables = [own(found["cases"])] if own else [table(*case) for case in found["cases"].items()]
    return "\n\n".join([head, *tables])


def fill(text: str, results: Mapping[str, Any]) -> str:
    """A document whose marked places show what was measured; those of other points stay."""

    def shown(place: re.Match[str]) -> str:
        if place[2] not in results:
            return place[0]
        return f"{place[1]}\n{point(place[2], results[place[2]])}\n\n{place[3]}"

    return _PLACE.sub(shown, text)
