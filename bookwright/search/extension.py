"""Turns off Sphinx' own search: `index` makes a better one of the assembled site."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder


def _build_no_index(app: Sphinx) -> None:
    """Without an index there is no search page either, and no script that would load both."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.search = False


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("builder-inited", _build_no_index)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
