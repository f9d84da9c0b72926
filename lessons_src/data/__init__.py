"""The Reuters and IMDB data sets, the same arrays as `keras.datasets` gives, from a checked copy.

`python -m lessons_src.data [reuters imdb]` fetches the files and says where they came from.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lessons_src.data import copies as sources
from lessons_src.data import corpora
from lessons_src.data.copies import DataError

# A hash of what each function gives from Keras' files, which `test_data.py` computes. By this the
# book knows whether a claim is still measured on the same texts, however they are read.
GIVES = {
    "load_imdb": "edc1627d62e5370a",
    "load_reuters": "b07c06ea2a2bbdb2",
}

__all__ = ["DataError", "TextDataset", "decode", "load_imdb", "load_reuters", "prepare"]


@dataclass(frozen=True, eq=False)
class TextDataset:
    """Texts as lists of word ids with one label each, and where they came from.

    Attributes:
        x_train: Object array of shape (n_samples,) of lists of int.
        y_train: Class numbers from 0 to n_classes - 1, int64 of shape (n_samples,).
        x_test: Like `x_train`.
        y_test: Like `y_train`.
        word_index: Rank of each word by frequency, from 1; a word's id is its rank + `index_from`.
        class_names: The name of each class number.
        source: "directory", "keras" or "wheel".
        sha256: Hash of each file that was read, by file name.
        differences: What differs from Keras' data, each as "code: sentence"; empty if nothing does.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    word_index: dict[str, int]
    class_names: tuple[str, ...]
    source: str
    sha256: dict[str, str]
    differences: tuple[str, ...]

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def n_test(self) -> int:
        """Number of texts of the test set, which can be known without opening it."""
        return len(self.y_test)

    def open_test(self) -> tuple[np.ndarray, np.ndarray]:
        """The test set: `x_test` and `y_test`.

        A chapter opens it once, at its end, to score what it chose on validation data; what would
        be chosen by these scores is no longer measured by them. The checks of the book count the
        calls.
        """
        return self.x_test, self.y_test


