"""The terms of the book: `book/glossary.yml`, whose entries have a name in each language.

An entry's name in the book's last language is its id: what `` {term}`훈련 세트 <training set>` ``
leads to, and what the checks and a new chapter know the entry by.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bookwright import book, files
from bookwright.problems import ProblemError

WHERE = "book/glossary.yml"
PATH = book.ROOT / WHERE
_NAME = {"type": "string", "minLength": 1, "description": "a name"}


def _schema() -> dict[str, Any]:
    """What the file may hold; a glossary may speak other languages than the book, too."""
    languages = list(book.LANGUAGES)
    others = {"additionalProperties": False, "patternProperties": {"^[a-z]{2}$": {}}}
    means = others | {
        "type": "object",
        "description": "a sentence in each language",
        "required": languages,
        "properties": {x: {"type": "string", "description": "a sentence"} for x in languages},
    }
    entry = others | {
        "type": "object",
        "title": "the entry",
        "description": "names by language, `also` and `means`",
        "required": [*languages, "means"],
        "properties": {
            **dict.fromkeys(languages, _NAME),
            "also": {"type": "array", "items": _NAME, "description": "a list of names"},
            "means": means,
        },
    }
    return {"type": "array", "description": "a list of entries", "items": entry}


def document(path: Path = PATH) -> files.Document:
    """The file with its lines; without entries in a book without a glossary.

    Raises:
        ProblemError: It is not YAML, an entry lacks a name or a sentence, or a term is there twice.
    """
    found = files.read_yaml(path, WHERE, _schema(), nothing=[])
    seen: dict[str, int] = {}
    twice = []
    for number, entry in enumerate(found.data):
        line = found.places[number,][0]
        for name in names(entry):
            if name in seen:
                what = f"{name!r} names an entry already, in line {seen[name]}: each is there once"
                twice.append(found.problem(what, (number,)))
            seen.setdefault(name, line)
    if twice:
        raise ProblemError(*twice)
    return found


def entries(path: Path = PATH) -> list[dict[str, Any]]:
    """The entries in the file's order; none in a book without a glossary.

    Raises:
        ProblemError: As `document`.
    """
    return document(path).data


def term_id(entry: Mapping[str, Any]) -> str:
    """What an entry is known by: its name in the book's last language."""
    return entry[book.LANGUAGES[-1]]


def names(entry: Mapping[str, Any], language: str | None = None) -> list[str]:
    """All names of a term: those of the languages, the one in `language` first, then others."""
    own = sorted(book.LANGUAGES, key=lambda each: each != language)
    return list(dict.fromkeys([*(entry[each] for each in own), *entry.get("also", [])]))
