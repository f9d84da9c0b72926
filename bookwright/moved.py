"""`{moved}`: a line where a section stood that is now on another page; old addresses lead to it.

Its argument is the section's label, its option `ids` lists what else the heading was addressed by.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bookwright import blocks
from bookwright import words as interface


class Moved(SphinxDirective):
    """Directive with a label as its argument and no content."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"ids": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Renders a line that links the section, and bears its old addresses."""
        label = self.arguments[0]
        before, after = interface.of(self.config.language)["moved"].split("{}")
        link = pending_xref(
            "",
            nodes.inline("", label),
            refdomain="std",
            reftype="ref",
            reftarget=label,
            refexplicit=False,
            refwarn=True,
            refdoc=self.env.docname,
        )
        self.set_source_info(link)
        line = nodes.paragraph("", before, link, nodes.Text(after), classes=[blocks.MOVED.name])
        line["ids"] = [label, *self.options.get("ids", "").split()]
        return [line]


def _free(app: Sphinx, doctree: nodes.document) -> None:
    """Leaves out the addresses that something else on the page has now."""
    moved = [
        line for line in doctree.findall(nodes.paragraph) if blocks.MOVED.name in line["classes"]
    ]
    taken = {
        each for node in doctree.findall(nodes.Element) if node not in moved for each in node["ids"]
    }
    for line in moved:
        line["ids"] = [each for each in line["ids"] if each not in taken]


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("moved", Moved)
    app.connect("doctree-read", _free)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
