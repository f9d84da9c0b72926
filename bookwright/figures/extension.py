"""Figures that a page's cells draw: with their size, loaded when needed, with their data below.

`{glue:figure}` is MyST-NB's, and places what `report.glue_figure` handed over. This adds what it
lacks: width and height, so that nothing jumps when a drawing arrives, and the numbers in it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.directives import PasteFigureDirective
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from bookwright import glue
from bookwright import words as interface
from bookwright.figures.tables import FigureTables, csv_text

logger = logging.getLogger(__name__)

FOLDER = "figures"  # of the site, for the data


class Drawing(nodes.image):
    """An image whose size on the screen is known."""


class FigureData(nodes.General, nodes.Element):
    """The numbers of the figure above it: `key`, its name; `tables`; `language`."""

    def html(self, link: str | None = None) -> str:
        """The fold below the figure; see `FigureTables.html`."""
        words = interface.of(self["language"])
        tables = FigureTables(self["tables"], words, self["language"])
        return tables.html(anchor(self["key"]), link)


def anchor(key: str) -> str:
    """The id of the data of a figure on its page."""
    return f"data-{key}"


def size(svg: str) -> dict[str, str]:
    """Width and height of a drawing in CSS pixels, as `img` takes them.

    Raises:
        ValueError: The drawing does not say.
    """
    box = re.search(r'<svg[^>]*\sviewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    if box is None:
        raise ValueError("expected a drawing as SVG with a viewBox, as Matplotlib writes it")
    # Matplotlib's unit is the point, 96/72 of a CSS pixel.
    return {
        name: str(round(float(points) * 96 / 72))
        for name, points in zip(("width", "height"), box.groups(), strict=True)
    }


class FigureWithData(PasteFigureDirective):
    """MyST-NB's figure, with the drawing's size, and its data below it."""

    def run(self) -> list[nodes.Node]:
        """Places the figure and the numbers that `report.glue_figure` read from it."""
        key = self.arguments[0]
        if not self.options.get("alt", "").strip():
            raise self.error(f"the figure {key!r} has no :alt: that says what is to be seen")
        if not self.content:
            raise self.error(f"the figure {key!r} needs a caption below its options")
        found = super().run()
        if not isinstance(found[0], nodes.figure):
            return found  # a warning: no cell draws this
        svg = retrieve_glue_data(self.document, key).data.get("image/svg+xml", "")
        try:
            tables, shape = glue.of_document(self.document, f"figure:{key}"), size(svg)
        except (RetrievalError, ValueError) as error:
            logger.warning(
                f"the figure {key!r} has no size or no data ({error}): hand it over with "
                f'report.glue_figure("{key}", figure)',
                location=(self.env.docname, self.line),
            )
            return found
        for image in list(found[0].findall(nodes.image)):
            image.replace_self(Drawing(image.rawsource, **image.attributes | shape))
        data = FigureData(key=key, tables=tables, language=self.env.config.language)
        self.set_source_info(data)
        return [found[0], data, *found[1:]]

    @property
    def env(self) -> Any:  # noqa: ANN401
        """Sphinx' environment."""
        return self.document.settings.env


def _visit_drawing(translator: HTML5Translator, node: Drawing) -> None:
    builder, uri = translator.builder, node["uri"]
    if uri in builder.images:
        uri = posixpath.join(builder.imgpath, quote(builder.images[uri]))
    attributes = {"src": uri, "alt": node.get("alt", ""), "decoding": "async"}
    attributes |= {name: node[name] for name in ("width", "height")}
    if node is not next(translator.document.findall(Drawing)):
        attributes["loading"] = "lazy"  # the first may be on the screen at once
    translator.body.append(translator.emptytag(node, "img", "\n", **attributes))


def _visit_data(translator: HTML5Translator, node: FigureData) -> None:
    link = None
    if node["tables"]:
        page = translator.builder.current_docname
        path = posixpath.join(FOLDER, f"{page.replace('/', '-')}-{node['key']}.csv")
        target = Path(translator.builder.outdir, path)
        target.parent.mkdir(exist_ok=True)
        target.write_text(csv_text(node["tables"]), encoding="utf-8")
        link = posixpath.relpath(path, posixpath.dirname(page) or ".")
    translator.body.append(f"{node.html(link)}\n")


def _depart(translator: HTML5Translator, node: nodes.Element) -> None:
    pass


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_node(Drawing, html=(_visit_drawing, _depart))
    app.add_node(FigureData, html=(_visit_data, _depart))
    app.add_directive_to_domain("glue", "figure", FigureWithData, override=True)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True}
