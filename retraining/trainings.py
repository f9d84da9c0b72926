"""Every training run of the sources, rebuilt from their description.

The sources validate on the test set; so do these runs, to be comparable, and nothing is chosen by
them. Where a source reused one unseeded initializer object, which in its Keras drew anew for each
layer, each layer here gets its own. Batches are dealt anew in each epoch, as the sources' Keras
did.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np
import scipy.sparse

from lessons_src import data, encoding, feed, training
from lessons_src.chapters import rnn
from retraining import __main__ as reproduce

N_WORDS = 10_000
BATCH_SIZE = 512
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


def _dense(units: int, **options: Any) -> keras.layers.Layer:  # noqa: ANN401
    return feed.SparseDense(units, activation="relu", **options)


def _compiled(
    hidden: list[keras.layers.Layer], output: keras.layers.Layer, loss: str, keras2: bool
) -> keras.Model:
    model = keras.Sequential([keras.Input((N_WORDS,), sparse=True), *hidden, output])
    # Keras 2 added epsilon to the root of the mean square, Keras 3 adds it under the root. With
    # its square under the root, Keras 3 takes the steps that Keras 2 took.
    optimizer = keras.optimizers.RMSprop(epsilon=1e-14 if keras2 else 1e-7)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def _topics(hidden: list[keras.layers.Layer], keras2: bool) -> keras.Model:
    output = keras.layers.Dense(46, activation="softmax")
    return _compiled(hidden, output, "sparse_categorical_crossentropy", keras2)


def two_layers(keras2: bool, *, units: tuple[int, int], initializer: str) -> keras.Model:
    """Two hidden ReLU layers and a softmax over the topics."""
    return _topics([_dense(n, kernel_initializer=initializer) for n in units], keras2)


def normalized(keras2: bool) -> keras.Model:
    """Batch normalization between each hidden layer and its activation function."""
    layers: list[keras.layers.Layer] = []
    for _ in range(2):
        layers += [feed.SparseDense(128), keras.layers.BatchNormalization()]
        layers.append(keras.layers.Activation("relu"))
    return _topics(layers, keras2)


def normalized_after(keras2: bool) -> keras.Model:
    """Batch normalization after each activation function, the task that the source sets."""
    layers: list[keras.layers.Layer] = []
    for _ in range(2):
        layers += [_dense(128), keras.layers.BatchNormalization()]
    return _topics(layers, keras2)


def one_layer(keras2: bool) -> keras.Model:
    """One hidden layer: the code that stands above the log of that task."""
    return _topics([_dense(128)], keras2)


def reviews(keras2: bool, *, l2: float = 0.0, dropout: float = 0.0) -> keras.Model:
    """Two hidden layers of 16 units for the reviews, with L2 or dropout."""
    layers: list[keras.layers.Layer] = []
    for _ in range(2):
        layers.append(_dense(16, kernel_regularizer=keras.regularizers.L2(l2) if l2 else None))
        if dropout:
            layers.append(keras.layers.Dropout(dropout))
    output = keras.layers.Dense(1, activation="sigmoid")
    return _compiled(layers, output, "binary_crossentropy", keras2)


class TrainingRun(NamedTuple):
    """One run: what is built, on which data, and how long."""

    build: Callable[[bool], keras.Model]
    sets: Callable[[], Sets]
    epochs: int
    patience: int | None = None
    epochs_before: int = 0  # of the same model, trained before the log starts


def _reuters(initializer: str, units: tuple[int, int] = (128, 128)) -> Callable[..., keras.Model]:
    return functools.partial(two_layers, units=units, initializer=initializer)


_L2 = functools.partial(reviews, l2=0.001)
_DROPOUT = functools.partial(reviews, dropout=0.5)
_GLOROT = "glorot_uniform"  # Keras' default
RUNS = {
    "000-default": TrainingRun(_reuters(_GLOROT), reuters_all, 40),
    "000-zeros": TrainingRun(_reuters("zeros"), reuters_all, 40),
    "000-normal": TrainingRun(_reuters("random_normal"), reuters_all, 40),
    "000-glorot": TrainingRun(_reuters("glorot_normal"), reuters_all, 40),
    "000-he": TrainingRun(_reuters("he_normal"), reuters_all, 40),
    "000-batchnorm": TrainingRun(normalized, reuters_all, 40),
    "000-reordered": TrainingRun(one_layer, reuters_all, 40),
    "000-normalized-after": TrainingRun(normalized_after, reuters_all, 40),
    "001-early-stopping": TrainingRun(_reuters(_GLOROT, (64, 64)), reuters_part, 50, patience=20),
    "001-nine-epochs": TrainingRun(_reuters(_GLOROT, (64, 64)), reuters_part, 9),
    "001-sparse-labels": TrainingRun(_reuters(_GLOROT, (64, 64)), reuters_part, 9),
    "001-twenty-epochs": TrainingRun(_reuters(_GLOROT, (64, 64)), reuters_part, 20),
    "001-bottleneck": TrainingRun(_reuters(_GLOROT, (64, 4)), reuters_part, 20),
    "004-original": TrainingRun(reviews, imdb_all, 20),
    "004-l2": TrainingRun(_L2, imdb_all, 20),
    "004-l2-early-stopping": TrainingRun(_L2, imdb_all, 200, patience=20),
    "004-dropout": TrainingRun(_DROPOUT, imdb_all, 20),
    "004-dropout-again": TrainingRun(_DROPOUT, imdb_all, 20, epochs_before=20),
}
NAMES = (*RUNS, *reproduce.RECURRENT)


def train(name: str, keras2: bool, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Trains one run for each seed.

    Args:
        name: One of `NAMES`.
        keras2: Whether RMSprop steps as in the sources' Keras, see `_compiled`.
        seeds: Seeds of weights, order of the samples and dropout.

    Yields:
        For each seed `history`, a list for each metric with one value an epoch, and where the
        source tests at the end, `test`: loss, accuracy, and for the first newswire the most
        probable topic with its probability and the sum of all.
    """
    if name in reproduce.RECURRENT:
        yield from _train_recurrent(reproduce.RECURRENT[name], seeds)
        return
    run = RUNS[name]
    sets = run.sets()
    trainer = training.Trainer(functools.partial(run.build, keras2))
    x_val = feed.to_tensor(sets.validation[0])
    for seed in seeds:
        model = trainer.start(seed)
        history: dict[str, list[float]] = {}
        for _ in trainer.epochs(sets.train, run.epochs_before, BATCH_SIZE):
            pass
        for logs in trainer.epochs(sets.train, run.epochs, BATCH_SIZE):
            loss, logs["val_accuracy"] = trainer.measure(x_val, sets.validation[1])
            logs["val_loss"] = loss + float(sum(model.losses))  # Keras counts penalties in
            for metric, value in logs.items():
                history.setdefault(metric, []).append(value)
            since_best = len(history["val_loss"]) - 1 - int(np.argmin(history["val_loss"]))
            if run.patience is not None and since_best >= run.patience:
                break
        result: dict[str, Any] = {"history": history}
        if sets.test is not None:
            probabilities = trainer.predict(feed.to_tensor(sets.test[0])).numpy()
            first = probabilities[0]
            result["test"] = {
                "loss": training.score(probabilities, sets.test[1])[0],
                "accuracy": training.score(probabilities, sets.test[1])[1],
                "first_topic": int(first.argmax()),
                "first_probability": float(first.max()),
                "first_sum": float(first.sum()),
            }
        yield result


def _train_recurrent(kind: str, seeds: list[int]) -> Iterator[dict[str, Any]]:
    namespace: dict[str, Any] = {"np": np, "scipy": scipy, "rnn": rnn}
    for source in reproduce.recurrent_sources().values():
        exec(source, namespace)  # the cells of the chapter, so that this is the class it teaches
    train, validation, _ = imdb_sequences()
    for seed in seeds:
        network = namespace[kind](int(train[0].max()) + 1, seed=seed)  # the source's own settings
        yield {"history": network.fit(*train, epochs=20, validation=validation)}
