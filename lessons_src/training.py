"""Training a model over several seeds, after a page has shown how to train it once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
import scipy.sparse

Inputs = np.ndarray | scipy.sparse.spmatrix


class Run(NamedTuple):
    """One training: its seed, its curves, and its result on the test set."""

    seed: int
    history: dict[str, list[float]]
    test_loss: float
    test_accuracy: float
    test_predicted: np.ndarray  # class numbers, shape (n_test,)


def train_over_seeds(
    build_model: Callable[[], keras.Model],
    train: tuple[Inputs, np.ndarray],
    validation: tuple[Inputs, np.ndarray],
    test: tuple[Inputs, np.ndarray],
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int = 512,
) -> list[Run]:
    """Trains a fresh model once for each seed.

    Args:
        build_model: Returns a compiled model with accuracy as its only metric.
        train: Inputs (n_samples, n_features) and labels.
        validation: The same for the validation set, evaluated after every epoch.
        test: The same for the test set, evaluated once, after the last epoch.
        seeds: Seeds for the weights and for the order of the samples.
        epochs: How often each model sees the training set.
        batch_size: Samples in one step of the optimizer.

    Returns:
        One `Run` for each seed, in their order.
    """
    runs = []
    for seed in seeds:
        keras.backend.clear_session()  # else the models of all runs stay in memory
        keras.utils.set_random_seed(seed)
        model = build_model()
        history = model.fit(
            *train,
            validation_data=validation,
            epochs=epochs,
            batch_size=batch_size,
            verbose=0,
        ).history
        test_loss, test_accuracy = model.evaluate(*test, batch_size=batch_size, verbose=0)
        predicted = model.predict(test[0], batch_size=batch_size, verbose=0).argmax(axis=1)
        runs.append(Run(seed, history, float(test_loss), float(test_accuracy), predicted))
    return runs


def curves(runs: Sequence[Run], metric: str) -> np.ndarray:
    """Stacks one metric of several runs into an array of shape (n_runs, n_epochs)."""
    return np.array([run.history[metric] for run in runs])


def final_accuracies(runs: Sequence[Run]) -> np.ndarray:
    """Test accuracy of each run, shape (n_runs,)."""
    return np.array([run.test_accuracy for run in runs])
