"""A page as a test of nbmake: it passes if the page has a valid run, or runs now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest
from nbmake.nb_result import NotebookError, NotebookResult
from nbmake.pytest_items import NotebookFailedException, NotebookItem

from bookwright import book
from bookwright.runs import run, store, used


def page_of(path: Path) -> book.Page | None:
    """The page that a file is the source of, or None."""
    for language in book.LANGUAGES:
        folder = book.ROOT / "book" / language
        if path.is_relative_to(folder) and "_build" not in path.parts:
            return book.Page(language, path.relative_to(folder).with_suffix("").as_posix())
    return None


def ran(page: book.Page) -> Iterator[run.Ran]:
    """Runs a page's cells and keeps them, unless there is a valid run or no cell.

    Raises:
        OSError: Something that the run needs cannot be written or read.
        RuntimeError: Something that the run needs cannot be had.
    """
    settings = used.own_settings()
    for job in run.jobs([page]):
        store.RUNS.mkdir(parents=True, exist_ok=True)
        # Another process of pytest may be at the other language, which has the same cells.
        with filelock.FileLock(store.RUNS / f"{job.cells}.lock"):
            if store.find(job.cells, settings) is None:
                book.data_sets()  # what cannot be had is told here, not by a cell
                for _, found in run.execute({job.name: run.Planned(job, settings)}, job.name):
                    yield found


class PageItem(NotebookItem):
    """The test of one page."""

    def runtest(self) -> None:
        """Runs the page as the book does.

        Raises:
            NotebookFailedException: It did not run to its end.
        """
        page = page_of(self.path)
        assert page is not None, "no other file was collected"
        try:
            told = [
                str(each) for found in ran(page) for each in (*found.problems, found.trace) if each
            ]
        except (OSError, RuntimeError) as missing:
            told = [str(missing)]
        if told:
            error = NotebookError(told[0], "\n".join(told), failing_cell_index=0)
            raise NotebookFailedException(NotebookResult(store.read_page(page), error))


class PageFile(pytest.File):
    """The source of a page."""

    def collect(self) -> Iterator[PageItem]:
        """The one test that it holds."""
        yield PageItem.from_parent(self, filename=str(self.path))
