"""The terms of the book: `book/glossary.yml`, whose entries have a name in each language.

An entry's name in the book's last language is its id: what `` {term}`훈련 세트 <training set>` ``
leads to, and what the checks and a new chapter know the entry by.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bookwright import book

PATH = book.ROOT / "book" / "glossary.yml"


def entries(path: Path = PATH) -> list[dict[str, Any]]:
    """The entries in the file's order; none in a book without a glossary."""
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or []) if path.exists() else []


def term_id(entry: Mapping[str, Any]) -> str:
    """What an entry is known by: its name in the book's last language."""
    return entry[book.LANGUAGES[-1]]


def names(entry: Mapping[str, Any], language: str | None = None) -> list[str]:
    """All names of a term: those of the languages, the one in `language` first, then others."""
    own = sorted(book.LANGUAGES, key=lambda each: each != language)
    return list(dict.fromkeys([*(entry[each] for each in own), *entry.get("also", [])]))
