"""What a page's cells hand over to the book, and how: the whole of what both sides agree on.

The output is laid out as MyST-NB's own `glue` lays it out; this module needs none of Sphinx, so a
downloaded notebook runs without it. What builds the book writes the layout down as a JSON schema
(`bookwright/glue.schema.json`) and reads it by that.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from IPython.display import display

PREFIX = "application/papermill.record/"  # hides the output where it is made


def _to_plain(value: Any) -> Any:  # noqa: ANN401
    """Turns NumPy's scalars and arrays into what JSON holds."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"glue holds numbers, text, lists and dicts; got {type(value).__name__}")


def publish(name: str, value: Any) -> None:  # noqa: ANN401
    """Hands one value to the page under any name; pages use `report.glue`.

    Args:
        name: What the page calls it.
        value: A finite number, a text, or lists and dicts of those.

    Raises:
        ValueError: A number is not finite.
        TypeError: The value is none of these.
    """
    text = json.dumps(value, default=_to_plain, allow_nan=False, ensure_ascii=False)
    metadata = {"scrapbook": {"name": name, "mime_prefix": PREFIX}}
    display({f"{PREFIX}text/plain": text}, raw=True, metadata=metadata)


def check_tables(tables: list[dict[str, Any]]) -> None:
    """Refuses tables that are not laid out as `figure_data.tables` does it.

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
