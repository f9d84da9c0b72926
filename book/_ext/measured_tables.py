"""`{measured-table}` and `{measured}`: what `make bench` has measured, as tables and in prose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import measured_numbers as measured
from docutils import nodes
from measured_reasons import REASONS
from measured_words import MEASURED_WORDS
from reproduction_statements import table
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from benchmarks import chapters, results

logger = logging.getLogger(__name__)
_POINTS = {
    "chapters": ("memory", "wall", "cpu", "epoch", "epoch_cpu", "batch"),
    "today": ("memory", "wall", "cpu", "epoch", "epoch_cpu"),
}


def chapters_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> list[list[str]]:
    """The rows of point 1: a row for each number of each case."""
    lines = [[words[head] for head in ("network", "quantity", "book", "sources", "ratio", "goal")]]
    for name, case in cases.items():
        for number in _POINTS["chapters"] if case.get("goals") else ():
            if number in case["runs"]["book"][0]:
                sides = [measured.value(case, side, number) for side in case["sides"]]
                apart = measured.spread(measured.ratio(case, "sources", number))
                told = measured.goal(case, number, words)
                lines.append([measured.network(name, words), words[number], *sides, apart, told])
    return lines


def today_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> list[list[str]]:
    """The rows of point 2: a row for each side of each case."""
    numbers = _POINTS["today"]
    heads = [words["network"], words["tool"], *(words[number] for number in numbers)]
    lines = [[*heads, f"{words['ratio_each']}: {words['epoch_cpu']}"]]
    for name, case in cases.items():
        for side in case["sides"]:
            found = [measured.value(case, side, number) for number in numbers]
            apart = (
                "" if side == "book" else measured.spread(measured.ratio(case, side, "epoch_cpu"))
            )
            lines.append([measured.of_today(name, words), words[f"side_{side}"], *found, apart])
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
        lines.append([measured.network(name, words), words[metric], printed, ours, inside])
    return lines


_TABLES = {
    "chapters": (chapters_lines, "chapters", (24, 18, 12, 12, 18, 16)),
    "today": (today_lines, "today", (20, 18, 10, 10, 10, 10, 10, 12)),
    "printed": (printed_lines, "chapters", (28, 24, 14, 20, 14)),
}


class MeasuredReasons(SphinxDirective):
    """A list: the goals of `chapters` that are missed, the tools of `today` that are faster."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Renders the list in the language of this build."""
        self.env.note_dependency(str(results.RESULTS))
        language, point = self.config.language, self.arguments[0]
        words, made = MEASURED_WORDS[language], nodes.bullet_list()
        told = measured.exceptions(point, words)
        for key, what in told.items():
            item = nodes.paragraph("", "", nodes.strong(text=f"{what}."), nodes.Text(" "))
            reason = REASONS.get(key, {}).get(language, "")
            for place, part in enumerate(reason.split("`")):
                item += nodes.literal(text=part) if place % 2 else nodes.Text(part)
            made += nodes.list_item("", item)
        if not told:
            none = "none" if measured.complete(point) else "not_measured"
            return [nodes.paragraph(text=words[none])]
        return [made]


class MeasuredTable(SphinxDirective):
    """A table: `chapters`, `today`, or `printed`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(results.RESULTS))
        words = MEASURED_WORDS[self.config.language]
        lines_of, point, widths = _TABLES[self.arguments[0]]
        if not (cases := measured.complete(point)):
            return [nodes.paragraph(text=words["not_measured"])]
        heads, *lines = lines_of(cases, words)
        made: list[nodes.Node] = [table(heads, lines, widths=widths, name="measured")]
        if measured.stale(point):
            made.insert(0, nodes.warning("", nodes.paragraph(text=words["stale"])))
        return made


class Measured(SphinxRole):
    """A number or a word that follows from what was measured; see `said`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Writes it in the language of this build."""
        self.env.note_dependency(str(results.RESULTS))
        try:
            text = measured.said(self.text.split(), MEASURED_WORDS[self.config.language])
        except (KeyError, ValueError):
            logger.warning(
                f"nothing measured is called {self.text!r}", location=self.get_location()
            )
            text = ""
        return [nodes.Text(text)], []


def tell_stale(app: Sphinx) -> None:
    """Says in the build's output, and not as a warning, which results are of other code."""
    for point in measured.MODULES:
        if found := measured.stale(point):
            logger.info(f"note: {point}: measured with other code: {', '.join(found)}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.setup_extension("reproduction_statements")
    app.connect("builder-inited", tell_stale)
    app.add_directive("measured-table", MeasuredTable)
    app.add_directive("measured-reasons", MeasuredReasons)
    app.add_role("measured", Measured())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
