"""pytest plugin: nbmake runs a page once for each content; the book's build reads what it ran.

nbmake knows no cache and Jupyter Book's cache knows no nbmake. This plugin puts the one in front
of the other: a notebook whose cells are in the cache is filled from it, any other is run by nbmake
and then stored. So `make test` and `make book` never run the same cells twice, and the second
language of a chapter reuses the run of the first.

With `--alone` the notebook that runs is the one that a reader downloads (see `tools.reader`). The
cache remembers which runs were such, and with `--alone` takes no other.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

import nbformat
import pytest
from click import unstyle
from jupyter_cache.base import CacheBundleIn
from nbmake.pytest_items import NotebookFailedException, NotebookItem

from tools import first_cell, pages, reader, run_cache
from tools.page_facts import facts

_NUMBERS = pytest.StashKey[dict[str, tuple[int, int]]]()
_FAILED = pytest.StashKey[dict[str, NotebookFailedException]]()
_MESSAGES = pytest.StashKey[list[str]]()


def _page(item: NotebookItem) -> pages.Page:
    path = Path(item.filename)
    return pages.Page(path.parent.parent.name, path.stem)


def _drop_timing(notebook: nbformat.NotebookNode) -> None:
    # nbmake adds times to the cells' metadata, which is part of what the cache compares.
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that runs pages as downloaded notebooks."""
    parser.addoption("--alone", metavar="WHEEL", help="run notebooks with nothing but this wheel")


def _run_alone(item: NotebookItem, page: pages.Page, wheel: Path, run: Callable[[], None]) -> None:
    """Runs the page's cells below the first cell that a reader gets, where a reader is."""
    notebook = nbformat.read(page.notebook, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(first_cell.source(None)))
    with tempfile.TemporaryDirectory() as folder, reader.kernel(reader.environment()):
        shutil.copy(wheel, folder)
        path = Path(folder, page.notebook.name)
        nbformat.write(notebook, path)
        item.filename, item.config.option.nbmake_kernel = str(path), reader.KERNEL
        try:
            run()
        except NotebookFailedException as error:
            result = error.args[0]
            result.nb.cells.pop(0)
            result.error.failing_cell_index -= 1
            raise
        finally:
            item.filename = str(page.notebook)
            done = nbformat.read(path, as_version=4)
            first = done.cells.pop(0)
            done.metadata.kernelspec = notebook.metadata.kernelspec
            nbformat.write(done, page.notebook)
    said = "".join(output.get("text", "") for output in first.outputs)
    if "installed from" not in said:
        raise RuntimeError(f"the run was to install {wheel.name}, but its first cell says: {said}")


def _reuse(item: NotebookItem, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the outputs of an earlier run.

    Raises:
        KeyError: There is none, or none that this run accepts.
    """
    cache = pages.cache()
    record = cache.match_cache_notebook(notebook)
    if item.config.option.alone and (record.data or {}).get("alone") != first_cell.fingerprint():
        raise KeyError("it ran with the project's own environment")
    return cache.merge_match_into_notebook(notebook)[1]


def _run_or_reuse(item: NotebookItem, run: Callable[[], None]) -> None:
    page, cache, wheel = _page(item), pages.cache(), item.config.option.alone
    notebook = nbformat.read(page.notebook, as_version=4)
    try:
        notebook = _reuse(item, notebook)
        item.user_properties.append(("how", "reused an earlier run of the same cells"))
    except KeyError:
        failed = item.config.stash.setdefault(_FAILED, {})
        _, cells = cache.create_hashed_notebook(notebook)
        if cells in failed:  # the other language has the same cells: no need to fail slowly twice
            raise failed[cells] from None
        start = time.perf_counter()
        try:
            if wheel:
                _run_alone(item, page, Path(wheel), run)
            else:
                run()
        except NotebookFailedException as error:
            failed[cells] = error
            raise
        seconds = time.perf_counter() - start
        notebook = nbformat.read(page.notebook, as_version=4)  # nbmake --overwrite wrote it
        _drop_timing(notebook)
        data = {
            "execution_seconds": seconds,
            "alone": first_cell.fingerprint() if wheel else None,
        }
        run_cache.store(CacheBundleIn(notebook, str(page.source), data=data), cache)
        how = f"ran in {seconds:.1f} s{' as a downloaded notebook' if wheel else ''}"
        item.user_properties.append(("how", how))
    nbformat.write(notebook, page.notebook)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the cache in front of nbmake's run, in the order of the table of contents."""
    order = {page: number for number, page in enumerate(pages.all_pages())}
    items.sort(key=lambda item: order[_page(item)])
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
        before = result.nb.cells[: max(error.failing_cell_index, 0)]
        number = sum(cell.cell_type == "code" for cell in before)
        cell = facts(page.source.read_text(encoding="utf-8")).cells[number]
        where = f"{page.source.relative_to(pages.ROOT).as_posix()}:{cell.line}"
        what = (
            "the cell that starts here" if error.failing_cell_index >= 0 else "the added first cell"
        )
        message = f"{where}: {what} failed: {unstyle(error.summary).strip()}"
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
