"""Plumbing of the chapter on what batch normalization changes: trainings, drawings, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from lessons_src import exercises, plotting, training

_STYLES = ("-", "--", ":")
_MARKERS = ("o", "s", "^")


class Reused:
    """Trains models from fresh weights again and again; each layout is built and traced once.

    To build and trace a small model takes longer than a few epochs of training.
    """

    def __init__(self, build: Callable[..., keras.Model]) -> None:
        """Takes a function that returns a compiled classifier of the layout it is given."""
        self.build = build
        self._kept: dict[tuple, tuple[training.Trainer, keras.Model, list[np.ndarray]]] = {}

    def train(
        self,
        seed: int,
        data: training.Samples,
        *,
        epochs: int,
        batch_size: int,
        learning_rate: float = 1e-3,
        initializer: str | dict[str, Any] = "glorot_uniform",
        **layout: Any,  # noqa: ANN401
    ) -> tuple[keras.Model, list[np.ndarray]]:
        """Trains a model as if it were newly built with this seed.

        Args:
            seed: Seed of the weights and of the order of the samples.
            data: Inputs (n_samples, n_features) and labels (n_samples,).
            epochs: How often the model sees them.
            batch_size: Samples in one step of the optimizer.
            learning_rate: The optimizer's.
            initializer: Of the hidden layers' weights; no object, which would draw the same numbers
                for each layer and seed.
            layout: What `build` takes.

        Returns:
            The trained model, and the weights that it started with.
        """
        key = tuple(sorted(layout.items()))
        if key not in self._kept:
            trainer = training.Trainer(lambda: self.build(**layout))
            new = trainer.start(seed)
            values = [variable.numpy() for variable in (*new.variables, *new.optimizer.variables)]
            self._kept[key] = trainer, new, values
        trainer, model, values = self._kept[key]
        variables = *model.variables, *model.optimizer.variables
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        model.optimizer.learning_rate = learning_rate
        keras.utils.set_random_seed(seed)
        *hidden, output = [layer for layer in model.layers if hasattr(layer, "kernel")]
        for layer in (*hidden, output):
            kind = "glorot_uniform" if layer is output else initializer
            layer.kernel.assign(keras.initializers.get(kind)(layer.kernel.shape))
        start, trainer.seed = model.get_weights(), seed
        for _ in trainer.epochs(data, epochs, batch_size):
            pass
        return model, start


def plot_settings(
    settings: Sequence[float],
    losses: Mapping[str, Sequence[np.ndarray]],
    *,
    xlabel: str,
    ylabel: str,
    ax: Axes | None = None,
) -> Axes:
    """Draws losses against a setting, with the range over the seeds as a band.

    Args:
        settings: The values of the setting, at equal distances on the axis.
        losses: For each curve one array over the seeds for each value.
        xlabel: What the setting is.
        ylabel: What the losses are.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots()
    curves = {name: np.array(values).T for name, values in losses.items()}
    plotting.learning_curves(curves, ylabel=ylabel, ax=ax)
    ax.set_xticks(range(1, len(settings) + 1), [f"{value:g}" for value in settings])
    ax.set_xlabel(xlabel)
    return ax


