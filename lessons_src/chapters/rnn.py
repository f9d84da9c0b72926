"""Plumbing of the recurrent chapter: stable losses, drawings, and the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from lessons_src import exercises, plotting

_LINE_STYLES = ("-", "--", "-.", ":")

MAX_UNITS, MAX_STEPS_BACK = 16, 20  # what the last exercise allows


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Turns scores of any shape into probabilities, without overflow for any finite score."""
    return np.exp(-np.logaddexp(0, -z))


def log_loss(z: np.ndarray, y: np.ndarray) -> float:
    """Mean binary cross-entropy, computed from scores so that no logarithm meets a 0.

    Args:
        z: Scores before the sigmoid.
        y: Labels 0 or 1, of the same shape.

    Raises:
        ValueError: The shapes differ; NumPy would pair every score with every label.
    """
    if np.shape(z) != np.shape(y):
        raise ValueError(f"expected scores and labels of one shape, got {z.shape} and {y.shape}")
    return float(np.mean(np.logaddexp(0, z) - y * z))


def draw_cell() -> Figure:
    """Draws the recurrent cell unrolled over the time steps, with the weights on its arrows."""
    figure, ax = plotting.subplots(width=5.6, height=4.2)
    ax.set(xlim=(-1.4, 10.6), ylim=(-0.2, 8.6), aspect="equal")
    ax.set_axis_off()
    input_color, state_color, output_color = plotting.COLORS[:3]

    def arrow(start: tuple[float, float], end: tuple[float, float], color: str) -> None:
        style = {"arrowstyle": "-|>", "color": color, "lw": 2, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, start, arrowprops=style)

    def text(x: float, y: float, words: str, size: float = 17, color: str = "black") -> None:
        ax.text(x, y, words, ha="center", va="center", size=size, color=color)

    for x, step in ((1.6, "1"), (5.0, "2"), (9.2, "T")):
        box = FancyBboxPatch(
            (x - 0.9, 3.2), 1.8, 1.4, "round,pad=0.1", fc="#EAF2F8", ec=state_color
        )
        ax.add_patch(box)
        text(x, 3.9, "tanh", size=16)
        text(x, 0.4, f"$x_{step}$")
        arrow((x, 0.9), (x, 3.1), input_color)
        text(x + 0.75, 1.9, "$W_x$", color=input_color, size=15)
    text(-0.9, 3.9, "$h_0$")
    arrow((-0.4, 3.9), (0.6, 3.9), state_color)
    arrow((2.6, 3.9), (4.0, 3.9), state_color)
    text(3.3, 4.5, "$W_h$", color=state_color, size=15)
    text(3.3, 3.3, "$h_1$", size=15)
    text(6.75, 3.9, r"$\cdots$")
    arrow((7.2, 3.9), (8.2, 3.9), state_color)
    text(7.6, 4.5, "$W_h$", color=state_color, size=15)
    arrow((9.2, 4.8), (9.2, 7.2), output_color)
    text(8.45, 5.4, "$h_T$", size=15)
    text(9.95, 6.3, "$w_2$", color=output_color, size=15)
    text(9.2, 7.8, r"$\hat{y}$")
    return figure


def stacked_axes(n_rows: int) -> tuple[Figure, np.ndarray]:
    """Makes axes one below the other, narrow enough to be read on a telephone.

    Returns:
        The figure and its axes, shape (n_rows,); they share a horizontal axis that counts.
    """
    figure, first = plotting.subplots(width=5.2, height=2.6 * n_rows)
    first.remove()
    axes = np.atleast_1d(figure.subplots(n_rows, sharex=True))
    for ax in axes:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(visible=True, alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def plot_truncation(
    steps_back: Sequence[int], cosines: np.ndarray, errors: np.ndarray, ax: Axes | None = None
) -> Axes:
    """Draws how a truncated gradient compares with the whole one.

    Args:
        steps_back: Steps of each truncation, shape (n_truncations,).
        cosines: Cosine with the whole gradient, shape (n_seeds, n_truncations).
        errors: Length of the difference over the whole gradient's length, same shape.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots(width=5.2, height=3.6)
    for number, (name, runs) in enumerate({"cosine": cosines, "relative error": errors}.items()):
        color, style = plotting.COLORS[number], _LINE_STYLES[number]
        ax.plot(steps_back, runs.mean(axis=0), style, color=color, marker="o", label=name, lw=2)
        plotting.band(ax, steps_back, runs, color)
    ax.set_xscale("log")
    ax.set_xticks([1, 3, 10, 30, 100, 200], ["1", "3", "10", "30", "100", "200"])
    ax.minorticks_off()
    ax.set_xlabel("Steps back")
    ax.set_ylabel("Against the full gradient")
    ax.set_ylim(-0.03, 1.05)
    ax.legend(frameon=False, loc="center right")
    return ax


def plot_gradient_sizes(sizes: Mapping[str, np.ndarray], ax: Axes | None = None) -> Axes:
    """Draws the size of the gradient against how far it has come back, on a logarithmic axis.

    Args:
        sizes: For each name an array of shape (n_seeds, n_timesteps), the last time step first.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots(width=5.2, height=4.4)
    for number, (name, runs) in enumerate(sizes.items()):
        relative = runs / runs[:, :1]
        middle = np.exp(np.log(relative).mean(axis=0))
        back = np.arange(relative.shape[1])
        color, style = plotting.COLORS[number], _LINE_STYLES[number % len(_LINE_STYLES)]
        ax.plot(back, middle, color=color, linestyle=style, label=name, lw=2.2)
        plotting.band(ax, back, relative, color)
    ax.set_yscale("log")
    ax.set_xlabel("Steps back from the end")
    ax.set_ylabel("Size of the gradient")
    ax.legend(frameon=False)
    return ax


# The exercises. Each check holds an independent way to the same result.


def _drawn(seed: int, n_words: int = 7, n_units: int = 4) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    shapes: tuple[tuple[int, ...], ...] = ((n_words, n_units), (n_units, n_units), (n_units,))
    return tuple(rng.normal(0, 0.6, size=shape).astype(np.float32) for shape in shapes)


def _keras_state(ids: np.ndarray, weights: tuple[np.ndarray, ...], mask: bool) -> np.ndarray:
    """The last hidden state of Keras' own layers for word ids of shape (n_samples, n_timesteps)."""
    n_words, n_units = weights[0].shape
    rows = keras.layers.Embedding(n_words, n_words, mask_zero=mask)
    recurrent = keras.layers.SimpleRNN(n_units)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), rows, recurrent])
    rows.set_weights([np.eye(n_words)])
    recurrent.set_weights(list(weights))
    return np.asarray(model(ids))


