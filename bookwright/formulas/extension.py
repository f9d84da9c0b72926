"""Renders formulas as MathML while building: no script, no other host."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from bookwright.formulas.convert import FormulaError, to_mathml

logger = logging.getLogger(__name__)


def _convert(node: nodes.math | nodes.math_block, display: bool) -> str:
    try:
        return to_mathml(node.astext(), display)
    except FormulaError as error:
        logger.warning("%s", error, location=node)
        return f"<code>{escape(node.astext())}</code>"  # a preview shows the page all the same


def _visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(_convert(node, display=False))
    raise nodes.SkipNode


def _visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(_convert(node, display=True))
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
