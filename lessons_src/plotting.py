"""Drawings that several chapters share: one style, colours that colour-blind readers tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color universal design", without the yellow that vanishes on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
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


def subplots(n_columns: int = 1, width: float = 6.4, height: float = 3.4) -> tuple[Figure, Any]:
    """Makes a figure in the book's style without touching Matplotlib's global settings.

    Args:
        n_columns: Number of axes side by side.
        width: Inches.
        height: Inches.

    Returns:
        The figure, and one axes or an array of them.
    """
    with plt.rc_context(_RC):
        return plt.subplots(1, n_columns, figsize=(width, height), layout="constrained")


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
                ax.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2)
        ax.set_xlabel("Epoch")
        ax.set_ylabel(ylabel)
        ax.legend()
    return ax
