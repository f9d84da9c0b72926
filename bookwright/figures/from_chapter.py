"""`{chapter-figure}`: a figure that another page's run drew, with caption and alternative text.

MyST-NB's `{glue:figure}` knows the figures of its own page only, and what it can take from another
page (`{glue}` with `:doc:`) is no SVG.
"""

from __future__ import annotations

import hashlib
import posixpath
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.ext.glue.crossref import read_glue_cache
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import words as interface
from bookwright.blocks import FIGURE_DATA
from bookwright.figures.extension import Drawing, anchor, size

logger = logging.getLogger(__name__)


class FigureOfPage(nodes.Element):
    """Stands for a drawing until all pages have been read."""


class ChapterFigure(SphinxDirective):
    """Directive with the page and the figure's name as arguments, and a caption as content."""

    required_arguments = 2
    has_content = True
    option_spec = {"alt": directives.unchanged_required, "name": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Leaves a place for the drawing."""
        page, key = self.arguments
        if not self.options.get("alt", "").strip():
            raise self.error(f"the figure {key!r} has no :alt: that says what is to be seen")
        parsed = self.parse_content_to_nodes()
        if len(parsed) != 1 or not isinstance(parsed[0], nodes.paragraph):
            raise self.error(
                f"the figure {key!r} needs a caption of one paragraph below its options"
            )
        place = FigureOfPage(page=page, key=key, alt=self.options["alt"])
        figure = nodes.figure("", place)
        self.set_source_info(figure)
        self.add_name(figure)
        figure += nodes.caption("", "", *parsed[0].children)
        words, address = interface.of(self.config.language), f"{page}.html#{anchor(key)}"
        data = nodes.reference("", words["figure_data"], refuri=address, internal=True)
        return [figure, nodes.paragraph("", "", data, classes=[FIGURE_DATA.name])]


class TakeFigure(SphinxPostTransform):
    """Puts the other page's drawing in its place."""

    default_priority = 5  # where MyST-NB resolves references to other pages

    def run(self, **kwargs: object) -> None:
        """Writes the drawing beside the site's other images."""
        for place in list(self.document.findall(FigureOfPage)):
            page, key = place["page"], place["key"]
            glued = read_glue_cache(self.env.mystnb_config.output_folder, page)  # type: ignore[attr-defined]
            if key not in glued:
                logger.warning("no cell of %r draws the figure %r", page, key, location=place)
                place.parent.remove(place)
                continue
            svg = glued[key]["data"]["image/svg+xml"]
            drawing = svg.encode()
            builder = self.app.builder
            path = posixpath.join(builder.imagedir, f"{hashlib.sha256(drawing).hexdigest()}.svg")
            Path(builder.outdir, builder.imagedir).mkdir(exist_ok=True)
            Path(builder.outdir, path).write_bytes(drawing)
            uri = posixpath.relpath(path, posixpath.dirname(self.env.docname) or ".")
            image = Drawing(uri=uri, candidates={"*": uri}, alt=place["alt"], **size(svg))
            place.replace_self(image)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("chapter-figure", ChapterFigure)
    app.add_post_transform(TakeFigure)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
