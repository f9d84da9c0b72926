"""Warns of HTML, links, pictures and files that no page may have, wherever they come from.

The checks before a build see what the Markdown of a page says by itself. The same comes from titles
of directives and captions of cells, from the bibliography and the glossary.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookwright import book
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


def _look_at_files(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """A link, a picture or a table brings the file that it names to the site, wherever that is."""
    places = {each["uri"]: each for each in doctree.findall(nodes.image)}
    for link in doctree.findall(addnodes.download_reference):
        places[app.env.relfn2path(link["reftarget"], page)[0]] = link
    tops = [Path(top).resolve() for top in (book.ROOT, Path(app.outdir).parent)]
    for name in sorted(map(str, app.env.dependencies[page])):  # some extensions note paths
        file = Path(app.srcdir, name).resolve()
        top = next(filter(file.is_relative_to, tops), None)
        if top is None or any(part.startswith(".") for part in file.relative_to(top).parts):
            what = f"the page brings {Path(name).name}, a hidden file or one from outside the "
            where = places.get(name, (page, 1))
            logger.warning(f"{what}project: put it into book/_static", location=where)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("doctree-read", _look_at_html)
    app.connect("doctree-resolved", _look_at_addresses)
    app.connect("doctree-resolved", _look_at_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
