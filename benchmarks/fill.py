"""Fills the cache of a generated book with runs made from that of its first chapter.

A kernel takes more than a second for each chapter, which says nothing about the build; books of
hundreds of chapters are measured without that.
"""

from __future__ import annotations

import json
import sys

import jupytext
import nbformat
from jupyter_cache.base import CacheBundleIn

from tools import nbmake, pages, run_cache


def main() -> int:
    """Runs the first chapter and writes the others' runs; returns the exit status."""
    first, *others = pages.page_names()
    if status := nbmake.run_pages([pages.Page("ko", first)]):
        return status
    cache = pages.cache()
    template = pages.executed(pages.Page("ko", first))
    assert template is not None
    outputs = json.dumps([cell.outputs for cell in template.cells if cell.cell_type == "code"])
    for number, name in enumerate(others, start=1):
        notebook = jupytext.read(pages.Page("ko", name).source, fmt="md:myst")
        made = json.loads(outputs.replace("grows-0", f"grows-{number}"))
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, (cell, output) in enumerate(zip(cells, made, strict=True), start=1):
            cell.execution_count = count
            cell.outputs = [nbformat.from_dict(each) for each in output]
        run_cache.store(CacheBundleIn(notebook, name, data={"execution_seconds": 1.0}), cache)
    cache.db.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
