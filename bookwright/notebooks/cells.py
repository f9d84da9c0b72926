"""Puts the cells of an exported notebook together: Markdown, code cells, outputs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from bookwright.glue import PREFIX
from bookwright.notebooks.markdown import fence, fold
from bookwright.reader.first_cell import CLOSED


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def drawing_name(svg: str) -> str:
    """The name that MyST-NB gives the file of a drawing."""
    return hashlib.sha256("\n".join(svg.splitlines()).encode()).hexdigest()


def drawings(notebook: NotebookNode) -> set[str]:
    """Names of all drawings that a notebook's cells show."""
    shown = [
        output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])
    ]
    return {drawing_name(data["image/svg+xml"]) for data in shown if "image/svg+xml" in data}


def _describe(output: NotebookNode, alternative: str) -> None:
    """Gives a picture its alternative text.

    JupyterLab and nbconvert ignore the one in the metadata, but take HTML before a picture; a
    program that shows no HTML still finds the picture.
    """
    output.metadata = {"image/png": {"alt": alternative}} if alternative else {}
    if alternative:
        source = f"data:image/png;base64,{output.data['image/png'].strip()}"
        html = f'<img src="{source}" alt="{escape(alternative)}" style="max-width: 100%">'
        output.data = {"text/html": html, **output.data}


def outputs(cell: NotebookNode, alternatives: Mapping[str, str]) -> list[NotebookNode]:
    """A cell's outputs as a reader's program shows them.

    Args:
        cell: An executed cell.
        alternatives: Alternative texts of drawings by `drawing_name`.
    """
    kept: list[NotebookNode] = []
    for output in cell.outputs:
        # A kernel sends what a cell prints in pieces, cut anywhere.
        if kept and output.output_type == "stream" and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
            continue
        if "data" in output:
            # Values for the prose now stand in the prose.
            output.data = {k: v for k, v in output.data.items() if not k.startswith(PREFIX)}
            if not output.data:
                continue
            if "image/png" in output.data:
                # JupyterLab shows no SVG in a notebook that has not been run there.
                name = drawing_name(output.data.pop("image/svg+xml", ""))
                _describe(output, alternatives.get(name, ""))
        kept.append(output)
    return kept


def code_cell(cell: NotebookNode, alternatives: Mapping[str, str]) -> NotebookNode:
    """A code cell with its outputs; what the page hides is closed, but there, and runs."""
    metadata: dict[str, Any] = {"tags": tags(cell)} if tags(cell) else {}
    if {"remove-cell", "hide-cell", "remove-input", "hide-input"} & set(tags(cell)):
        metadata |= CLOSED
    if "hide-output" in tags(cell):
        metadata["jupyter"] = metadata.get("jupyter", {}) | {"outputs_hidden": True}
    return new_code_cell(cell.source, metadata=metadata, outputs=outputs(cell, alternatives))


def without_solutions(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """A finished notebook's cells for those who are to find the solutions themselves."""
    kept: list[NotebookNode] = []
    for cell in cells:
        if "solution" in tags(cell):
            kept.pop()  # its fold, which holds the same
        else:
            kept.append(cell)
    return kept


class Cells:
    """Collects a notebook's cells from top to bottom.

    Every code cell of the page is kept, in its order: this is the code that CI runs. Those that
    the page does not show hand values to the prose, but some also draw random numbers to do so.

    Args:
        executed: The page's own notebook, with outputs.
        alternatives: Alternative texts of drawings by `drawing_name`.
        solution: What the fold of a solution is called.
    """

    def __init__(
        self, executed: NotebookNode, alternatives: Mapping[str, str], solution: str
    ) -> None:
        self._page, self._alternatives, self._solution = executed.cells, alternatives, solution
        self._given, self._prose = 0, list[str]()
        self.done: list[NotebookNode] = []

    def add_prose(self, block: str) -> None:
        """Adds a block of Markdown; a heading starts a cell, which programs can then fold."""
        if re.match(r"#+ ", block):
            self._close()
        self._prose.append(block)

    def add_code(self, number: int) -> None:
        """Adds the page's cells up to this one, and the unseen ones that follow it."""
        while self._given <= number or (
            self._given < len(self._page) and "remove-cell" in tags(self._page[self._given])
        ):
            self._add(self._page[self._given])
            self._given += 1

    def finish(self) -> list[NotebookNode]:
        """Adds what is left and numbers all cells; the count of the first cell-to-be is 1."""
        self._close()
        if self._page:
            self.add_code(len(self._page) - 1)
        code = [cell for cell in self.done if cell.cell_type == "code"]
        for count, cell in enumerate(code, start=2):
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
        return self.done

    def _close(self) -> None:
        if self._prose:
            self.done.append(new_markdown_cell("\n\n".join(self._prose)))
            self._prose.clear()

    def _add(self, cell: NotebookNode) -> None:
        if cell.cell_type != "code":
            return  # Markdown comes from the page as Sphinx resolved it
        self._close()
        if "solution" in tags(cell):
            # Not every program closes code cells, but all of them fold this.
            folded = fold(self._solution, fence(cell.source, "python"))
            self.done.append(new_markdown_cell(folded))
        self.done.append(code_cell(cell, self._alternatives))