def plot_against_training(
    losses: Mapping[str, tuple[np.ndarray, np.ndarray]], ax: Axes | None = None
) -> Axes:
    """Draws validation losses against training losses, which fall from left to right.

    Args:
        losses: For each model the training and the validation losses, shape (n_seeds, n_epochs).
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots()
    for number, (name, (train, validation)) in enumerate(losses.items()):
        look: dict[str, Any] = {"color": plotting.COLORS[number], "linestyle": _STYLES[number]}
        lines = ax.plot(train.T, validation.T, marker=_MARKERS[number], markersize=3, **look)
        lines[0].set_label(name)
    ax.set_xscale("log")
    ax.invert_xaxis()
    ax.set_xlabel("Training loss (after the epoch)")
    ax.set_ylabel("Validation loss")
    ax.legend(frameon=False)
    return ax


def at_training_loss(train: np.ndarray, losses: np.ndarray, level: float) -> np.ndarray:
    """Losses at the moment when the training loss first comes down to a level.

    Between the two epochs around that moment both losses are taken to move in a straight line.

    Args:
        train: Training losses, shape (n_seeds, n_epochs).
        losses: Losses by sample after the same epochs, shape (n_seeds, n_epochs, n_samples).
        level: The training loss that is looked for.

    Returns:
        Shape (n_seeds, n_samples).

    Raises:
        ValueError: A training loss starts below the level, or does not come down to it.
    """
    if (train[:, 0] < level).any() or (train.min(axis=1) > level).any():
        raise ValueError(f"expected training losses that come down to {level}, got {train}")
    found = []
    for ours, values in zip(train, losses, strict=True):
        after = max(int(np.argmax(ours <= level)), 1)
        share = (ours[after - 1] - level) / (ours[after - 1] - ours[after])
        found.append((1 - share) * values[after - 1] + share * values[after])
    return np.array(found)


def farthest(conditions: Sequence[np.ndarray]) -> np.ndarray:
    """Of several conditions, for each seed the value that is farthest from 0, with its sign.

    Args:
        conditions: Shape (n_conditions, n_seeds).

    Returns:
        Shape (n_seeds,).
    """
    values = np.array(conditions)
    return values[np.abs(values).argmax(axis=0), np.arange(values.shape[1])]


# The exercises. Each check holds an independent way to the same result.


@exercises.reference
def _weights_and_gradient(seed: int) -> Any:  # noqa: ANN401
    rng = np.random.default_rng(seed)
    x, wanted = tf.constant(rng.normal(size=(8, 5))), rng.normal(size=8)
    w = tf.Variable(rng.normal(size=5))
    with tf.GradientTape() as tape:  # batch normalization of one unit, without epsilon
        z = tf.linalg.matvec(x, w)
        z_hat = (z - tf.reduce_mean(z)) / tf.math.reduce_std(z)
        loss = tf.reduce_mean((z_hat - wanted) ** 2)
    return [w.numpy(), tape.gradient(loss, w)]


@exercises.checks("bn-next-norm")
def _check_next_norm(answer: Callable[[float, float, float], float]) -> None:
    for seed, rate in ((0, 0.1), (1, 1.0), (2, 10.0)):
        before, gradient = np.array(_weights_and_gradient(seed))
        after = np.linalg.norm(before - rate * gradient)
        got = answer(float(np.linalg.norm(before)), float(np.linalg.norm(gradient)), rate)
        exercises.expect_close(got, after)


def _batch(seed: int, n_samples: int) -> list[np.ndarray]:
    """Values of 6 units, with their gamma and beta."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(1, 2, (n_samples, 6)), rng.normal(1, 0.5, 6), rng.normal(0, 2, 6)]
    return [part.astype("float32") for part in parts]


@exercises.reference
def _group_normalized(seed: int, n_samples: int, n_groups: int) -> Any:  # noqa: ANN401
    z, *weights = _batch(seed, n_samples)
    layer = keras.layers.GroupNormalization(n_groups, epsilon=1e-3)
    layer.build(z.shape)
    layer.set_weights(weights)
    return layer(z)


@exercises.checks("bn-group-norm")
def _check_group_norm(answer: Callable[..., np.ndarray]) -> None:
    for seed, n_samples, n_groups in ((0, 7, 2), (1, 4, 3), (2, 1, 2), (3, 5, 1)):
        got = answer(*_batch(seed, n_samples), n_groups)
        exercises.expect_close(got, _group_normalized(seed, n_samples, n_groups), tolerance=1e-4)


def _topics(seed: int, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Sparse-looking samples of ten classes, each with favourite columns."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(10, size=n_samples)
    x = rng.random((n_samples, 100)) < 0.03
    for row, label in enumerate(labels):
        x[row, 10 * label : 10 * label + 10] |= rng.random(10) < 0.5
    return x.astype("float32"), labels


@exercises.checks("bn-playground")
def _check_playground(answer: tuple[str, float, int, str]) -> None:
    order, momentum, batch_size, guess = answer
    if order not in ("before", "after", "none") or guess not in ("lags", "settled"):
        raise exercises.WrongAnswerError(
            "no-such-choice",
            en='expected ("before", "after" or "none", ..., "lags" or "settled")',
            ko='답의 꼴: ("before", "after", "none" 가운데 하나, ..., "lags" 또는 "settled")',
        )
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((100,))])
    for _ in range(2):
        model.add(keras.layers.Dense(32))
        if order == "before":
            model.add(keras.layers.BatchNormalization(momentum=momentum))
        model.add(keras.layers.Activation("relu"))
        if order == "after":
            model.add(keras.layers.BatchNormalization(momentum=momentum))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.RMSprop(0.01), "sparse_categorical_crossentropy")
    model.fit(*_topics(0, 2048), epochs=3, batch_size=batch_size, verbose=0)
    x, labels = _topics(1, 1000)
    losses = [
        float(keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities)))
        for probabilities in (model(x, training=False), model(x, training=True))
    ]
    truth = "lags" if losses[0] > 1.2 * losses[1] else "settled"
    if guess != truth:
        raise exercises.WrongAnswerError(
            "other-than-guessed",
            en=f"you guessed {guess!r}; the loss is {losses[0]:.3g} with the moving averages, "
            f"{losses[1]:.3g} with the statistics of the samples themselves",
            ko=f"예상은 {guess!r}이었지만, 손실은 이동 평균을 쓰면 {losses[0]:.3g}, "
            f"샘플들 자체의 통계량을 쓰면 {losses[1]:.3g}입니다",
        )
