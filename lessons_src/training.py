"""Training a model over several seeds, after a page has shown how to train it once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf

Inputs: TypeAlias = np.ndarray | scipy.sparse.spmatrix


# One model for each seed is meant; TensorFlow would warn of "retracing".
logging.getLogger("tensorflow").setLevel(logging.ERROR)


class Run(NamedTuple):
    """One training: its seed, its curves, and its result on the test set."""

    seed: int
    history: dict[str, list[float]]
    test_loss: float
    test_accuracy: float
    test_probabilities: np.ndarray  # shape (n_test, n_classes)

    @property
    def test_predicted(self) -> np.ndarray:
        """The most probable class of each test sample, shape (n_test,)."""
        return self.test_probabilities.argmax(axis=1)


class Batches(keras.utils.PyDataset):
    """Batches of a training set, dealt anew in each epoch, for the first argument of `fit`.

    Once `keras.utils.set_random_seed` was called, `fit` deals arrays in an order that it repeats
    in every epoch, so that each sample always meets the same others.
    """

    def __init__(self, x: Inputs, y: np.ndarray, batch_size: int, seed: int) -> None:
        """Deals the first epoch.

        Args:
            x: Inputs, shape (n_samples, n_features), an array or a CSR matrix.
            y: Labels, shape (n_samples,).
            batch_size: Samples in a batch; the last one of an epoch may be smaller.
            seed: Seed of the order.
        """
        super().__init__()
        self.x, self.y, self.batch_size = x, y, batch_size
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.y) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray | tf.SparseTensor, np.ndarray]:
        """One batch of this epoch."""
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        x = self.x[rows]
        if not scipy.sparse.issparse(x):
            return x, self.y[rows]
        x = scipy.sparse.coo_matrix(x)  # in batches, Keras takes only TensorFlow's sparse tensors
        places = np.stack([x.row, x.col], axis=1).astype(np.int64)
        return tf.sparse.reorder(tf.SparseTensor(places, x.data, x.shape)), self.y[rows]

    def on_epoch_end(self) -> None:
        """Keras calls this after each epoch."""
        self.order = self.rng.permutation(len(self.y))


def restart(model: keras.Model, fresh: keras.Model, learning_rate: float | None = None) -> None:
    """Puts a compiled model into the state of a fresh one: weights, optimizer, random generators.

    Training then starts anew without TensorFlow tracing the model again, which takes longer
    than a few epochs do.

    Args:
        model: A compiled model.
        fresh: A compiled model of the same shapes, untrained.
        learning_rate: The optimizer's from now on; that of `fresh` by default.

    Raises:
        ValueError: The shapes of the two models' variables differ.
    """
    states = []
    for one in (model, fresh):
        one.optimizer.build(one.trainable_variables)
        states.append([*one.variables, *one.optimizer.variables])
    shapes = [[tuple(variable.shape) for variable in state] for state in states]
    if shapes[0] != shapes[1]:
        raise ValueError(f"expected variables of the shapes {shapes[0]}, got {shapes[1]}")
    for old, new in zip(*states, strict=True):
        old.assign(new)
    if learning_rate is not None:
        model.optimizer.learning_rate = learning_rate


def train_over_seeds(
    build_model: Callable[[], keras.Model],
    train: tuple[Inputs, np.ndarray],
    test: tuple[Inputs, np.ndarray],
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int,
    validation: tuple[Inputs, np.ndarray] | None = None,
) -> list[Run]:
    """Trains a fresh classifier once for each seed, and evaluates each once on the test set.

    Args:
        build_model: Returns a compiled model whose output is a probability for each class, shape
            (n_samples, n_classes), and whose labels are integers.
        train: Inputs (n_samples, n_features) and labels (n_samples,).
        test: The same for the test set; used after the last epoch only.
        seeds: Seeds for the weights and for the order of the samples.
        epochs: How often each model sees the training set.
        batch_size: Samples in one step of the optimizer.
        validation: The same for a validation set, to be evaluated after every epoch.

    Returns:
        One `Run` for each seed, in their order.
    """
    keras.backend.clear_session()  # else the models of all calls stay in memory
    model, runs = None, []
    inputs, labels = test
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        fresh = build_model()
        if model is None:
            model = fresh
        else:  # all seeds share the functions that the first one traced
            restart(model, fresh)
        batches = Batches(*train, batch_size, seed)
        history = model.fit(batches, validation_data=validation, epochs=epochs, verbose=0).history
        # One pass gives loss, accuracy and predictions; `evaluate` would need another.
        probabilities = model.predict(inputs, batch_size=batch_size, verbose=0)
        of_label = probabilities[np.arange(len(labels)), labels]
        loss = -np.log(np.maximum(of_label, keras.config.epsilon())).mean(dtype=float)
        accuracy = (probabilities.argmax(axis=1) == labels).mean()
        runs.append(Run(seed, history, float(loss), float(accuracy), probabilities))
    return runs


class _Trained(Protocol):
    @property
    def history(self) -> dict[str, list[float]]: ...


def curves(runs: Sequence[_Trained], metric: str) -> np.ndarray:
    """Stacks one metric of several runs into an array of shape (n_runs, n_epochs)."""
    return np.array([run.history[metric] for run in runs])


def final_accuracies(runs: Sequence[Run]) -> np.ndarray:
    """Test accuracy of each run, shape (n_runs,)."""
    return np.array([run.test_accuracy for run in runs])
