"""Plumbing of the batch normalization chapter: drawings, its exercises' checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from lessons_src import exercises, plotting

_STYLES = ("-", "--", ":")
_MARKERS = ("o", "s", "^")


def plot_units(values: np.ndarray, label: str, ax: Axes | None = None) -> Axes:
    """Draws how the values of each unit are distributed over a batch.

    Args:
        values: Shape (n_samples, n_units), up to three units.
        label: What the values are.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.

    Raises:
        ValueError: `values` is no batch of one to three units.
    """
    if values.ndim != 2 or not 1 <= values.shape[1] <= len(_STYLES) or len(values) == 0:
        raise ValueError(f"expected shape (n_samples, 1 to 3), got {values.shape}")
    if ax is None:
        _, ax = plotting.subplots()
    bins = np.linspace(values.min(), values.max(), 41)
    for number, unit in enumerate(values.T):
        counts, _ = np.histogram(unit, bins)
        drawn = ax.stairs(counts, bins, label=f"unit {number + 1}", linewidth=1.8)
        drawn.set(color=plotting.COLORS[number], linestyle=_STYLES[number])
    ax.set_xlabel(label)
    ax.set_ylabel("Samples")
    ax.legend(frameon=False)
    return ax


def plot_batch_sizes(
    sizes: Sequence[int], losses: Mapping[str, Sequence[np.ndarray]], ax: Axes | None = None
) -> Axes:
    """Draws losses against the batch size, with the range over the seeds as a band.

    Args:
        sizes: The batch sizes.
        losses: For each curve one array over the seeds for each batch size.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots()
    curves = {name: np.array(values).T for name, values in losses.items()}
    plotting.learning_curves(curves, ylabel="Validation loss", ax=ax)
    ax.set_xticks(range(1, len(sizes) + 1), [str(size) for size in sizes])
    ax.set_xlabel("Batch size")
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


def _example(seed: int, n_units: int = 4) -> tuple[np.ndarray, keras.layers.BatchNormalization]:
    """A batch of float32 values, and Keras' layer in some trained state."""
    rng = np.random.default_rng(seed)
    layer = keras.layers.BatchNormalization()
    layer.build((None, n_units))
    gamma, beta, mean = rng.normal(1, 0.5, n_units), *rng.normal(0, 2, (2, n_units))
    layer.set_weights([gamma, beta, mean, rng.uniform(0.05, 4, n_units)])
    return rng.normal(1, 2, (7, n_units)).astype("float32"), layer


@exercises.checks("bn-inference")
def _check_inference(answer: Callable[..., np.ndarray]) -> None:
    for seed in range(3):
        z, layer = _example(seed)
        gamma, beta, mean, variance = layer.get_weights()
        wanted = layer(z, training=False)
        exercises.expect_close(answer(z, gamma, beta, mean, variance), wanted, tolerance=1e-4)


@exercises.checks("bn-updates")
def _check_updates(answer: Callable[[float, float], int]) -> None:
    for momentum, share in ((0.9, 0.01), (0.99, 0.01), (0.99, 0.5), (0.5, 0.1)):
        average, n_updates = 0.0, 0  # of a statistic that is always 1
        while 1 - average > share:
            average = momentum * average + (1 - momentum)
            n_updates += 1
        exercises.expect_close(answer(momentum, share), n_updates)


@exercises.checks("bn-gamma-beta")
def _check_gamma_beta(answer: Callable[..., Sequence[np.ndarray]]) -> None:
    for seed in range(3):
        z, layer = _example(seed)
        d_out = np.random.default_rng(seed).normal(size=z.shape).astype("float32")
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(d_out * layer(z, training=True))
        wanted = tape.gradient(loss, [layer.gamma, layer.beta])
        got = answer(d_out, z.astype(float))
        if not isinstance(got, tuple | list) or len(got) != len(wanted):
            raise AssertionError("expected two arrays: d_gamma, d_beta")
        for one, other in zip(got, wanted, strict=True):
            exercises.expect_close(one, other, tolerance=1e-3)


@exercises.checks("bn-fold")
def _check_fold(answer: Callable[..., Sequence[np.ndarray]]) -> None:
    for seed in range(3):
        x, layer = _example(seed)
        keras.utils.set_random_seed(seed)
        dense = keras.layers.Dense(4, bias_initializer="random_normal")
        wanted = layer(dense(x), training=False)
        got = answer(*dense.get_weights(), *layer.get_weights())
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise AssertionError("expected two arrays: the new kernel and the new bias")
        folded = keras.layers.Dense(4)
        folded.build(x.shape)
        for one, old in zip(got, dense.get_weights(), strict=True):
            if np.shape(one) != old.shape:
                raise AssertionError(f"expected shape {old.shape}, got {np.shape(one)}")
        folded.set_weights([np.asarray(one) for one in got])
        exercises.expect_close(folded(x), wanted, tolerance=1e-4)


@exercises.checks("bn-counts")
def _check_counts(answer: Callable[[Sequence[int]], Sequence[int]]) -> None:
    for widths in ([10, 4, 3], [50, 32, 16, 5], [7, 2]):
        model = keras.Sequential([keras.Input((widths[0],))])
        for units in widths[1:-1]:
            model.add(keras.layers.Dense(units))
            model.add(keras.layers.BatchNormalization())
        model.add(keras.layers.Dense(widths[-1]))
        counts = [
            sum(int(np.prod(weight.shape)) for weight in weights)
            for weights in (model.trainable_weights, model.non_trainable_weights)
        ]
        exercises.expect_close(answer(list(widths)), counts)


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
        raise AssertionError('expected ("before", "after" or "none", ..., "lags" or "settled")')
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
        raise AssertionError(
            f"you guessed {guess!r}; the loss is {losses[0]:.3g} with the moving averages, "
            f"{losses[1]:.3g} with the statistics of the samples themselves"
        )
