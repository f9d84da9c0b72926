"""One page's run, in the process of its task: the notebook that readers download, run by nbmake.

It runs in an empty folder with nothing but the wheel, on the kernel of an environment without our
package. Its first cell is the one that a reader's notebook starts with; the last one, which no
reader gets, hands over what the run used.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from click import unstyle
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbmake import nb_run
from traitlets import default

from bookwright import book
from bookwright.reader import environment as reader
from bookwright.reader import first_cell, wheel
from bookwright.runs import used
from bookwright.runs.used import Settings

_RECORDER = Path(__file__).with_name("recorder.py")
_DETERMINISM = "tf.config.experimental.enable_op_determinism()"
_MOST_OUTPUT = 4_000_000  # characters of a cell's outputs: a page of them takes seconds to load
_MOST_SUMMARY = 300  # characters of an error's own words; the traceback has all
_LANGUAGE = book.LANGUAGES[0]  # of the first cell, for cells are the same in all
_START = 600  # seconds in which a kernel is to start; a busy machine takes more than one minute
_LONGEST_SOCKET = 100  # bytes of a socket's path; some systems allow 104


class _LocalKernelManager(AsyncKernelManager):
    """Speaks to the kernel through sockets in the file system: ports could be taken meanwhile."""

    @default("transport")
    def _transport_default(self) -> str:
        return "ipc"

    @default("ip")
    def _ip_default(self) -> str:
        # A whole path: the kernel's working folder is another one than ours.
        return str(Path(os.environ["JUPYTER_RUNTIME_DIR"], "kernel"))


class _Client(NotebookClient):
    """Stops a cell whose outputs no reader could load, before they fill memory and disk."""

    too_much: int | None = None  # the cell

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._sizes: dict[int, int] = {}
        self._interrupted: asyncio.Future | None = None

    def output(
        self,
        outs: list[NotebookNode],
        msg: dict[str, Any],
        display_id: str | None,
        cell_index: int,
    ) -> NotebookNode | None:
        """Takes an output of a cell, unless there are too many."""
        size = self._sizes.get(cell_index, 0) + len(json.dumps(msg["content"]))
        self._sizes[cell_index] = size
        if size <= _MOST_OUTPUT or msg["msg_type"] == "error":
            return super().output(outs, msg, display_id, cell_index)
        if self.too_much is None:
            self.too_much = cell_index
            assert isinstance(self.km, AsyncKernelManager), "as it was asked for"
            self._interrupted = asyncio.ensure_future(self.km.interrupt_kernel())
        return None


@contextlib.contextmanager
def _short_folder() -> Iterator[str]:
    """A folder whose path is short enough for sockets, on systems with a long temporary folder."""
    own = tempfile.gettempdir()
    long = len(own) + len("/run-12345678/jupyter/kernel-1") >= _LONGEST_SOCKET
    short = "/tmp" if long and os.name != "nt" and os.access("/tmp", os.W_OK) else own
    with tempfile.TemporaryDirectory(dir=short, prefix="run-", ignore_cleanup_errors=True) as name:
        yield name


def _run_cells(path: Path, timeout: int) -> nb_run.NotebookResult:
    """Runs a notebook by nbmake, which hands on no choice of the kernel's transport."""
    manager: type = AsyncKernelManager
    if (
        os.name != "nt"
        and len(os.environ["JUPYTER_RUNTIME_DIR"]) + len("/kernel-1") < _LONGEST_SOCKET
    ):
        manager = _LocalKernelManager
    started = [0]  # the cells, by number
    clients: list[_Client] = []

    def client(notebook: NotebookNode, **options: Any) -> _Client:  # noqa: ANN401
        clients.append(
            _Client(
                notebook,
                kernel_manager_class=manager,
                startup_timeout=_START,
                on_cell_start=lambda cell, cell_index: started.append(cell_index),
                **options,
            )
        )
        return clients[-1]

    nb_run.NotebookClient = client
    try:
        result = nb_run.NotebookRun(path, timeout, kernel=reader.KERNEL).execute()
    except DeadKernelError:
        why = "its kernel ended (this is what happens when memory runs out, or by os._exit)"
        return _failed(nbformat.read(path, as_version=4), why, started[-1])
    if (cell := clients[-1].too_much) is not None:
        why = f"its outputs are larger than {_MOST_OUTPUT / 1e6:.0f} MB: print less of it"
        return _failed(result.nb, why, cell)
    if (error := result.error) is not None:
        outputs = result.nb.cells[error.failing_cell_index].get("outputs", [])
        raised = [
            f"{x.ename}: {x.evalue}"
            for x in outputs  # at the end of its time a cell is interrupted, which is not why
            if x.output_type == "error" and "\n".join(x.traceback).endswith(error.summary)
        ]
        error.summary = _line(raised[0] if raised else error.summary)
    return result


