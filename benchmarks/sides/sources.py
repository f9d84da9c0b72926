"""The sources' way, written anew from their description: `python -m benchmarks.sides.sources NAME`.

Dense arrays of 64 bits for both halves of the texts, `fit` on them as they call it; one-hot arrays
of 3.2 GB for the recurrent network, whose every step multiplies them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import keras
import numpy as np

from benchmarks.sides import common
from benchmarks.sides.recurrent import CASES, Start, start
from lessons_src import data


def multi_hot(texts: np.ndarray) -> np.ndarray:
    """A row of zeros for each text, 1 where a word occurs: NumPy's default is 64 bits."""
    marked = np.zeros((len(texts), common.N_WORDS))
    for row, text in zip(marked, texts, strict=True):
        row[text] = 1
    return marked


class _Watch(keras.callbacks.Callback):
    """Notes the times of the epochs, and in the first one the running means of the loss.

    TensorFlow 2.4, which source 004 had, printed the mean of these as the first epoch's loss.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stamps = common.Stamps()
        self.running: list[list[float]] = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.running.append([])

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if len(self.running) == 1 and logs:
            self.running[0].append(float(logs["loss"]))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.stamps.epoch()


def _fit(name: str, activation: str, loss: str, sets: Sequence[np.ndarray]) -> None:
    units = common.UNITS[name]
    x_train, y_train, x_test, y_test = sets
    keras.utils.set_random_seed(common.seed())
    model = keras.Sequential([keras.Input((common.N_WORDS,))])
    for n in units[:-1]:
        model.add(keras.layers.Dense(n, "relu"))
    model.add(keras.layers.Dense(units[-1], activation))
    model.compile("rmsprop", loss, metrics=["accuracy"])
    watch = _Watch()
    history = model.fit(
        x_train,
        y_train,
        epochs=common.EPOCHS[name],
        batch_size=common.BATCH_SIZE,
        validation_data=(x_test, y_test),
        callbacks=[watch],
    ).history
    common.tell(
        **watch.stamps.numbers(),
        arrays=x_train.nbytes + x_test.nbytes,
        progress_bar=float(np.mean(watch.running[0])),
        losses=history["loss"],
        val_losses=history["val_loss"],
    )


def imdb() -> None:
    """Source 004: reviews, 16-16-1."""
    reviews = data.load_imdb(num_words=common.N_WORDS)
    x_test, y_test = reviews.open_test()
    y_train, y_test = (np.asarray(y, "float32") for y in (reviews.y_train, y_test))
    sets = multi_hot(reviews.x_train), y_train, multi_hot(x_test), y_test
    _fit("imdb", "sigmoid", "binary_crossentropy", sets)


def reuters() -> None:
    """Source 000: newswires, 128-128-46."""
    newswires = data.load_reuters(num_words=common.N_WORDS)
    x_test, y_test = newswires.open_test()
    y_train, y_test = map(keras.utils.to_categorical, (newswires.y_train, y_test))
    sets = multi_hot(newswires.x_train), y_train, multi_hot(x_test), y_test
    _fit("reuters", "softmax", "categorical_crossentropy", sets)


class Network:
    """Source 002's network: every step multiplies one-hot rows, and the states are 64 bits."""

    def __init__(self, begun: Start) -> None:
        self.w1h, self.w1x, _, self.w2, _ = (each.copy() for each in begun.network.parameters())
        self.b1, self.b2 = np.zeros(len(self.w1h)), np.zeros(1)
        self.n_back, self.transposed = begun.network.n_back, begun.transposed
        self.learning_rate = begun.network.learning_rate

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Scores of one-hot texts, shape (n_samples, n_timesteps, n_words)."""
        self.states = [np.zeros((len(x), len(self.w1h)))]
        for words in x.swapaxes(0, 1):
            z = words @ self.w1x + self.states[-1] @ self.w1h + self.b1
            self.states.append(np.tanh(z))
        return self.states[-1] @ self.w2 + self.b2

    def step(self, x: np.ndarray, y: np.ndarray) -> float:
        """One step of gradient descent; the mean loss before it."""
        probabilities = _sigmoid(self.forward(x))
        err, n = probabilities - y, len(x)
        w2_gradient, b2_gradient = self.states[-1].T @ err / n, err.sum() / n
        delta = err @ self.w2.T * (1 - self.states[-1] ** 2)
        back = self.w1h.T if self.transposed else self.w1h
        w1h, w1x, b1 = np.zeros(self.w1h.shape), np.zeros(self.w1x.shape), np.zeros(len(self.b1))
        steps = list(zip(x.swapaxes(0, 1), self.states[:-1], strict=True))
        for words, before in reversed(steps[-self.n_back :] if self.n_back else steps):
            w1h += before.T @ delta
            w1x += words.T @ delta
            b1 += delta.sum(axis=0)
            delta = delta @ back * (1 - before**2)
        for weight, gradient in (
            *((self.w1h, w1h / n), (self.w1x, w1x / n), (self.b1, b1 / n)),
            *((self.w2, w2_gradient), (self.b2, b2_gradient)),
        ):
            weight -= self.learning_rate * gradient
        return _loss(probabilities, y)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(z, -100, None)))


def _loss(probabilities: np.ndarray, y: np.ndarray) -> float:
    a = np.clip(probabilities, 1e-10, 1 - 1e-10)
    return float(np.mean(-(y * np.log(a) + (1 - y) * np.log(1 - a))))


def recurrent(begun: Start) -> None:
    """Source 002: every epoch shuffles a copy of the whole one-hot array."""
    ones = np.eye(len(begun.network.w1x), dtype="float32")
    (ids, y_train), (validation_ids, y_validation) = begun.train, begun.validation
    x_train, x_validation = ones[ids], ones[validation_ids]
    network, stamps = Network(begun), common.Stamps()
    losses, val_losses, taken = [], [], []
    for _ in range(common.EPOCHS["rnn"]):
        order, found = begun.network.rng.permutation(len(ids)), []
        x, y = x_train[order], y_train[order]
        for first in range(0, len(x), begun.network.batch_size):
            batch = slice(first, first + begun.network.batch_size)
            at = time.perf_counter()
            found.append(network.step(x[batch], y[batch]))
            taken.append(time.perf_counter() - at)
        losses.append(float(np.mean(found)))
        val_losses.append(_loss(_sigmoid(network.forward(x_validation)), y_validation))
        stamps.epoch()
    common.tell(
        **stamps.numbers(),
        batch=float(np.median(taken)),
        arrays=x_train.nbytes + x_validation.nbytes,
        losses=losses,
        val_losses=val_losses,
    )


def main(name: str) -> None:
    """Does the work of one case."""
    if name in ("imdb", "reuters"):
        {"imdb": imdb, "reuters": reuters}[name]()
    else:
        recurrent(start(*CASES[name]))


if __name__ == "__main__":
    main(sys.argv[1])
