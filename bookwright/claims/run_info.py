"""`{run-info}`: the line at a page's end that its run has made; and solutions' own fold words."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.core.variables import RetrievalError
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import blocks, glue
from bookwright import words as interface

logger = logging.getLogger(__name__)


def _data(words: dict[str, Any], data: dict[str, Any] | None) -> str:
    """Where the page's data came from, in the words that the book has for its sources."""
    return words["data"].format(words.get(data["source"], data["source"])) if data else ""


class RunInfo(SphinxDirective):
    """Directive without argument or content."""

    def run(self) -> list[nodes.Node]:
        """Renders date, versions, data source, seconds and peak memory of the page's run."""
        try:
            run = glue.of_document(self.state.document, "run")
        except RetrievalError:
            message = "no cell records the run: end the page's last cell with report.end_page(...)"
            logger.warning(message, location=self.get_location())
            return []
        words = interface.of(self.config.language)
        line = words["run"].format(
            date=run["date"],
            seconds=f"{run['seconds']:.0f}",
            memory=f"{run['peak_memory_bytes'] / 1e9:.2f}",
            data=_data(words, run["data"]),
            versions=", ".join(f"{name} {version}" for name, version in run["versions"].items()),
        )
        return [nodes.paragraph("", line, classes=[blocks.RUN_INFO.name])]


def _name_solutions(app: Sphinx, doctree: nodes.document) -> None:
    """A folded cell that holds a solution says so on its fold."""
    words = interface.of(app.config.language)
    for cell in doctree.findall(nodes.container):
        if "tag_solution" in cell["classes"] and "prompt_show" in cell:
            cell["prompt_show"], cell["prompt_hide"] = (
                words["show_solution"],
                words["hide_solution"],
            )


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("run-info", RunInfo)
    app.connect("doctree-read", _name_solutions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
