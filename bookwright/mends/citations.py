"""Citations without a search for pybtex's plugins among all installed packages at each of them.

A chapter has dozens of citations, each asks for four plugins, and each search takes as long as
reading a page of prose. What is installed does not change while a build runs.
"""

from __future__ import annotations

import functools
from typing import Any

import pybtex.plugin
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    if not hasattr(pybtex.plugin.entry_points, "cache_info"):
        pybtex.plugin.entry_points = functools.cache(pybtex.plugin.entry_points)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
