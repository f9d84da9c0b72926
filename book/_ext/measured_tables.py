"""`{measured-table}` and `{measured}`: what `make bench` has measured, as tables and in prose."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes
from measured_words import MEASURED_WORDS
from reproduction_statements import table
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from benchmarks import chapters, results, today, turns
from benchmarks.sides import common

logger = logging.getLogger(__name__)
# How numbers are written: by what they are multiplied, the form, the unit.
_UNITS = {
    "memory": (1e-9, ".2f", "GB"),
    "arrays": (1e-9, ".3f", "GB"),
    "batch": (1e3, ".2f", "ms"),
}
_SECONDS = (1.0, ".2f", "s")
_MODULES = {"chapters": chapters, "today": today}
_POINTS = {
    "chapters": ("memory", "wall", "cpu", "epoch", "epoch_cpu", "batch"),
    "today": ("memory", "wall", "cpu", "epoch", "epoch_cpu"),
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
    return f"{middle * scale:{form}} {unit}"


def ratio(case: Mapping[str, Any], side: str, number: str) -> turns.Ratio:
    """The book's number as a part of another side's."""
    return turns.ratio(case["runs"]["book"], case["runs"][side], number)


def _spread(found: turns.Ratio) -> str:
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


def chapters_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> list[list[str]]:
    """The rows of point 1: a row for each number of each case."""
    lines = [[words[head] for head in ("network", "quantity", "book", "sources", "ratio", "goal")]]
    for name in chapters.GOALS:
        case = cases[name]
        for number in _POINTS["chapters"]:
            if number in case["runs"]["book"][0]:
                sides = [value(case, side, number) for side in case["sides"]]
                apart = _spread(ratio(case, "sources", number))
                told = goal(case, number, words)
                lines.append([network(name, words), words[number], *sides, apart, told])
    return lines


def today_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> list[list[str]]:
    """The rows of point 2: a row for each side of each case."""
    numbers = _POINTS["today"]
    heads = [words["network"], words["tool"], *(words[number] for number in numbers)]
    lines = [[*heads, f"{words['ratio_each']}: {words['epoch_cpu']}"]]
    for name in sorted(cases):
        case, shown = cases[name], "rnn-whole" if name == "rnn" else name
        for side in case["sides"]:
            found = [value(case, side, number) for number in numbers]
            apart = "" if side == "book" else _spread(ratio(case, side, "epoch_cpu"))
            lines.append([network(shown, words), words[f"side_{side}"], *found, apart])
    return lines


def printed_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> list[list[str]]:
    """What the sources print of their first epochs, against their way as it was measured."""
    heads = [words[head] for head in ("network", "quantity", "printed", "measured", "interval")]
    heads[3] = heads[3].format(chapters.RUNS)
    lines = [heads]
    for (name, metric), one in chapters.printed(cases).items():
        ours = f"{one.mean:.4f} ± {one.std:.4f}"
        inside = words["yes" if one.inside else "no"]
        printed = f"{one.published:.{one.digits}f}"
        lines.append([network(name, words), words[metric], printed, ours, inside])
    return lines


_CONSTANTS = {
    "within": str(chapters.WITHIN),
    "runs": str(chapters.RUNS),
    "words": f"{common.N_WORDS:,}",
    "reviews": f"{common.N_REVIEWS:,}",
}
_TABLES = {
    "chapters": (chapters_lines, "chapters", (24, 18, 12, 12, 18, 16)),
    "today": (today_lines, "today", (20, 18, 10, 10, 10, 10, 10, 12)),
    "printed": (printed_lines, "chapters", (28, 24, 14, 20, 14)),
}


class MeasuredTable(SphinxDirective):
    """A table: `chapters`, `today`, or `printed`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(results.RESULTS))
        words = MEASURED_WORDS[self.config.language]
        lines_of, point, widths = _TABLES[self.arguments[0]]
        heads, *lines = lines_of(results.read()[point]["cases"], words)
        made: list[nodes.Node] = [table(heads, lines, widths=widths, name="measured")]
        if stale(point):
            made.insert(0, nodes.warning("", nodes.paragraph(text=words["stale"])))
        return made


def stale(point: str) -> list[str]:
    """The cases of a point whose code has changed since they were measured."""
    cases = results.read()[point]["cases"]
    return [case.name for case in _MODULES[point].cases() if cases[case.name]["of"] != case.of()]


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
    found = results.read()[point]
    if what == "machine":
        facts = found["machine"]
        versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        return words["machine"].format(**facts | {"versions": versions})
    case = found["cases"][names[0]]
    if what == "goal":
        return words["met" if met(case, names[1]) else "missed"]
    if what == "value":
        return value(case, names[1], names[2])
    middle = ratio(case, names[1], names[2]).median
    return f"{middle:.2f}" if what == "ratio" else f"{1 / middle:.1f}"


class Measured(SphinxRole):
    """A number or a word that follows from what was measured; see `said`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Writes it in the language of this build."""
        self.env.note_dependency(str(results.RESULTS))
        try:
            text = said(self.text.split(), MEASURED_WORDS[self.config.language])
        except (KeyError, ValueError):
            logger.warning(
                f"nothing measured is called {self.text!r}", location=self.get_location()
            )
            text = ""
        return [nodes.Text(text)], []


def tell_stale(app: Sphinx) -> None:
    """Says in the build's output, and not as a warning, which results are of other code."""
    for point in _MODULES:
        if found := stale(point):
            logger.info(f"note: {point}: measured with other code: {', '.join(found)}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.setup_extension("reproduction_statements")
    app.connect("builder-inited", tell_stale)
    app.add_directive("measured-table", MeasuredTable)
    app.add_role("measured", Measured())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
