"""Keeps runs of pages, several of the same cells.

A run is one file, `_build/cache/runs/CELLS/RUN.json`: a first line that says what the run used, a
second one with the notebook. CELLS is a hash of the code, RUN one of all that the run used, so that
another branch, seed or condition is kept beside the book's own.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import io
import json
import shutil
import tokenize
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jupytext
import nbformat
from nbformat import NotebookNode

from bookwright import book, durable, files
from bookwright.problems import ProblemError
from bookwright.runs import outputs, used
from bookwright.runs.used import Settings
from bookwright.source.facts import reading_problems

FOLDER = book.ROOT / "_build" / "cache"
RUNS = FOLDER / "runs"
SHOWN = FOLDER / "shown"  # what `make book` shows
PREVIEW = FOLDER / "preview"  # what `make page` and `make serve` show
_FORMAT = 1
_MOST = 12  # runs of the same cells with the same settings; the oldest go
_HEEDED = {"raises-exception", "skip-execution"}  # tags that change what running a cell does


class Run(NamedTuple):
    """A run that is kept: its file, and what it used."""

    path: Path
    record: dict[str, Any]

    @property
    def name(self) -> str:
        """Names this very run."""
        return f"{self.path.parent.name}/{self.path.stem} {self.record['made']}"

    def notebook(self) -> NotebookNode:
        """The notebook with its outputs.

        Raises:
            ValueError: The file is damaged.
        """
        head, _, body = self.path.read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(body.encode()).hexdigest() != json.loads(head)["sha256"]:
            raise ValueError(f"{self.path} is damaged")
        return nbformat.v4.reads(body)  # which need not be validated again


def without_comments(source: str) -> str:
    """A cell's code without its comments; as it is where it is not plain Python."""
    lines = source.split("\n")
    kept: list[str | None] = [*lines]
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    for token in tokens:
        if token.type == tokenize.COMMENT:
            row, column = token.start
            kept[row - 1] = lines[row - 1][:column].rstrip() or None  # a line of its own goes, too
    return "\n".join(line for line in kept if line is not None)


def cells_hash(notebook: NotebookNode) -> str:
    """Names the code of a page, the same in both languages; comments do not count.

    They count in a cell that ends in an error: its output shows the lines around the error.
    """
    code = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            heeded = sorted(_HEEDED & set(cell.metadata.get("tags", [])))
            code.append([cell.source if heeded else without_comments(cell.source), heeded])
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()[:32]


def _read(text: str, where: str) -> NotebookNode:
    if found := reading_problems(where, text):
        raise ProblemError(*found)
    return jupytext.reads(text, fmt="md:myst")


def read_page(page: book.Page) -> NotebookNode:
    """The page as a notebook without outputs.

    Raises:
        ProblemError: It cannot be read as one.
    """
    return _read(files.read_text(page.source, page.where), page.where)


class Code(NamedTuple):
    """The code of a page: its name, as `cells_hash` gives it, and its cells without outputs."""

    cells: str
    notebook: NotebookNode  # to be read only


# A build asks for the code of each page again and again, and reading it takes longest.
@functools.lru_cache(maxsize=4096)
def _code_of(text: str, where: str) -> Code:
    notebook = _read(text, where)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return Code(cells_hash(notebook), notebook)


def code_of(page: book.Page) -> Code:
    """The code of a page.

    Raises:
        ProblemError: It cannot be read as a notebook.
    """
    return _code_of(files.read_text(page.source, page.where), page.where)


def save(cells: str, notebook: NotebookNode, record: Mapping[str, Any]) -> Run:
    """Keeps a run, whole or not at all; an earlier one that used the very same is replaced.

    Args:
        cells: What `cells_hash` gave for the page.
        notebook: The page with its outputs.
        record: What the run used, with `settings`, `used` and `seconds`.
    """
    body = nbformat.writes(notebook).replace("\n", "")
    key = json.dumps([record["settings"], record["used"]], sort_keys=True)
    path = RUNS / cells / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    whole = {
        **record,
        "format": _FORMAT,
        "made": datetime.datetime.now(datetime.UTC).isoformat(),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    durable.write(path, f"{json.dumps(whole)}\n{body}")
    for old in _runs(cells, record["settings"])[_MOST:]:
        old.path.unlink(missing_ok=True)
    return Run(path, whole)


def read(path: Path) -> Run | None:
    """A run's record, or None if the file cannot be used; such a file is removed."""
    try:
        with path.open(encoding="utf-8") as file:
            record = json.loads(file.readline())
        if record["format"] == _FORMAT:
            return Run(path, record)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        pass
    path.unlink(missing_ok=True)
    return None


def _runs(cells: str, settings: Mapping[str, Any]) -> list[Run]:
    """All runs of the same cells with the same settings, the newest first."""
    found = [run for path in (RUNS / cells).glob("*.json") if (run := read(path))]
    same = [run for run in found if run.record["settings"] == settings]
    return sorted(same, key=lambda run: run.record["made"], reverse=True)


def _whole(run: Run) -> bool:
    """Whether the notebook is as it was written and may be shown; else it is removed, to run again.

    What may not be shown is kept by no run of now; it comes from elsewhere, or from before.
    """
    try:
        why = "holds what no page may show" if outputs.refused(run.notebook()) else ""
    except (ValueError, OSError):
        why = "was damaged"
    if why:
        print(f"a kept run {why} and is thrown away: {run.record['page']}", flush=True)
        run.path.unlink(missing_ok=True)
    return not why


def find(cells: str, settings: Settings) -> Run | None:
    """The newest run of some cells that a run of now would repeat, or None.

    Raises:
        RuntimeError: A data set that a run used cannot be had.
    """
    kept = _runs(cells, settings.plain())
    good = (run for run in kept if used.stale(run.record, settings) is None)
    return next(filter(_whole, good), None)


def latest(cells: str) -> Run | None:
    """The newest run of some cells with the book's own settings, whatever changed since."""
    return next(filter(_whole, _runs(cells, used.own_settings().plain())), None)


def why_again(cells: str, settings: Settings) -> str | None:
    """Why the newest run of some cells does not count; None if there is none with these settings.

    Raises:
        RuntimeError: A data set that the run used cannot be had.
    """
    newest = next(iter(_runs(cells, settings.plain())), None)
    return used.stale(newest.record, settings) if newest else None


def of_page(page: book.Page) -> Run | None:
    """The run that the book shows of a page, or None if there is no valid one."""
    if not page.source.exists():
        return None
    return find(code_of(page).cells, used.own_settings())


def merged(notebook: NotebookNode, run: Run) -> NotebookNode:
    """A page's notebook with the outputs of a run of its cells."""
    ran = [cell for cell in run.notebook().cells if cell.cell_type == "code"]
    own = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, done in zip(own, ran, strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    return notebook


def executed(page: book.Page) -> NotebookNode | None:
    """The page's notebook with the outputs that the book shows, or None if it has not run yet."""
    run = of_page(page)
    return merged(read_page(page), run) if run else None


def throw_away_old() -> None:
    """Removes what former versions of the project kept of runs, which says too little to count."""
    kept = {RUNS, SHOWN, PREVIEW, *FOLDER.glob("*.lock")}
    if FOLDER.exists():
        for path in set(FOLDER.iterdir()) - kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(book.ROOT / ".pages", ignore_errors=True)
    shutil.rmtree(book.ROOT / "_build" / "preview" / "cache", ignore_errors=True)
