"""What can be wrong with the pages before they run: parity, headers, claims, terms, words.

Every problem is listed with its page and line.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bookwright import book as pages
from bookwright import files
from bookwright.checks import links, ready, references, spelling
from bookwright.checks.cells import (
    module_problems,
    opening_problems,
    syntax_problems,
    width_problems,
)
from bookwright.checks.claims import claim_problems
from bookwright.checks.formulas import formula_problems
from bookwright.checks.kinds import kind_problems
from bookwright.checks.markdown import markdown_problems
from bookwright.checks.markup import drawing_problems, markup_problems
from bookwright.checks.predictions import compare_predictions, prediction_problems
from bookwright.checks.settings import setting_problems
from bookwright.checks.terms import entry_problems, term_problems
from bookwright.checks.twins import compare
from bookwright.checks.typed_results import typed_results
from bookwright.live import needs
from bookwright.problems import Problem, ProblemError, attempt, tell, told
from bookwright.source.facts import chapter_facts, facts, reading_problems

_BOOK = pages.ROOT / "book"
_READ = ("*.md", "*.yml", "*.yaml", "*.cff", "*.json", "*.bib", "*.py")
_OPENED = (pages.BOOK.opened_once, pages.BOOK.closed)


def _not_there(path: Path) -> str | None:
    """What there is instead of a file, empty for nothing; None if it is there by this very name.

    Some systems find `RNN.md` by the name `rnn.md`, others do not.
    """
    there = [each.name for each in path.parent.glob("*.md")]
    alike = next((name for name in there if name.lower() == path.name.lower()), None)
    if path.name in there or (path.exists() and alike is None):  # as a Mac spells Hangul
        return None
    return "" if alike is None else f" (there is {alike}: capital letters count)"


def page_problems(name: str, book: Path = _BOOK) -> list[Problem]:
    """All problems of one page, in all languages."""
    problems: list[Problem] = []
    read, sources = {}, {}
    for language in pages.LANGUAGES:
        path = book / language / f"{name}.md"
        where = f"book/{language}/{name}.md"
        if (instead := _not_there(path)) is not None:
            what = f"is missing: _toc.yml lists {name!r}, and each language needs it{instead}"
            problems.append(Problem(what, where))
            continue
        text = files.read_text(path, where)
        problems += files.sign_problems(where, text)
        if headless := reading_problems(where, text):
            problems += headless  # nothing can read it as a notebook
            continue
        problems += markdown_problems(where, text)
        read[language] = facts(text)
        unreadable = syntax_problems(where, read[language].cells)
        problems += unreadable or [
            *claim_problems(where, text),
            *kind_problems(where, text, language),
            *width_problems(where, read[language].cells),
            *opening_problems(where, read[language].cells, *_OPENED),
            *needs.of_cells(where, read[language].cells, book.parent).problems,
        ]
        problems += [] if unreadable else prediction_problems(where, text)
        sources[where] = text
        problems += formula_problems(where, text)
        problems += markup_problems(where, text)
        problems += term_problems(where, text)
        problems += typed_results(where, text)
        problems += spelling.in_language(where, text, language)
    return [*problems, *compare(name, read), *compare_predictions(sources)]


def unreadable(book: Path = _BOOK) -> list[Problem]:
    """Pages without a header, and files that are no text, YAML, JSON or Python."""
    found = module_problems(book.parent / pages.BOOK.helper, book.parent)
    own = {path for each in pages.LANGUAGES for path in (book / each).glob("*.md")}
    paths = [*own]
    paths += links.listed(book.parent, "*.md", "*.yml", "*.yaml", "*.cff", "*.json")
    templates = book.parent / ready.TEMPLATES  # which hold marks that are no YAML
    for path in sorted({path for path in paths if templates not in path.parents}):
        where = files.name_of(path, book.parent)
        try:
            text = files.read_text(path, where)
            if path in own:
                found += reading_problems(where, text)
            if path.suffix == ".json":
                files.json_data(text, where)
            elif path.suffix != ".md":
                files.yaml_document(text, where)
            if named := pages.BOOK.schemas.get(where):  # JSON is YAML, too
                schema = files.read_json(book.parent / named, named, {"type": "object"})
                files.check(files.yaml_document(text, where), schema)
        except ProblemError as error:
            found += error.problems
    return found


def _unseen_signs(book: Path) -> list[Problem]:
    """Signs that nobody sees in what is no page, and in the names of files."""
    found: list[Problem] = []
    for path in links.listed(book.parent, *_READ, "book/*"):
        where = files.name_of(path, book.parent)
        named = [f"its name has {each.what}" for each in files.sign_problems("", where)]
        found += [Problem(what, where) for what in named]
        page = path.suffix == ".md" and path.parent.parent == book
        if not page and any(map(path.match, _READ)):
            found += files.sign_problems(where, path.read_text(encoding="utf-8", errors="replace"))
    return found


def all_problems(names: list[str] | None = None, book: Path = _BOOK) -> list[Problem]:
    """All problems of all chapters, and of the table of contents."""
    names = pages.page_names() if names is None else names
    problems = [problem for name in names for problem in page_problems(name, book)]
    for name, n in Counter(name.lower() for name in names).items():
        if n > 1:
            what = f"{n} pages are called {name!r} but for capital letters"
            problems.append(Problem(what, "_toc.yml"))
    for language in pages.LANGUAGES:
        problems += [
            Problem(
                "is not in _toc.yml: add it, or remove the file", f"book/{language}/{path.name}"
            )
            for path in sorted((book / language).glob("*.md"))
            if path.stem not in names
        ]
    problems += entry_problems(names, book) + drawing_problems(book) + _unseen_signs(book)
    problems += spelling.beside_pages(book.parent)
    chapters = Counter(
        claim
        for name in names
        for claim in {claim for claim, _ in chapter_facts(name, book).claims}
    )
    problems += [
        Problem(f"two chapters have the claim {claim!r}: give one of them another name")
        for claim, n in chapters.items()
        if n > 1
    ]
    return problems


def unfinished(draft: bool = False) -> list[Problem]:
    """What chapters lack that are no drafts; with `draft`, what drafts lack."""
    found = []
    for name in pages.chapters():
        texts = [_BOOK / language / f"{name}.md" for language in pages.LANGUAGES]
        if any(not x.exists() or reading_problems("", x.read_text("utf-8")) for x in texts):
            continue  # named elsewhere
        is_draft, lacking = ready.problems(name)
        found += lacking if is_draft == draft else []
    return found


def merging() -> bool:
    """Whether this run decides about a merge: CI's services set `CI`."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _look() -> int:
    if status := tell(unreadable()) or tell(setting_problems()):
        return status
    problems = all_problems() + unfinished() + links.problems() + references.problems()
    drafts = unfinished(draft=True)
    if merging():
        problems += drafts
    elif drafts:
        print("drafts build here, but CI takes none. They lack:")
        print(f"{told(drafts)}\n")
    if not problems:
        print(f"checks: nothing is wrong with {len(pages.page_names())} pages")
    return tell(problems)


def main(arguments: Sequence[str] = ()) -> int:
    """Prints every problem; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright checks", description=__doc__)
    parser.parse_args(arguments)
    return attempt(_look, "nothing was changed")
