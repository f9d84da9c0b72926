"""The benchmarks: `make bench`, or `make bench ONLY="chapters build"` for some points.

A point is one module of this package with a function `measure(point)`. It takes a
`benchmarks.results.Point`, which holds what is measured already, and has the rest measured; most
hand it to `benchmarks.turns.take` with a list of `turns.Case`, and are done:

    def measure(point: results.Point) -> None:
        turns.take(point, [turns.Case("imdb", {"book": turns.Side([...]), "sources": ...})])

What is no run is kept by `point.case(name).note(what, fact)`. A point whose cases want a table of
another form has `table(cases)`, which returns Markdown; otherwise `benchmarks.show.table` serves.

Each run is written to `benchmarks/results.json` at once: a command that was stopped goes on where
it was. What is there counts until the code of the case or the machine changes; `FRESH=1` measures
anew.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import results, show
from bookwright import durable
from bookwright.book import ROOT
from bookwright.problems import Problem, attempt, foreseen, tell

POINTS: tuple[str, ...] = ("sites",)
DOCUMENTS = (ROOT / "benchmarks" / "README.md",)


def measure(names: Sequence[str], file: Path, fresh: bool = False) -> list[Problem]:
    """Measures what is left of some points; returns what went wrong.

    A point whose measuring fails does not keep the next ones from theirs.
    """
    found = []
    for name in names:
        try:
            importlib.import_module(f"benchmarks.{name}").measure(results.Point(name, file, fresh))
        except Exception as error:
            if not foreseen(error):
                raise
            found.append(Problem(f"{name}: {error}"))
    return found


def tell_results(names: Sequence[str], file: Path, documents: Sequence[Path]) -> None:
    """Prints the tables of some points, and writes them where documents show them."""
    found = results.read(file)
    for name in names:
        if name in found:
            print(f"\n{name}: {show.point(name, found[name])}")
    for document in documents:
        if document.exists():
            durable.write(document, show.fill(document.read_text(encoding="utf-8"), found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, and prints the tables; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("points", nargs="*", metavar="point", help=", ".join(POINTS))
    parser.add_argument("--fresh", action="store_true", help="what is measured does not count")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.points if name not in POINTS]:
        parser.error(f"no point is called {', '.join(unknown)}; there are: {', '.join(POINTS)}")
    names = given.points or POINTS

    def work() -> int:
        problems = measure(names, results.RESULTS, given.fresh)
        tell_results(names, results.RESULTS, DOCUMENTS)
        return tell(problems)

    # Ended from outside, the process that is being measured ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return attempt(work, "what was measured is kept, and the same command goes on from there")


if __name__ == "__main__":
    sys.exit(main())
