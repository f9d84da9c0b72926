"""Reuters newswires with the 1,000 most frequent ids, on small networks in NumPy.

Each public function returns one number for each seed: positive where it is as a source says, or 0
where a source says that there is no difference.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from lessons_src import data, encoding
from retraining.measures import layers
from retraining.settings import SEEDS


@functools.cache
def _newswires(n_words: int) -> tuple[np.ndarray, ...]:
    found = data.load_reuters(num_words=n_words)
    x, x_test = (
        np.asarray(encoding.multi_hot(list(x), n_words).todense(), dtype="float32")
        for x in (found.x_train, found.x_test)
    )
    return x, found.y_train, x_test, found.y_test


class _Network:
    """Two hidden layers and a softmax in NumPy, trained by RMSprop with Keras' defaults."""

    def __init__(self, sizes: Sequence[int], activation: str, initializer: str, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.activation, self.rng, self.weights = activation, rng, []
        last = len(sizes) - 2
        for number, (n, m) in enumerate(itertools.pairwise(sizes)):
            std = {"he": np.sqrt(2 / n), "glorot": np.sqrt(2 / (n + m))}[
                initializer if number < last else "glorot"
            ]
            self.weights += [rng.normal(0, std, size=(n, m)), np.zeros(m)]
        self.weights = [w.astype("float32") for w in self.weights]
        self.squares = [np.zeros_like(w) for w in self.weights]

    def forward(self, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
        values, sums = [x], []
        for kernel, bias in zip(self.weights[:-2:2], self.weights[1:-2:2], strict=True):
            sums.append(values[-1] @ kernel + bias)
            values.append(layers.ACTIVATIONS[self.activation](sums[-1]))
        z = values[-1] @ self.weights[-2] + self.weights[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return sums, values, e / e.sum(axis=1, keepdims=True)

    def epoch(self, x: np.ndarray, y: np.ndarray, batch_size: int = 512) -> float:
        """Trains for one epoch; returns the mean loss while it ran."""
        order, losses = self.rng.permutation(len(x)), []
        for start in range(0, len(x), batch_size):
            part = order[start : start + batch_size]
            sums, values, p = self.forward(x[part])
            rows = np.arange(len(part))
            losses += list(-np.log(np.maximum(p[rows, y[part]], 1e-7)))
            p[rows, y[part]] -= 1
            back = p / len(part)
            gradients: list[np.ndarray] = []
            for layer in reversed(range(len(values))):
                gradients = [values[layer].T @ back, back.sum(axis=0), *gradients]
                if layer:
                    slope = layers.slope(self.activation, sums[layer - 1], values[layer])
                    back = (back @ self.weights[2 * layer].T) * slope.astype("float32")
            for w, v, g in zip(self.weights, self.squares, gradients, strict=True):
                v *= 0.9
                v += 0.1 * g**2
                w -= 0.001 * g / np.sqrt(v + 1e-7)
        return float(np.mean(losses))

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        return float(np.mean(self.forward(x)[2].argmax(axis=1) == y))


def he_lead_needs_relu() -> list[float]:
    """Half of He's lead over Glorot with ReLU, minus its lead with tanh.

    The lead is in the training loss of epoch 1. If ReLU were the reason for the lead, most of it
    would be gone with tanh. Reuters, 128-128, the 1,000 most frequent word ids.
    """
    x, y, *_ = _newswires(1000)

    def lead(activation: str, seed: int) -> float:
        glorot, he = (
            _Network((1000, 128, 128, 46), activation, initializer, seed).epoch(x, y)
            for initializer in ("glorot", "he")
        )
        return glorot - he

    return [lead("relu", s) / 2 - lead("tanh", s) for s in SEEDS]


@functools.cache
def _lost_by_halving(n_topics: int) -> list[float]:
    """Highest test accuracy within 20 epochs, 64-64 minus 32-32, on the most frequent topics."""
    x, y, x_test, y_test = _newswires(1000)
    topics = np.argsort(-np.bincount(y, minlength=46), kind="stable")[:n_topics]
    kept, kept_test = np.isin(y, topics), np.isin(y_test, topics)
    x, x_test = x[kept], x_test[kept_test]
    y, y_test = (np.searchsorted(np.sort(topics), z) for z in (y[kept], y_test[kept_test]))

    def best(units: int, seed: int) -> float:
        network, found = _Network((1000, units, units, n_topics), "relu", "glorot", seed), []
        for _ in range(20):
            network.epoch(x, y)
            found.append(network.accuracy(x_test, y_test))
        return max(found)

    return [float(best(64, s) - best(32, s)) for s in SEEDS]


def fewer_than_46_lose_accuracy() -> list[float]:
    """Highest test accuracy within 20 epochs: 64-64 minus 32-32 (fewer than the 46 topics).

    Reuters, the 1,000 most frequent word ids.
    """
    return _lost_by_halving(46)


def narrower_than_the_output_loses_more() -> list[float]:
    """What 32-32 loses against 64-64 with 46 topics, minus what it loses with 20 of them.

    With the 20 most frequent topics both are wider than the output. If the output's width is the
    reason, less has to be lost then. Reuters, the 1,000 most frequent word ids, highest test
    accuracy within 20 epochs.
    """
    return [a - b for a, b in zip(_lost_by_halving(46), _lost_by_halving(20), strict=True)]


def at_least_ten_newswires_a_topic() -> list[float]:
    """Training newswires of the rarest topic, minus 9 (the same data for every seed)."""
    return [
        float(np.bincount(data.load_reuters(num_words=200).y_train, minlength=46).min() - 9)
    ] * 5


def a_fifth_of_shuffled_labels_agree() -> list[float]:
    """The share of shuffled test labels that agree, minus a fifth."""
    y = data.load_reuters(num_words=200).y_test
    return [np.mean(np.random.default_rng(s).permutation(y) == y) - 0.2 for s in SEEDS]
