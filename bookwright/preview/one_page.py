"""Runs one page, if its cells have not run yet, and builds it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from bookwright import book
from bookwright.preview import worker as preview
from bookwright.problems import Problem, attempt, tell, tell_problem
from bookwright.runs import latest
from bookwright.runs.latest import Run
from bookwright.runs.run import KEPT


def _refusal(name: str, languages: Sequence[str]) -> str | None:
    """Why there can be no such page, if so."""
    if name not in book.page_names():
        return f"expected NAME=, one of {', '.join(book.page_names())}; got {name!r}"
    if unknown := set(languages) - set(book.LANGUAGES):
        known = " or ".join(f"LANG={language}" for language in book.LANGUAGES)
        return f"expected {known}, got {unknown.pop()!r}"
    return None


def _build(asked: Sequence[book.Page]) -> tuple[list[Problem], list[str]]:
    """Runs and builds pages.

    Returns:
        What is wrong with them, and the names of other pages without results.

    Raises:
        RuntimeError: They could not be built; the message says why, unless that was said before.
    """
    workers = {page: preview.Worker(page.language) for page in asked}  # Sphinx starts meanwhile
    try:
        if failed := latest.run(asked):
            raise RuntimeError(f"\n{failed[0]} was not built, for the reason above.")
        others = [page for page in book.all_pages() if page not in asked and page.source.exists()]
        without = {page.name for page in others if latest.take(page) is Run.NONE}
        for worker in workers.values():
            worker.ask()
        wrong = [
            problem
            for page, worker in workers.items()
            for problem in worker.answer()
            if problem.file == page.where or not problem.file.endswith(".md")
        ]
        return wrong, sorted(without)
    finally:
        for worker in workers.values():
            worker.stop()


def _build_and_tell(asked: Sequence[book.Page], start: float) -> int:
    """Runs and builds pages, and says what came out; returns the exit status."""
    wrong, without = _build(asked)
    status = tell(wrong)
    if without:
        print(f"Without results, for they have not run yet: {', '.join(without)}.")
    print(f"\n{time.perf_counter() - start:.0f} s. Open")
    for page in asked:
        print(f"  {preview.html(*page)}")
    return status


def main(arguments: Sequence[str]) -> int:
    """Builds one page in the languages given, in both if none is; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright page", description=__doc__)
    parser.add_argument("name", help="the page, as in _toc.yml")
    parser.add_argument("languages", nargs="*", help="all, if none is named")
    given = parser.parse_args(arguments)
    start = time.perf_counter()
    if refusal := _refusal(given.name, given.languages):
        tell_problem(refusal)
        return 2
    asked = [book.Page(language, given.name) for language in given.languages or book.LANGUAGES]
    for page in asked:
        if not page.source.exists():
            return tell([Problem(f"is missing: _toc.yml lists {given.name!r}", page.where)])
    return attempt(lambda: _build_and_tell(asked, start), KEPT)
