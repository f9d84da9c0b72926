"""Every Keras training of the sources, rebuilt from their description.

Where a source reused one unseeded initializer object, which in its Keras drew anew for each
layer, each layer here gets its own. Batches are dealt anew in each epoch, as the sources' Keras
did.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from lessons_src import feed, training
from retraining import task
from retraining.sets import N_WORDS, Sets, imdb_all, reuters_all, reuters_part

BATCH_SIZE = 512


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


def trained(name: str, keras2: bool, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Trains one run for each seed.

    Args:
        name: One of `RUNS`.
        keras2: Whether RMSprop steps as in the sources' Keras, see `_compiled`.
        seeds: Seeds of weights, order of the samples and dropout.

    Yields:
        For each seed `history`, a list for each metric with one value an epoch, and where the
        source tests at the end, `test`: loss, accuracy, and for the first newswire the most
        probable topic with its probability and the sum of all.
    """
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


def train(job: dict[str, Any]) -> None:
    """Trains one run in a process of its own; tells each seed's result.

    Args:
        job: `run`, `keras2` and the `seeds` that are left.
    """
    tf.config.experimental.enable_op_determinism()
    task.tell_each(job["seeds"], trained(job["run"], job["keras2"], job["seeds"]))
