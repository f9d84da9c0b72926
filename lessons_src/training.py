"""Training a model over several seeds, after a page has shown how; scores by seed and sample."""

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
    """One training, measured on validation data after each epoch.

    Attributes:
        seed: Seed of the weights, of the order of the samples and of dropout.
        history: For each epoch `loss` and `accuracy`, as Keras reports them: running means over the
            batches, in training mode, with penalties; and `val_loss` and `val_accuracy`, measured
            after the epoch, with dropout off and without penalties. With `measure_train` also
            `train_loss` and `train_accuracy`, measured in the same way.
        val_losses: Cross-entropy of each validation sample, shape (n_epochs, n_validation).
        val_correct: Whether it is right, shape (n_epochs, n_validation).
        best_weights: Those of the epoch with the lowest validation loss.
        last_weights: Those of the last epoch.
    """

    seed: int
    history: dict[str, list[float]]
    val_losses: np.ndarray
    val_correct: np.ndarray
    best_weights: list[np.ndarray]
    last_weights: list[np.ndarray]

    @property
    def best(self) -> int:
        """Index of the epoch with the lowest validation loss, from 0."""
        return int(np.argmin(self.history["val_loss"]))


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

    def __init__(self, build_model: Callable[[], keras.Model], jit_compile: bool = False) -> None:
        """Takes what builds the model.

        Args:
            build_model: Returns a compiled classifier with integer labels.
            jit_compile: Whether XLA compiles the step, once for each shape of a batch. That takes
                seconds, and pays for recurrent layers, whose steps are many and small. Sparse
                inputs cannot be compiled.
        """
        keras.backend.clear_session()
        gc.collect()  # models refer to themselves; without this several stay in memory for long
        self.build_model, self._jit_compile = build_model, jit_compile
        self._model: keras.Model | None = None

    def start(self, seed: int) -> keras.Model:
        """Returns the model as `build_model` makes it with this seed."""
        keras.utils.set_random_seed(seed)
        fresh = self.build_model()
        if self._model is None:
            self._model = fresh
            fresh.optimizer.build(fresh.trainable_variables)
            self._steps: dict[tuple[int, ...], Callable] = {}  # by the shape of a sample
            self.predict = tf.function(lambda x: fresh(x, training=False), reduce_retracing=True)
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
                if (shape := tuple(x.shape[1:])) not in self._steps:
                    self._steps[shape] = _traced_once(self._model, x, y, self._jit_compile)
                logs = self._steps[shape](x, tf.constant(y))
            batches.on_epoch_end()
            yield {name: float(value) for name, value in logs.items()}

    def measure(self, x: Any, y: np.ndarray) -> tuple[float, float]:  # noqa: ANN401
        """Cross-entropy without penalties, and accuracy, of inputs as `feed.to_tensor` gives."""
        return score(self.predict(x).numpy(), y)


