"""Plumbing of the recurrent chapter: stable losses, drawings, and the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy import sparse

from lessons_src import diagrams, exercises, plotting

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


def one_hot(ids: np.ndarray, n_words: int, dtype: np.typing.DTypeLike) -> sparse.csr_array:
    """One-hot rows that hold nothing but their ones.

    Args:
        ids: Word ids, of any shape.
        n_words: Columns.
        dtype: Of the ones; products with an array of the same keep it.

    Returns:
        A row for each id, in the order of `ids.ravel()`: shape (ids.size, n_words).
    """
    shape = (ids.size, n_words)
    rows = np.ones(ids.size, dtype), ids.ravel(), np.arange(ids.size + 1)
    return sparse.csr_array(rows, shape=shape)


def draw_cell() -> Figure:
    """Draws the recurrent cell unrolled over the time steps, with the weights on its arrows."""
    figure, ax = diagrams.canvas(5.2, 4.0, (-1.0, 10.2), (0.0, 8.4))
    middle = 4.0
    diagrams.node(ax, -0.4, middle, "$h_0$")
    for x, step in ((2.2, "1"), (5.4, "2"), (9.2, "T")):
        diagrams.node(ax, x, 0.8, f"$x_{step}$", "input")
        diagrams.box(ax, x, middle, r"$\tanh$", width=1.5)
        diagrams.arrow(ax, (x, 1.3), (x, middle - 0.5), "input")
        diagrams.text(ax, x + 0.6, 2.3, "$W_x$", "weight")
    for start, end in ((0.1, 1.45), (2.95, 4.65), (7.35, 8.45)):
        diagrams.arrow(ax, (start, middle), (end, middle))
        diagrams.text(ax, (start + end) / 2, middle + 0.5, "$W_h$", "weight")
    diagrams.text(ax, 3.8, middle - 0.55, "$h_1$")
    diagrams.arrow(ax, (6.15, middle), (6.65, middle))
    diagrams.text(ax, 7.0, middle, r"$\cdots$")
    diagrams.node(ax, 9.2, 7.4, r"$\hat{y}$", "output")
    diagrams.arrow(ax, (9.2, middle + 0.5), (9.2, 6.9), "output")
    diagrams.text(ax, 8.6, 5.1, "$h_T$")
    diagrams.text(ax, 9.75, 5.9, "$w_2$", "weight")
    return figure


def draw_way_back() -> Figure:
    """Draws two time steps as a graph: forward in full lines, backward in dashed ones."""
    figure, ax = diagrams.canvas(5.2, 4.4, (-0.9, 10.3), (-0.4, 8.8))
    middle, shared = 3.6, (4.6, 7.7)
    places = {"$h_0$": 0.0, "$h_1$": 3.1, "$h_2$": 6.2}
    for label, x in places.items():
        diagrams.node(ax, x, middle, label)
    diagrams.node(ax, 9.6, middle, r"$\hat{y}$", "output")
    diagrams.node(ax, *shared, "$W_h$", "weight")
    diagrams.arrow(ax, (0.5, middle + 0.12), (2.6, middle + 0.12))
    diagrams.arrow(ax, (3.6, middle + 0.12), (5.7, middle + 0.12))
    diagrams.arrow(ax, (6.7, middle + 0.12), (9.1, middle + 0.12), "output")
    back = ((9.6, 6.2, r"$\delta_{\rm out} w_2^{\top}$"), (6.2, 3.1, r"$\delta_2 W_h^{\top}$"))
    for start, end, label in back:
        ends = (start - 0.5, middle - 0.18), (end + 0.5, middle - 0.18)
        diagrams.arrow(ax, *ends, "backward", label=label, side=0.55)
    for x, label in ((3.1, "$x_1$"), (6.2, "$x_2$")):
        diagrams.node(ax, x, 0.3, label, "input")
        diagrams.arrow(ax, (x, 0.8), (x, middle - 0.5), "input")
    to_weight = ((3.1, -1, r"$h_0^{\top} \delta_1$"), (6.2, 1, r"$h_1^{\top} \delta_2$"))
    for x, side, label in to_weight:
        lean = shared[0] + side * 0.35
        diagrams.arrow(ax, (lean - side * 0.2, 7.25), (x - side * 0.1, middle + 0.55), "weight")
        diagrams.arrow(ax, (x + side * 0.3, middle + 0.45), (lean + side * 0.1, 7.45), "backward")
        diagrams.text(ax, (x + lean) / 2 + side * 1.2, 5.9, label, "backward")
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


def _drawn_ids(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 7, size=(3, 4))


@exercises.reference
def _last_state(seed: int) -> np.ndarray:
    return _keras_state(_drawn_ids(seed), _drawn(seed), mask=False)


@exercises.checks("rnn-step")
def _check_step(answer: Callable[..., np.ndarray]) -> None:
    for seed in range(2):
        h = np.zeros((3, 4), np.float32)
        for words in _drawn_ids(seed).T:
            h = np.asarray(answer(words, h, *_drawn(seed)))
        exercises.expect_close(h, _last_state(seed), tolerance=1e-5)


def _drawn_gradients() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=(3, 4)), 5 * rng.normal(size=4), rng.normal(size=(4, 1))]


@exercises.reference
def _clipped(limit: float) -> Any:  # noqa: ANN401
    return tf.clip_by_global_norm([tf.constant(g) for g in _drawn_gradients()], limit)[0]


@exercises.checks("rnn-clip")
def _check_clip(answer: Callable[[list[np.ndarray], float], list[np.ndarray]]) -> None:
    for limit in (1.0, 4.0, 1000.0):
        got = answer(_drawn_gradients(), limit)
        for mine, theirs in zip(got, _clipped(limit), strict=True):
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


def _padded(padding: str) -> np.ndarray:
    """Three texts of seven time steps, padded in front ("pre") or behind ("post")."""
    texts, ids = [[3, 1, 5], [2, 6, 4, 4, 1], [5]], np.zeros((3, 7), np.int32)
    for row, text in zip(ids, texts, strict=True):
        row[slice(-len(text), None) if padding == "pre" else slice(len(text))] = text
    return ids


@exercises.reference
def _masked_state(padding: str) -> np.ndarray:
    return _keras_state(_padded(padding), _drawn(1), mask=True)


@exercises.checks("rnn-carry")
def _check_carry(answer: Callable[..., np.ndarray]) -> None:
    for padding in ("pre", "post"):
        got = answer(_padded(padding), *_drawn(1))
        exercises.expect_close(got, _masked_state(padding), tolerance=1e-5)


@exercises.checks("rnn-order")
def _check_order(answer: Any) -> None:  # noqa: ANN401
    n_units, n_back = answer.w1h.shape[0], answer.n_back
    if n_units > MAX_UNITS or n_back is None or n_back > MAX_STEPS_BACK:
        raise exercises.WrongAnswerError(
            "too-large",
            en=f"at most {MAX_UNITS} units and {MAX_STEPS_BACK} steps back; "
            f"got {n_units} and {n_back or 'all'}",
            ko=f"유닛은 {MAX_UNITS}개, 거슬러 가는 스텝은 {MAX_STEPS_BACK}개까지입니다. "
            f"지금은 유닛 {n_units}개, 스텝 {f'{n_back}개' if n_back else '전부'}입니다",
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
        raise exercises.WrongAnswerError(
            "not-enough-right",
            en=f"right in {accuracy:.0%} of new sequences; 90% are needed",
            ko=f"새 시퀀스의 {accuracy:.0%}를 맞혔습니다. 90%를 맞혀야 합니다",
        )
