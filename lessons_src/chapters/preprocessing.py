"""Plumbing of the chapter on preparing data: a drawing, checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from lessons_src import diagrams, exercises, plotting


def descent_path(
    curvatures: np.ndarray, learning_rate: float, start: np.ndarray, n_steps: int
) -> np.ndarray:
    """Gradient descent on a quadratic loss, in coordinates along its eigenvectors.

    Args:
        curvatures: Eigenvalues of the matrix of second derivatives, shape (2,).
        learning_rate: Of each step.
        start: Where it starts, with the minimum at the origin, shape (2,).
        n_steps: How many steps.

    Returns:
        Shape (n_steps + 1, 2).
    """
    return start * (1 - learning_rate * curvatures) ** np.arange(n_steps + 1)[:, None]


def plot_valleys() -> Figure:
    """Draws the contours of two quadratic losses, a long valley and a round one, and a descent."""
    figure, ax = diagrams.canvas(5.2, 2.5, (0, 13), (0.4, 6.65))
    slow, fast = np.array([0.1, 1.0]), np.array([1.0, 1.0])
    path = descent_path(slow, 1.8, np.array([-3.6, 0.8]), 12)
    _valley(ax, (4.3, 3.3), slow, path, names=True)
    _valley(ax, (10.6, 3.3), fast, descent_path(fast, 1.0, np.array([-1.6, 1.1]), 1))
    return figure


def _valley(
    ax: Axes,
    minimum: tuple[float, float],
    curvatures: np.ndarray,
    path: np.ndarray,
    names: bool = False,
) -> None:
    """Draws contours around a minimum, turned a little, and the steps of a descent."""
    angle = np.deg2rad(25)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    width = 3.9 if names else 2.2
    for size in (0.62, 1.0):
        axes = 2 * size * width * np.sqrt(curvatures.min() / curvatures)
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": "#404040", "lw": 1}
        ax.add_patch(Ellipse(minimum, axes[0], axes[1], angle=25, **look))
    places = np.add(minimum, path @ turn)
    ax.plot(*places.T, "o-", color=plotting.COLORS[1], markersize=4, lw=1.8, zorder=3)
    ax.plot(*minimum, "o", color="black", markersize=6, zorder=4)
    if names:
        for direction, length, label in ((0, 4.2, r"$a_{\min}$"), (1, 1.5, r"$a_{\max}$")):
            end = minimum + length * turn[direction]
            diagrams.arrow(ax, minimum, (end[0], end[1]), "weight")
            x, y = end + 0.8 * turn[direction]
            diagrams.text(ax, x, y, label, "weight")
        diagrams.text(ax, minimum[0] + 0.35, minimum[1] - 0.38, "$w^{*}$")
        diagrams.text(ax, places[0][0] - 0.5, places[0][1] + 0.5, "$w_0$")


def plot_fits(
    fits: Mapping[int, np.ndarray], x: np.ndarray, truth: np.ndarray, n_shown: int = 8
) -> Figure:
    """Draws what models with different numbers of features make of one training set after another.

    Args:
        fits: Number of features to predictions, shape (n_sets, n_points); four of them.
        x: Where they were made, shape (n_points,).
        truth: The curve to be found, shape (n_points,).
        n_shown: How many of the sets get a line; the mean is that of all.

    Returns:
        A figure of two by two panels.

    Raises:
        ValueError: There are not four numbers of features.
    """
    if len(fits) != 4:
        raise ValueError(f"expected four numbers of features, got {list(fits)}")
    figure, _ = plotting.subplots(width=5.6, height=4.8)
    figure.clf()
    axes = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
    for ax, (n_features, predictions) in zip(axes, fits.items(), strict=True):
        for number, one in enumerate(predictions[:n_shown], start=1):
            ax.plot(x, one, color="#808080", linewidth=0.9, label=f"set {number}")
        ax.plot(x, truth, color=plotting.COLORS[0], linewidth=2.4, label="truth")
        mean = predictions.mean(axis=0)
        ax.plot(x, mean, "--", color=plotting.COLORS[1], linewidth=2.4, label="mean")
        ax.set_title(f"n = {n_features}")
        ax.set(xlabel="x", ylabel="y", ylim=(-2.4, 2.4))
        ax.grid(visible=True, alpha=0.3)
        ax.label_outer()
    handles = axes[0].get_legend_handles_labels()
    few = [*zip(*handles, strict=True)][n_shown - 1 :]
    (first, _), *others = few
    shown = [(first, "one set"), *others]
    axes[0].legend(*zip(*shown, strict=True), frameon=False, loc="lower left")
    return figure


# The exercises. Each check holds an independent way to the same result.


def _unscaled() -> tuple[np.ndarray, np.ndarray]:
    """Samples for training and new ones; the last of their features is constant."""
    rng, scale = np.random.default_rng(0), [1.0, 500.0, 0.0]
    return rng.normal(size=(50, 3)) * scale + 7, rng.normal(size=(20, 3)) * scale + 9


@exercises.reference
def _normalized() -> Any:  # noqa: ANN401
    layer = keras.layers.Normalization()
    layer.adapt(_unscaled()[0])
    return [np.asarray(layer(x))[:, :2] for x in _unscaled()]


@exercises.checks("standardize")
def _check_standardize(answer: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    got = answer(*_unscaled())
    for ours, theirs in zip(got, _normalized(), strict=True):
        exercises.expect_close(np.asarray(ours)[:, :2], theirs, 1e-3)
        if not np.isfinite(ours).all():
            raise exercises.WrongAnswerError(
                "never-changes",
                en="a feature that never changes must not give nan or inf",
                ko="값이 변하지 않는 특성에서 nan이나 inf가 나오면 안 됩니다",
            )


@exercises.checks("rate-limit")
def _check_rate_limit(answer: Callable[[np.ndarray], float]) -> None:
    rng = np.random.default_rng(0)
    for scale in ([1.0, 1.0, 1.0], [0.1, 1.0, 30.0]):
        x = rng.normal(1, 1, size=(40, 3)) * scale
        limit = float(answer(x.copy()))
        for factor, shrinks in ((0.97, True), (1.03, False)):
            error = np.ones(3)  # of the weights; the labels play no part in how it changes
            for _ in range(500):
                error = error - factor * limit * x.T @ (x @ error) / len(x)
            if (np.abs(x @ error).max() < 100 * np.abs(x).max()) != shrinks:
                does = "diverges" if shrinks else "does not diverge"
                does_ko = "발산합니다" if shrinks else "발산하지 않습니다"
                raise exercises.WrongAnswerError(
                    "not-the-limit",
                    en=f"{factor:.0%} of your limit, {limit:.3g}, {does}",
                    ko=f"답으로 낸 한계 {limit:.3g}의 {factor:.0%}를 학습률로 쓰면 {does_ko}",
                )


@exercises.checks("fill-gaps")
def _check_fill_gaps(answer: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    rng = np.random.default_rng(0)
    parts = []
    for n_samples, mean in ((30, 2.0), (8, 5.0)):
        x = rng.normal(mean, 1, size=(n_samples, 3))
        x[rng.random(x.shape) < 0.3] = np.nan
        parts.append(x)
    known = np.ma.masked_invalid(parts[0]).mean(axis=0)
    got = answer(*(x.copy() for x in parts))
    for ours, x in zip(got, parts, strict=True):
        masked = np.ma.masked_invalid(x)
        expected = [[*row.filled(known), *(~np.ma.getmaskarray(row))] for row in masked]
        exercises.expect_close(np.asarray(ours, float), np.array(expected, float), 1e-9)
