"""The last known run of each page, for previews, which wait for no page that nobody works on.

`make book` shows a page only with a run of this very state of the helper package and the data. A
preview shows every other page as it was last seen, and one that never ran without its results.
"""

from __future__ import annotations

import sys
from enum import Enum

import jupytext
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from tools import nbmake, pages, run_cache

FOLDER = pages.ROOT / "_build" / "preview" / "cache"


class Run(Enum):
    """What a preview has of a page."""

    NOW = "a run of this very state"
    EARLIER = "a run from before lessons_src, requirements.txt or the data changed"
    NONE = "no run"


def take(page: pages.Page) -> Run:
    """Puts the best run that there is of a page's cells where previews find it.

    Args:
        page: A page whose source exists.

    Returns:
        What a preview will show. It never runs a cell itself, for there is always an entry.
    """
    notebook = jupytext.read(page.source, fmt="md:myst")
    latest, best = get_cache(FOLDER), pages.cache()
    try:
        known = (latest.match_cache_notebook(notebook).data or {}).get("run")
    except KeyError:
        known = None
    try:
        made = best.match_cache_notebook(notebook).created.isoformat()
        found, run = Run.NOW, f"{pages.fingerprint()} {made}"
        if run == known:
            return found
        _, notebook = best.merge_match_into_notebook(notebook)
    except KeyError:
        without = Run.NONE if any(x.cell_type == "code" for x in notebook.cells) else Run.NOW
        if known is not None:
            return Run.EARLIER if known else without
        found, run = without, ""
    bundle = CacheBundleIn(notebook, str(page.source), data={"run": run})
    run_cache.store(bundle, latest)
    return found


def run(page: pages.Page) -> Run:
    """Runs a page if its cells have no run of this very state, then takes it."""
    if take(page) is Run.NOW:
        return Run.NOW
    nbmake.run_pages([page])  # it names the cell that fails
    return take(page)


if __name__ == "__main__":
    sys.exit(run(pages.Page(*sys.argv[1:])) is not Run.NOW)
