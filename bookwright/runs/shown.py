"""Hands kept runs to builds: MyST-NB reads jupyter-cache, which holds one run for the same cells.

What is in it is a copy: all of it can be made again from the kept runs.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import filelock
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.cache.db import DB_NAME, OrmBase

from bookwright import book, durable
from bookwright.runs import store

# jupyter-cache forgets the runs that were not used for longest once it holds 1,000: then a book of
# a thousand chapters would lose pages in every build.
_MOST = 100_000


def _damage(database: Path) -> str | None:
    """What is wrong with a database of jupyter-cache, if anything."""
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    except sqlite3.OperationalError:  # in use, or not to be opened: whoever uses it will say so
        return None
    except sqlite3.DatabaseError as error:
        return str(error)
    if said != "ok":
        return said
    lacking = OrmBase.metadata.tables.keys() - {name for (name,) in names}
    return f"it lacks the table {lacking.pop()}" if lacking else None


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[JupyterCacheAbstract]:
    """A folder's jupyter-cache, for one process at a time; a damaged one is begun anew.

    It is closed at the end: Python 3.13 warns about an open database.

    Raises:
        RuntimeError: It cannot be read or written; the text says why.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.with_suffix(".lock")):
        database = folder / DB_NAME
        if database.exists() and (damage := _damage(database)):
            print(f"{folder} was damaged ({damage}): it is made again, no run is lost", flush=True)
            shutil.rmtree(folder)
        try:
            with _whole_cache(folder) as cache:
                yield cache
        except RuntimeError as error:  # jupyter-cache would have it cleared, whatever it is
            raise RuntimeError(durable.full(folder) or f"{folder}: {error}") from error


@contextlib.contextmanager
def _whole_cache(folder: Path) -> Iterator[JupyterCacheAbstract]:
    cache = get_cache(folder)
    if cache.get_cache_limit() < _MOST:
        cache.change_cache_limit(_MOST)
    try:
        yield cache
    finally:
        cache.db.dispose()


def show(page: book.Page, run: store.Run | None, cache: JupyterCacheAbstract) -> None:
    """Makes the build show a run of a page; without one, the page with no outputs.

    What is shown already is left alone, so that Sphinx need not read the page again.
    """
    name = run.name if run else ""
    try:
        known = cache.match_cache_notebook(store.code_of(page).notebook)  # it matches code alone
        if (known.data or {}).get("run") == name:
            cache.get_cache_bundle(known.pk)
            return
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        pass  # not there, or its file was lost or damaged
    notebook = store.read_page(page)
    if run:
        notebook = store.merged(notebook, run)
    _, key = cache.create_hashed_notebook(notebook)
    # jupyter-cache stops at a folder without its notebook, as a kill may leave it.
    shutil.rmtree(cache.path / "executed" / key, ignore_errors=True)
    bundle = CacheBundleIn(notebook, str(page.source), data={"run": name})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
