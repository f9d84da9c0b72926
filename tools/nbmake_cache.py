"""pytest plugin: nbmake runs a page once for each content; the book's build reads what it ran.

nbmake knows no cache and Jupyter Book's cache knows no nbmake. This plugin puts the one in front
of the other: a notebook whose cells are in the cache is filled from it, any other is run by nbmake
and then stored. So `make test` and `make book` never run the same cells twice, and the second
language of a chapter reuses the run of the first.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Generator
from pathlib import Path

import nbformat
import pytest
from click import unstyle
from jupyter_cache.base import CacheBundleIn
from nbmake.pytest_items import NotebookFailedException, NotebookItem

from tools import pages
from tools.page_facts import facts

_NUMBERS = pytest.StashKey[dict[str, tuple[int, int]]]()
_FAILED = pytest.StashKey[dict[str, NotebookFailedException]]()
_MESSAGES = pytest.StashKey[list[str]]()


def _page(item: NotebookItem) -> pages.Page:
    path = Path(item.filename)
    return pages.Page(path.parent.name, path.stem)


def _drop_timing(notebook: nbformat.NotebookNode) -> None:
    # nbmake adds times to the cells' metadata, which is part of what the cache compares.
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def _run_or_reuse(item: NotebookItem, run: Callable[[], None]) -> None:
    page, cache = _page(item), pages.cache()
    notebook = nbformat.read(page.notebook, as_version=4)
    try:
        _, notebook = cache.merge_match_into_notebook(notebook)
        item.user_properties.append(("how", "reused an earlier run of the same cells"))
    except KeyError:
        failed = item.config.stash.setdefault(_FAILED, {})
        _, cells = cache.create_hashed_notebook(notebook)
        if cells in failed:  # the other language has the same cells: no need to fail slowly twice
            raise failed[cells] from None
        start = time.perf_counter()
        try:
            run()
        except NotebookFailedException as error:
            failed[cells] = error
            raise
        seconds = time.perf_counter() - start
        notebook = nbformat.read(page.notebook, as_version=4)  # nbmake --overwrite wrote it
        _drop_timing(notebook)
        cache.cache_notebook_bundle(
            CacheBundleIn(notebook, str(page.source), data={"execution_seconds": seconds}),
            check_validity=False,
            overwrite=True,
        )
        item.user_properties.append(("how", f"ran in {seconds:.1f} s"))
    nbformat.write(notebook, page.notebook)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the cache in front of nbmake's run, in the order of the table of contents."""
    order = [str(page) for page in pages.all_pages()]
    items.sort(key=lambda item: order.index(str(_page(item))))
    for number, item in enumerate(items, start=1):
        item.config.stash.setdefault(_NUMBERS, {})[item.nodeid] = (number, len(items))
        item.runtest = functools.partial(_run_or_reuse, item, item.runtest)  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: NotebookItem) -> Generator[None, object, object]:
    """Says which page is running before it runs: a chapter may take minutes."""
    number, total = item.config.stash[_NUMBERS][item.nodeid]
    reporter = item.config.pluginmanager.getplugin("terminalreporter")
    reporter.write_line(f"[{number}/{total}] {_page(item)} ...")
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: NotebookItem, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Names the page, the cell and the line of its source when a cell failed."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, NotebookFailedException):
        result, page = call.excinfo.value.args[0], _page(item)
        error = result.error
        before = result.nb.cells[: error.failing_cell_index]
        number = sum(cell.cell_type == "code" for cell in before)
        cell = facts(page.source.read_text(encoding="utf-8")).cells[number]
        where = f"{page.source.relative_to(pages.ROOT).as_posix()}:{cell.line}"
        message = f"{where}: the cell that starts here failed: {unstyle(error.summary).strip()}"
        item.config.stash.setdefault(_MESSAGES, []).append(message)
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Ends with one line for each page that failed."""
    for message in config.stash.get(_MESSAGES, []):
        terminalreporter.write_line(message, red=True)


def pytest_sessionfinish() -> None:
    """Closes the cache's database, which Python 3.13 warns about."""
    pages.cache().db.dispose()


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Shows how a page passed: run now, or reused."""
    if report.when == "call" and report.passed:
        how = dict(report.user_properties).get("how", "")
        return "passed", f"      {how}\n", f"PASSED {how}"
    return None
