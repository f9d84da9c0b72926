"""What a page's header says: that it is a notebook, and whether it is finished."""

from __future__ import annotations

import functools
import re

import yaml
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from bookwright import files
from bookwright.problems import Problem, ProblemError

_HEADER = ("jupytext", "kernelspec")
_FORM = re.compile(r"---\n(?:(.*?)\n)??---\n", re.DOTALL)
_BEGINNING = "three dashes, what any other page has there, three dashes"


# What MyST-NB says of a cell: "Code cell 1 at line 7 could not be read: ...".
_CELL = re.compile(r"(\w+) cell \d+ at line (\d+) could not be read: ", re.DOTALL)
_CELLS = {
    "Code": "the options of this cell cannot be read: see to its brackets and quotes",
    "Raw": "the options of this cell cannot be read: see to its brackets and quotes",
    "Markdown": "what follows the +++ is no JSON: write +++ alone, or no + first in a text",
}


@functools.lru_cache(maxsize=256)  # each check of a page asks again
def _unreadable(text: str) -> tuple[str, int | None] | None:
    """Why a page with a header is no notebook, and on which line, if so."""
    try:
        read_myst_markdown_notebook(text, config=MdParserConfig())
    except Exception as error:  # of several kinds, some of them MyST-NB's own affair
        if found := _CELL.match(str(error)):
            return _CELLS[found[1]], int(found[2])
        if ":load:" in str(error):
            return "a cell may not load a file: put its code into the page", None
        return f"cannot be read as a notebook: {error}", None
    return None


def header_problems(where: str, text: str) -> list[Problem]:
    """What keeps a page from being read as a notebook; without its header it crashes the theme."""
    header = _FORM.match(text)
    if header is None and text.startswith("---\n"):
        what = "the header that begins here is not closed: end it with a line ---"
        return [Problem(what, where, 1)]
    if header is None:
        return [Problem(f"the page does not begin with its header: {_BEGINNING}", where, 1)]
    try:
        keys = files.yaml_document(header[1] or "", where, first_line=2).data
    except ProblemError as error:
        return [each._replace(what=f"the header {each.what}") for each in error.problems]
    if not isinstance(keys or {}, dict):
        return [Problem(f"the header: expected keys with values, got {keys!r:.60}", where, 1)]
    keys = keys or {}
    if lacking := [key for key in _HEADER if key not in keys]:
        return [Problem(f"the header lacks {key!r}", where, 1) for key in lacking]
    unreadable = _unreadable(text)
    return [Problem(unreadable[0], where, unreadable[1])] if unreadable else []


def is_draft(text: str) -> bool:
    """Whether a page's header says that it is not finished."""
    header = _FORM.match(text)
    try:
        keys = yaml.safe_load(header[1] or "") if header else {}
    except yaml.YAMLError:
        return False  # the check of headers names it
    return isinstance(keys, dict) and keys.get("draft") is True