@exercises.checks("rnn-step")
def _check_step(answer: Callable[..., np.ndarray]) -> None:
    for seed in range(2):
        weights = _drawn(seed)
        ids = np.random.default_rng(seed).integers(0, 7, size=(3, 4))
        h = np.zeros((3, 4), np.float32)
        for words in ids.T:
            h = np.asarray(answer(words, h, *weights))
        exercises.expect_close(h, _keras_state(ids, weights, mask=False), tolerance=1e-5)


@exercises.checks("rnn-clip")
def _check_clip(answer: Callable[[list[np.ndarray], float], list[np.ndarray]]) -> None:
    rng = np.random.default_rng(0)
    gradients = [rng.normal(size=(3, 4)), 5 * rng.normal(size=4), rng.normal(size=(4, 1))]
    for limit in (1.0, 4.0, 1000.0):
        wanted, _ = tf.clip_by_global_norm([tf.constant(g) for g in gradients], limit)
        got = answer([g.copy() for g in gradients], limit)
        for mine, theirs in zip(got, wanted, strict=True):
            exercises.expect_close(mine, theirs)


@exercises.checks("rnn-scalar")
def _check_scalar(answer: Callable[[np.ndarray, float], float]) -> None:
    def last(x: np.ndarray, w: float) -> float:
        h = 0.0
        for value in x:
            h = float(np.tanh(value + w * h))
        return h

    rng = np.random.default_rng(0)
    for w, n_timesteps in ((0.5, 2), (-1.3, 5), (0.9, 30)):
        x, step = rng.normal(0, 0.5, size=n_timesteps), 1e-6
        slope = (last(x, w + step) - last(x, w - step)) / (2 * step)
        exercises.expect_close(answer(x, w), slope, tolerance=1e-6)


@exercises.checks("rnn-carry")
def _check_carry(answer: Callable[..., np.ndarray]) -> None:
    texts = [[3, 1, 5], [2, 6, 4, 4, 1], [5]]
    for padding in ("pre", "post"):
        weights = _drawn(1)
        ids = keras.utils.pad_sequences(texts, maxlen=7, padding=padding)
        wanted = _keras_state(ids, weights, mask=True)
        exercises.expect_close(answer(ids, *weights), wanted, tolerance=1e-5)


@exercises.checks("rnn-order")
def _check_order(answer: Any) -> None:  # noqa: ANN401
    n_units, n_back = answer.w1h.shape[0], answer.n_back
    if n_units > MAX_UNITS or n_back is None or n_back > MAX_STEPS_BACK:
        raise AssertionError(
            f"at most {MAX_UNITS} units and {MAX_STEPS_BACK} steps back; "
            f"got {n_units} and {n_back or 'all'}"
        )
    rng = np.random.default_rng(20_000)
    n_samples = 500
    ids, labels = rng.integers(3, 20, size=(n_samples, 25)), rng.integers(0, 2, size=n_samples)
    places = rng.permuted(np.tile(np.arange(10), (n_samples, 1)), axis=1)[:, :2]
    rows = np.arange(n_samples)
    ids[rows, places.min(axis=1)] = np.where(labels == 1, 1, 2)
    ids[rows, places.max(axis=1)] = np.where(labels == 1, 2, 1)
    accuracy = answer.score(ids, labels)
    if accuracy < 0.9:
        raise AssertionError(f"right in {accuracy:.0%} of new sequences; 90% are needed")
