"""What a page's header says: that it is a notebook, and whether it is finished."""

from __future__ import annotations

import re

import yaml

from bookwright.problems import Problem

_HEADER = ("jupytext", "kernelspec")


def header_problems(where: str, text: str) -> list[Problem]:
    """A page without this header is no notebook, and crashes the theme."""
    header = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    try:
        keys = (yaml.safe_load(header[1]) if header else None) or {}
    except yaml.YAMLError as error:
        return [Problem(f"the header is not YAML: {' '.join(str(error).split())}", where, 1)]
    return [Problem(f"the header lacks {key!r}", where, 1) for key in _HEADER if key not in keys]


def is_draft(text: str) -> bool:
    """Whether a page's header says that it is not finished."""
    header = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    try:
        keys = yaml.safe_load(header[1]) if header else {}
    except yaml.YAMLError:
        return False  # the check of headers names it
    return isinstance(keys, dict) and keys.get("draft") is True
