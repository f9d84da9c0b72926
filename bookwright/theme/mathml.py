"""Renders formulas as MathML while building: no script, no other host."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def _convert(node: nodes.math | nodes.math_block, display: str) -> str:
    latex = node.astext().replace("{aligned}", "{split}")  # the name that the converter knows
    mathml = convert(latex, display=display)
    if "\\" in mathml or "<mi>&</mi>" in mathml:  # it passes on what it does not know
        logger.warning("formula not understood: %s", node.astext(), location=node)
    return mathml


def _visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(_convert(node, "inline"))
    raise nodes.SkipNode


def _visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(_convert(node, "block"))
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
