"""What the sides share: the seed of a turn, the order of the samples, the clock."""

from __future__ import annotations

import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.turns import TURN
from bookwright.book import ROOT

N_WORDS = 10_000
BATCH_SIZE = 512


def seed() -> int:
    """The seed of this turn, the same for all sides."""
    return int(os.environ.get(TURN, "0"))


def order_file(n_samples: int, number: int) -> Path:
    """Where `benchmarks.sides.dealt` notes in which order `fit` deals so many samples."""
    return ROOT / "_build" / "benchmarks" / f"order-{n_samples}-{number}.npy"


def order(n_samples: int) -> np.ndarray:
    """The order in which Keras' `fit` deals so many samples in every epoch of this turn."""
    return np.load(order_file(n_samples, seed()))


class Stamps:
    """When each epoch ended, and what it took: from the end of one to the end of the next.

    The first epoch has no such time: there TensorFlow traces the model.
    """

    def __init__(self) -> None:
        self._at: list[float] = []

    def epoch(self) -> None:
        """An epoch has ended."""
        self._at.append(time.perf_counter())

    @property
    def median(self) -> float:
        """Seconds of an epoch."""
        return statistics.median(b - a for a, b in zip(self._at, self._at[1:], strict=False))


def tell(**numbers: Any) -> None:  # noqa: ANN401
    """Prints the line that the harness reads."""
    print(f"\n{json.dumps(numbers)}", flush=True)