def _traced_once(
    model: keras.Model, x: np.ndarray | tf.SparseTensor, y: np.ndarray, jit_compile: bool
) -> Callable[..., dict[str, tf.Tensor]]:
    """Keras' training step for batches of any size.

    TensorFlow would trace it once more because Keras makes the metrics' variables in the first
    step, and again for the smaller batch at the end of an epoch. So they are made beforehand.
    """
    predicted = model(x, training=False)
    model.compute_loss(x, y, predicted)
    model.compute_metrics(x, y, predicted)
    model.reset_metrics()
    signature = []
    for tensor in (x if isinstance(x, tf.SparseTensor) else tf.constant(x), tf.constant(y)):
        kind = tf.type_spec_from_value(tensor)
        signature.append(type(kind)([None, *kind.shape[1:]], kind.dtype))

    @tf.function(input_signature=signature, jit_compile=jit_compile or None)
    def step(x: tf.SparseTensor | tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        return model.train_step((x, y))

    return step


def by_sample(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Measures each predicted distribution as Keras does.

    Args:
        probabilities: Shape (..., n_samples, n_classes), or (..., n_samples, 1) for the class 1 of
            two.
        labels: Class numbers, shape (n_samples,).

    Returns:
        Cross-entropy, and whether the most probable class is the right one, of shape
        (..., n_samples).
    """
    if probabilities.shape[-1] == 1:
        probabilities = np.concatenate([1 - probabilities, probabilities], axis=-1)
    of_label = probabilities[..., np.arange(len(labels)), labels.astype(int)]
    losses = -np.log(np.maximum(of_label, keras.config.epsilon()))
    return losses, probabilities.argmax(axis=-1) == labels


def score(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy, and accuracy, of predicted probabilities.

    Args:
        probabilities: Shape (n_samples, n_classes), or (n_samples, 1) for the class 1 of two.
        labels: Class numbers, shape (n_samples,).
    """
    losses, correct = by_sample(probabilities, labels)
    return float(losses.mean(dtype=float)), float(correct.mean())


def ratios(numerators: np.ndarray, denominators: np.ndarray) -> np.ndarray:
    """Ratio of two means over the same samples, by sample.

    To first order (the delta method) a ratio of means is the mean of such values, so that their
    spread gives the ratio's sampling error.

    A mean over some of the samples is one, too: of their values and zeros, over ones and zeros.

    Args:
        numerators: Shape (n_seeds, n_samples).
        denominators: The same, with means that are not 0.

    Returns:
        Shape (n_seeds, n_samples); the mean over the samples is the ratio of the two means.
    """
    below = denominators.mean(axis=1, keepdims=True)
    ratio = numerators.mean(axis=1, keepdims=True) / below
    return ratio + (numerators - ratio * denominators) / below


def standard_error(differences: np.ndarray) -> float:
    """Standard error of a mean over seeds and samples that comes from the samples alone.

    Args:
        differences: Shape (n_seeds, n_samples), the same samples for each seed.
    """
    by_sample = differences.mean(axis=0)
    return float(by_sample.std(ddof=1) / np.sqrt(len(by_sample)))


def train_over_seeds(
    build_model: Callable[[], keras.Model] | Trainer,
    train: Samples,
    validation: Samples,
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int,
    measure_train: bool = False,
) -> list[Run]:
    """Trains a fresh classifier once for each seed, and measures it after each epoch.

    Args:
        build_model: Returns a compiled model whose output is a probability for each class, shape
            (n_samples, n_classes), or one for the class 1 of two, (n_samples, 1); labels are
            integers. Or the `Trainer` of such a function, which many calls can share: its step is
            traced once, which takes longer than a small training does.
        train: Inputs (n_samples, n_features) and labels (n_samples,).
        validation: The same for the set that is measured after every epoch.
        seeds: Seeds for the weights, the order of the samples and dropout.
        epochs: How often each model sees the training set.
        batch_size: Samples in one step of the optimizer.
        measure_train: Whether the training set is measured after every epoch, too.

    Returns:
        One `Run` for each seed, in their order.
    """
    trainer = build_model if isinstance(build_model, Trainer) else Trainer(build_model)
    runs = []
    sets = {"val": (feed.to_tensor(validation[0]), validation[1])}
    if measure_train:
        sets["train"] = (feed.to_tensor(train[0]), train[1])
    for seed in seeds:
        model = trainer.start(seed)
        history: dict[str, list[float]] = {}
        samples: list[tuple[np.ndarray, np.ndarray]] = []
        best = last = model.get_weights()
        for logs in trainer.epochs(train, epochs, batch_size):
            for name, (x, y) in sets.items():
                losses, correct = by_sample(trainer.predict(x).numpy(), y)
                logs[f"{name}_loss"] = float(losses.mean(dtype=float))
                logs[f"{name}_accuracy"] = float(correct.mean())
                if name == "val":
                    samples.append((losses, correct))
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
            last = model.get_weights()
            if np.argmin(history["val_loss"]) == len(samples) - 1:
                best = last
        val_losses, val_correct = (np.array(part) for part in zip(*samples, strict=True))
        runs.append(Run(seed, history, val_losses, val_correct, best, last))
    return runs


class Scores(NamedTuple):
    """Scores by validation sample, each of shape (n_runs, n_validation)."""

    losses: np.ndarray  # cross-entropy
    correct: np.ndarray  # 1 if the answer is right, else 0


def best_epochs(losses: np.ndarray) -> np.ndarray:
    """The epoch at which each sample is scored: that which the other half of the samples chose.

    The lowest of many measured losses is low by luck, too: the samples that chose an epoch would
    flatter it. So those in even and in odd places choose for each other.

    Args:
        losses: After each epoch, shape (n_runs, n_epochs, n_samples).

    Returns:
        Epochs counted from 0, shape (n_runs, n_samples).
    """
    epochs = np.empty((losses.shape[0], losses.shape[2]), dtype=int)
    for half in (0, 1):
        means = losses[:, :, 1 - half :: 2].mean(axis=-1)
        epochs[:, half::2] = means.argmin(axis=1)[:, None]
    return epochs


def at_epochs(scores: np.ndarray, epochs: np.ndarray) -> np.ndarray:
    """The scores after the epochs of `best_epochs`.

    Args:
        scores: After each epoch, shape (n_runs, n_epochs, n_samples).
        epochs: Shape (n_runs, n_samples).

    Returns:
        Shape (n_runs, n_samples).
    """
    return np.take_along_axis(scores, epochs[:, None], axis=1)[:, 0]


def at_best_epochs(runs: Sequence[Run]) -> Scores:
    """Scores each validation sample at the epoch that the other half of the samples chose.

    Args:
        runs: Trainings of as many epochs, measured on the same validation data.
    """
    losses = np.array([run.val_losses for run in runs])
    epochs = best_epochs(losses)
    correct = np.array([run.val_correct for run in runs])
    return Scores(at_epochs(losses, epochs), at_epochs(correct, epochs).astype(float))


def predict(
    model: keras.Model, weights: Sequence[Sequence[np.ndarray]], inputs: feed.Inputs
) -> np.ndarray:
    """What one model predicts with several sets of weights.

    Args:
        model: A model whose output has the shape (n_samples, n_outputs).
        weights: For each set what `set_weights` takes, as `Run` holds it.
        inputs: Shape (n_samples, n_features).

    Returns:
        Shape (n_sets, n_samples, n_outputs).
    """
    parts = []
    for start in range(0, inputs.shape[0], 5000):  # a whole set at once would fill the memory
        x = feed.to_tensor(inputs[start : start + 5000])
        outputs = []
        for values in weights:
            model.set_weights(values)
            outputs.append(np.asarray(model(x, training=False)))
        parts.append(outputs)
    return np.concatenate(parts, axis=1)


class _Trained(Protocol):
    @property
    def history(self) -> dict[str, list[float]]: ...


def curves(runs: Sequence[_Trained], metric: str) -> np.ndarray:
    """Stacks one metric of several runs into an array of shape (n_runs, n_epochs)."""
    return np.array([run.history[metric] for run in runs])
