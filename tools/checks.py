"""What can be wrong with the pages before they run: parity, headers, claims, typed results.

`python -m tools.checks` lists every problem with its page and line, and exits 1 if there is one.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import yaml
from markdown_it.token import Token

from tools import pages
from tools.page_facts import (
    VERBATIM,
    Cell,
    Facts,
    Found,
    calls,
    facts,
    is_directive,
    left_over,
    options,
    tokens,
)

_HEADER = ("jupytext", "kernelspec")
_BOOK = pages.ROOT / "book"

# A number in prose that looks like what a run gave, or like a constant of an experiment. A unit is
# none if the word goes on: 초기화 is not 초, 분류 not 분, 배치 not 배.
_TYPED = re.compile(
    r"""
      \d[\d.,]*\s*(?:%|퍼센트|percent|초(?!기)|분(?![류석포산할의])|배(?!치)
                  |seconds?|minutes?|times|ms|[KMG]i?B|바이트|bytes?)
    | \d+\.\d+
    | \d{1,3}(?:,\d{3})+
    | \d{4,}
    | \d+(?:\s|-|개의?|\s개)*(?:에포크|유닛|시드|주제|기사|epoch|unit|seed|topic|newswire)
    | (?:배치\s크기|batch\ssize)[^\d\0]{0,6}\d+
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Directives whose argument names something.
_NAMING = (*VERBATIM, "{claim}", "{glue:", "{figure}", "{image}", "{include}")


def compare(name: str, korean: Facts, english: Facts) -> list[str]:
    """Lists what one language's page has and the other's lacks."""
    problems = []
    ko, en = f"book/ko/{name}.md", f"book/en/{name}.md"
    for what in ("labels", "directives", "claims"):
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


def _prose(children: Iterable[Token]) -> str:
    """Text that somebody typed; a role, code, formula or quotation in it becomes a NUL."""
    prose, quoted = "", []
    for child in children:
        if child.type == "span_open":
            quoted.append("quoted" in str(child.attrs.get("class", "")).split())
        elif child.type == "span_close":
            quoted.pop()
        elif child.type in ("softbreak", "hardbreak"):
            prose += "\n"
        elif child.type in ("text", "image") and not any(quoted):
            prose += child.content  # of an image, its alternative text
        elif child.type.endswith(("_open", "_close")):
            pass  # bold type or a link does not part a number from its unit
        else:
            prose += "\0"
    return prose


def typed_results(where: str, text: str) -> list[str]:
    """Finds results and constants of experiments that somebody typed instead of glueing them."""
    problems = []

    def look(prose: str, line: int) -> None:
        for found in _TYPED.finditer(prose):
            here = line + prose.count("\n", 0, found.start())
            number = " ".join(found[0].split())
            problems.append(
                f"{where}:{here}: {number!r} is typed: take it from a cell with "
                "{glue:text}, or mark a quotation as [...]{.quoted}"
            )

    for token, line in tokens(text):
        if token.type == "inline":
            look(_prose(token.children or []), line)
        elif is_directive(token):
            if not token.info.startswith(_NAMING):
                look(token.info.partition(" ")[2], line)
            for number, (option, value) in enumerate(options(token), start=1):
                look(value if option in ("alt", "caption") else "", line + number)
    return problems


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
    chapters = Counter(claim for name in names for claim in _claims(name, book))
    problems += [f"two chapters have the claim {claim!r}" for claim, n in chapters.items() if n > 1]
    return problems


def _claims(name: str, book: Path) -> set[str]:
    path = book / pages.LANGUAGES[0] / f"{name}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return set() if header_problems("", text) else {claim for claim, _ in facts(text).claims}


def main() -> int:
    """Prints every problem; returns the exit status."""
    problems = all_problems()
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"checks: {len(problems)} problems in {len(pages.page_names())} chapters")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
