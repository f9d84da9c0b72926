"""Whether pages and glossary fit: each term is linked where it is first used, and only there."""

from __future__ import annotations

from pathlib import Path

from bookwright import book, glossary
from bookwright.source.facts import Found, chapter_facts, facts, left_over


def term_problems(where: str, text: str) -> list[str]:
    """A page links to a term of the glossary where it first uses it, and only there."""
    found = facts(text).terms
    once = [Found(term, 0) for term in {term for term, _ in found}]
    return [
        f"{where}:{line}: {{term}} links to {term!r} again: only the first use does"
        for term, line in left_over(found, once)
    ]


def entry_problems(names: list[str], folder: Path) -> list[str]:
    """Every entry of the glossary has a name in each language, and some chapter uses it.

    Args:
        names: The chapters.
        folder: The folder that holds the glossary, and one of pages for each language.
    """
    nameless = [
        f"book/glossary.yml: the entry {next(iter(entry.values()), '')!r} has no name in "
        f"{language!r}: add {language}: ..."
        for entry in glossary.entries(folder / "glossary.yml")
        for language in book.LANGUAGES
        if language not in entry
    ]
    return nameless or unused_terms(names, folder)


def unused_terms(names: list[str], folder: Path) -> list[str]:
    """Every entry of the glossary explains a word that some chapter uses."""
    used = {term for name in names for term, _ in chapter_facts(name, folder).terms}
    ids = [glossary.term_id(entry) for entry in glossary.entries(folder / "glossary.yml")]
    return [
        f"book/glossary.yml: no chapter links to {term!r}: say "
        f"{{term}}`... <{term}>` where one first uses it"
        for term in ids
        if term not in used
    ]
