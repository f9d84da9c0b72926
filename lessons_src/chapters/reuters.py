"""Plumbing of the Reuters chapter: tables, drawings, and the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lessons_src import diagrams, exercises, plotting


def confusion(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts how often each topic was taken for each other one.

    Args:
        y_true: True class numbers, shape (n_samples,).
        y_pred: Predicted class numbers, shape (n_samples,).
        n_classes: Number of classes.

    Returns:
        Counts, shape (n_classes, n_classes); row: true class, column: predicted class.

    Raises:
        ValueError: The two are not lists of class numbers of one length, or a number does not fit.
    """
    shapes = np.shape(y_true), np.shape(y_pred)
    if shapes[0] != shapes[1] or len(shapes[0]) != 1 or shapes[0] == (0,):
        raise ValueError(f"expected two lists of class numbers of one length, got shapes {shapes}")
    both = np.concatenate([y_true, y_pred])
    if not np.issubdtype(both.dtype, np.integer):
        raise ValueError(f"expected integer class numbers, got {both.dtype}")
    if both.min() < 0 or both.max() >= n_classes:
        raise ValueError(
            f"expected classes from 0 to {n_classes - 1}, got {both.min()} to {both.max()}"
        )
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


@dataclass(frozen=True)
class Confusion:
    """One kind of error: how many newswires of topic `true` were called `predicted`."""

    true: str
    predicted: str
    count: int
    share: float  # of the newswires of topic `true`


def worst_confusions(
    counts: np.ndarray, class_names: Sequence[str], n_worst: int
) -> list[Confusion]:
    """Lists the most frequent errors of a confusion matrix, the largest first.

    Args:
        counts: From `confusion`, shape (n_classes, n_classes).
        class_names: Names of the classes.
        n_worst: Length of the list; it is shorter if fewer kinds of error were made.
    """
    errors = counts - np.diag(np.diag(counts))
    order = np.argsort(-errors, axis=None, kind="stable")[:n_worst]
    pairs = [np.unravel_index(place, errors.shape) for place in order]
    return [
        Confusion(
            class_names[row],
            class_names[column],
            int(errors[row, column]),
            float(errors[row, column] / counts[row].sum()),
        )
        for row, column in pairs
        if errors[row, column] > 0
    ]


