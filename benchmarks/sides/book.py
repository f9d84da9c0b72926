"""The book's way, as its chapters go it: `python -m benchmarks.sides.book NAME`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import keras
import numpy as np
import scipy.sparse

from benchmarks.sides import common
from benchmarks.sides.recurrent import EPOCHS, start
from lessons_src import data, encoding, feed, training


def nbytes(matrix: scipy.sparse.csr_matrix) -> int:
    """What a sparse matrix holds."""
    return matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes


class _Dealt(feed.Batches):
    """The batches that the other side gets of `fit`, and a note of when each epoch ended."""

    stamps = common.Stamps()

    def on_epoch_end(self) -> None:
        if hasattr(self, "order"):
            self.stamps.epoch()
        self.order = common.order(len(self.y))


def _train(
    units: Sequence[int], activation: str, loss: str, dataset: data.TextDataset, epochs: int
) -> None:
    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((common.N_WORDS,), sparse=True)])
        for n in units[:-1]:
            model.add(feed.SparseDense(n, "relu"))
        model.add(keras.layers.Dense(units[-1], activation))
        model.compile("rmsprop", loss, metrics=["accuracy"])
        return model

    x_test, y_test = dataset.open_test()
    train = encoding.multi_hot(list(dataset.x_train), common.N_WORDS), dataset.y_train
    validation = encoding.multi_hot(list(x_test), common.N_WORDS), y_test
    feed.Batches = _Dealt  # type: ignore[misc]
    [run] = training.train_over_seeds(
        build,
        train,
        validation,
        seeds=[common.seed()],
        epochs=epochs,
        batch_size=common.BATCH_SIZE,
    )
    common.tell(
        epoch=_Dealt.stamps.median,
        arrays=nbytes(train[0]) + nbytes(validation[0]),
        losses=run.history["loss"],
        val_losses=run.history["val_loss"],
    )


def imdb() -> None:
    """Reviews, 16-16-1."""
    dataset = data.load_imdb(num_words=common.N_WORDS)
    _train([16, 16, 1], "sigmoid", "binary_crossentropy", dataset, epochs=5)


def reuters() -> None:
    """Newswires, 128-128-46."""
    dataset = data.load_reuters(num_words=common.N_WORDS)
    _train([128, 128, 46], "softmax", "sparse_categorical_crossentropy", dataset, epochs=10)


def recurrent(n_back: int | None) -> None:
    """The chapter's network, on word ids."""
    begun = start(n_back)
    network, stamps, taken = begun.network, common.Stamps(), []
    train_on_batch = network.train_on_batch

    def timed(ids: np.ndarray, y: np.ndarray) -> float:
        at = time.perf_counter()
        loss = train_on_batch(ids, y)
        taken.append(time.perf_counter() - at)
        return loss

    network.train_on_batch = timed
    history = network.fit(
        *begun.train, EPOCHS, begun.validation, after_epoch=lambda _: stamps.epoch()
    )
    common.tell(
        epoch=stamps.median,
        batch=float(np.median(taken)),
        arrays=begun.train[0].nbytes + begun.validation[0].nbytes,
        losses=history["loss"],
        val_losses=history["val_loss"],
    )


def main(name: str) -> None:
    """Does the work of one case."""
    if name in ("imdb", "reuters"):
        {"imdb": imdb, "reuters": reuters}[name]()
    else:
        recurrent({"rnn": 10, "rnn-whole": None}[name])


if __name__ == "__main__":
    main(sys.argv[1])
