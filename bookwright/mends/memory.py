"""Pages that Sphinx has read are kept on the disk, and not in memory as well until it ends.

It keeps every page's tree from its reading to its writing, and every page's bytes as long as it
runs, both beside the files that the next build reads: a megabyte for each page of a long book.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


class _Nothing(dict[str, Any]):
    """Takes what it is given, and has nothing."""

    def __setitem__(self, key: str, value: object) -> None:
        pass


def _forget(app: Sphinx, env: BuildEnvironment, *_: object) -> None:
    env._write_doc_doctree_cache = _Nothing()
    env._pickled_doctree_cache = _Nothing()


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("env-before-read-docs", _forget)  # in every build, whether it reads a page or none
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
