"""The site beside what other programs make of the same pages: `make bench ONLY=sites`.

On all sides the same pages in the same words, the same drawings, the outputs of the same run: the
other programs get the notebooks that readers download, as notebooks or as Markdown, and run
nothing. MathJax comes from the same server. Each side is what its documentation begins with, and
its search has its own setting for the language. Lighthouse, npm and the built site are needed.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import results, show, turns
from benchmarks.programs import build, search
from benchmarks.results import Run
from bookwright import book, places

PAGE = "initialization"  # the one with most formulas, seven figures among them
OURS = "book"
TURNS = 5
_SHARED = ("benchmarks/server.py", "benchmarks/programs/build.py", "benchmarks/programs/sources.py")
_OF_PAGES = ("benchmarks/lighthouse.py", "benchmarks/programs/page.py")
_OF_SEARCH = (
    "benchmarks/programs/engines.py",
    "benchmarks/programs/page.py",
    "benchmarks/programs/search.py",
)
_OF_PROCESS = {"wall", "cpu", "memory"}  # what the harness measures of a process says nothing here
_TITLES = {OURS: "this book", **{name: side.title for name, side in build.SIDES.items()}}
# Numbers of which the smaller one is better, told as ratios, too.
_COMPARED = ("bytes", "requests", "ms")


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _settings() -> list[Path]:
    """The files that say what the sides are, and what their searches are asked."""
    found = [path for path in build.HERE.rglob("*.*") if path.is_file() and path.suffix != ".pyc"]
    return [*sorted(found), search.QUERIES]


def cases(sites: Mapping[str, Path]) -> Iterator[turns.Case]:
    """What a page holds and costs, and what a search finds and costs, in each language.

    Args:
        sites: The sides' sites by name, ours first.
    """
    of = {
        "PAGES": _digest(page.source for page in book.all_pages()),
        "SETTINGS": _digest(path for path in _settings() if path.parent != build.HERE),
    }

    def case(
        name: str, command: Sequence[str], last: str, files: Sequence[str], runs: int
    ) -> turns.Case:
        module, what = command
        found = {}
        for side, folder in sites.items():
            named = [side] if module.endswith("search") else []
            whole = [sys.executable, "-m", module, what, *named, str(folder), last]
            found[side] = turns.Side(whole, of)
        return turns.Case(name, found, [*_SHARED, *files], runs)

    page, asked = "benchmarks.programs.page", "benchmarks.programs.search"
    for language in book.LANGUAGES:
        path = f"{language}/{PAGE}"
        yield case(f"{language}: the page holds", (page, "counts"), path, _OF_PAGES[1:], 1)
        yield case(f"{language}: search finds", (asked, "hits"), language, _OF_SEARCH, 1)
    for language in book.LANGUAGES:
        path = f"{language}/{PAGE}"
        yield case(f"{language}: the page costs", (page, "lighthouse"), path, _OF_PAGES, TURNS)
        yield case(f"{language}: search costs", (asked, "cost"), language, _OF_SEARCH, TURNS)


def measure(point: results.Point) -> None:
    """Builds the sides and measures what is left.

    Raises:
        RuntimeError: The book is not built, or a side cannot be.
    """
    if not (places.SITE / "build.json").exists():
        raise RuntimeError("the book has to be built first: make book")
    sites = {OURS: places.SITE, **{name: build.build(name) for name in build.SIDES}}
    turns.take(point, cases(sites))


def _row(
    number: str, runs: Mapping[str, Sequence[Run]], sides: Sequence[str], ratios: bool
) -> list[str]:
    row = [number]
    for side in sides:
        values = [run[number] for run in runs[side]]
        row.append(show.spread(values))
    for other in sides[1:] if ratios else ():
        both = [*runs[sides[0]], *runs[other]]
        told = number.rpartition(" ")[2] in _COMPARED and all(run[number] for run in both)
        found = turns.ratio(runs[sides[0]], runs[other], number) if told else None
        row.append("{:.2f} ({:.2f} to {:.2f})".format(*found) if found else "–")
    return row


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]


def left_out(ours: Run, theirs: Run) -> list[str]:
    """What our page holds and another side's has nothing of."""
    return [what for what, count in ours.items() if count and theirs.get(what) == 0]


def _table(name: str, case: Mapping[str, Any]) -> str:
    runs: Mapping[str, list[Run]] = case["runs"]
    sides: list[str] = case["sides"]
    if set(runs) != set(sides):
        return f"{name}: not measured on all sides yet"
    ratios = name.endswith("costs")
    heads = [name, *(_TITLES[side] for side in sides)]
    heads += [f"book / {_TITLES[side]}" for side in sides[1:]] if ratios else []
    first = runs[sides[0]][0]
    numbers = [
        number
        for number, value in sorted(first.items(), key=lambda item: _natural(item[0]))
        if number not in _OF_PROCESS and not isinstance(value, list)
    ]
    told = [show.markdown([heads, *(_row(number, runs, sides, ratios) for number in numbers)])]
    told += [
        f"No page found within 10 by {_TITLES[side]}: {', '.join(lost)}."
        for side in sides
        if (lost := runs[side][0].get("not found"))
    ]
    if name.endswith("holds"):
        told += [
            f"{_TITLES[side]} leaves out: {', '.join(lost)}."
            for side in sides[1:]
            if (lost := left_out(first, runs[side][0]))
        ]
    return "\n\n".join(told)


def table(found: Mapping[str, Any]) -> str:
    """The cases as Markdown."""
    return "\n\n".join(_table(name, case) for name, case in sorted(found.items()))