def plot_confusion(
    counts: np.ndarray,
    class_names: Sequence[str],
    shown: Sequence[int],
    ax: Axes | None = None,
) -> Axes:
    """Draws rows of a confusion matrix as shares of each true topic.

    Args:
        counts: From `confusion`, shape (n_classes, n_classes).
        class_names: Names of the classes.
        shown: Class numbers to draw; the rest would be too small to read.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots(height=5.4)
    totals = counts[shown].sum(axis=1, keepdims=True)
    part = counts[np.ix_(shown, shown)] / np.maximum(totals, 1)  # a topic may have no newswires
    image = ax.imshow(part, cmap="cividis", vmin=0, vmax=1)
    names = [class_names[number] for number in shown]
    ax.set_xticks(range(len(shown)), names, rotation=90)
    ax.set_yticks(range(len(shown)), names)
    ax.set_xlabel("Predicted topic")
    ax.set_ylabel("True topic")
    ax.grid(visible=False)
    for row, column in np.argwhere(part >= 0.05):
        value = part[row, column]
        text_color = "black" if value > 0.47 else "white"  # at least 4.5 to 1 on its cell
        ax.text(
            column, row, f"{value:.0%}"[:-1], ha="center", va="center", color=text_color, size=8
        )
    assert ax.figure is not None
    ax.figure.colorbar(image, ax=ax, label="Share of the true topic", shrink=0.8)
    return ax


def plot_topics(counts: np.ndarray, class_names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draws how many newswires each topic has, the largest first, on a logarithmic axis.

    Args:
        counts: Newswires of each topic, shape (n_classes,).
        class_names: Names of the classes.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots(height=8.5)
    order = np.argsort(-counts, kind="stable")
    ax.barh(range(len(order)), counts[order], color=plotting.COLORS[0])
    ax.set_xscale("log")
    ax.set_yticks(range(len(order)), [class_names[number] for number in order], size=10)
    ax.set_xlabel("Training newswires")
    ax.set_ylabel("Topic")
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.margins(y=0.01)
    return ax


def recall(counts: np.ndarray) -> np.ndarray:
    """Share of each true topic's newswires that were found; NaN for a topic that has none.

    Args:
        counts: From `confusion`, shape (n_classes, n_classes).

    Returns:
        Shares, shape (n_classes,).
    """
    totals = counts.sum(axis=1)
    found = np.full(len(counts), np.nan)
    return np.divide(np.diag(counts), totals, out=found, where=totals > 0)


def draw_network() -> Figure:
    """Draws the chapter's network: each number of a layer goes into each of the next."""
    figure, ax = diagrams.canvas(5.2, 2.5, x=(-0.6, 10.4), y=(-3.1, 2.3))
    kinds: list[diagrams.Kind] = ["input", "state", "state", "state", "output"]
    heights = 1.7, 0.4, -1.6
    for number, (kind, name) in enumerate(
        zip(kinds, ["x", "h", "h", "z", r"\hat{y}"], strict=True)
    ):
        x, last = 2.45 * number, "V" if kind == "input" else "K"
        for y, place in zip(heights, ["1", "2", last], strict=True):
            diagrams.node(ax, x, y, "" if name == "h" else f"${name}_{place}$", kind)
            for start in heights if number else ():
                way: diagrams.Kind = "weight" if number < 4 else kind
                diagrams.arrow(ax, (x - 1.95, start), (x - 0.5, y), way)
        diagrams.text(ax, x, -0.6, r"$\vdots$")
        diagrams.text(ax, x, -2.65, f"${name}$", kind)
        diagrams.text(ax, x - 1.22, -2.65, "$W$" if 0 < number < 4 else "", "weight")
    return figure


def draw_softmax() -> Figure:
    """Draws softmax of the scores 2, 1 and 0: exponentials, their sum, their shares of it."""
    figure, ax = diagrams.canvas(5.2, 2.6, x=(-0.6, 10.1), y=(-2.95, 2.4))
    heights, scores = (1.8, 0.4, -1.0), (2, 1, 0)
    total = np.exp(scores).sum()
    for y, score in zip(heights, scores, strict=True):
        diagrams.node(ax, 0, y, f"${score}$", "input")
        diagrams.box(ax, 1.7, y, "$e^z$")
        diagrams.text(ax, 3.4, y, f"${np.exp(score):.2f}$")
        diagrams.box(ax, 6.9, y, r"$\div$")
        diagrams.text(ax, 9.2, y, f"${np.exp(score) / total:.2f}$", "output")
        diagrams.arrow(ax, (0.5, y), (1.2, y), "input")
        diagrams.arrow(ax, (2.2, y), (2.7, y))
        diagrams.arrow(ax, (4.1, y), (6.4, y))
        diagrams.arrow(ax, (7.4, y), (8.4, y), "output")
    for y in heights[:2]:
        diagrams.text(ax, 3.4, y - 0.7, "$+$")
        diagrams.arrow(ax, (6.9, y - 0.9), (6.9, y - 0.5))
    diagrams.arrow(ax, (3.4, -1.35), (3.4, -1.9))
    diagrams.box(ax, 3.4, -2.4, r"$\Sigma$")
    diagrams.arrow(ax, (3.9, -2.4), (4.4, -2.4))
    diagrams.text(ax, 5.3, -2.4, f"${total:.2f}$")
    diagrams.arrow(ax, (6.1, -2.2), (6.7, -1.5))
    return figure


# The exercises. Each check holds an independent way to the same result.

_EXAMPLE_INDEX = {"the": 1, "of": 2, "grain": 3, "said": 4}


