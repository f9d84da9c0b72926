"""Whether cells and sentences of a page fit: claims, measurements, exercises, the run's record.

Where the book's helper package has the modules `claims`, `exercises` and `report`, cells measure by
`claims.effect` and the other kinds of claims, `exercises.check` and `exercises.solution`, and the
last calls `report.end_page`. A package may hand over the same by other names: then the page that is
built says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from bookwright import book
from bookwright.checks.kinds import measured
from bookwright.problems import Problem
from bookwright.source.facts import Facts, Found, calls, facts, left_over


def _measurements(where: str, page: Facts) -> Iterator[Problem]:
    """Claims that no cell measures, measurements that no sentence states, and those made twice."""
    found_calls = [Found(each.claim, each.line) for each in measured(page.cells)]
    for claim, line in page.claims:
        if claim not in {found.what for found in found_calls}:
            call = f"claims.effect({claim!r}, ...) or another kind"
            yield Problem(f"no cell measures the claim {claim!r}: call {call}", where, line)
    for claim, line in found_calls:
        if claim not in {found.what for found in page.claims}:
            what = f"a cell measures {claim!r}, but no sentence is marked {{claim}} {claim}"
            yield Problem(what, where, line)
    for what, found in (("sentence", page.claims), ("measurement", found_calls)):
        once = [Found(claim, 0) for claim in {claim for claim, _ in found}]
        for claim, line in left_over(found, once):
            yield Problem(f"the claim {claim!r} has more than one {what}", where, line)


def _exercises(where: str, page: Facts) -> Iterator[Problem]:
    """Exercises without a check or a solution."""
    stubs, solutions = (calls(page.cells, f"exercises.{part}") for part in ("check", "solution"))
    for some, others, lacking in ((stubs, solutions, "solution"), (solutions, stubs, "check")):
        for name, line in left_over(some, others):
            call = f"exercises.{lacking}({name!r}, ...)"
            yield Problem(f"the exercise {name!r} has no {call}", where, line)
    count = [found.what for found in page.directives].count("{exercise}")
    if len(stubs) != count:
        names = [stub.what for stub in stubs]
        yield Problem(f"{count} exercises, but checks for {names}: each needs one", where)


def _record(where: str, page: Facts) -> Iterator[Problem]:
    """The end of a page that runs, which says how it ran."""
    if not any("report.end_page(" in cell.source for cell in page.cells):
        yield Problem("the last cell does not call report.end_page(...)", where)
    if "{run-info}" not in [found.what for found in page.directives]:
        yield Problem("the page does not end with {run-info}", where)


def _has(module: str) -> bool:
    return (book.ROOT / book.BOOK.helper / f"{module}.py").exists()


def claim_problems(where: str, text: str) -> list[Problem]:
    """Every claim is measured once, every measurement is a claim, and the run is recorded."""
    page, found = facts(text), list[Problem]()
    if _has("claims"):
        found += _measurements(where, page)
    if _has("exercises"):
        found += _exercises(where, page)
    if _has("report") and page.cells:
        found += _record(where, page)
    return found
