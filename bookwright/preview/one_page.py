"""Runs one page, if its cells have not run yet, and builds it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from bookwright import book
from bookwright.preview import worker as preview
from bookwright.problems import tell_problem, tell_problems
from bookwright.runs import latest
from bookwright.runs.latest import Run


def main(arguments: Sequence[str]) -> int:
    """Builds one page in the languages given, in both if none is; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright page", description=__doc__)
    parser.add_argument("name", help="the page, as in _toc.yml")
    parser.add_argument("languages", nargs="*", help="all, if none is named")
    given = parser.parse_args(arguments)
    name, languages = given.name, given.languages
    start = time.perf_counter()
    if name not in book.page_names():
        tell_problem(f"expected NAME=, one of {', '.join(book.page_names())}; got {name!r}")
        return 2
    if unknown := set(languages) - set(book.LANGUAGES):
        tell_problem(f"expected LANG=ko or LANG=en, got {unknown.pop()!r}")
        return 2
    asked = [book.Page(language, name) for language in languages or book.LANGUAGES]
    for page in asked:
        if not page.source.exists():
            tell_problem(f"book/{page}.md is missing: _toc.yml lists {name!r}")
            return 1
    workers = {page: preview.Worker(page.language) for page in asked}  # Sphinx starts meanwhile
    try:
        failed = [page for page in asked if latest.run(page) is not Run.NOW]
        if failed:
            tell_problem(f"\n{failed[0]} was not built, for the reason above.")
            return 1
        others = [page for page in book.all_pages() if page not in asked]
        without = {
            page.name for page in others if page.source.exists() and latest.take(page) is Run.NONE
        }
        for worker in workers.values():
            worker.ask()
        wrong = [
            complaint.text
            for page, worker in workers.items()
            for complaint in worker.answer()
            if complaint.page in (page.name, None)
        ]
    except RuntimeError as error:
        tell_problem(error)
        return 1
    finally:
        for worker in workers.values():
            worker.stop()
    tell_problems(wrong)
    if without:
        print(f"Without results, for they have not run yet: {', '.join(sorted(without))}.")
    problems = f"{len(wrong)} problem{'' if len(wrong) == 1 else 's'}"
    print(f"\n{problems}, {time.perf_counter() - start:.0f} s. Open")
    for page in asked:
        print(f"  {preview.html(*page)}")
    return 1 if wrong else 0
