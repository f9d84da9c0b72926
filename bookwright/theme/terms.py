"""`{terms}`: the glossary of book/glossary.yml, each term under all its names in all languages.

The entries are those of Sphinx' own glossary: `` {term}`훈련 세트 <training set>` `` links to one.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bookwright import book, glossary


def as_markdown(entries: list[dict], language: str) -> str:
    """Sphinx' glossary directive with all entries."""
    other = book.other(language)
    lines = []
    for entry in entries:
        lines += glossary.names(entry, language)
        sentences = entry["means"]
        lines += [f"  {sentences[language]}", ""]
        if other:
            lines += [f"  [{sentences[other]}]{{.language-{other}}}", ""]
    return "\n".join([":::{glossary}", ":sorted:", *lines, ":::"])


class Terms(SphinxDirective):
    """Directive without content."""

    def run(self) -> list[nodes.Node]:
        """Renders the glossary in the language of this build."""
        self.env.note_dependency(str(glossary.PATH))
        text = as_markdown(glossary.entries(), self.config.language)
        return self.parse_text_to_nodes(text)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("terms", Terms)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
