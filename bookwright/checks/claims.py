"""Whether cells and sentences of a page fit: claims, measurements, exercises, the run's record."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bookwright.source.facts import Cell, Found, calls, facts, left_over


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
