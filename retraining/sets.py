"""The data on which the sources train, divided as each of them divides it.

The sources validate on the test set; so do these sets where they do, to be comparable, and nothing
is chosen by them.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import keras
import numpy as np

from lessons_src import data, encoding

N_WORDS = 10_000
Arrays = tuple[Any, np.ndarray]


class Sets(NamedTuple):
    """Inputs and labels to train on, to validate on after each epoch, to test on at the end."""

    train: Arrays
    validation: Arrays
    test: Arrays | None = None


@functools.cache
def reuters_all() -> Sets:
    """All 8,982 training newswires, validated on the test set (sources 000 and 003)."""
    newswires = data.load_reuters(num_words=N_WORDS)
    train, test = (
        (encoding.multi_hot(list(x), N_WORDS), y)
        for x, y in (
            (newswires.x_train, newswires.y_train),
            (newswires.x_test, newswires.y_test),
        )
    )
    return Sets(train, test)


@functools.cache
def reuters_part() -> Sets:
    """The first 1,000 training newswires kept for validation (source 001)."""
    (x, y), test = reuters_all()[:2]
    return Sets((x[1000:], y[1000:]), (x[:1000], y[:1000]), test)


@functools.cache
def imdb_all() -> Sets:
    """All 25,000 training reviews, validated on the test set (source 004)."""
    reviews = data.load_imdb(num_words=N_WORDS)
    return Sets(
        (encoding.multi_hot(list(reviews.x_train), N_WORDS), reviews.y_train),
        (encoding.multi_hot(list(reviews.x_test), N_WORDS), reviews.y_test),
    )


@functools.cache
def imdb_sequences() -> Sets:
    """The last 200 of each review's words, 20,000 reviews to train on (source 002)."""
    reviews = data.load_imdb(num_words=200, skip_top=20)
    kept = [[i for i in text if i > 2] for text in reviews.x_train]
    x = keras.utils.pad_sequences(kept, maxlen=200)
    # The source's own generator and seed, so that the same reviews go to the same place.
    order = np.random.RandomState(42).permutation(len(kept))
    train, validation = order[:20_000], order[20_000:]
    return Sets((x[train], reviews.y_train[train]), (x[validation], reviews.y_train[validation]))
