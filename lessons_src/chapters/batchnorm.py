"""Plumbing of the batch normalization chapters: trainings, drawings, exercises' checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lessons_src import diagrams, exercises, feed, plotting, training

_STYLES = ("-", "--", ":")


def watch(
    build_model: Callable[[], keras.Model],
    train: training.Samples,
    validation: training.Samples,
    *,
    seeds: Sequence[int],
    epochs: Sequence[int],
    batch_size: int,
    measure: Callable[[keras.Model], Mapping[str, Any]],
) -> list[dict[str, list]]:
    """Trains a fresh classifier for each seed, and notes after each epoch what `measure` finds.

    Args:
        build_model: Returns a compiled classifier with integer labels.
        train: Inputs (n_samples, n_features) and labels (n_samples,).
        validation: The same for the set that Keras predicts in inference after each epoch.
        seeds: Seeds of the weights and of the order of the samples.
        epochs: For each seed how many.
        batch_size: Samples in one step of the optimizer.
        measure: Takes the model and returns by name what else is to be noted.

    Returns:
        For each seed, by name, a value for each epoch: `loss` and `accuracy` as `fit` would report
        them; `moving_val` and `moving_correct`, the loss of each validation sample and whether the
        answer is right, in Keras' inference; and what `measure` returned.
    """
    trainer, runs = training.Trainer(build_model), []
    x, labels = feed.to_tensor(validation[0]), validation[1]
    for seed, n_epochs in zip(seeds, epochs, strict=True):
        model = trainer.start(seed)
        run: dict[str, list] = {}
        for logs in trainer.epochs(train, n_epochs, batch_size):
            losses, correct = training.by_sample(trainer.predict(x).numpy(), labels)
            found = {**logs, "moving_val": losses, "moving_correct": correct, **measure(model)}
            for name, value in found.items():
                run.setdefault(name, []).append(value)
        runs.append(run)
    return runs


def over_seeds(runs: Sequence[Mapping[str, list]], name: str, epochs: int) -> np.ndarray:
    """What several runs of `watch` noted under one name, shape (n_seeds, epochs, ...)."""
    return np.array([run[name][:epochs] for run in runs])


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


_NODES: dict[str, tuple[float, float, str, diagrams.Kind]] = {  # of the graph
    "z": (0.0, 0.0, "$z$", "input"),
    "mean": (3.0, 1.9, r"$\mu$", "state"),
    "variance": (3.0, 4.7, r"$\sigma^2$", "state"),
    "hat": (6.0, 0.0, r"$\hat{z}$", "state"),
    "tilde": (8.2, 0.0, r"$\tilde{z}$", "output"),
}
# What is computed from what; on which side the gradient comes back, and what stands beside it.
_EDGES = {
    ("z", "mean"): (-1, ""),
    ("z", "variance"): (1, ""),
    ("z", "hat"): (-1, "1"),
    ("mean", "variance"): (-1, "0"),
    ("mean", "hat"): (-1, "2"),
    ("variance", "hat"): (1, "3"),
    ("hat", "tilde"): (-1, r"$\hat{\delta}$"),
}


def draw_graph() -> Figure:
    """Draws what is computed from what in batch normalization, and the gradients on their way back.

    Returns:
        The figure: circles with symbols, solid arrows forward, dashed ones beside them back.
    """
    figure, ax = diagrams.canvas(5.2, 3.0, (-1.4, 9.7), (-1.0, 5.3))
    for x, y, label, kind in _NODES.values():
        diagrams.node(ax, x, y, label, kind)
    for (one, other), (side, label) in _EDGES.items():
        start, end = np.array(_NODES[one][:2]), np.array(_NODES[other][:2])
        along = (end - start) / np.linalg.norm(end - start)
        back = 0.16 * side * np.array([-along[1], along[0]])
        start, end = start + 0.55 * along, end - 0.55 * along
        diagrams.arrow(ax, tuple(start - back), tuple(end - back))
        ends = tuple(end + back), tuple(start + back)
        diagrams.arrow(ax, *ends, "backward", label=label, side=-0.42 * side)
    diagrams.arrow(ax, (-1.3, 0.16), (-0.55, 0.16))
    diagrams.arrow(ax, (-0.55, -0.16), (-1.3, -0.16), "backward", label=r"$\delta$", side=0.4)
    diagrams.arrow(ax, (8.75, 0.16), (9.6, 0.16))
    label = r"$\tilde{\delta}$"
    diagrams.arrow(ax, (9.6, -0.16), (8.75, -0.16), "backward", label=label, side=0.45)
    return figure


def draw_axes() -> Figure:
    """Draws which values share a mean and a variance: batch and layer normalization, dense and not.

    Returns:
        The figure: tables with a row for each sample (and time step) and a column for each unit (or
        channel). Values that are normalized together are filled.
    """
    figure, ax = diagrams.canvas(5.2, 3.4, (-1.6, 19.2), (-1.9, 11.2))
    samples, steps, units = 3, 3, 3
    for number, letter in enumerate("abcd"):
        left, in_time = 5.0 * number, number >= 2
        for sample in range(samples):
            for step in range(steps if in_time else 1):
                y = 9.0 - 1.2 * sample if not in_time else 9.0 - 3.6 * sample - step
                for unit in range(units):
                    together = unit == 1 if number % 2 == 0 else (sample, step) == (1, 0)
                    color = plotting.COLORS[0] if together else "white"
                    ax.add_patch(Rectangle((left + unit, y), 1, 1, ec="#404040", fc=color))
        diagrams.text(ax, left + 1.5, 10.6, r"$n_\mathrm{out}$")
        diagrams.text(ax, left + 1.5, -1.2, letter)
    diagrams.text(ax, -0.8, 8.3, "$B$")
    diagrams.text(ax, 9.2, 5.0, "$B$")
    for sample in range(samples):
        diagrams.text(ax, 18.8, 8.5 - 3.6 * sample, "$T$")
    return figure


# The exercises. Each check holds an independent way to the same result.


def _example(seed: int, n_units: int = 4) -> tuple[np.ndarray, list[np.ndarray]]:
    """A batch of float32 values, and a layer's gamma, beta, moving mean and moving variance."""
    rng = np.random.default_rng(seed)
    gamma, beta, mean = rng.normal(1, 0.5, n_units), *rng.normal(0, 2, (2, n_units))
    weights = [gamma, beta, mean, rng.uniform(0.05, 4, n_units)]
    z = rng.normal(1, 2, (7, n_units)).astype("float32")
    return z, [weight.astype("float32") for weight in weights]


