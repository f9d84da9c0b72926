"""Lists what a chapter still lacks before it may be merged."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bookwright import book
from bookwright.checks import all, ready
from bookwright.problems import attempt, tell_problem


def _list(name: str) -> int:
    wrong = all.page_problems(name)
    _, lacking = ready.problems(name)
    for title, lines in (("wrong", wrong), ("missing", lacking)):
        for number, line in enumerate(lines, start=1):
            print(f"{title} {number}/{len(lines)}  {line}")
    if not (wrong or lacking):
        print(f"{name}: nothing is missing. Now run `make test`.")
    return 1 if wrong or lacking else 0


def main(arguments: Sequence[str]) -> int:
    """Prints what a chapter lacks; returns 0 if that is nothing."""
    parser = argparse.ArgumentParser(prog="python -m bookwright ready", description=__doc__)
    parser.add_argument("name", help="the chapter, as in _toc.yml")
    name, names = parser.parse_args(arguments).name, book.chapters()
    if name not in names:
        tell_problem(f"expected NAME=, one of {', '.join(names)}; got {name!r}")
        return 2
    return attempt(lambda: _list(name), "nothing was changed")
