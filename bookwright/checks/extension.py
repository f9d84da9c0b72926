"""Warns of HTML, links and pictures that no page may have, wherever they come from.

The checks before a build see what the Markdown of a page says by itself. The same comes from titles
of directives and captions of cells, from the bibliography and the glossary.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookwright.checks.markup import html_problems, link_problem, picture_problem

logger = logging.getLogger(__name__)


def _look_at_html(app: Sphinx, doctree: nodes.document) -> None:
    for raw in doctree.findall(nodes.raw):
        # What extensions write says no source.
        if raw.source and "html" in raw["format"].split():
            for problem in html_problems(raw.astext()):
                logger.warning(problem, location=raw)


def _look_at_addresses(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for link in doctree.findall(nodes.reference):
        if problem := link_problem(link.get("refuri", "")):
            logger.warning(problem, location=link)
    for picture in doctree.findall(nodes.image):
        if problem := picture_problem(picture["uri"]):
            logger.warning(problem, location=picture)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("doctree-read", _look_at_html)
    app.connect("doctree-resolved", _look_at_addresses)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
