"""Looks at a book again and again, in one process: `python looker.py LANGUAGE`, in its folder.

Reads the name of a file a line, answers with a line of JSON: what is wrong with the book after that
file changed, and the traceback of what nobody foresaw. Sphinx stays in memory, and no cell runs: a
page is shown with the results that there are.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from sphinx.util.docutils import docutils_namespace, patch_docutils

from bookwright import book as pages
from bookwright import glossary, words
from bookwright.checks import all as checks
from bookwright.checks import kinds, links, references, spelling, typed_results
from bookwright.preview.worker import Book
from bookwright.problems import Problem, ProblemError
from bookwright.runs import latest


def forget() -> None:
    """What is read once in a process, and may be another now."""
    for cached in (words.of, kinds._words, typed_results._typed, spelling._listed):
        cached.cache_clear()


def problems_before_a_build() -> list[Problem]:
    """What the checks of a book find; a book that says too little of itself raises."""
    forget()
    pages.settings()
    glossary.document()
    for language in pages.LANGUAGES:
        words.of(language)
    found = checks.unreadable()
    return found or (
        checks.all_problems() + checks.unfinished() + links.problems() + references.problems()
    )


def look(book: Book, changed: str) -> list[Problem]:
    """What is wrong after a file has changed: what the checks find, or else what Sphinx does."""
    if found := problems_before_a_build():
        return found
    name = Path(changed).stem
    if changed.startswith(f"book/{book.language}/") and name in pages.page_names():
        latest.take(pages.Page(book.language, name))
    return book.build()


def answers(language: str) -> Iterator[dict]:
    """An answer for each line of standard input, after a first one when Sphinx is ready."""
    with patch_docutils(), docutils_namespace():
        for page in pages.all_pages():
            if page.language == language:
                latest.take(page)
        book = Book(language)
        yield {"problems": [str(each) for each in book.build()], "trace": None}
        for line in sys.stdin:
            start = time.monotonic()
            answer: dict = {"problems": [], "trace": None}
            try:
                answer["problems"] = [str(each) for each in look(book, line.strip())]
            except ProblemError as error:
                answer["problems"] = [str(each) for each in error.problems]
            except Exception:
                answer["trace"] = traceback.format_exc()
            yield answer | {"seconds": time.monotonic() - start}


if __name__ == "__main__":
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # what others print is no answer
        for each in answers(sys.argv[1]):
            print(json.dumps(each), file=out, flush=True)
