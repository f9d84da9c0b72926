"""Film reviews: frequent words, lengths, sequences of unequal length.

Each public function returns one number for each seed: positive where it is as a source says, or 0
where a source says that there is no difference.
"""

from __future__ import annotations

import functools

import numpy as np

from lessons_src import data, encoding
from retraining import recurrent, settings
from retraining.settings import SEEDS


@functools.cache
def _reviews(skip_top: int) -> data.TextDataset:
    return data.load_imdb(num_words=200, skip_top=skip_top)


def common_words_add_little() -> list[float]:
    """The validation accuracy that ids 4 to 19, the most frequent words, add to ids 20 to 199.

    Least squares on multi-hot vectors, another split for each seed.
    """
    found = _reviews(0)
    x = np.asarray(encoding.multi_hot(list(found.x_train), 200).todense(), dtype=float)
    y = found.y_train

    def accuracy(columns: np.ndarray, order: np.ndarray) -> float:
        features = np.column_stack([x[:, columns], np.ones(len(x))])
        fit, new = order[:20_000], order[20_000:]
        squares = features[fit].T @ features[fit] + 1e-6 * np.eye(features.shape[1])
        w = np.linalg.solve(squares, features[fit].T @ (2 * y[fit] - 1))
        return np.mean((features[new] @ w > 0) == y[new])

    results = []
    for s in SEEDS:
        order = np.random.default_rng(s).permutation(len(x))
        results.append(accuracy(np.arange(4, 200), order) - accuracy(np.arange(20, 200), order))
    return results


def common_words_alone_say_nothing() -> list[float]:
    """What ids 4 to 19 alone reach above one half in validation accuracy."""
    found = _reviews(0)
    x = np.asarray(encoding.multi_hot(list(found.x_train), 200).todense(), dtype=float)[:, 4:20]
    features, y, results = np.column_stack([x, np.ones(len(x))]), found.y_train, []
    for s in SEEDS:
        order = np.random.default_rng(s).permutation(len(x))
        fit, new = order[:20_000], order[20_000:]
        squares = features[fit].T @ features[fit] + 1e-6 * np.eye(features.shape[1])
        w = np.linalg.solve(squares, features[fit].T @ (2 * y[fit] - 1))
        results.append(np.mean((features[new] @ w > 0) == y[new]) - 0.5)
    return results


def most_words_left_out() -> list[float]:
    """Share of words left out (id 2) in a fifth of the training reviews each, minus one half."""
    texts = _reviews(20).x_train
    return [sum(t.count(2) for t in texts[s::5]) / sum(map(len, texts[s::5])) - 0.5 for s in SEEDS]


def lengths_differ_greatly() -> list[float]:
    """Ratio of the longer to the shorter of two reviews drawn at random (median), minus 1.25."""
    lengths = np.array([sum(i > 2 for i in t) for t in _reviews(20).x_train])
    results = []
    for s in SEEDS:
        a, b = np.random.default_rng(s).choice(lengths[lengths > 0], size=(2, 5000))
        results.append(np.median(np.maximum(a, b) / np.minimum(a, b)) - 1.25)
    return results


def unequal_lengths_cannot_be_trained() -> list[float]:
    """0.6 minus the accuracy that a recurrent network reaches on texts of 3 to 15 ids, unpadded.

    Each batch holds texts of one length; the label says which of two words is in the text.
    """

    def texts(rng: np.random.Generator, n: int, length: int) -> tuple[np.ndarray, np.ndarray]:
        ids, y = rng.integers(2, 10, size=(n, length)), rng.integers(0, 2, size=n)
        ids[np.arange(n), rng.integers(length, size=n)] = y
        return ids, y[:, None].astype(float)

    build = recurrent.networks(settings.recurrent_sources())["RecurrentNetwork"]
    results = []
    for s in SEEDS:
        rng = np.random.default_rng(s)
        network = build(10, n_units=16, learning_rate=0.3, n_back=None, clip_norm=1.0, seed=s)
        for _ in range(600):
            network.train_on_batch(*texts(rng, 32, int(rng.integers(3, 16))))
        right = [network.score(*texts(rng, 200, length)) for length in range(3, 16)]
        results.append(float(0.6 - np.mean(right)))
    return results
