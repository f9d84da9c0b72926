"""With what the sides of the recurrent network begin: the chapter's weights, order and texts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from benchmarks.sides import common
from retraining import settings
from retraining.recurrent import networks
from retraining.sets import imdb_sequences


class Start(NamedTuple):
    """The chapter's network before it is trained, and the texts with labels (n_samples, 1)."""

    network: Any
    transposed: bool  # or as the source, which carries errors back by the weights as they are
    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]


# By case: how many steps it goes back, all for None, and in which arithmetic.
CASES = {"rnn": (10, "float32"), "rnn-whole": (None, "float32"), "rnn-whole-64": (None, "float64")}


def start(n_back: int | None, dtype: str = "float32") -> Start:
    """A network of this turn's seed.

    Args:
        n_back: Steps to go back: as many as the source, without its transpose as there, or all.
        dtype: Of its weights.
    """
    transposed = n_back is None
    name = settings.RECURRENT["002-transposed" if transposed else "002-source"]
    kind = networks(settings.recurrent_sources())[name]
    (x_train, y_train), (x_validation, y_validation), _ = imdb_sequences()
    network = kind(int(x_train.max()) + 1, n_back=n_back, seed=common.seed(), dtype=dtype)
    labels = [y.reshape(-1, 1).astype("float32") for y in (y_train, y_validation)]
    return Start(network, transposed, (x_train, labels[0]), (x_validation, labels[1]))
