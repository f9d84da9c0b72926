"""Following a yes-or-no classifier's training over several seeds, with all its weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np

from lessons_src import feed
from lessons_src.training import Samples, Trainer, score


class Run(NamedTuple):
    """One training, measured after each epoch with dropout off and without any penalty."""

    seed: int
    history: dict[str, list[float]]  # loss, accuracy, val_loss, val_accuracy, running_loss
    best_weights: list[np.ndarray]  # of the epoch with the smallest val_loss
    last_weights: list[np.ndarray]


def follow_over_seeds(
    build_model: Callable[[], keras.Model],
    train: Samples,
    validation: Samples,
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int,
) -> list[Run]:
    """Trains a fresh model for each seed and measures both sets after each epoch.

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
    trainer, runs = Trainer(build_model), []
    sets = {
        prefix: (feed.to_tensor(x), y) for prefix, (x, y) in (("", train), ("val_", validation))
    }
    for seed in seeds:
        model = trainer.start(seed)
        history: dict[str, list[float]] = {}
        best = last = model.get_weights()
        for logs in trainer.epochs(train, epochs, batch_size):
            measured = {"running_loss": logs["loss"]}
            for prefix, (x, y) in sets.items():
                measured[f"{prefix}loss"], measured[f"{prefix}accuracy"] = trainer.measure(x, y)
            for name, value in measured.items():
                history.setdefault(name, []).append(value)
            last = model.get_weights()
            if history["val_loss"][-1] == min(history["val_loss"]):
                best = last
        runs.append(Run(seed, history, best, last))
    return runs


def evaluate(
    model: keras.Model, weights: Sequence[Sequence[np.ndarray]], data: Samples
) -> np.ndarray:
    """Measures several sets of weights of one model on a data set.

    Args:
        model: A model with one probability as output.
        weights: For each set what `set_weights` takes, as `Run` holds it.
        data: Inputs (n_samples, n_features) and labels 0 or 1, shape (n_samples,).

    Returns:
        Shape (n_sets, 2): cross-entropy without penalties, and accuracy.
    """
    found = np.zeros((len(weights), 2))
    for start in range(0, len(data[1]), 5000):  # a whole set at once would fill the memory
        x, y = (part[start : start + 5000] for part in data)
        inputs = feed.to_tensor(x)
        for number, values in enumerate(weights):
            model.set_weights(values)
            probabilities = np.asarray(model(inputs, training=False))
            found[number] += np.array(score(probabilities, y)) * len(y)
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
