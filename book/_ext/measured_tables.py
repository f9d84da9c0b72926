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
    "today": ("memory", "wall", "cpu", "epoch_cpu"),
}


Lines = list[list[str]]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def chapters_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Lines]:
    """The tables of point 1, by what is trained: a row for each number."""
    found = {}
    for name, case in cases.items():
        if not case.get("goals"):
            continue
        lines = [[words[head] for head in ("quantity", "book", "sources", "ratio", "goal")]]
        for number in _POINTS["chapters"]:
            if number in case["runs"]["book"][0]:
                sides = [measured.value(case, side, number) for side in case["sides"]]
                apart = measured.spread(measured.ratio(case, "sources", number))
                lines.append([words[number], *sides, apart, measured.goal(case, number, words)])
        found[measured.network(name, words)] = lines
    return found


def today_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Lines]:
    """The tables of point 2, by what is trained: a row for each side."""
    numbers, found = _POINTS["today"], {}
    for name, case in cases.items():
        heads = [words["tool"], *(words[number] for number in numbers)]
        lines = [[*heads, f"{words['ratio_each']}: {words['epoch_cpu']}"]]
        for side in case["sides"]:
            apart = (
                "" if side == "book" else measured.spread(measured.ratio(case, side, "epoch_cpu"))
            )
            values = [measured.value(case, side, number) for number in numbers]
            lines.append([words[f"side_{side}"], *values, apart])
        found[measured.of_today(name, words)] = lines
    return found


def printed_lines(cases: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Lines]:
    """What the sources print of their first epochs, against their way as it was measured."""
    heads = [words[head] for head in ("quantity", "printed", "measured", "interval")]
    heads[2] = heads[2].format(chapters.RUNS)
    found: dict[str, Lines] = {}
    for (name, metric), one in chapters.printed(cases).items():
        ours = f"{one.mean:.4f} ± {one.std:.4f}"
        inside = words["yes" if one.inside else "no"]
        lines = found.setdefault(measured.network(name, words), [heads])
        lines.append([words[metric], f"{one.published:.{one.digits}f}", ours, inside])
    return found


_TABLES = {
    "chapters": (chapters_lines, "chapters", (28, 16, 16, 22, 18)),
    "today": (today_lines, "today", (26, 14, 12, 14, 14, 20)),
    "printed": (printed_lines, "chapters", (32, 20, 28, 20)),
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
            item = nodes.paragraph("", "", nodes.strong(text=f"{_capital(what)}."), nodes.Text(" "))
            reason = REASONS.get(key, {}).get(language, "")
            for place, part in enumerate(reason.split("`")):
                item += nodes.literal(text=part) if place % 2 else nodes.Text(part)
            made += nodes.list_item("", item)
        if not told:
            none = "none" if measured.complete(point) else "not_measured"
            return [nodes.paragraph(text=words[none])]
        return [made]


class MeasuredTable(SphinxDirective):
    """A table for each network: `chapters`, `today`, or `printed`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(results.RESULTS))
        words = MEASURED_WORDS[self.config.language]
        lines_of, point, widths = _TABLES[self.arguments[0]]
        if not (cases := measured.complete(point)):
            return [nodes.paragraph(text=words["not_measured"])]
        made: list[nodes.Node] = []
        if measured.stale(point):
            made.append(nodes.warning("", nodes.paragraph(text=words["stale"])))
        for title, (heads, *lines) in lines_of(cases, words).items():
            made.append(nodes.paragraph("", "", nodes.strong(text=_capital(title))))
            made.append(table(heads, lines, widths=widths, name="measured"))
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
