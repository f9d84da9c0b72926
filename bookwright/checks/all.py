"""What can be wrong with the pages before they run: parity, headers, claims, terms, typed results.

Every problem is listed with its page and line.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bookwright import book as pages
from bookwright.checks import links, ready
from bookwright.checks.cells import opening_problems, syntax_problems, width_problems
from bookwright.checks.claims import claim_problems
from bookwright.checks.kinds import kind_problems
from bookwright.checks.markup import drawing_problems, markup_problems
from bookwright.checks.terms import entry_problems, term_problems
from bookwright.checks.twins import compare
from bookwright.checks.typed_results import typed_results
from bookwright.problems import attempt, tell_problems
from bookwright.source.facts import chapter_facts, facts
from bookwright.source.header import header_problems

_BOOK = pages.ROOT / "book"
_OPENED = (pages.BOOK.opened_once, pages.BOOK.closed)


def page_problems(name: str, book: Path = _BOOK) -> list[str]:
    """All problems of one page, in all languages."""
    problems, read = [], {}
    for language in pages.LANGUAGES:
        path = book / language / f"{name}.md"
        where = f"book/{language}/{name}.md"
        if not path.exists():
            problems.append(f"{where} is missing: _toc.yml lists {name!r}, in each language")
            continue
        text = path.read_text(encoding="utf-8")
        if headless := header_problems(where, text):
            problems += headless  # nothing can read it as a notebook
            continue
        read[language] = facts(text)
        unreadable = syntax_problems(where, read[language].cells)
        problems += unreadable or [
            *claim_problems(where, text),
            *kind_problems(where, text, language),
            *width_problems(where, read[language].cells),
            *opening_problems(where, read[language].cells, *_OPENED),
        ]
        problems += markup_problems(where, text)
        problems += term_problems(where, text)
        problems += typed_results(where, text)
    return problems + compare(name, read)


def all_problems(names: list[str] | None = None, book: Path = _BOOK) -> list[str]:
    """All problems of all chapters, and of the table of contents."""
    names = pages.page_names() if names is None else names
    problems = [problem for name in names for problem in page_problems(name, book)]
    for language in pages.LANGUAGES:
        problems += [
            f"book/{language}/{path.name} is not in _toc.yml"
            for path in sorted((book / language).glob("*.md"))
            if path.stem not in names
        ]
    problems += entry_problems(names, book) + drawing_problems(book)
    chapters = Counter(
        claim
        for name in names
        for claim in {claim for claim, _ in chapter_facts(name, book).claims}
    )
    problems += [f"two chapters have the claim {claim!r}" for claim, n in chapters.items() if n > 1]
    return problems


def unfinished(draft: bool = False) -> list[str]:
    """What chapters lack that are no drafts; with `draft`, what drafts lack."""
    found = []
    for name in pages.chapters():
        texts = [_BOOK / language / f"{name}.md" for language in pages.LANGUAGES]
        if any(not x.exists() or header_problems("", x.read_text("utf-8")) for x in texts):
            continue  # named elsewhere
        is_draft, lacking = ready.problems(name)
        found += lacking if is_draft == draft else []
    return found


def merging() -> bool:
    """Whether this run decides about a merge: CI's services set `CI`."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _look() -> int:
    problems = all_problems() + unfinished() + links.problems()
    drafts = unfinished(draft=True)
    if merging():
        problems += drafts
    else:
        for line in drafts:
            print(f"draft: {line}")
    tell_problems(problems)
    print(f"checks: {len(problems)} problems in {len(pages.page_names())} chapters")
    if drafts and not merging():
        print("drafts build here, but CI takes none: see above what is still missing")
    return 1 if problems else 0


def main(arguments: Sequence[str] = ()) -> int:
    """Prints every problem; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright checks", description=__doc__)
    parser.parse_args(arguments)
    return attempt(_look, "nothing was changed")
