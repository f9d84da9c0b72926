"""Gives a generated book runs made from that of its first chapter; one with a module runs, too.

A kernel takes more than a second for each chapter, which says nothing about the build; books of
hundreds of chapters are measured without that.
"""

from __future__ import annotations

import json
import sys

import nbformat

from bookwright import book
from bookwright.runs import run as runs
from bookwright.runs import store


def main() -> int:
    """Runs two chapters, writes the others' runs, hands over all; returns the exit status."""
    first, *others = book.page_names()
    apart = book.Page("ko", others.pop((len(others) - 1) // 2))  # it has a module
    if status := runs.run_pages([book.Page("ko", first), apart]):
        return status
    page = book.Page("ko", first)
    ran, template = store.of_page(page), store.executed(page)
    assert ran is not None and template is not None
    outputs = json.dumps([cell.outputs for cell in template.cells if cell.cell_type == "code"])
    for name in others:
        number = name.removeprefix("chapter")
        notebook = store.read_page(book.Page("ko", name))
        made = json.loads(outputs.replace("grows-0", f"grows-{number}"))
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, (cell, output) in enumerate(zip(cells, made, strict=True), start=1):
            cell.execution_count = count
            cell.outputs = [nbformat.from_dict(each) for each in output]
        store.save(store.cells_hash(notebook), notebook, ran.record | {"page": name})
    runs.show(book.all_pages())
    return 0


if __name__ == "__main__":
    sys.exit(main())
