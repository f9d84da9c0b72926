"""Trains a yes-or-no classifier over several seeds, faster than `fit` does on sparse input."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf

from lessons_src.training import Inputs, restart


@keras.saving.register_keras_serializable("lessons")
class SparseDense(keras.layers.Dense):
    """`keras.layers.Dense` for a sparse input: the same outputs, several times as fast.

    Keras looks up the kernel's rows one by one; TensorFlow's product of a sparse and a dense
    matrix does the same sum without writing those rows down. From 32 columns on that product
    takes a slow path, so a wide kernel goes in slices.
    """

    def call(self, inputs: tf.SparseTensor, training: bool | None = None) -> tf.Tensor:
        """Returns activation(inputs @ kernel + bias), shape (n_samples, units)."""
        slices = [self.kernel[:, start : start + 16] for start in range(0, self.units, 16)]
        products = [tf.sparse.sparse_dense_matmul(inputs, kernel) for kernel in slices]
        return self.activation(tf.concat(products, axis=1) + self.bias)


class Run(NamedTuple):
    """One training, measured after each epoch with dropout off and without any penalty."""

    seed: int
    history: dict[str, list[float]]  # loss, accuracy, val_loss, val_accuracy, running_loss
    best_weights: list[np.ndarray]  # of the epoch with the smallest val_loss
    last_weights: list[np.ndarray]


def to_tensor(x: Inputs) -> tf.Tensor | tf.SparseTensor:
    """Hands a matrix to TensorFlow, a sparse one without filling in its zeros.

    Args:
        x: Shape (n_samples, n_features), an array or a CSR matrix.

    Returns:
        A float32 tensor of that shape.
    """
    if not scipy.sparse.issparse(x):
        return tf.constant(np.asarray(x, dtype=np.float32))
    x = scipy.sparse.csr_matrix(x)
    x.sort_indices()
    places = np.empty((x.nnz, 2), dtype=np.int64)  # filled in place: copies would weigh more
    places[:, 0] = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    places[:, 1] = x.indices
    return tf.SparseTensor(places, x.data.astype(np.float32, copy=False), x.shape)


def train_over_seeds(
    build_model: Callable[[], keras.Model],
    train: tuple[Inputs, np.ndarray],
    validation: tuple[Inputs, np.ndarray],
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int,
) -> list[Run]:
    """Trains a fresh model for each seed with Keras' own training step.

    `model.fit` would spend most of its time on cutting batches out of a sparse matrix. All seeds
    share one traced step; each starts from the weights, the optimizer's state and the dropout
    seeds of a newly built model.

    Args:
        build_model: Returns a compiled model with one probability as output and binary
            cross-entropy as loss.
        train: Inputs (n_samples, n_features) and labels 0 or 1, shape (n_samples,).
        validation: The same for the set that is measured after every epoch.
        seeds: Seeds for the weights, the order of the samples and dropout.
        epochs: How often each model sees the training set.
        batch_size: Samples in one step of the optimizer.

    Returns:
        One `Run` for each seed. In its history, `loss` and `val_loss` are the cross-entropy after
        the epoch; `running_loss` is what Keras reports as loss: the mean over the epoch's
        batches, in training mode and with the penalties.
    """
    keras.backend.clear_session()
    gc.collect()  # models refer to themselves; without this several stay in memory for long
    model, runs = None, []
    x_train, labels = scipy.sparse.csr_matrix(train[0]), train[1].astype(np.float32)
    x_train = x_train if scipy.sparse.issparse(train[0]) else np.asarray(train[0])
    sets = {
        "": (to_tensor(train[0]), tf.constant(labels)),
        "val_": (to_tensor(validation[0]), tf.constant(validation[1].astype(np.float32))),
    }
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        fresh = build_model()
        if model is None:
            model = fresh
            model.optimizer.build(model.trainable_variables)
            step, measure = _functions(model)
        else:
            restart(model, fresh)
        rng = np.random.default_rng(seed)
        history: dict[str, list[float]] = {}
        best = last = model.get_weights()
        for _ in range(epochs):
            model.reset_metrics()
            order = rng.permutation(len(labels))
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                logs = step(to_tensor(x_train[rows]), tf.constant(labels[rows]))
            measured = {"running_loss": logs["loss"]}
            for prefix, (x, y) in sets.items():
                measured[f"{prefix}loss"], measured[f"{prefix}accuracy"] = measure(x, y)
            for name, value in measured.items():
                history.setdefault(name, []).append(float(value))
            last = model.get_weights()
            if history["val_loss"][-1] == min(history["val_loss"]):
                best = last
        runs.append(Run(seed, history, best, last))
    return runs


def _functions(model: keras.Model) -> tuple[Callable, Callable]:
    """Keras' training step and a measurement of loss and accuracy, each traced once."""

    @tf.function(reduce_retracing=True)
    def step(x: Any, y: tf.Tensor) -> dict[str, tf.Tensor]:  # noqa: ANN401
        return model.train_step((x, y))

    @tf.function(reduce_retracing=True)
    def measure(x: Any, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:  # noqa: ANN401
        probabilities = model(x, training=False)
        losses = keras.losses.binary_crossentropy(y[:, None], probabilities)
        right = tf.equal(probabilities[:, 0] > 0.5, y > 0.5)
        return tf.reduce_mean(losses), tf.reduce_mean(tf.cast(right, tf.float32))

    return step, measure


def evaluate(
    model: keras.Model,
    weights: Sequence[Sequence[np.ndarray]],
    data: tuple[Inputs, np.ndarray],
) -> np.ndarray:
    """Measures several sets of weights of one model on a data set.

    Args:
        model: A model with one probability as output.
        weights: For each set what `set_weights` takes, as `Run` holds it.
        data: Inputs (n_samples, n_features) and labels 0 or 1, shape (n_samples,).

    Returns:
        Shape (n_sets, 2): cross-entropy without penalties, and accuracy.
    """
    _, measure = _functions(model)
    found = np.zeros((len(weights), 2))
    for start in range(0, len(data[1]), 5000):  # a whole set at once would fill the memory
        x, y = (part[start : start + 5000] for part in data)
        inputs, labels = to_tensor(x), tf.constant(y.astype(np.float32))
        for number, values in enumerate(weights):
            model.set_weights(values)
            found[number] += np.array([float(mean) for mean in measure(inputs, labels)]) * len(y)
    return found / len(data[1])


class Stop(NamedTuple):
    """Where early stopping ends a training; epochs are counted from 1."""

    trained: int  # the last epoch that was trained
    best: int  # the epoch whose weights `restore_best_weights` brings back


def replay_early_stopping(losses: Sequence[float], patience: int) -> Stop:
    """Shows a recorded validation curve to Keras' own `EarlyStopping`.

    Args:
        losses: Validation loss after each epoch.
        patience: For how many epochs in a row it may fail to improve.
    """
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback = keras.callbacks.EarlyStopping(patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    for epoch, loss in enumerate(losses, start=1):
        callback.on_epoch_end(epoch - 1, {"val_loss": loss})
        if model.stop_training:
            break
    return Stop(epoch, callback.best_epoch + 1)
