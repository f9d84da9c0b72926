"""The last known run of each page, for previews, which wait for no page that nobody works on.

`make book` shows a page only with a run that a run of now would repeat. A preview shows every other
page as it was last seen, and one that never ran without its results.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import Enum

from bookwright import book
from bookwright.problems import attempt
from bookwright.runs import run as runs
from bookwright.runs import shown, store, used


class Run(Enum):
    """What a preview has of a page."""

    NOW = "a run of this very state"
    EARLIER = "a run from before the code, the versions or the data changed"
    NONE = "no run"


def take(page: book.Page) -> Run:
    """Puts the best run that there is of a page's cells where previews find it.

    Args:
        page: A page whose source exists.

    Returns:
        What a preview will show. It never runs a cell itself, for there is always an entry.
    """
    notebook = store.read_page(page)
    cells, found = store.cells_hash(notebook), None
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        kind = Run.NOW  # there is nothing to run
    elif found := store.find(cells, used.own_settings()):
        kind = Run.NOW
    elif found := store.latest(cells):
        kind = Run.EARLIER
    else:
        kind = Run.NONE
    with shown.opened(store.PREVIEW) as cache:
        shown.show(page, found, cache)
    return kind


def run(pages: Sequence[book.Page]) -> list[book.Page]:
    """Runs the pages whose cells have no run of this very state, and takes all.

    Returns:
        Those that still have none; why, has been said.
    """
    waiting = [page for page in pages if take(page) is not Run.NOW]
    if waiting:
        runs.run_pages(waiting)
    return [page for page in waiting if take(page) is not Run.NOW]


if __name__ == "__main__":
    asked = book.Page(*sys.argv[1:])
    sys.exit(attempt(lambda: len(run([asked])), runs.KEPT))
