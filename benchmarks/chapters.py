"""The chapters' way against the sources' way of doing the same work.

Both train the same network from the same weights on the same batches in the same order, and have to
end the first epoch at the same loss. Each turn has its own seed, so that the sources' losses can be
held against those that they print.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks import MADE, turns
from benchmarks.results import Point, Run
from bookwright import durable
from lessons_src.reproduction import results
from lessons_src.reproduction.comparison import Comparison
from retraining import made_with

RUNS = 5
# Of the first epoch's losses: rounding makes much less of a difference, another seed much more.
WITHIN = 1e-3
# How much of the sources' memory and time ours may take.
GOALS = {
    "imdb": {"memory": 0.15, "wall": 0.6},
    "reuters": {"memory": 0.3, "wall": 0.8},
    "rnn": {"memory": 0.1, "wall": 0.3, "batch": 0.3},
    "rnn-whole": {"memory": 0.1, "wall": 0.3, "batch": 0.3},
}
# Gradients that go all the way back can explode, and then rounding alone leads elsewhere within an
# epoch: that both sides do the same work is seen in 64 bits, from the same seeds.
IN_64_BITS = {"rnn-whole": "rnn-whole-64"}


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
    of = turns.code_of([f"benchmarks/sides/{file}.py" for file in ("material", "common")])
    noted = MADE / f"material-{name}"
    if noted.exists() and noted.read_text(encoding="utf-8") == of:
        return
    command = [sys.executable, "-m", "benchmarks.sides.material", name, str(RUNS)]
    turns.make(command, f"what all sides of {name} start from")
    durable.write(noted, of)


def prepare(name: str) -> Callable[[], None]:
    """Has that written from which all sides of a case start; for `Side.prepare`."""
    return functools.partial(_make, name)


def _side(side: str, name: str, before: Callable[[], None] | None) -> turns.Side:
    command = [sys.executable, "-m", f"benchmarks.sides.{side}", name]
    return turns.Side(command, prepare=before, one_core=True)


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
        {side: _side(side, name, before) for side in ("book", "sources")},
        files=files,
        runs=RUNS,
        goals=GOALS.get(name, {}),
        agree=None if name in IN_64_BITS else agree,
    )


def cases() -> list[turns.Case]:
    """All networks, with what shows that both sides do the same work before what it is of."""
    return [case(each) for name in GOALS for each in (IN_64_BITS.get(name), name) if each]


# What a source prints of its first epoch, by what our runs of its way call it: its training and
# the metric there. The recurrent network's source prints no loss.
PRINTED = {
    ("imdb", "progress_bar"): ("004-original", "loss"),
    ("imdb", "val_losses"): ("004-original", "val_loss"),
    ("reuters", "losses"): ("000-default", "loss"),
    ("reuters", "val_losses"): ("000-default", "val_loss"),
}


def printed(found: Mapping[str, Any]) -> dict[tuple[str, str], Comparison]:
    """What the sources print of their first epochs, against their way as it was measured.

    Args:
        found: The cases of this point in the results.
    """
    comparisons = {}
    for (name, number), (training, metric) in PRINTED.items():
        if name not in found:
            continue
        text = results.logs()[training][metric][0]
        values = [run[number] for run in found[name]["runs"]["sources"]]
        ours = np.array([value[0] if isinstance(value, list) else value for value in values])
        digits = len(text.partition(".")[2])
        comparisons[name, metric] = Comparison(float(text), digits, ours)
    return comparisons


def measure(point: Point) -> None:
    """Measures all networks.

    Raises:
        SideError: A side failed, or the sources' way does not give what the sources print.
    """
    turns.take(point, cases())
    for (name, metric), one in printed(point.cases).items():
        if not one.inside:
            told = f"{one.published} is printed, {one.mean:.4f} ± {one.std:.4f} came out"
            raise turns.SideError(f"{name}: not the source's {metric} of the first epoch: {told}")
