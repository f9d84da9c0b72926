"""Whether pages and glossary fit: each term is linked where it is first used, and only there."""

from __future__ import annotations

from pathlib import Path

import yaml

from bookwright import book as pages
from bookwright.source.facts import Facts, Found, facts, left_over
from bookwright.source.header import header_problems


def term_problems(where: str, text: str) -> list[str]:
    """A page links to a term of the glossary where it first uses it, and only there."""
    found = facts(text).terms
    once = [Found(term, 0) for term in {term for term, _ in found}]
    return [
        f"{where}:{line}: {{term}} links to {term!r} again: only the first use does"
        for term, line in left_over(found, once)
    ]


def unused_terms(names: list[str], book: Path) -> list[str]:
    """Every entry of the glossary explains a word that some chapter uses."""
    if not (book / "glossary.yml").exists():
        return []
    entries = yaml.safe_load((book / "glossary.yml").read_text(encoding="utf-8"))
    used = {term for name in names for term, _ in facts_of(name, book).terms}
    return [
        f"book/glossary.yml: no chapter links to {entry['en']!r}: say "
        f"{{term}}`... <{entry['en']}>` where one first uses it"
        for entry in entries
        if entry["en"] not in used
    ]


def facts_of(name: str, book: Path) -> Facts:
    """What a chapter holds, of which both languages have the same."""
    path = book / pages.LANGUAGES[0] / f"{name}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return Facts.nothing() if header_problems("", text) else facts(text)
