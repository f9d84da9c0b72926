"""Diagrams of the regularization chapter: contours of penalties, dropout in two steps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, Polygon

from lessons_src import diagrams, plotting


def penalized_minimum(
    hessian: np.ndarray, minimum: np.ndarray, strength: float, *, l1: bool
) -> np.ndarray:
    """Where a quadratic loss and a penalty on its weights are lowest together.

    Args:
        hessian: Matrix of the loss's second derivatives, shape (n, n), positive definite.
        minimum: Of the loss alone, shape (n,).
        strength: The factor of the penalty.
        l1: Whether the penalty is the sum of the absolute values, else that of the squares.

    Returns:
        Shape (n,).
    """
    if not l1:
        return np.linalg.solve(hessian + 2 * strength * np.eye(len(hessian)), hessian @ minimum)
    w, rate = np.zeros(len(minimum)), 1 / np.linalg.eigvalsh(hessian)[-1]
    for _ in range(2000):  # steps of gradient descent, with soft thresholding
        w = w - rate * hessian @ (w - minimum)
        w = np.sign(w) * np.maximum(np.abs(w) - rate * strength, 0)
    return w


def plot_penalties() -> Figure:
    """Draws contours of a loss with two weights beside those of L2, a circle, and L1, a diamond."""
    figure, ax = diagrams.canvas(5.2, 2.7, (0, 13), (0, 6.75))
    angle, curvatures = -28.0, np.array([0.18, 1.0])
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turn = np.array([[cosine, sine], [-sine, cosine]])
    hessian, minimum = turn.T @ np.diag(curvatures) @ turn, np.array([1.15, 2.2])
    for origin, l1, strength in (((2.7, 2.3), False, 0.22), ((9.2, 2.3), True, 0.6)):
        w = penalized_minimum(hessian, minimum, strength, l1=l1)
        (x, y), (right, up) = origin, (3.4, 4.1)
        diagrams.arrow(ax, (x - 2.2, y), (x + right, y))
        diagrams.arrow(ax, (x, y - 2.2), (x, y + up))
        diagrams.text(ax, x + right - 0.3, y - 0.55, "$w_1$")
        diagrams.text(ax, x - 0.65, y + up - 0.25, "$w_2$")
        loss = (w - minimum) @ hessian @ (w - minimum) / 2
        for share in (0.12, 0.45, 1.0):  # the last contour passes through w
            axes = 2 * np.sqrt(2 * loss * share / curvatures)
            look: dict[str, Any] = {"facecolor": "none", "edgecolor": plotting.COLORS[0]}
            place = (x + minimum[0], y + minimum[1])
            lines = {"lw": 1.8 if share == 1 else 0.9}
            ax.add_patch(Ellipse(place, axes[0], axes[1], angle=angle, **look, **lines))
        look = {"facecolor": (plotting.COLORS[1], 0.15), "edgecolor": plotting.COLORS[1]}
        if l1:
            corners = np.abs(w).sum() * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
            ax.add_patch(Polygon(corners + origin, lw=1.8, **look))
        else:
            ax.add_patch(Circle(origin, float(np.linalg.norm(w)), lw=1.8, **look))
        ax.plot(*(origin + minimum), "o", color="black", markersize=6, zorder=4)
        diagrams.text(ax, x + minimum[0] + 0.5, y + minimum[1] + 0.4, "$w^{*}$")
        ax.plot(*(origin + w), "o", color=plotting.COLORS[3], markersize=8, zorder=4)
    return figure


def plot_dropout_passes(seed: int, rate: float = 0.5) -> Figure:
    """Draws the same small network in two training steps, each with its own units switched off.

    Args:
        seed: Seed of the masks.
        rate: Probability of switching a unit off.

    Returns:
        A figure in which each hidden unit bears its value of the mask, 0 or 1.
    """
    figure, ax = diagrams.canvas(5.2, 2.5, (-0.7, 13.3), (-0.9, 5.6))
    rng = np.random.default_rng(seed)
    for left in (0.0, 7.4):
        hidden = [rng.random(4) >= rate for _ in range(2)]
        for mask in hidden:
            mask[0] |= not mask.any()  # a layer with no unit left would show nothing
        _draw_pass(ax, left, [np.ones(3, bool), *hidden, np.ones(1, bool)])
    return figure


def _draw_pass(ax: Axes, left: float, on: Sequence[np.ndarray]) -> None:
    """Draws a network from a place on; units that are off have no connections."""
    kinds: list[diagrams.Kind] = ["input", *["state"] * (len(on) - 2), "output"]  # type: ignore[list-item]
    places = [
        [(left + 1.75 * layer, 3 + 1.3 * (n - (len(mask) - 1) / 2)) for n in range(len(mask))]
        for layer, mask in enumerate(on)
    ]
    for layer, (mask, kind) in enumerate(zip(on, kinds, strict=True)):
        if layer + 1 < len(on):
            ends = (list(itertools.compress(places[k], on[k])) for k in (layer, layer + 1))
            for start, end in itertools.product(*ends):
                gap = diagrams.RADIUS * np.subtract(end, start) / np.hypot(*np.subtract(end, start))
                line = np.array([start + gap, end - gap])
                ax.plot(*line.T, color="grey", linewidth=0.8, zorder=1)
        for (x, y), value in zip(places[layer], mask, strict=True):
            if value:
                diagrams.node(ax, x, y, "1" if kind == "state" else "", kind)
            else:
                look: dict[str, Any] = {"facecolor": "none", "edgecolor": "#707070"}
                ax.add_patch(Circle((x, y), diagrams.RADIUS, linestyle=":", lw=1.8, **look))
                diagrams.text(ax, x, y, "0")
        symbol = {"input": "$x$", "state": f"$r_{layer}$", "output": r"$\hat{y}$"}[kind]
        diagrams.text(ax, places[layer][0][0], -0.4, symbol)
