"""Lists what a chapter still lacks before it may be merged."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bookwright import book
from bookwright.checks import all, ready
from bookwright.claims import judge, pool
from bookwright.problems import attempt, tell, tell_problem
from bookwright.source import needed
from bookwright.source.facts import chapter_facts

_STATES = {
    "missing": "is not replicated yet",
    "short": "has too few fresh seeds yet",
    "earlier": "was measured with an earlier version of its cells",
}


def unreplicated(name: str) -> list[str]:
    """The claims of a chapter that its pool does not decide, and what to do.

    Nothing else asks for the pool: fresh seeds take long, and are measured when the cells are done.

    Args:
        name: A chapter whose cells are Python.
    """
    kept = pool.read(name)["claims"]
    codes = needed.claim_hashes(cell.source for cell in chapter_facts(name).cells)
    states = {claim: judge.state(kept.get(claim), code) for claim, code in codes.items()}
    where = pool.path(name).relative_to(book.ROOT).as_posix()
    return [
        f"{where}: the claim {claim!r} {_STATES[state]}: make replicate PAGES={name}"
        for claim, state in states.items()
        if state in _STATES
    ]


def _list(name: str) -> int:
    wrong = all.page_problems(name)
    _, lacking = ready.problems(name)
    waiting = [] if wrong else unreplicated(name)
    tell(wrong)
    for title, lines in (("missing", lacking), ("replicate", waiting)):  # in the order to do it
        for number, line in enumerate(lines, start=1):
            print(f"{title} {number}/{len(lines)}  {line}")
    if wrong or lacking or waiting:
        return 1
    print(f"{name}: nothing is missing. Now run `make test`.")
    return 0


def main(arguments: Sequence[str]) -> int:
    """Prints what a chapter lacks; returns 0 if that is nothing."""
    parser = argparse.ArgumentParser(prog="python -m bookwright ready", description=__doc__)
    parser.add_argument("name", help="the chapter, as in _toc.yml")
    name, names = parser.parse_args(arguments).name, book.chapters()
    if name not in names:
        tell_problem(f"expected NAME=, one of {', '.join(names)}; got {name!r}")
        return 2
    return attempt(lambda: _list(name), "nothing was changed")
