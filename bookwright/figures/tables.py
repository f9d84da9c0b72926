"""The numbers behind a figure: tables for the page, below a fold, and all of them as CSV.

The labels are the drawing's, in one language; the words around them are in the page's language.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bookwright import book
from bookwright.blocks import FIGURE_DATA

# About this many values of a figure stand on the page, so that it stays light; the CSV has all.
MAX_VALUES = 280
MIN_ROWS, MAX_ROWS = 10, 60  # of one table, whatever the number of curves
MAX_COLUMNS = 11  # of an image; curves all stay


def even(n: int, limit: int) -> list[int]:
    """Up to `limit` of the numbers below n, evenly spread, with the first and the last."""
    if n <= limit:
        return list(range(n))
    return [round(i * (n - 1) / (limit - 1)) for i in range(limit)]


def rounded(value: float | str | None) -> str:
    """A place or value as a table shows it: whole numbers whole, others to three digits."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if float(value).is_integer() and abs(value) < 1e6:  # before Python 3.12 an int cannot say so
        return str(int(value))
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def csv_text(tables: Sequence[Mapping[str, Any]]) -> str:
    """All values of a figure, one to a line: where it stands, and what it is.

    Args:
        tables: Laid out as `bookwright/glue.schema.json` says.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["panel", "row", "column", "value"])
    for table in tables:
        names = [" ".join(filter(None, column)) for column in table["columns"]]
        for place, *values in table["rows"]:
            at = f"{place:.6g}" if isinstance(place, float) else place
            for name, value in zip(names, values, strict=True):
                if value is not None:
                    writer.writerow([table["caption"], at, name, f"{value:.6g}"])
        for way, place in table["marks"]:
            writer.writerow([table["caption"], f"{way} line", "", f"{place:.6g}"])
    return text.getvalue()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _columns(table: Mapping[str, Any]) -> list[int]:
    """Columns that the page shows: each curve without its single runs; of an image only some."""
    columns = table["columns"]
    if all(_is_number(name) for name, _ in columns):
        return even(len(columns), MAX_COLUMNS)
    return [i for i, (_, part) in enumerate(columns) if not part.startswith("run ")]


class FigureTables:
    """Writes the tables of one figure as HTML.

    Args:
        tables: Laid out as `bookwright/glue.schema.json` says.
        words: Interface words of the page's language.
        language: The page's language.
    """

    def __init__(
        self, tables: Sequence[Mapping[str, Any]], words: Mapping[str, str], language: str
    ) -> None:
        self.tables, self.words, self.language = tables, words, language
        self.all = self.shown = 0
        n_columns = sum(len(_columns(table)) for table in tables)
        self._n_rows = min(MAX_ROWS, max(MIN_ROWS, MAX_VALUES // max(n_columns, 1)))

    def html(self, anchor: str, link: str | None) -> str:
        """The fold below the figure.

        Args:
            anchor: The tables' id on their page; a link to it opens the fold.
            link: Where the CSV is; None where there is none, in a notebook.
        """
        if not self.tables:
            return f'<p class="{FIGURE_DATA.name}" id="{anchor}">{self.words["figure_diagram"]}</p>'
        tables = "".join(map(self._table, self.tables))
        title, notes = self.words["figure_data"], []
        if self.shown < self.all:
            notes.append(self.words["figure_some"].format(shown=self.shown, all=self.all))
        if link:
            notes.append(f'<a href="{escape(link)}" download>{self.words["figure_csv"]}</a>')
        about = f"<p>{' '.join(notes)}</p>" if notes else ""
        # What scrolls has to be reached by keyboard.
        box = f'<div id="{anchor}" tabindex="0" role="group" aria-label="{title}">{tables}</div>'
        summary = f"<summary>{title}</summary>"
        return f'<details class="{FIGURE_DATA.name}">{summary}{about}{box}</details>'

    def _label(self, text: str) -> str:
        if self.language == book.BOOK.drawn_in or _is_number(text):
            return escape(text)
        return f'<span lang="{book.BOOK.drawn_in}">{escape(text)}</span>'

    def _head(self, column: tuple[str, str]) -> str:
        name, part = column
        name = rounded(float(name)) if _is_number(name) else name
        words = f" {self.words[f'figure_{part}']}" if part else ""
        return f'<th scope="col">{self._label(name)}{words}</th>'

    def _table(self, table: Mapping[str, Any]) -> str:
        columns, rows, chosen = table["columns"], table["rows"], _columns(table)
        kept = [rows[i] for i in even(len(rows), self._n_rows)]
        self.all += len(rows) * len(columns)
        self.shown += len(kept) * len(chosen)
        marks = [self.words[f"figure_{way}"].format(rounded(at)) for way, at in table["marks"]]
        title = table["caption"]
        if title == table["head"]:  # bars that lie have their names on the vertical axis
            title = ", ".join(name for name, _ in columns)
        caption = [self._label(title) if title else "", *marks]
        heads = "".join(self._head(columns[i]) for i in chosen)
        body = "".join(
            f'<tr><th scope="row">{self._label(rounded(place))}</th>'
            + "".join(f"<td>{rounded(values[i])}</td>" for i in chosen)
            + "</tr>"
            for place, *values in kept
        )
        return (
            f"<table><caption>{', '.join(filter(None, caption)) or self.words['figure_data']}"
            f'</caption><thead><tr><th scope="col">{self._label(table["head"] or "#")}</th>{heads}'
            f"</tr></thead><tbody>{body}</tbody></table>"
        )