def _layer(seed: int) -> keras.layers.BatchNormalization:
    """Keras' layer in the state of the example."""
    layer, weights = keras.layers.BatchNormalization(), _example(seed)[1]
    layer.build((None, len(weights[0])))
    layer.set_weights(weights)
    return layer


@exercises.reference
def _inferred(seed: int) -> Any:  # noqa: ANN401
    return _layer(seed)(_example(seed)[0], training=False)


@exercises.checks("bn-inference")
def _check_inference(answer: Callable[..., np.ndarray]) -> None:
    for seed in range(3):
        z, weights = _example(seed)
        exercises.expect_close(answer(z, *weights), _inferred(seed), tolerance=1e-4)


@exercises.checks("bn-updates")
def _check_updates(answer: Callable[[float, float], int]) -> None:
    for momentum, share in ((0.9, 0.01), (0.99, 0.01), (0.99, 0.5), (0.5, 0.1)):
        average, n_updates = 0.0, 0  # of a statistic that is always 1
        while 1 - average > share:
            average = momentum * average + (1 - momentum)
            n_updates += 1
        exercises.expect_close(answer(momentum, share), n_updates)


def _delta_tilde(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@exercises.reference
def _gradients(seed: int) -> Any:  # noqa: ANN401
    z, layer = _example(seed)[0], _layer(seed)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(_delta_tilde(seed, z.shape) * layer(z, training=True))
    return tape.gradient(loss, [layer.gamma, layer.beta])


@exercises.checks("bn-gamma-beta")
def _check_gamma_beta(answer: Callable[..., Sequence[np.ndarray]]) -> None:
    for seed in range(3):
        z = _example(seed)[0]
        got = answer(_delta_tilde(seed, z.shape), z.astype(float))
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise exercises.WrongAnswerError(
                "two-gradients",
                en="expected two arrays, of gamma and of beta",
                ko="감마와 베타의 기울기, 두 배열이 나와야 합니다",
            )
        for one, other in zip(got, _gradients(seed), strict=True):
            exercises.expect_close(one, other, tolerance=1e-3)


def _dense_weights(seed: int) -> list[np.ndarray]:
    """A kernel and a bias for a layer of 4 inputs and 4 units."""
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.5, shape).astype("float32") for shape in ((4, 4), (4,))]


@exercises.reference
def _unfolded(seed: int) -> Any:  # noqa: ANN401
    dense = keras.layers.Dense(4)
    dense.build((None, 4))
    dense.set_weights(_dense_weights(seed))
    return _layer(seed)(dense(_example(seed)[0]), training=False)


@exercises.checks("bn-fold")
def _check_fold(answer: Callable[..., Sequence[np.ndarray]]) -> None:
    for seed in range(3):
        (x, weights), dense = _example(seed), _dense_weights(seed)
        got = answer(*(weight.copy() for weight in dense), *weights)
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise exercises.WrongAnswerError(
                "kernel-and-bias",
                en="expected two arrays: the new kernel and the new bias",
                ko="새 가중치 행렬과 새 편향, 두 배열이 나와야 합니다",
            )
        for one, old in zip(got, dense, strict=True):
            if np.shape(one) != old.shape:
                raise exercises.wrong_shape(np.shape(one), old.shape)
        folded = x @ np.asarray(got[0], float) + np.asarray(got[1], float)
        exercises.expect_close(folded, _unfolded(seed), tolerance=1e-4)


@exercises.reference
def _counted(widths: list[int]) -> list[int]:
    model = keras.Sequential([keras.Input((widths[0],))])
    for units in widths[1:-1]:
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dense(widths[-1]))
    return [
        sum(int(np.prod(weight.shape)) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    ]


@exercises.checks("bn-counts")
def _check_counts(answer: Callable[[Sequence[int]], Sequence[int]]) -> None:
    for widths in ([10, 4, 3], [50, 32, 16, 5], [7, 2]):
        exercises.expect_close(answer(list(widths)), _counted(widths))
