"""`pytest --nbmake book/en/rnn.md` runs that page: nbmake itself knows notebooks only."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Takes the pages of a book for notebooks, where nbmake was asked for."""
    if file_path.suffix != ".md" or not parent.config.getoption("nbmake", default=False):
        return None
    if not any((folder / "_toc.yml").exists() for folder in file_path.parents):
        return None
    # Here: every pytest of this environment loads this module, most of them in no book.
    from bookwright.runs.nbmake_pages import PageFile, page_of

    return PageFile.from_parent(parent, path=file_path) if page_of(file_path) else None
