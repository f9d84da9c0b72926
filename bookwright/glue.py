"""What crosses from a page's cells to the book, and the one place that knows how.

A page's helper package and this one import nothing of each other. The package hands over values as
outputs of cells, laid out as `glue.schema.json` says: as MyST-NB's own `glue` does it, but as JSON.
While a page runs, the package raises audit events (`sys.audit`), which the recorder of runs hears:
`bookwright.data` with a data set's name, source and hashes (JSON by file name) when it is loaded,
and `bookwright.seeds` with the number that was added to the page's seeds, which stands in the
variable `BOOK_SEED_OFFSET`. `BOOK_LANGUAGE` names the reader's language to the package; it is empty
while the book is built, for outputs are the same for all readers.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from jsonschema import Draft202012Validator
from nbformat import NotebookNode

PREFIX = "application/papermill.record/"  # hides the output where it is made
SCHEMA = Path(__file__).with_name("glue.schema.json")


def of_notebook(notebook: NotebookNode) -> dict[str, Any]:
    """What the cells of an executed notebook handed over, by name."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            scrap = output.get("metadata", {}).get("scrapbook")
            if scrap and scrap["mime_prefix"] == PREFIX:
                with contextlib.suppress(ValueError):  # MyST-NB's own `glue` hands over no JSON
                    found[scrap["name"]] = json.loads(output["data"][f"{PREFIX}text/plain"])
    return found


def of_document(document: nodes.document, name: str) -> Any:  # noqa: ANN401
    """What a cell of the page that is being read handed over under a name.

    Raises:
        RetrievalError: No cell did.
    """
    from myst_nb.ext.glue.utils import retrieve_glue_data  # here: most ask for no document

    return json.loads(retrieve_glue_data(document, name).data["text/plain"])


def all_of_document(document: nodes.document) -> dict[str, Any]:
    """What the cells of the page that is being read handed over, by name, as far as it is JSON."""
    if "nb_renderer" not in document:
        return {}
    return _read(document["nb_renderer"].renderer.nb_client.glue_data)


def all_of_page(output: Path, page: str) -> dict[str, Any]:
    """What the cells of a page that was read handed over, by name, as far as it is JSON.

    Args:
        output: The folder of the built pages; MyST-NB keeps the values beside it.
        page: The page's name.
    """
    kept = output.parent / "jupyter_execute" / f"{page}.glue.json"
    return _read(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else {}


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, each in given.items():
        with contextlib.suppress(ValueError, KeyError):
            found[name] = json.loads(each["data"]["text/plain"])
    return found


@functools.cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def problems(given: dict[str, Any]) -> list[str]:
    """What of a page's values is laid out in another way than the book can show.

    Args:
        given: The values by name, as `of_notebook` gives them.
    """
    return [
        f"what its cells hand over as {error.path[0]!r} is not as {SCHEMA.name} says: "
        f"{'.'.join(map(str, list(error.path)[1:])) or 'it'}: {error.message}"
        for error in _validator().iter_errors(given)
    ]
