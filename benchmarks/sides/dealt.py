"""Notes in which order Keras' `fit` deals the samples: `python -m benchmarks.sides.dealt N SEEDS`.

So the book's side can take the batches that the sources' side gets of `fit`. That both took the
same ones is seen by their losses.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from benchmarks.sides import common
from bookwright import durable


class _Watching(keras.Model):
    """Learns nothing and notes the numbers that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[np.ndarray] = []

    def train_step(self, data: Any) -> dict[str, float]:  # noqa: ANN401
        self.seen.append(data[0].numpy()[:, 0])
        return {"loss": 0.0}


def dealt(n_samples: int, seed: int) -> np.ndarray:
    """The order in which `fit` deals so many samples once this seed was set, shape (n_samples,)."""
    keras.utils.set_random_seed(seed)
    model = _Watching()
    model.compile(loss="mse", run_eagerly=True)
    numbers = np.arange(n_samples)[:, None]
    model.fit(numbers, numbers, batch_size=common.BATCH_SIZE, verbose=0)
    return np.concatenate(model.seen)


def main(arguments: Sequence[str]) -> None:
    """Writes a file for each seed from 0 on."""
    n_samples, n_seeds = map(int, arguments)
    for seed in range(n_seeds):
        file = io.BytesIO()
        np.save(file, dealt(n_samples, seed))
        durable.write(common.order_file(n_samples, seed), file.getvalue())


if __name__ == "__main__":
    main(sys.argv[1:])
