"""What a page's header says: that it is a notebook, and whether it is finished."""

from __future__ import annotations

import re

import yaml

from bookwright import files
from bookwright.problems import Problem, ProblemError

_HEADER = ("jupytext", "kernelspec")
_TEXTS = {"type": "object", "description": "keys with values"}
# What jupytext and MyST-NB take for granted once the keys are there.
_SCHEMA = {
    "type": "object",
    "properties": {
        "jupytext": _TEXTS | {"properties": {"text_representation": _TEXTS}},
        "kernelspec": _TEXTS
        | {
            "required": ["name"],
            "properties": {"name": {"type": "string", "description": "a name"}},
        },
    },
}
_FORM = re.compile(r"---\n(?:(.*?)\n)??---\n", re.DOTALL)
_BEGINNING = "three dashes, what any other page has there, three dashes"


def header_problems(where: str, text: str) -> list[Problem]:
    """What is wrong with a page's header; without one it is no notebook, and crashes the theme."""
    header = _FORM.match(text)
    if header is None and text.startswith("---\n"):
        what = "the header that begins here is not closed: end it with a line ---"
        return [Problem(what, where, 1)]
    if header is None:
        return [Problem(f"the page does not begin with its header: {_BEGINNING}", where, 1)]
    try:
        document = files.yaml_document(header[1] or "", where, first_line=2)
        keys = document.data
    except ProblemError as error:
        return [each._replace(what=f"the header {each.what}") for each in error.problems]
    if not isinstance(keys or {}, dict):
        return [Problem(f"the header: expected keys with values, got {keys!r:.60}", where, 1)]
    keys = keys or {}
    if lacking := [key for key in _HEADER if key not in keys]:
        return [Problem(f"the header lacks {key!r}", where, 1) for key in lacking]
    try:
        files.check(document, _SCHEMA)
    except ProblemError as error:
        return [each._replace(what=f"the header: {each.what}") for each in error.problems]
    return []


def is_draft(text: str) -> bool:
    """Whether a page's header says that it is not finished."""
    header = _FORM.match(text)
    try:
        keys = yaml.safe_load(header[1] or "") if header else {}
    except yaml.YAMLError:
        return False  # the check of headers names it
    return isinstance(keys, dict) and keys.get("draft") is True