def load_reuters(
    num_words: int | None = None,
    skip_top: int = 0,
    seed: int = 113,
    test_split: float = 0.2,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> TextDataset:
    """Loads the Reuters newswires, encoded as `keras.datasets.reuters.load_data` does.

    Args:
        num_words: Ids from here on become `oov_char`. None keeps all but the highest id, as Keras
            does.
        skip_top: Ids below this become `oov_char`.
        seed: Seed of the shuffle.
        test_split: Share of newswires for testing, between 0 and 1. Not used when the data come
            from the package, whose files divide them already.
        start_char: Id put before each text; None for no mark.
        oov_char: Id of words left out; None drops them.
        index_from: What is added to a word's rank to get its id.

    Raises:
        ValueError: An argument is out of range.
        DataError: No copy of the data that can be trusted was found.
    """
    if not 0 < test_split < 1:
        raise ValueError(f"expected test_split between 0 and 1, got {test_split}")
    _check_limits(num_words, skip_top)
    copy = sources.locate("reuters")
    corpus = corpora.read_reuters(copy)
    encoding = (num_words, skip_top, start_char, oov_char, index_from)
    return _dataset(copy, corpus, seed, test_split, encoding)


def load_imdb(
    num_words: int | None = None,
    skip_top: int = 0,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> TextDataset:
    """Loads the IMDB reviews, encoded as `keras.datasets.imdb.load_data` does.

    Args and exceptions as in `load_reuters`; classes are 0 (negative) and 1 (positive).
    """
    _check_limits(num_words, skip_top)
    copy = sources.locate("imdb")
    corpus = corpora.read_imdb(copy)
    encoding = (num_words, skip_top, start_char, oov_char, index_from)
    return _dataset(copy, corpus, seed, corpora.IMDB_TEST_SPLIT, encoding)


def decode(sequence: Iterable[int], word_index: dict[str, int], index_from: int = 3) -> str:
    """Turns word ids back into text.

    Raises:
        ValueError: An id stands for no word.
    """
    words = {rank + index_from: word for word, rank in word_index.items()}
    words |= {0: "<pad>", 1: "<start>", 2: "<oov>"}
    try:
        return " ".join(words[i] for i in sequence)
    except KeyError as error:
        raise ValueError(
            f"expected ids 0, 1, 2 or {index_from} + a rank of the word index, got {error}"
        ) from None


def prepare(names: Sequence[str] = ("reuters", "imdb")) -> dict[str, dict]:
    """Makes sure the data sets are on this machine, without reading them.

    Returns:
        For each name `{"source": ..., "sha256": {file name: hash}}`, and as "other" what to do
        where these are not Keras' data, which the book's claims are about.

    Raises:
        ValueError: A name is not a data set.
        DataError: No copy of the data that can be trusted was found.
    """
    copies = {name: sources.locate(name, prefer_keras=True) for name in names}
    found: dict[str, dict] = {}
    for name, copy in copies.items():
        found[name] = {"source": copy.source, "sha256": copy.sha256}
        if copy.source == "wheel":
            found[name]["other"] = "set LESSONS_DATA_DIR to a folder with Keras' files"
    return found


def _check_limits(num_words: int | None, skip_top: int) -> None:
    if num_words is not None and num_words <= 0:
        raise ValueError(f"expected num_words to be None or at least 1, got {num_words}")
    if skip_top < 0:
        raise ValueError(f"expected skip_top to be at least 0, got {skip_top}")
    if num_words is not None and skip_top >= num_words:
        raise ValueError(f"expected skip_top below num_words={num_words}, got {skip_top}")


def _dataset(
    copy: sources.Copy, corpus: corpora.Corpus, seed: int, test_split: float, encoding: tuple
) -> TextDataset:
    """Shuffles, encodes and divides in the order in which Keras does it."""
    shuffle = np.random.RandomState(seed).shuffle  # a Generator would give another order than Keras
    ranks: list[Sequence[int]] = []
    labels: list[int] = []
    for part in filter(None, (corpus.train, corpus.test)):
        order = np.arange(len(part.ranks))
        shuffle(order)
        ranks += [part.ranks[i] for i in order.tolist()]
        labels += [part.labels[i] for i in order.tolist()]
    n_train = len(corpus.train.ranks) if corpus.test else int(len(ranks) * (1 - test_split))
    x, y = _encode(ranks, *encoding), np.array(labels, dtype="int64")
    return TextDataset(
        x_train=x[:n_train],
        y_train=y[:n_train],
        x_test=x[n_train:],
        y_test=y[n_train:],
        word_index=corpus.word_index,
        class_names=corpus.class_names,
        source=copy.source,
        sha256=copy.sha256,
        differences=corpus.differences,
    )


def _encode(
    ranks: Sequence[Sequence[int]],
    num_words: int | None,
    skip_top: int,
    start_char: int | None,
    oov_char: int | None,
    index_from: int,
) -> np.ndarray:
    """Looks the id of each rank up in one table, which is faster and smaller than computing it."""
    highest = max(max(text, default=0) for text in ranks)
    limit = num_words or max(highest + index_from, start_char or 0)

    def limited(i: int) -> int | None:
        return i if skip_top <= i < limit else oov_char

    table = [limited(rank + index_from) for rank in range(highest + 1)]
    start = [] if start_char is None else [limited(start_char)]
    texts = ([*start, *map(table.__getitem__, text)] for text in ranks)
    if oov_char is None:
        texts = ([i for i in text if i is not None] for text in texts)
    return np.fromiter(texts, dtype=object, count=len(ranks))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `prepare` for the data sets named and prints where each came from."""
    parser = argparse.ArgumentParser(prog="python -m lessons_src.data", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=" or ".join(sources.RECIPES))
    names = parser.parse_args(arguments).names or list(sources.RECIPES)
    try:
        for name, found in prepare(names).items():
            files = ", ".join(f"{file} (sha256 {h[:12]}...)" for file, h in found["sha256"].items())
            print(f"{name}: from {found['source']}, {files}")
    except (DataError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
