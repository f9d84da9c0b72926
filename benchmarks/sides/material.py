"""Writes what the sides share: `python -m benchmarks.sides.material NAME N_SEEDS`.

Texts as plain numbers, which any library reads, and for each seed the weights to start from and the
order in which Keras' `fit` deals the samples: so all sides can take the batches that one of them
gets of `fit`. That they took the same ones is seen by their losses.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from benchmarks import MADE
from benchmarks.sides import common
from bookwright import durable
from lessons_src import data
from retraining import settings
from retraining.recurrent import networks
from retraining.sets import imdb_sequences


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


def _weights(units: Sequence[int], seed: int) -> list[np.ndarray]:
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(n) for n in units]
    return keras.Sequential([keras.Input((common.N_WORDS,)), *layers]).get_weights()


def _write(name: str, arrays: dict[str, np.ndarray]) -> None:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    durable.write(MADE / f"{name}.npz", file.getvalue())


def _start(name: str, seed: int, order: np.ndarray, weights: Sequence[np.ndarray]) -> None:
    arrays = {f"w{number}": weight for number, weight in enumerate(weights)}
    _write(f"start-{name}-{seed}", {"order": order, **arrays})


def texts(name: str, n_seeds: int) -> None:
    """The texts of a dense network, and its starts."""
    load = data.load_imdb if name == "imdb" else data.load_reuters
    dataset = load(num_words=common.N_WORDS)
    halves = (dataset.x_train, dataset.y_train), dataset.open_test()
    arrays = {}
    for half, (x, y) in zip("01", halves, strict=True):
        arrays[f"{half}_words"] = np.concatenate([np.array(text, "int32") for text in x])
        arrays[f"{half}_lengths"] = np.array(list(map(len, x)))
        arrays[f"{half}_labels"] = y
    _write(f"texts-{name}", arrays)
    for seed in range(n_seeds):
        _start(name, seed, dealt(len(dataset.y_train), seed), _weights(common.UNITS[name], seed))


def recurrent(n_seeds: int) -> None:
    """Some of the reviews of the recurrent network, and its starts as the chapter's class draws."""
    (x_train, y_train), (x_validation, y_validation), _ = imdb_sequences()
    n, n_validation = common.N_REVIEWS, common.N_VALIDATION
    arrays = {"0_words": x_train[:n], "1_words": x_validation[:n_validation]}
    arrays |= {"0_labels": y_train[:n], "1_labels": y_validation[:n_validation]}
    arrays |= {"0_lengths": np.zeros(0), "1_lengths": np.zeros(0)}  # all of one length
    _write("texts-rnn", arrays)
    kind = networks(settings.recurrent_sources())[settings.RECURRENT["002-transposed"]]
    for seed in range(n_seeds):
        network = kind(int(x_train.max()) + 1, seed=seed)
        orders = [network.rng.permutation(n) for _ in range(common.EPOCHS["rnn"])]
        _start("rnn", seed, np.stack(orders), network.parameters())


def main(name: str, n_seeds: int) -> None:
    """Writes what one case needs."""
    if name == "rnn":
        recurrent(n_seeds)
    else:
        texts(name, n_seeds)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
