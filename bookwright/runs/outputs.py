"""What outputs of cells may hold: kinds that pages and notebooks show, and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from nbformat import NotebookNode

from bookwright import markup
from bookwright.glue import PREFIX

_SHOWN = {"text/plain", "text/latex"}


def _picture_problems(content: str) -> list[str]:
    """Anything else than letters of base64 could leave the address that it is put into."""
    return [] if re.fullmatch(r"[A-Za-z0-9+/=\s]*", content) else ["what is no picture"]


_LOOKED_INTO: Mapping[str, Callable[[str], list[str]]] = {
    "text/html": markup.html_problems,
    "image/svg+xml": markup.svg_problems,
    "image/png": _picture_problems,
    "image/jpeg": _picture_problems,
}
_INSTEAD = "print text, or show a table or a drawing without it"


class Refused(NamedTuple):
    """Something in an output that is refused; `cell` counts the code cells from 0."""

    cell: int
    what: str


def _held(data: Mapping[str, str]) -> Iterator[str]:
    for kind, content in data.items():
        shown = kind.removeprefix(PREFIX)
        if look := _LOOKED_INTO.get(shown):
            yield from (f"{what}, in {shown}" for what in look(content))
        elif shown not in _SHOWN:
            yield f"{shown}, which the site cannot show"


def refused(notebook: NotebookNode) -> list[Refused]:
    """What the outputs of an executed notebook hold and may not."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        Refused(number, f"the output of the cell that starts here holds {what}: {_INSTEAD}")
        for number, cell in enumerate(cells)
        for output in cell.get("outputs", [])
        for what in _held(output.get("data", {}))
    ]