def _line(text: str) -> str:
    """What an error says as one line: nbmake would take the last one, without the error's name."""
    line = " ".join(unstyle(text).split()).removesuffix(":")
    return line if len(line) <= _MOST_SUMMARY else f"{line[:_MOST_SUMMARY]} ..."


def _failed(notebook: NotebookNode, why: str, cell: int) -> nb_run.NotebookResult:
    error = nb_run.NotebookError(summary=why, trace=why, failing_cell_index=cell)
    return nb_run.NotebookResult(nb=notebook, error=error)


def _as_settings_ask(source: str, settings: Settings) -> str:
    return source if settings.determinism else source.replace(_DETERMINISM, f"# {_DETERMINISM}")


def _with_ends(notebook: NotebookNode, made: wheel.Wheel) -> NotebookNode:
    """The notebook after a reader's first cell and before the one that hands over what it used."""
    first = new_code_cell(first_cell.source(made, None, _LANGUAGE))
    last = new_code_cell(f"import page_recorder\npage_recorder.report({book.BOOK.helper!r})")
    return nbformat.from_dict({**notebook, "cells": [first, *notebook.cells, last]})


def _set_environment(settings: Settings, folder: Path) -> None:
    """Gives this process, and so the kernel, the variables of the settings and empty folders."""
    for name in ("page", "jupyter", "ipython"):
        (folder / name).mkdir()
    (folder / "matplotlibrc").touch()
    variables = used.environment(settings) | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),  # Matplotlib's own defaults
    }
    for name in book.BOOK.folders:
        if folder_named := variables.get(name):  # the kernel starts elsewhere
            variables[name] = str(Path(folder_named).expanduser().absolute())
    os.environ.clear()
    os.environ.update(variables)


def _run_recorded(
    notebook: NotebookNode, settings: Settings, timeout: int
) -> tuple[nb_run.NotebookResult, float]:
    """Runs a notebook beside the wheel in an environment with the recorder; and its seconds."""
    base = reader.environment()
    with _short_folder() as folder:
        _set_environment(settings, Path(folder))
        path = Path(folder, "page", "page.ipynb")
        nbformat.write(_with_ends(notebook, wheel.build(path.parent)), path)
        with reader.kernel(base) as python:
            packages = Path(reader._packages(python.parents[1]))
            shutil.copy(_RECORDER, packages / "page_recorder.py")
            # Files of this kind run when Python starts, before any cell.
            (packages / "recorder.pth").write_text("import page_recorder\n")
            start = time.perf_counter()
            result = _run_cells(path, timeout)
            return result, time.perf_counter() - start


def _failure(error: nb_run.NotebookError, cells: list[NotebookNode]) -> dict[str, Any]:
    """What failed, and in which of the page's code cells."""
    code = [number for number, cell in enumerate(cells) if cell.cell_type == "code"]
    number = error.failing_cell_index - 1
    return {
        "summary": error.summary,
        "trace": unstyle(error.trace),
        "cell": code.index(number) if number in code else -1,
    }


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Runs a page.

    Args:
        job: `notebook`, the page as the text of a notebook without outputs; `settings`, as
            `Settings.plain` gives them; `timeout` of a cell in seconds.

    Returns:
        `notebook` with the outputs; `error`, None or a dict of `summary`, `trace` and the number
        of the `cell` among the code cells (-1 is the added first one); `used`; `machine`;
        `seconds`.

    Raises:
        RuntimeError: The environment or the wheel could not be made, or the notebook did not take
            the wheel that is beside it.
    """
    settings = Settings.of(job["settings"])
    notebook = nbformat.reads(job["notebook"], as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = _as_settings_ask(cell.source, settings)
    result, seconds = _run_recorded(notebook, settings, job["timeout"])
    first, *cells, last = result.nb.cells
    done = {"notebook": "", "seconds": seconds, "error": None, "used": None, "machine": None}
    if result.error is not None:
        return done | {"error": _failure(result.error, notebook.cells)}
    said = "".join(output.get("text", "") for output in first.outputs)
    if first_cell.installed(_LANGUAGE) not in said:
        raise RuntimeError(f"the run was to install the wheel, but its first cell says: {said}")
    found = json.loads("".join(output.text for output in last.outputs))
    given = nbformat.reads(job["notebook"], as_version=4).cells
    for cell, original in zip(cells, given, strict=True):
        cell.source, cell.metadata = original.source, original.metadata
    notebook.cells = cells
    return done | {
        "notebook": nbformat.writes(notebook),
        "machine": found.pop("machine"),
        "used": found,
    }
