"""Training a model over several seeds, after a page has shown how to train it once."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from lessons_src import feed

Samples: TypeAlias = tuple[feed.Inputs, np.ndarray]


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


class Trainer:
    """Trains one model with Keras' own training step, again and again, for several seeds.

    `fit` would spend most of its time on cutting batches out of a sparse matrix. All seeds share
    one traced step; each starts from the weights, the optimizer's state and the dropout seeds of
    a newly built model.
    """

    def __init__(self, build_model: Callable[[], keras.Model]) -> None:
        """Takes a function that returns a compiled classifier with integer labels."""
        keras.backend.clear_session()
        gc.collect()  # models refer to themselves; without this several stay in memory for long
        self.build_model = build_model
        self._model: keras.Model | None = None

    def start(self, seed: int) -> keras.Model:
        """Returns the model as `build_model` makes it with this seed."""
        keras.utils.set_random_seed(seed)
        fresh = self.build_model()
        if self._model is None:
            self._model = fresh
            fresh.optimizer.build(fresh.trainable_variables)
            self._step, self.predict = _functions(fresh)
        else:
            restart(self._model, fresh)
        self.seed = seed
        return self._model

    def epochs(self, train: Samples, epochs: int, batch_size: int) -> Iterator[dict[str, float]]:
        """Trains the started model; yields after each epoch what `fit` would report of it."""
        if self._model is None:
            raise RuntimeError("expected a call of start(seed) before this one")
        batches = feed.Batches(*train, batch_size, self.seed)
        for _ in range(epochs):
            self._model.reset_metrics()
            for number in range(len(batches)):
                x, y = batches[number]
                logs = self._step(x, tf.constant(y))
            batches.on_epoch_end()
            yield {name: float(value) for name, value in logs.items()}

    def measure(self, x: Any, y: np.ndarray) -> tuple[float, float]:  # noqa: ANN401
        """Cross-entropy without penalties, and accuracy, of inputs as `feed.to_tensor` gives."""
        return score(self.predict(x).numpy(), y)


def _functions(model: keras.Model) -> tuple[Callable, Callable]:
    """Keras' training step and prediction, each traced once."""

    @tf.function(reduce_retracing=True)
    def step(x: Any, y: tf.Tensor) -> dict[str, tf.Tensor]:  # noqa: ANN401
        return model.train_step((x, y))

    @tf.function(reduce_retracing=True)
    def predict(x: Any) -> tf.Tensor:  # noqa: ANN401
        return model(x, training=False)

    return step, predict


def score(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Measures predicted probabilities as Keras does.

    Args:
        probabilities: Shape (n_samples, n_classes), or (n_samples, 1) for the class 1 of two.
        labels: Class numbers, shape (n_samples,).

    Returns:
        Mean cross-entropy, and accuracy.
    """
    if probabilities.shape[1] == 1:
        probabilities = np.concatenate([1 - probabilities, probabilities], axis=1)
    of_label = probabilities[np.arange(len(labels)), labels.astype(int)]
    loss = -np.log(np.maximum(of_label, keras.config.epsilon())).mean(dtype=float)
    return float(loss), float((probabilities.argmax(axis=1) == labels).mean())


def train_over_seeds(
    build_model: Callable[[], keras.Model],
    train: Samples,
    test: Samples,
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int,
    validation: Samples | None = None,
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
    trainer, runs = Trainer(build_model), []
    test_inputs = feed.to_tensor(test[0])
    if validation is not None:
        validation_inputs = feed.to_tensor(validation[0])
    for seed in seeds:
        trainer.start(seed)
        history: dict[str, list[float]] = {}
        for logs in trainer.epochs(train, epochs, batch_size):
            if validation is not None:
                measured = trainer.measure(validation_inputs, validation[1])
                logs["val_loss"], logs["val_accuracy"] = measured
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
        probabilities = trainer.predict(test_inputs).numpy()
        runs.append(Run(seed, history, *score(probabilities, test[1]), probabilities))
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
