"""`{reproduction-totals}`, `{reproduction-table}`, `{statements-table}`: the record as tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from docutils import nodes
from reproduction_words import REPRODUCTION_WORDS
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import book
from lessons_src.reproduction import results, statements
from lessons_src.reproduction.comparison import confidence_interval
from retraining import made_with

logger = logging.getLogger(__name__)
Cell: TypeAlias = str | list[nodes.Node]


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, widths: Sequence[int], name: str
) -> nodes.table:
    """A table of texts or nodes; `sortable.js` lets the reader sort it where it runs."""
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=width) for width in widths]
    for part, lines in ((nodes.thead(), [heads]), (nodes.tbody(), rows)):
        for line in lines:
            entries = [nodes.entry("", _paragraph(cell)) for cell in line]
            part += nodes.row("", *entries)
        group += part
    return nodes.table("", group, classes=["sortable", name])


def _paragraph(cell: Cell) -> nodes.paragraph:
    if isinstance(cell, str):
        return nodes.paragraph(text=cell)
    return nodes.paragraph("", "", *cell)


def shown(value: Any, digits: int = 4) -> str:  # noqa: ANN401
    """A published value as the table writes it; long ones are cut."""
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = str(value)
    return text if len(text) < 25 else f"{text[:22]}…"


def our_side(row: results.Row, words: dict[str, str]) -> tuple[str, str]:
    """Our value with its spread, and the source's distance in standard deviations."""
    ours = row.ours
    if ours is None:
        return "–", "–"
    if not isinstance(ours, results.Comparison):
        return (words["same"] if ours == row.published else shown(ours)), "–"
    distance = "–" if ours.distance is None else f"{ours.distance:+.1f}"
    return f"{ours.mean:.4f} ± {ours.std:.4f}", distance


def what(row: results.Row, language: str) -> str:
    """What was printed, in words of this language."""
    if isinstance(row.what, dict):
        return row.what[language]
    words = REPRODUCTION_WORDS[language]
    metric, epoch = row.what
    place = "" if metric == "epochs" else f", {words[epoch]}"
    assert row.run is not None  # every row of a log belongs to a training
    return f"{results.runs()[row.run][language]}: {words[metric]}{place}"


def verdict(row: results.Row, words: dict[str, str]) -> str:
    """The verdict, with its reason where there is one."""
    return words[row.verdict] + (f": {words[row.why]}" if row.why else "")


class ResultsTable(SphinxDirective):
    """Every printed result; without content."""

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(results.RECORD))
        language = self.config.language
        words = REPRODUCTION_WORDS[language]
        lines = [
            (
                f"{row.source}, {row.place}",
                what(row, language),
                shown(row.published),
                *our_side(row, words),
                verdict(row, words),
            )
            for row in results.rows()
        ]
        heads = [words[head] for head in ("where", "what", "published", "ours", "sds", "verdict")]
        heads[3] = heads[3].format(n_seeds())
        return [table(heads, lines, widths=(12, 30, 14, 18, 8, 18), name="reproduction")]


def n_seeds() -> int:
    """How many seeds the record has of each training."""
    return max(len(of) for run in results.record()["runs"].values() for of in run.values())


class Totals(SphinxDirective):
    """How many results have which verdict, by source; without content."""

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(results.RECORD))
        words = REPRODUCTION_WORDS[self.config.language]
        counts = Counter((row.source, row.verdict) for row in results.rows())
        sources = sorted({source for source, _ in counts})
        lines = []
        for source in [*sources, None]:
            kept = [
                sum(n for (of, is_), n in counts.items() if is_ == name and source in (of, None))
                for name in results.VERDICTS
            ]
            lines.append([source or words["all"], *map(str, [*kept, sum(kept)])])
        heads = [words["source"], *(words[name] for name in results.VERDICTS), words["all"]]
        found: list[nodes.Node] = [
            table(heads, lines, widths=[10] + [14] * (len(heads) - 1), name="totals")
        ]
        for name in results.record()["made_with"]["code"]:  # read this page again if one changes
            self.env.note_dependency(str(book.ROOT / name.partition(": ")[0]))
        if made_with.stale(results.record()["made_with"]) is not None:
            found.insert(0, nodes.warning("", nodes.paragraph(text=words["stale"])))
        return found


class StatementsTable(SphinxDirective):
    """What the sources say, with verdicts; without content."""

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(results.RECORD))
        self.env.note_dependency(str(results.FOLDER / "statements.yml"))
        language = self.config.language
        words = REPRODUCTION_WORDS[language]
        chapters = self._chapters()
        lines: list[list[Cell]] = []
        for one in statements.judged():
            shown_by: list[nodes.Node] = []
            for claim in one.claims:
                if claim not in chapters:
                    logger.warning(
                        f"statement {one.id!r}: no chapter has the claim {claim!r}",
                        location=self.get_location(),
                    )
                    continue
                address = f"{chapters[claim]}.html#claim-{claim}"
                shown_by += [nodes.reference("", claim, refuri=address), nodes.Text(" ")]
            if one.values is not None:
                low, high = confidence_interval(one.values)
                text = f"{one.values.mean():+.3f} [{low:+.3f}, {high:+.3f}]"
                shown_by.append(nodes.Text(text))
            where = f"{', '.join(one.sources)}; {one.place}"
            says, note = one.says[language], one.note[language]
            verdict = words[one.verdict]
            if one.today is not None:
                verdict += words["but_today"].format(words[one.today])
            lines.append([where, says, verdict, shown_by or "–", note])
        heads = [words[head] for head in ("where", "says", "verdict", "shown_by", "note")]
        return [table(heads, lines, widths=(10, 28, 10, 18, 34), name="statements")]

    def _chapters(self) -> dict[str, str]:
        """The page of each claim of the book."""
        return {
            claim: path.stem
            for path in sorted(Path(self.env.srcdir).glob("*.md"))
            for claim in re.findall(r"^:::\{claim\} (\S+)", path.read_text("utf-8"), re.MULTILINE)
        }


def tell_stale(app: Sphinx) -> None:
    """Says in the build's output, and not as a warning, what the page shows of an old record."""
    if (message := made_with.stale(results.record()["made_with"])) is not None:
        logger.info(f"note: {message}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("builder-inited", tell_stale)
    app.add_directive("reproduction-table", ResultsTable)
    app.add_directive("reproduction-totals", Totals)
    app.add_directive("statements-table", StatementsTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
