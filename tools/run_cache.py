"""Runs of pages in jupyter-cache's folders: looked up, and copied from one folder to another."""

from __future__ import annotations

from collections.abc import Iterable

import jupytext
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.cache.db import NbCacheRecord

from tools import first_cell, pages

# jupyter-cache forgets the runs that were not used for longest once it holds 1,000: then a book of
# a thousand chapters would run pages again in every build.
_MOST_RUNS = 100_000


def store(run: CacheBundleIn, cache: JupyterCacheAbstract) -> None:
    """Puts a run into a cache, in the place of an earlier one of the same cells."""
    if cache.get_cache_limit() < _MOST_RUNS:
        cache.change_cache_limit(_MOST_RUNS)
    cache.cache_notebook_bundle(run, check_validity=False, overwrite=True)


def record(page: pages.Page, cache: JupyterCacheAbstract | None = None) -> NbCacheRecord | None:
    """What the cache knows about a page's run, or None if the page has not been run.

    Args:
        page: The page.
        cache: Where to look; the build's own cache by default.
    """
    if not page.source.exists():
        return None
    notebook = jupytext.read(page.source, fmt="md:myst")
    cache = cache or pages.cache()
    try:
        found = cache.match_cache_notebook(notebook)
        cache.get_cache_bundle(found.pk)
    except KeyError:  # never run, or its file was lost
        return None
    return found


def _alone(found: NbCacheRecord) -> bool:
    """Whether the run is one that `make test` accepts: of the notebook that readers download."""
    return (found.data or {}).get("alone") == first_cell.fingerprint()


def _copy(found: NbCacheRecord, source: JupyterCacheAbstract, target: JupyterCacheAbstract) -> None:
    bundle = source.get_cache_bundle(found.pk)
    try:
        there = target.match_cache_notebook(bundle.nb)
        target.get_cache_bundle(there.pk)
    except KeyError:
        pass
    else:
        if _alone(there) or not _alone(found):
            return  # what stands there is as good: pages that show it need not be built again
    store(CacheBundleIn(bundle.nb, found.uri, data=found.data), target)


def copy_all(source: JupyterCacheAbstract, target: JupyterCacheAbstract) -> None:
    """Copies every run of one cache into another one; keeps the runs that are as good."""
    try:
        for found in source.list_cache_records():
            _copy(found, source, target)
    finally:
        source.db.dispose()  # Python 3.13 warns about a database left open


def copy_pages(
    selected: Iterable[pages.Page], source: JupyterCacheAbstract, target: JupyterCacheAbstract
) -> list[str]:
    """Copies the runs of some pages into another cache.

    Returns:
        The pages that have no run.
    """
    missing = []
    try:
        for page in selected:
            if found := record(page, source):
                _copy(found, source, target)
            else:
                missing.append(str(page))
    finally:
        source.db.dispose()
        target.db.dispose()
    return missing