@exercises.checks("decode")
def _check_decode(answer: Callable[[list[int], dict[str, int]], str]) -> None:
    for ids, words in [([1, 7, 4, 6], "? said the grain"), ([6, 2, 5, 0, 99], "grain ? of ? ?")]:
        got = answer(list(ids), dict(_EXAMPLE_INDEX))
        if got != words:
            raise exercises.WrongAnswerError(
                "other-words",
                en=f"for the ids {ids} expected {words!r}, got {got!r}",
                ko=f"번호 {ids}에서 나와야 할 글: {words!r}, 지금 나온 것: {got!r}",
            )


def _predictions() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of five classes for seven samples, and their labels."""
    rng = np.random.default_rng(0)
    return rng.dirichlet(np.ones(5), size=7), rng.integers(5, size=7)


@exercises.reference
def _mean_loss() -> float:
    probabilities, labels = _predictions()
    return float(np.mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities)))


@exercises.checks("cross-entropy")
def _check_cross_entropy(answer: Callable[[np.ndarray, np.ndarray], float]) -> None:
    exercises.expect_close(answer(*_predictions()), _mean_loss(), tolerance=1e-5)


@exercises.checks("chance")
def _check_chance(answer: Callable[[np.ndarray], float]) -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(4, size=2000, p=[0.4, 0.3, 0.2, 0.1])
    shuffled = [np.mean(labels == rng.permutation(labels)) for _ in range(300)]
    labels = labels.astype(np.intp)  # what counts and indexes, in browsers 32 bits
    exercises.expect_close(answer(labels), np.mean(shuffled), tolerance=3e-3)


@exercises.checks("lowest-loss")
def _check_lowest_loss(answer: Callable[[np.ndarray], float]) -> None:
    labels = np.repeat([0, 2, 3], [6, 3, 1])  # class 1 never occurs
    grid = np.linspace(0.001, 0.998, 998)
    first, second = np.meshgrid(grid, grid)
    third = 1 - first - second
    with np.errstate(invalid="ignore", divide="ignore"):
        losses = -(6 * np.log(first) + 3 * np.log(second) + np.log(third)) / 10
    exercises.expect_close(answer(labels), np.nanmin(losses), tolerance=1e-3)


@exercises.reference
def _n_parameters(widths: list[int]) -> int:
    layers = [keras.layers.Dense(units) for units in widths[1:]]
    return keras.Sequential([keras.Input((widths[0],)), *layers]).count_params()


@exercises.checks("parameters")
def _check_parameters(answer: Callable[[Sequence[int]], int]) -> None:
    for widths in ([10, 4, 3], [100, 32, 16, 5], [7, 2]):
        exercises.expect_close(answer(list(widths)), _n_parameters(widths))


@exercises.checks("initializer")
def _check_initializer(answer: Callable[..., np.ndarray]) -> None:
    for shape in ((400, 90), (60, 500)):
        got = np.asarray(answer(shape, dtype="float32"), dtype=float)
        if got.shape != shape:
            raise exercises.wrong_shape(got.shape, shape)
        reference = np.asarray(keras.initializers.HeNormal(seed=0)(shape))
        mean, std, wanted = got.mean(), got.std(), reference.std()
        if abs(mean) > 0.05 * wanted:
            raise exercises.WrongAnswerError(
                "mean-not-zero",
                en=f"for the shape {shape} expected a mean of 0, got {mean:.3g}",
                ko=f"모양이 {shape}일 때 평균은 0이어야 하는데 {mean:.3g}입니다",
            )
        if not np.isclose(std, wanted, rtol=0.05):
            raise exercises.WrongAnswerError(
                "other-deviation",
                en=f"for {shape} expected a deviation of about {wanted:.3f}, got {std:.3f}",
                ko=f"모양이 {shape}일 때 표준편차는 약 {wanted:.3f}이어야 하는데 {std:.3f}입니다",
            )
        if len(np.unique(got, axis=1).T) < shape[1]:
            raise exercises.WrongAnswerError(
                "units-alike",
                en="some units start alike, and would stay alike",
                ko="똑같이 출발하는 유닛이 있습니다. 학습해도 계속 똑같습니다",
            )
