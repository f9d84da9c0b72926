"""Numbers and figures that leave a page's cells for its prose, and the record of the run.

The page says `{glue:text}` with the name given here. The output is laid out as MyST-NB's own
`glue` lays it out; this module needs none of Sphinx, so a downloaded notebook runs without it.
"""

from __future__ import annotations

import base64
import datetime
import importlib.metadata
import io
import json
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import display

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from nbformat import NotebookNode

    from lessons_src.data import TextDataset

_PREFIX = "application/papermill.record/"  # hides the output where it is made
_START = time.perf_counter()  # a page imports this package in its first cell
_PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "matplotlib")


def _to_plain(value: Any) -> Any:  # noqa: ANN401
    """Turns NumPy's scalars and arrays into what JSON holds."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"glue holds numbers, text, lists and dicts; got {type(value).__name__}")


def publish(name: str, value: Any) -> None:  # noqa: ANN401
    """Hands one value to the page under any name; pages use `glue`.

    Args:
        name: What the page calls it.
        value: A finite number, a text, or lists and dicts of those.

    Raises:
        ValueError: A number is not finite.
        TypeError: The value is none of these.
    """
    text = json.dumps(value, default=_to_plain, allow_nan=False, ensure_ascii=False)
    metadata = {"scrapbook": {"name": name, "mime_prefix": _PREFIX}}
    display({f"{_PREFIX}text/plain": text}, raw=True, metadata=metadata)


def glue(**values: Any) -> None:  # noqa: ANN401
    """Hands values to the prose of the page, without showing them at the cell.

    Args:
        **values: What the page calls each of them (``{glue:text}`name:.3f```), and its value: a
            finite number, a text, or lists and dicts of those.

    Raises:
        ValueError: A number is not finite.
        TypeError: A value is none of these.
    """
    for name, value in values.items():
        publish(name, value)


def _check(tables: list[dict[str, Any]]) -> None:
    """Refuses tables that are not laid out as `drawn.tables` does it.

    Raises:
        ValueError: A part is missing, or a row has not one value for each column.
    """
    for number, table in enumerate(tables, start=1):
        if lacking := {"caption", "head", "columns", "rows", "marks"} - set(table):
            raise ValueError(f"table {number} lacks {', '.join(sorted(lacking))}")
        if wrong := [column for column in table["columns"] if len(column) != 2]:
            raise ValueError(f"table {number}: expected columns [name, part], got {wrong[0]}")
        for row in table["rows"]:
            if len(row) != 1 + len(table["columns"]):
                expected = f"expected a place and {len(table['columns'])} values in each row"
                raise ValueError(f"table {number}: {expected}, got {row}")


def glue_figure(name: str, figure: Figure, tables: list[dict[str, Any]] | None = None) -> None:
    """Shows a figure and hands it to the page, which gives it caption and alternative text.

    The drawing is SVG and the same to the byte in every run of the same code. Its copy as PNG is
    for notebooks: JupyterLab shows no SVG in one that was downloaded and has not been run yet.
    The page also gets the numbers that the figure draws, and shows them as tables below it.

    Args:
        name: What the page calls it.
        figure: The finished figure; it is closed.
        tables: The data of the figure, laid out as `drawn.tables` does it; read from the figure
            by default. A diagram, whose axes are all off, has none.

    Raises:
        ValueError: The figure draws something whose data cannot be read, or nothing; the tables
            given are laid out in another way.
    """
    # Imported here, because Matplotlib takes a while and the site's tools need only `glued`.
    import matplotlib.pyplot as plt

    from lessons_src import figure_data

    try:
        tables = figure_data.tables(figure) if tables is None else tables
        _check(tables)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    publish(f"figure:{name}", tables)
    svg, png = io.StringIO(), io.BytesIO()
    with plt.rc_context({"svg.hashsalt": name}):
        figure.savefig(svg, format="svg", bbox_inches="tight", metadata={"Date": None})
        figure.savefig(png, format="png", bbox_inches="tight", metadata={"Software": None}, dpi=110)
    plt.close(figure)
    metadata = {"scrapbook": {"name": name, "mime_prefix": ""}}
    data = {
        "image/svg+xml": svg.getvalue(),
        "image/png": base64.b64encode(png.getvalue()).decode(),
        "text/plain": f"<figure {name}>",
    }
    display(data, raw=True, metadata=metadata)


def glued(notebook: NotebookNode) -> dict[str, Any]:
    """Reads back what the cells of an executed notebook handed to `glue`, by name."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            scrap = output.get("metadata", {}).get("scrapbook")
            if scrap and scrap["mime_prefix"] == _PREFIX:
                found[scrap["name"]] = json.loads(output["data"][f"{_PREFIX}text/plain"])
    return found


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide a page's numbers."""
    packages = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **packages}


def peak_memory() -> int:
    """Largest memory this process has held, in bytes (resident set size)."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent process held before exec
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        import psutil  # comes with ipykernel

        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def end_page(dataset: TextDataset | None = None) -> None:
    """Records when and with what the page ran; the line at its end shows it.

    Args:
        dataset: The data the page worked on; None if it drew its own.
    """
    data = None if dataset is None else {"source": dataset.source, "sha256": dataset.sha256}
    record = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "versions": versions(),
        "data": data,
        "seconds": round(time.perf_counter() - _START, 1),
        "peak_memory_bytes": peak_memory(),
    }
    publish("run", record)
