"""The interface words of a language: ours in `locale/`, and what the book says in `book/words.yml`.

A book may be in a language that we have no words of: it brings them all. What it says in a language
that we know goes before our words.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel import Locale

from bookwright import book, files
from bookwright.problems import Problem, ProblemError

_LOCALE = Path(__file__).parent / "locale"
_COMPLETE = "en"  # the language that has every word
# Words that name a language, and so are of no use to a book with one.
_OF_PAIRS = ("switch_label", "side_by_side", "alone", "newer", "newer_difference", "newer_section")
_NAMING = ("switch_label", "alone", "newer", "newer_section", "read")
OWN = "book/words.yml"
_WORDS: dict[str, Any] = {
    "$id": "words",
    "type": ["string", "object"],
    "description": "a text, or texts by name",
    "additionalProperties": {"$ref": "words"},
}
_OF_LANGUAGE = {
    "type": "object",
    "description": "words by name",
    "additionalProperties": _WORDS,
}
_SCHEMA = {
    "type": "object",
    "description": "words by language and name",
    "additionalProperties": _OF_LANGUAGE | {"type": ["object", "null"]},
}


def ours(language: str) -> dict[str, Any]:
    """The words that this package has in a language; none in most."""
    path = _LOCALE / language / "words.yml"
    return files.read_yaml(path, path.name, _OF_LANGUAGE, nothing={}).data


def lacking(words: Mapping[str, Any], needed: Mapping[str, Any]) -> Iterator[str]:
    """The names of the words that are needed and not there; of a group's words as `group.word`."""
    for name, word in needed.items():
        if name not in words:
            yield name
        elif isinstance(word, dict):
            yield from (f"{name}.{part}" for part in lacking(words[name], word))


def name_of(language: str, said_in: str) -> str:
    """What a language is called in another one, or in itself."""
    return Locale.parse(language).get_display_name(said_in) or language


@functools.cache
def of(language: str) -> dict[str, Any]:
    """All words of a language of the book, by name; some are groups of words.

    Raises:
        ProblemError: The book is in a language that has not all words, and the message names them;
            or the book's own words cannot be read.
    """
    needed = ours(_COMPLETE)
    other = book.other(language)
    if other is None:
        needed = {name: word for name, word in needed.items() if name not in _OF_PAIRS}
    own = files.read_yaml(book.ROOT / OWN, OWN, _SCHEMA, nothing={}).data
    words = ours(language) | (own.get(language) or {})
    if missing := ", ".join(lacking(words, needed)):
        what = f"too few words of the interface in {language!r}: it lacks {missing}"
        where = f"bookwright/locale/{_COMPLETE}/words.yml says what each is for"
        raise ProblemError(Problem(f"{what}; {where}", OWN))
    named = {"{own}": name_of(language, language)}
    if other is not None:
        named["{other}"] = name_of(other, language)
    for name in _NAMING:
        for place, text in named.items():
            words[name] = words[name].replace(place, text) if name in words else ""
    return words | {
        "title": book.BOOK.title[language],
        "license": book.BOOK.license.get(language, ""),
        "switch": name_of(other, other) if other else "",
    }


def digest(language: str) -> str:
    """Names all that pages of a language say of the book beside their own text."""
    said = json.dumps([book.BOOK, of(language)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
