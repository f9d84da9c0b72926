"""What the sources print beside training logs: counts, shapes, bytes, first samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons_src import data, encoding
from retraining import sets, task
from retraining.sets import N_WORDS
from retraining.settings import SEEDS


def _decoded(ids: list[int], word_index: dict[str, int]) -> str:
    words = {rank: word for word, rank in word_index.items()}
    return " ".join(words.get(i - 3, "?") for i in ids)


def reuters() -> dict[str, Any]:
    """Sources 000, 001 and 003 on their data."""
    found = data.load_reuters(num_words=N_WORDS)
    x = encoding.multi_hot(list(found.x_train), N_WORDS)
    x_test = encoding.multi_hot(list(found.x_test), N_WORDS)
    one_hot = encoding.one_hot(found.y_train, found.n_classes)
    return {
        "n_train": len(found.x_train),
        "n_test": len(found.x_test),
        "n_all": len(found.x_train) + len(found.x_test),
        "n_topics": len(np.unique(found.y_train)),
        "class_names": found.class_names,
        "first_ids": found.x_train[0],
        "first_newswire": _decoded(found.x_train[0], found.word_index),
        "second_length": len(found.x_train[1]),
        "second_ids": found.x_train[1][:15],
        "first_labels": found.y_train[:10].tolist(),
        "train_shape": list(x.shape),
        "test_shape": list(x_test.shape),
        "one_hot_train_shape": list(one_hot.shape),
        "one_hot_test_shape": list(encoding.one_hot(found.y_test, found.n_classes).shape),
        "partial_shape": list(x[1000:].shape),
        "label_shape": list(found.y_train.shape),
        "prediction_shape": [found.n_classes],
        "shuffled_agreement": [
            float(np.mean(found.y_test == np.random.default_rng(seed).permutation(found.y_test)))
            for seed in SEEDS
        ],
    }


def imdb_sequences(first_review: list[int]) -> dict[str, Any]:
    """Source 002 on its data, up to the network.

    Args:
        first_review: The words of the review that the source prints first, as its ids.
    """
    found = data.load_imdb(num_words=200, skip_top=20)
    kept = [[i for i in text if i > 2] for text in found.x_train]
    (padded, _), (padded_validation, _), _ = sets.imdb_sequences()
    one_hot_shape = [*padded.shape, int(padded.max()) + 1]
    return {
        "n_reviews": [len(found.x_train), len(found.x_test)],
        "first_review": _decoded(kept[0], found.word_index),
        # The source's first review is there, but not in the first place.
        "order_differs": first_review in kept[1:],
        "first_kept": kept[0],
        "rank_of_movie": found.word_index["movie"],
        "first_lengths": [len(kept[0]), len(kept[1])],
        "first_labels": found.y_train[:10].tolist(),
        "split": [len(padded), len(padded_validation)],
        "padded_shape": list(padded.shape),
        "padded_validation_shape": list(padded_validation.shape),
        "first_padded": [int(i) for i in padded[0] if i],
        "one_hot_shape": one_hot_shape,
        "one_hot_bytes": int(np.prod(one_hot_shape)) * np.dtype("float32").itemsize,
    }


def imdb_vectors() -> dict[str, Any]:
    """Source 004 on its data."""
    found = data.load_imdb(num_words=N_WORDS)
    shapes = [
        list(encoding.multi_hot(list(x), N_WORDS).shape) for x in (found.x_train, found.x_test)
    ]
    return {"shapes": [*shapes, [len(found.y_train)], [len(found.y_test)]]}


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Takes all of them in a process of its own.

    Args:
        job: `first_review`, see `imdb_sequences`.

    Returns:
        What `task.with_use` does; its result holds each function's facts by the function's name.
    """
    return task.with_use(
        lambda: {
            "reuters": reuters(),
            "imdb_sequences": imdb_sequences(job["first_review"]),
            "imdb_vectors": imdb_vectors(),
        }
    )
