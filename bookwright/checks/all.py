"""What can be wrong with the pages before they run: parity, headers, claims, terms, typed results.

Every problem is listed with its page and line.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from bookwright import book as pages
from bookwright.checks import links
from bookwright.checks import unfinished as ready
from bookwright.checks.typed_results import typed_results
from bookwright.problems import tell_problems
from bookwright.source.facts import Cell, Facts, Found, calls, facts, left_over

_HEADER = ("jupytext", "kernelspec")
_BOOK = pages.ROOT / "book"


def compare(name: str, korean: Facts, english: Facts) -> list[str]:
    """Lists what one language's page has and the other's lacks."""
    problems = []
    ko, en = f"book/ko/{name}.md", f"book/en/{name}.md"
    for what in ("labels", "directives", "claims", "terms"):
        left, right = getattr(korean, what), getattr(english, what)
        for has, lacks, spare in (
            (ko, en, left_over(left, right)),
            (en, ko, left_over(right, left)),
        ):
            problems += [f"{has}:{x.line}: {lacks} lacks the {what[:-1]} {x.what!r}" for x in spare]
    if len(korean.cells) != len(english.cells):
        problems.append(f"{ko} has {len(korean.cells)} code cells, {en} has {len(english.cells)}")
    for number, (one, two) in enumerate(zip(korean.cells, english.cells, strict=False), 1):
        if one.source != two.source:
            lines = itertools.zip_longest(one.source.split("\n"), two.source.split("\n"))
            i, (a, b) = next((i, pair) for i, pair in enumerate(lines) if pair[0] != pair[1])
            first = f"{ko}:{one.line + i} has {a or ''!r}, {en}:{two.line + i} has {b or ''!r}"
            problems.append(f"code cell {number} differs: {first}")
        elif one.tags != two.tags:
            tags = f"{ko}:{one.line} has {list(one.tags)}, {en}:{two.line} has {list(two.tags)}"
            problems.append(f"code cell {number} differs in its tags: {tags}")
    headings = itertools.zip_longest(korean.headings, english.headings, fillvalue=Found("none", 1))
    for here, there in headings:
        if here.what != there.what:
            problems.append(
                f"{ko}:{here.line} and {en}:{there.line}: the headings differ from here on, "
                f"{here.what} against {there.what} "
                f"({len(korean.headings)} headings against {len(english.headings)})"
            )
            break
    order = [[found.what for found in page.directives] for page in (korean, english)]
    if not problems and order[0] != order[1]:
        problems.append(f"{ko} and {en} have the same directives in another order")
    return problems


def header_problems(where: str, text: str) -> list[str]:
    """A page without this header is no notebook, and crashes the theme."""
    header = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    try:
        keys = (yaml.safe_load(header[1]) if header else None) or {}
    except yaml.YAMLError as error:
        return [f"{where}:1: the header is not YAML: {' '.join(str(error).split())}"]
    return [f"{where}:1: the header lacks {key!r}" for key in _HEADER if key not in keys]


def syntax_problems(where: str, cells: Iterable[Cell]) -> list[str]:
    """The other checks read cells as Python: a magic command or a slip would stop them."""
    problems = []
    for cell in cells:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            line = cell.line + (error.lineno or 1) - 1
            problems.append(f"{where}:{line}: the code cell is not Python: {error.msg}")
    return problems


def claim_problems(where: str, text: str) -> list[str]:
    """Every claim is measured once, every measurement is a claim, and the run is recorded."""
    page = facts(text)
    measured = calls(page.cells, "claims.check")
    problems = [
        f"{where}:{line}: no cell measures the claim {claim!r}: call claims.check({claim!r}, ...)"
        for claim, line in page.claims
        if claim not in {found.what for found in measured}
    ]
    problems += [
        f"{where}:{line}: a cell measures {claim!r}, but no sentence is marked {{claim}} {claim}"
        for claim, line in measured
        if claim not in {found.what for found in page.claims}
    ]
    for what, found in (("sentence", page.claims), ("measurement", measured)):
        once = [Found(claim, 0) for claim in {claim for claim, _ in found}]
        problems += [
            f"{where}:{line}: the claim {claim!r} has more than one {what}"
            for claim, line in left_over(found, once)
        ]
    stubs, solutions = (calls(page.cells, f"exercises.{part}") for part in ("check", "solution"))
    for some, others, lacking in ((stubs, solutions, "solution"), (solutions, stubs, "check")):
        problems += [
            f"{where}:{line}: the exercise {name!r} has no exercises.{lacking}({name!r}, ...)"
            for name, line in left_over(some, others)
        ]
    directives = [found.what for found in page.directives]
    if len(stubs) != directives.count("{exercise}"):
        problems.append(
            f"{where}: {directives.count('{exercise}')} exercises, but checks for "
            f"{[stub.what for stub in stubs]}: each exercise needs one"
        )
    if page.cells and not any("report.end_page(" in cell.source for cell in page.cells):
        problems.append(f"{where}: the last cell does not call report.end_page(...)")
    if page.cells and "{run-info}" not in directives:
        problems.append(f"{where}: the page does not end with {{run-info}}")
    return problems


def term_problems(where: str, text: str) -> list[str]:
    """A page links to a term of the glossary where it first uses it, and only there."""
    found = facts(text).terms
    once = [Found(term, 0) for term in {term for term, _ in found}]
    return [
        f"{where}:{line}: {{term}} links to {term!r} again: only the first use does"
        for term, line in left_over(found, once)
    ]


def page_problems(name: str, book: Path = _BOOK) -> list[str]:
    """All problems of one chapter, both languages."""
    problems, read = [], {}
    for language in pages.LANGUAGES:
        path = book / language / f"{name}.md"
        where = f"book/{language}/{name}.md"
        if not path.exists():
            problems.append(f"{where} is missing: _toc.yml lists {name!r}, in both languages")
            continue
        text = path.read_text(encoding="utf-8")
        if headless := header_problems(where, text):
            problems += headless  # nothing can read it as a notebook
            continue
        read[language] = facts(text)
        unreadable = syntax_problems(where, read[language].cells)
        problems += unreadable or claim_problems(where, text)
        problems += term_problems(where, text)
        problems += typed_results(where, text)
    if len(read) == 2:
        problems += compare(name, read["ko"], read["en"])
    return problems


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
    problems += unused_terms(names, book)
    chapters = Counter(
        claim for name in names for claim in {claim for claim, _ in _facts(name, book).claims}
    )
    problems += [f"two chapters have the claim {claim!r}" for claim, n in chapters.items() if n > 1]
    return problems


def unfinished(draft: bool = False) -> list[str]:
    """What chapters lack that are no drafts; with `draft`, what drafts lack."""
    found = []
    for name in ready.chapters(pages.page_names()):
        texts = [_BOOK / language / f"{name}.md" for language in pages.LANGUAGES]
        if any(not x.exists() or header_problems("", x.read_text("utf-8")) for x in texts):
            continue  # named elsewhere
        is_draft, lacking = ready.problems(name)
        found += lacking if is_draft == draft else []
    return found


def unused_terms(names: list[str], book: Path) -> list[str]:
    """Every entry of the glossary explains a word that some chapter uses."""
    if not (book / "glossary.yml").exists():
        return []
    entries = yaml.safe_load((book / "glossary.yml").read_text(encoding="utf-8"))
    used = {term for name in names for term, _ in _facts(name, book).terms}
    return [
        f"book/glossary.yml: no chapter links to {entry['en']!r}: say "
        f"{{term}}`... <{entry['en']}>` where one first uses it"
        for entry in entries
        if entry["en"] not in used
    ]


def _facts(name: str, book: Path) -> Facts:
    path = book / pages.LANGUAGES[0] / f"{name}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return Facts.nothing() if header_problems("", text) else facts(text)


def main(arguments: Sequence[str] = ()) -> int:
    """Prints every problem; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright checks", description=__doc__)
    parser.parse_args(arguments)
    problems = all_problems() + unfinished() + links.problems()
    drafts = unfinished(draft=True)
    if ready.merging():
        problems += drafts
    else:
        for line in drafts:
            print(f"draft: {line}")
    tell_problems(problems)
    print(f"checks: {len(problems)} problems in {len(pages.page_names())} chapters")
    if drafts and not ready.merging():
        print("drafts build here, but CI takes none: see above what is still missing")
    return 1 if problems else 0
