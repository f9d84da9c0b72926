"""The lab that every figure of curves has: which of its runs to show, read by pointing or by keys.

Nothing is written for it. A figure has it if its data hold curves over consecutive whole numbers,
as epochs, steps or layers are; what can be set follows from the data. When it is opened it reads
the figure's CSV, and `curves/data.js` finds there what this module finds in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bookwright.labs.files import CURVES_VERSION, Lab

LEAST = 5  # places of a panel
_RUN = "run "


def panels(tables: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of a figure's tables that the lab shows: curves over consecutive whole numbers."""
    captions = [table["caption"] for table in tables]
    return [
        table
        for table in tables
        if captions.count(table["caption"]) == 1 and _long(table) and not _is_image(table)
    ]


def _is_image(table: Mapping[str, Any]) -> bool:
    """Whether columns are places, too, and no curves."""
    return all(re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", name) for name, _ in table["columns"])


def _long(table: Mapping[str, Any]) -> bool:
    places = [row[0] for row in table["rows"] if any(value is not None for value in row[1:])]
    if len(places) < LEAST or any(isinstance(place, str) for place in places):
        return False
    return places == [places[0] + k for k in range(len(places))] and places[0] % 1 == 0


def slugs(names: Iterable[str]) -> dict[str, str]:
    """What each name is called in an address, by that."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        slug = re.sub(r"[\W_]+", "-", name.lower()).strip("-")
        while slug in found:
            slug += "-2"
        found[slug] = name
    return found


def said(tables: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the CSV does not tell: `head`, what the places are; `log`, which panels are logarithmic.

    The panels are told by their numbers, with spaces between.
    """
    shown = panels(tables)
    log = " ".join(str(k) for k, table in enumerate(shown) if table.get("log"))
    return {"head": shown[0]["head"]} | ({"log": log} if log else {})


def lab(key: str, tables: Sequence[Mapping[str, Any]]) -> Lab | None:
    """The lab of a figure, with what can be set; None if the figure has none.

    Args:
        key: The figure's name.
        tables: Its data, laid out as `bookwright/glue.schema.json` says.
    """
    if not (shown := panels(tables)):
        return None
    columns = [column for table in shown for column in table["columns"]]
    longest = max(len(table["rows"]) for table in shown)
    n_runs = max((int(p.removeprefix(_RUN)) for _, p in columns if p.startswith(_RUN)), default=0)
    controls: list[dict[str, Any]] = [
        _several("panels", slugs(table["caption"] for table in shown)),
        _several("curves", slugs(name for name, part in columns if not part)),
        _several("runs", ["mean", *(str(k + 1) for k in range(n_runs))]),
        {"name": "smooth", "from": 0, "to": longest // 4, "start": 0},
        {"name": "axis", "choices": ["figure", "linear", "log"], "start": "figure"},
        {
            "name": "at",
            "from": min(table["rows"][0][0] for table in shown),
            "to": max(table["rows"][-1][0] for table in shown),
            "start": max(table["rows"][-1][0] for table in shown),
        },
    ]
    # With one choice there is nothing to set.
    settable = [each for each in controls if len(each.get("choices", "two")) > 1]
    return Lab(key, CURVES_VERSION, False, settable, {})


def _several(name: str, choices: Iterable[str]) -> dict[str, Any]:
    found = list(choices)
    return {"name": name, "several": True, "choices": found, "start": ".".join(found)}
