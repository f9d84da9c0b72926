"""Mends what MyST-NB, sphinx-exercise and Furo write that is no valid HTML."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator


def _no_section_in_exercise(app: Sphinx, doctree: nodes.document) -> None:
    """Turns the sections that hold an exercise's text into containers.

    They have no heading, all of them have the same id, and head.py would number them.
    """
    for section in list(doctree.findall(nodes.section)):
        ids = section["ids"]
        if ids in (["exercise-content"], ["solution-content"]):
            container = nodes.container("", *section.children, classes=ids)
            container.source, container.line = section.source, section.line
            section.parent.replace(section, container)  # replace_self would hand the id on


class OneIdEach(SphinxPostTransform):
    """Takes the ids back that Furo gives to the boxes around formulas and tables as well."""

    default_priority = 501  # after Furo's transform
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Leaves each id to the formula or the table itself."""
        for box in self.document.findall(nodes.container):
            if {"math-wrapper", "table-wrapper"} & set(box["classes"]):
                box["ids"] = []


def _visit_hidden(self: HTML5Translator, node: HideCodeCellNode) -> None:
    """As MyST-NB does, with spans: a summary holds no paragraphs, and needs no second label."""
    self.body.append(f'<details class="hide {" ".join(node["classes"])}">\n<summary>')
    for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide")):
        self.body.append(f'<span class="{state}">{escape(node[prompt])}</span>')
    self.body.append("</summary>\n")


def _depart_hidden(self: HTML5Translator, node: HideCodeCellNode) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("doctree-read", _no_section_in_exercise, priority=100)  # before they are counted
    app.add_post_transform(OneIdEach)
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden, _depart_hidden))
    # Pages that were read with other rules are read again.
    return {
        "version": "1",
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
