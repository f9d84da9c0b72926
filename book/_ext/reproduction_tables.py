"""`{reproduction-totals}` and `{reproduction-table}`: the record as tables."""

from __future__ import annotations

from collections import Counter
from typing import Any

from docutils import nodes
from reproduction_statements import table
from reproduction_words import REPRODUCTION_WORDS
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import book
from lessons_src.reproduction import results
from retraining import made_with

logger = logging.getLogger(__name__)


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


def tell_stale(app: Sphinx) -> None:
    """Says in the build's output, and not as a warning, what the page shows of an old record."""
    if (message := made_with.stale(results.record()["made_with"])) is not None:
        logger.info(f"note: {message}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.setup_extension("reproduction_statements")
    app.connect("builder-inited", tell_stale)
    app.add_directive("reproduction-table", ResultsTable)
    app.add_directive("reproduction-totals", Totals)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
