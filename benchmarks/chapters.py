"""The chapters' way against the sources' way of doing the same work.

Both train the same network from the same weights on the same batches in the same order, and have to
end the first epoch at the same loss. Each turn has its own seed, so that the sources' losses can be
held against those that they print.
"""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable, Mapping

from benchmarks import turns
from benchmarks.results import Point, Run
from bookwright.book import ROOT
from retraining import made_with

RUNS = 5
# Of the first epoch's losses: rounding makes much less of a difference, another seed much more.
WITHIN = 1e-3
# How much of the sources' memory and time ours may take.
GOALS = {
    "imdb": {"memory": 0.15, "wall": 0.6},
    "reuters": {"memory": 0.3, "wall": 0.8},
    "rnn": {"memory": 0.1, "wall": 0.3},
    "rnn-whole": {"memory": 0.1, "wall": 0.3},
}


def agree(turn: Mapping[str, Run]) -> str:
    """What differs between two sides after one epoch; "" if nothing does."""
    for name in ("losses", "val_losses"):
        first = {side: run[name][0] for side, run in turn.items()}
        if max(first.values()) - min(first.values()) > WITHIN:
            told = ", ".join(f"{side} {loss:.5f}" for side, loss in first.items())
            return f"{name} after one epoch are more than {WITHIN} apart: {told}"
    return ""


@functools.cache  # once for all sides
def _make(name: str) -> None:
    command = [sys.executable, "-m", "benchmarks.sides.material", name, str(RUNS)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def prepare(name: str) -> Callable[[], None]:
    """Has that written from which all sides of a case start; for `Side.prepare`."""
    return functools.partial(_make, name)


def case(name: str) -> turns.Case:
    """One network, trained in both ways."""
    files = [f"benchmarks/sides/{file}.py" for file in ("book", "sources", "common")]
    if name.startswith("rnn"):
        files += ["benchmarks/sides/recurrent.py", *made_with.chapter_classes()]
        files += ["lessons_src/chapters/rnn.py", "retraining/sets.py"]
        before = None
    else:
        files += ["benchmarks/sides/material.py"]
        files += [f"lessons_src/{file}.py" for file in ("encoding", "feed", "training")]
        before = prepare(name)
    return turns.Case(
        name,
        {
            side: turns.Side(
                [sys.executable, "-m", f"benchmarks.sides.{side}", name], prepare=before
            )
            for side in ("book", "sources")
        },
        files=files,
        runs=RUNS,
        goals=GOALS[name],
        agree=agree,
    )


def measure(point: Point) -> None:
    """Measures all four networks."""
    turns.take(point, map(case, GOALS))
