"""Warns of links and pictures that no page may have, wherever they come from.

The checks before a build see those that Markdown writes itself. These also come from directives of
other packages, from the bibliography and the glossary.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookwright.checks.markup import link_problem, picture_problem

logger = logging.getLogger(__name__)


def _look(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for link in doctree.findall(nodes.reference):
        if problem := link_problem(link.get("refuri", "")):
            logger.warning(problem, location=link)
    for picture in doctree.findall(nodes.image):
        if problem := picture_problem(picture["uri"]):
            logger.warning(problem, location=picture)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("doctree-resolved", _look)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
