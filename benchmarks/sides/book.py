"""The book's way, as its chapters go it: `python -m benchmarks.sides.book NAME`.

`imdb`, `reuters` and `rnn...` read the data as the chapters do; `today-...` start from what all
libraries start from.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import scipy.sparse

from benchmarks.sides import common
from benchmarks.sides.recurrent import CASES, Start, start
from lessons_src import data, encoding, feed, training

# PyTorch's RMSprop adds epsilon to the root, Keras' adds it under the root. All have one so small,
# 1e-15 or its square, that the steps are the same: with 1e-7 some weights' steps are not.
RMSPROP = {"learning_rate": 1e-3, "epsilon": 1e-30}
_LOSSES = {1: "binary_crossentropy", 46: "sparse_categorical_crossentropy"}


def nbytes(matrix: scipy.sparse.csr_matrix) -> int:
    """What a sparse matrix holds."""
    return matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes


def build(layer: type[keras.layers.Dense], name: str, optimizer: Any) -> keras.Model:  # noqa: ANN401
    """A compiled classifier of sparse multi-hot texts, its first layers of some class."""
    units = common.UNITS[name]
    model = keras.Sequential([keras.Input((common.N_WORDS,), sparse=True)])
    for n in units[:-1]:
        model.add(layer(n, "relu"))
    model.add(keras.layers.Dense(units[-1], "sigmoid" if units[-1] == 1 else "softmax"))
    model.compile(optimizer, _LOSSES[units[-1]], metrics=["accuracy"])
    return model


class _Dealt(feed.Batches):
    """The batches that the other sides take, and a note of when each epoch ended."""

    stamps = common.Stamps()
    name = ""

    def on_epoch_end(self) -> None:
        if hasattr(self, "order"):
            self.stamps.epoch()
        self.order = common.start(self.name)["order"]


def _train(name: str, sets: Sequence[Any], optimizer: Any) -> None:  # noqa: ANN401
    """Trains a dense network.

    Args:
        name: The data set.
        sets: Word ids and labels to train on and to validate on.
        optimizer: Keras' name of it, or what makes one.
    """
    x_train, y_train, x_test, y_test = sets
    train = encoding.multi_hot(x_train, common.N_WORDS), y_train
    validation = encoding.multi_hot(x_test, common.N_WORDS), y_test
    _Dealt.name = name
    feed.Batches = _Dealt  # type: ignore[misc]
    [run] = training.train_over_seeds(
        lambda: build(feed.SparseDense, name, optimizer() if callable(optimizer) else optimizer),
        train,
        validation,
        seeds=[common.seed()],
        epochs=common.EPOCHS[name],
        batch_size=common.BATCH_SIZE,
    )
    common.tell(
        **_Dealt.stamps.numbers(),
        arrays=nbytes(train[0]) + nbytes(validation[0]),
        losses=run.history["loss"],
        val_losses=run.history["val_loss"],
    )


def dense(name: str) -> None:
    """A dense network, as its chapter does it."""
    load = data.load_imdb if name == "imdb" else data.load_reuters
    dataset = load(num_words=common.N_WORDS)
    x_test, y_test = dataset.open_test()
    sets = list(dataset.x_train), dataset.y_train, list(x_test), y_test
    _train(name, sets, "rmsprop")


def dense_today(name: str) -> None:
    """The same from where all libraries start."""
    train, test = common.texts(name)
    sets = train.lists(), train.labels, test.lists(), test.labels
    _train(name, sets, lambda: keras.optimizers.RMSprop(**RMSPROP))


def recurrent(begun: Start) -> None:
    """The chapter's network, on word ids."""
    network, stamps, taken = begun.network, common.Stamps(), []
    train_on_batch = network.train_on_batch

    def timed(ids: np.ndarray, y: np.ndarray) -> float:
        at = time.perf_counter()
        loss = train_on_batch(ids, y)
        taken.append(time.perf_counter() - at)
        return loss

    network.train_on_batch = timed
    after = lambda _: stamps.epoch()  # noqa: E731
    history = network.fit(*begun.train, common.EPOCHS["rnn"], begun.validation, after_epoch=after)
    common.tell(
        **stamps.numbers(),
        batch=float(np.median(taken)),
        arrays=begun.train[0].nbytes + begun.validation[0].nbytes,
        losses=history["loss"],
        val_losses=history["val_loss"],
    )


def recurrent_today() -> None:
    """The same on those reviews that all libraries start from."""
    begun = start(None)
    train, validation = ((half.words, half.labels) for half in common.texts("rnn"))
    recurrent(begun._replace(train=train, validation=validation))


def main(name: str) -> None:
    """Does the work of one case."""
    if name in common.UNITS:
        dense(name)
    elif name == "today-rnn":
        recurrent_today()
    elif name.startswith("today-"):
        dense_today(name.removeprefix("today-"))
    else:
        recurrent(start(*CASES[name]))


if __name__ == "__main__":
    main(sys.argv[1])
