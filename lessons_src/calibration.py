"""How far the probabilities of a classifier can be believed: said against what came true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from lessons_src import plotting


class Reliability(NamedTuple):
    """Answers in groups of like probability; arrays of shape (n_groups,)."""

    said: np.ndarray  # mean probability that the answers were given with
    right: np.ndarray  # share of them that was right
    n_answers: np.ndarray


def reliability(
    probabilities: np.ndarray, labels: np.ndarray, *, n_groups: int = 10, fewest: int = 1
) -> Reliability:
    """Sorts answers, the most probable classes, into groups of equal width by their probability.

    DeGroot and Fienberg (1983), "The comparison and evaluation of forecasters".

    Args:
        probabilities: Of each class, shape (..., n_samples, n_classes).
        labels: Class numbers, shape (n_samples,).
        n_groups: Into how many groups the probabilities from 0 to 1 are cut.
        fewest: Groups with fewer answers are left out; their shares would be chance.

    Raises:
        ValueError: A probability is not between 0 and 1.
    """
    said = probabilities.max(axis=-1).ravel()
    if not ((said >= 0) & (said <= 1 + 1e-6)).all():
        raise ValueError(f"expected probabilities, got values up to {said.max()}")
    right = (probabilities.argmax(axis=-1) == labels).ravel()
    group = np.minimum((said * n_groups).astype(int), n_groups - 1)
    count = np.bincount(group, minlength=n_groups)
    kept = count >= max(fewest, 1)
    sums = (np.bincount(group, weights=of, minlength=n_groups) for of in (said, right))
    said_mean, right_share = (total[kept] / count[kept] for total in sums)
    return Reliability(said_mean, right_share, count[kept])


def plot_reliability(models: Mapping[str, Reliability], ax: Axes | None = None) -> Axes:
    """Draws the share of right answers over their probability; calibrated ones lie on a diagonal.

    Args:
        models: Name to groups.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots(height=4.4)
    ax.plot([0, 1], [0, 1], color="#5f5f5f", linewidth=1, label="as sure as right")
    for number, (name, groups) in enumerate(models.items()):
        color, style = plotting.COLORS[number], ("-", "--")[number % 2]
        marker = ("o", "s", "^")[number % 3]
        ax.plot(groups.said, groups.right, color=color, linestyle=style, marker=marker, label=name)
    ax.set_xlabel("Probability given to the answer")
    ax.set_ylabel("Share of right answers")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.legend(frameon=False)
    return ax
