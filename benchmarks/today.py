"""The chapters' way against what one would write today, with Keras, PyTorch and JAX, on the CPU.

All sides read the same texts from plain files, start from the same weights, take the same batches
in the same order, and have to end the first epoch at the same loss.
"""

from __future__ import annotations

import functools
import sys

from benchmarks import MADE, environments, turns
from benchmarks.chapters import RUNS, agree, prepare
from benchmarks.results import Point
from bookwright import environment
from bookwright.book import ROOT
from retraining import made_with

REQUIREMENTS = ROOT / "benchmarks" / "requirements-today.txt"
_ENVIRONMENT = MADE / "today"
_PYTHON = environment.program(_ENVIRONMENT, "python")


@functools.cache  # once for all sides
def _environment() -> None:
    environments.make(_ENVIRONMENT, REQUIREMENTS, "PyTorch and JAX")


def _book(name: str) -> turns.Side:
    command = [sys.executable, "-m", "benchmarks.sides.book", f"today-{name}"]
    return turns.Side(command, prepare=prepare(name), one_core=True)


def _keras(side: str, name: str) -> turns.Side:
    command = [sys.executable, "-m", "benchmarks.sides.keras_today", side, name]
    return turns.Side(command, prepare=prepare(name), one_core=True)


def _other(library: str, name: str) -> turns.Side:
    command = [str(_PYTHON), "-m", f"benchmarks.sides.{library}_today", name]
    return turns.Side(command, prepare=_environment, one_core=True)


def cases() -> list[turns.Case]:
    """The dense networks and the recurrent one."""
    files = [f"benchmarks/sides/{file}.py" for file in ("book", "common", "material")]
    files += [f"benchmarks/sides/{side}_today.py" for side in ("keras", "torch", "jax")]
    dense = [f"lessons_src/{file}.py" for file in ("encoding", "feed", "training")]
    recurrent = ["benchmarks/sides/recurrent.py", *made_with.chapter_classes()]
    others = {name: {side: _other(side, name) for side in ("torch", "jax")} for name in _OTHERS}
    of_keras = {
        name: {side: _keras(side, name) for side in sides} for name, sides in _KERAS.items()
    }
    return [
        turns.Case(
            name,
            {"book": _book(name), **of_keras[name], **others.get(name, {})},
            files=[*files, *(recurrent if name == "rnn" else dense)],
            runs=RUNS,
            agree=agree,
        )
        for name in _KERAS
    ]


_KERAS = {
    "imdb": ("sparse", "pipeline"),
    "reuters": ("sparse", "pipeline"),
    "rnn": ("layers", "xla"),
}
_OTHERS = ("reuters", "rnn")


def measure(point: Point) -> None:
    """Measures all three networks."""
    turns.take(point, cases())
