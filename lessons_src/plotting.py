"""Drawings that several chapters share: one style, colours that colour-blind readers tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Blue, vermilion, green, wine, sky blue, amber: the hues of Okabe and Ito (2008), "Color universal
# design", but darker, so that each has a contrast of 3 to 1 on white (WCAG 2.2, 1.4.11) and the
# first three, which also colour words, 4.5 to 1. tests/lessons_src/test_plotting.py measures how
# far apart they stay for colour-blind readers.
COLORS = ("#0552a1", "#ba310a", "#00847e", "#631e35", "#2891ff", "#c78117")
_STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
_RC: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 100,
    "font.size": 12,  # still 8 pixels when 6.4 inches shrink to a telephone's width
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
}


def subplots(
    n_columns: int = 1, width: float = 6.4, height: float = 3.4, n_rows: int = 1
) -> tuple[Figure, Any]:
    """Makes a figure in the book's style without touching Matplotlib's global settings.

    Args:
        n_columns: Number of axes side by side.
        width: Inches.
        height: Inches.
        n_rows: Number of axes below each other.

    Returns:
        The figure, and one axes or an array of them.
    """
    with plt.rc_context(_RC):
        return plt.subplots(n_rows, n_columns, figsize=(width, height), layout="constrained")


def learning_curves(
    histories: Mapping[str, Sequence[float] | np.ndarray],
    *,
    ylabel: str,
    ax: Axes | None = None,
) -> Axes:
    """Draws one line for each named curve over the epochs, counted from 1.

    Args:
        histories: Name to values, shape (n_epochs,), or (n_runs, n_epochs) for the mean with
            the range of the runs as a band.
        ylabel: What the values are.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.

    Raises:
        ValueError: There is no curve.
    """
    if not histories:
        raise ValueError("expected at least one curve, got none")
    if ax is None:
        _, ax = subplots()
    with plt.rc_context(_RC):  # lines and legend read the settings when they are made
        for number, (name, values) in enumerate(histories.items()):
            runs = np.atleast_2d(np.asarray(values, dtype=float))
            epochs = np.arange(1, runs.shape[1] + 1)
            color, style = COLORS[number % len(COLORS)], _STYLES[number % len(_STYLES)]
            ax.plot(epochs, runs.mean(axis=0), color=color, linestyle=style, label=name)
            if len(runs) > 1:
                band(ax, epochs, runs, color)
        ax.set_xlabel("Epoch")
        ax.set_ylabel(ylabel)
        ax.legend()
    return ax


def diff_history(
    first: Mapping[str, Sequence[float]],
    second: Mapping[str, Sequence[float]],
    names: tuple[str, str] = ("first", "second"),
) -> Figure:
    """Lays the curves of two trainings over each other: losses on the left, accuracies right.

    Args:
        first: `loss`, `val_loss`, `accuracy` and `val_accuracy` of one training, by epoch, as
            `fit(...).history` has them; drawn as wide light lines.
        second: The same of the other; drawn as thin dark dashes on top.
        names: What the two are called in the legend.
    """
    figure, axes = subplots(2, height=3.8)
    looks = ((COLORS[4], COLORS[5], "-", 4.5), (COLORS[0], COLORS[3], "--", 1.6))
    with plt.rc_context(_RC):
        for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
            for history, name, (*colors, style, width) in zip(
                (first, second), names, looks, strict=True
            ):
                for key, what, color in zip(
                    (metric, f"val_{metric}"), ("training", "validation"), colors, strict=True
                ):
                    epochs = np.arange(1, len(history[key]) + 1)
                    label = f"{name}, {what}"
                    ax.plot(epochs, history[key], style, color=color, linewidth=width, label=label)
            ax.set_xlabel("Epoch")
            ax.set_ylabel(metric.capitalize())
        axes[0].legend(fontsize=10)
    return figure


def band(
    ax: Axes, x: Sequence[float] | np.ndarray, runs: np.ndarray, color: str, hatch: str = ""
) -> None:
    """Draws the range of several runs as a band with thin edges, which can be seen on white.

    Each run is there, too, as a line that is not seen: the data of the figure hold it.

    Args:
        ax: Axes to draw on.
        x: Places, shape (n_points,).
        runs: Values, shape (n_runs, n_points).
        color: Colour of the edges; the band itself is a tint of it.
        hatch: A pattern, for one of two bands that overlap.
    """
    low, high = runs.min(axis=0), runs.max(axis=0)
    look: dict[str, Any] = {"facecolor": (color, 0.2), "edgecolor": color, "linewidth": 0.5}
    with plt.rc_context({"hatch.linewidth": 0.5}):
        ax.fill_between(x, low, high, hatch=hatch or None, **look)
    for number, run in enumerate(runs, start=1):
        ax.plot(x, run, color=color, visible=False, label=f"_run {number}")
