"""Whether pages and glossary fit: each term is linked where it is first used, and only there."""

from __future__ import annotations

from pathlib import Path

from bookwright import glossary
from bookwright.problems import Problem, ProblemError
from bookwright.source.facts import Found, chapter_facts, facts, left_over


def term_problems(where: str, text: str) -> list[Problem]:
    """A page links to a term of the glossary where it first uses it, and only there."""
    found = facts(text).terms
    once = [Found(term, 0) for term in {term for term, _ in found}]
    return [
        Problem(f"{{term}} links to {term!r} again: only the first use does", where, line)
        for term, line in left_over(found, once)
    ]


def entry_problems(names: list[str], folder: Path) -> list[Problem]:
    """What is wrong with the glossary; of one that can be read, terms that no chapter uses.

    Args:
        names: The chapters.
        folder: The folder that holds the glossary, and one of pages for each language.
    """
    try:
        document = glossary.document(folder / "glossary.yml")
    except ProblemError as error:
        return list(error.problems)
    used = {term for name in names for term, _ in chapter_facts(name, folder).terms}
    ids = [glossary.term_id(entry) for entry in document.data]
    return [
        document.problem(
            f"no chapter links to {term!r}: say {{term}}`... <{term}>` where one first uses it",
            (number,),
        )
        for number, term in enumerate(ids)
        if term not in used
    ]
