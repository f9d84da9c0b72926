"""Numbers and figures that leave a page's cells for its prose, and the record of the run.

The page says `{glue:text}` with the name given here.
"""

from __future__ import annotations

import base64
import datetime
import importlib.metadata
import io
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.display import display

from lessons_src import contract

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lessons_src.data import TextDataset

_START = time.perf_counter()  # a page imports this package in its first cell
_PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "matplotlib")


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
        contract.publish(name, value)


def glue_figure(name: str, figure: Figure, tables: list[dict[str, Any]] | None = None) -> None:
    """Shows a figure and hands it to the page, which gives it caption and alternative text.

    The drawing is SVG and the same to the byte in every run of the same code. Its copy as PNG is
    for notebooks: JupyterLab shows no SVG in one that was downloaded and has not been run yet.
    The page also gets the numbers that the figure draws, and shows them as tables below it.

    Args:
        name: What the page calls it.
        figure: The finished figure; it is closed.
        tables: The data of the figure, laid out as `figure_data.tables` does it; read from the
            figure by default. A diagram, whose axes are all off, has none.

    Raises:
        ValueError: The figure draws something whose data cannot be read, or nothing; the tables
            given are laid out in another way.
    """
    # Imported here, because Matplotlib takes a while and a page may have no figures.
    import matplotlib.pyplot as plt

    from lessons_src import figure_data

    try:
        tables = figure_data.tables(figure) if tables is None else tables
        contract.check_tables(tables)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    contract.publish(f"figure:{name}", tables)
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
    contract.publish("run", record)
