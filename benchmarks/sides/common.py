"""What the sides share: texts, a start, the clock. Needs NumPy alone, so that any library may."""

from __future__ import annotations

import json
import os
import time
from typing import Any, NamedTuple

import numpy as np

from benchmarks import MADE, TURN

N_WORDS = 10_000
BATCH_SIZE = 512
UNITS = {"imdb": (16, 16, 1), "reuters": (128, 128, 46)}  # of the layers of the dense networks
EPOCHS = {"imdb": 5, "reuters": 10, "rnn": 2}
# Of the recurrent network, where others than the sources are compared: fewer reviews will do.
N_REVIEWS, N_VALIDATION = 3_200, 1_000


class Texts(NamedTuple):
    """One half of a data set as its word ids one after the other, and how many each text has."""

    words: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray

    def lists(self) -> list[Any]:
        """The word ids of each text."""
        return np.split(self.words, np.cumsum(self.lengths)[:-1])


def seed() -> int:
    """The seed of this turn, the same for all sides."""
    return int(os.environ.get(TURN, "0"))


def texts(name: str) -> tuple[Texts, Texts]:
    """A data set's two halves, as `benchmarks.sides.material` wrote them."""
    with np.load(MADE / f"texts-{name}.npz") as found:
        both = [Texts(*(found[f"{half}_{part}"] for part in Texts._fields)) for half in "01"]
    return both[0], both[1]


def start(name: str) -> dict[str, np.ndarray]:
    """With what all sides begin in this turn: `order` of the samples, weights `w0`, `w1`, ...

    `order` is the same in every epoch, or has a row for each.
    """
    with np.load(MADE / f"start-{name}-{seed()}.npz") as found:
        return dict(found)


class Stamps:
    """When each epoch ended, and what it took: from the end of one to the end of the next.

    The first epoch has no such time: there programs are traced and compiled.
    """

    def __init__(self) -> None:
        self._at: list[tuple[float, float]] = []

    def epoch(self) -> None:
        """An epoch has ended."""
        self._at.append((time.perf_counter(), time.process_time()))

    def numbers(self) -> dict[str, float]:
        """Seconds of the median epoch, by the clock and of the processor."""
        steps = [np.subtract(b, a) for a, b in zip(self._at, self._at[1:], strict=False)]
        wall, cpu = np.median(steps, axis=0)
        return {"epoch": float(wall), "epoch_cpu": float(cpu)}


def tell(**numbers: Any) -> None:  # noqa: ANN401
    """Prints the line that the harness reads."""
    print(f"\n{json.dumps(numbers)}", flush=True)
