"""`{margins-table}`: the smallest difference that matters, for each quantity of the book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from reproduction_tables import table
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lessons_src import claims

_HEADS = {
    "ko": ("측정하는 양", "의미 있는 가장 작은 차이", "이유", "정한 날"),
    "en": ("Quantity", "Smallest difference that matters", "Reason", "Set on"),
}


class MarginsTable(SphinxDirective):
    """Directive without argument or content."""

    def run(self) -> list[nodes.Node]:
        """Renders the table in the language of this build."""
        self.env.note_dependency(str(Path(claims.__file__).with_name("margins.json")))
        language = self.config.language
        rows = [
            (row["name"][language], f"{row['margin']:g}", row["reason"][language], row["set"])
            for row in claims.margins().values()
        ]
        return [table(_HEADS[language], rows, widths=(18, 16, 52, 14), name="margins")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("margins-table", MarginsTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
