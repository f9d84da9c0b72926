"""Plumbing of the chapter on LSTM and GRU: drawings, and the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lessons_src import diagrams, exercises, plotting
from lessons_src.chapters import rnn

_LINE_STYLES = ("-", "--", "-.")


def draw_lstm() -> Figure:
    """Draws an LSTM's cell: the memory on top, its gates and its candidate below."""
    figure, ax = diagrams.canvas(5.2, 4.6, (-1.2, 9.3), (-0.5, 8.2))
    memory, gates, inputs = 7.4, 3.2, 1.5
    diagrams.node(ax, -0.5, memory, "$c_{t-1}$")
    diagrams.node(ax, 8.6, memory, "$c_t$")
    for x, sign in ((1.6, r"$\odot$"), (4.2, "$+$")):
        diagrams.box(ax, x, memory, sign)
    for start, end in ((0.0, 1.1), (2.1, 3.7), (4.7, 8.1)):
        diagrams.arrow(ax, (start, memory), (end, memory))
    diagrams.box(ax, 4.2, 5.3, r"$\odot$")
    diagrams.box(ax, 7.0, 6.1, r"$\tanh$", width=1.4)
    diagrams.box(ax, 7.0, 4.6, r"$\odot$", "output")
    for x, label in ((1.6, "$f_t$"), (3.3, "$i_t$"), (5.1, r"$\tilde{c}_t$"), (7.0, "$o_t$")):
        diagrams.node(ax, x, gates, label)
        diagrams.arrow(ax, (x, inputs), (x, gates - 0.5), "weight")
    diagrams.arrow(ax, (1.6, gates + 0.5), (1.6, memory - 0.5))
    diagrams.arrow(ax, (3.3, gates + 0.5), (3.85, 4.8))
    diagrams.arrow(ax, (5.1, gates + 0.5), (4.55, 4.8))
    diagrams.arrow(ax, (4.2, 5.8), (4.2, memory - 0.5))
    diagrams.arrow(ax, (7.0, memory), (7.0, 6.6))
    diagrams.arrow(ax, (7.0, 5.6), (7.0, 5.1))
    diagrams.arrow(ax, (7.0, gates + 0.5), (7.0, 4.1))
    diagrams.arrow(ax, (7.5, 4.6), (8.1, 4.6), "output")
    diagrams.node(ax, 8.6, 4.6, "$h_t$", "output")
    _inputs(ax, inputs, end=7.0)
    return figure


def draw_gru() -> Figure:
    """Draws a GRU's cell: the state on top, both gates and the candidate below."""
    figure, ax = diagrams.canvas(5.2, 4.6, (-1.2, 9.3), (-0.5, 8.2))
    state, gates, inputs = 7.4, 3.2, 1.5
    diagrams.node(ax, -0.5, state, "$h_{t-1}$")
    diagrams.node(ax, 8.6, state, "$h_t$", "output")
    for x, sign in ((2.0, r"$\odot$"), (6.4, "$+$")):
        diagrams.box(ax, x, state, sign)
    diagrams.arrow(ax, (0.0, state), (1.5, state))
    diagrams.arrow(ax, (2.5, state), (5.9, state))
    diagrams.arrow(ax, (6.9, state), (8.1, state), "output")
    diagrams.box(ax, 4.2, 5.3, "$1-u_t$", width=1.9)
    diagrams.box(ax, 6.4, 5.3, r"$\odot$")
    for x, label in ((2.0, "$u_t$"), (4.2, "$r_t$"), (6.4, r"$\tilde{h}_t$")):
        diagrams.node(ax, x, gates, label)
        diagrams.arrow(ax, (x, inputs), (x, gates - 0.5), "weight")
    diagrams.arrow(ax, (4.7, gates), (5.9, gates), label=r"$\odot$")
    diagrams.arrow(ax, (2.0, gates + 0.5), (2.0, state - 0.5))
    diagrams.arrow(ax, (2.35, gates + 0.36), (3.6, 4.8))
    diagrams.arrow(ax, (5.15, 5.3), (5.9, 5.3))
    diagrams.arrow(ax, (6.4, gates + 0.5), (6.4, 4.8))
    diagrams.arrow(ax, (6.4, 5.8), (6.4, state - 0.5))
    _inputs(ax, inputs, end=6.4)
    return figure


def _inputs(ax: Axes, height: float, end: float) -> None:
    """The line along which the previous state and the word reach every part of a cell."""
    diagrams.node(ax, -0.5, height, "$h_{t-1}$")
    diagrams.node(ax, 0.6, 0.1, "$x_t$", "input")
    diagrams.arrow(ax, (0.6, 0.6), (0.6, height), "input")
    ax.plot([0.0, end], [height, height], color=plotting.COLORS[3], lw=1.8, zorder=1)


def plot_gaps(panels: Sequence[tuple[Sequence[int], Mapping[str, np.ndarray]]]) -> Figure:
    """Draws accuracy against the length of the gap, one panel below the other.

    Args:
        panels: For each the gaps, shape (n_gaps,), and for each layer the accuracies, shape
            (n_seeds, n_gaps).

    Returns:
        The figure.
    """
    figure, axes = rnn.stacked_axes(len(panels))
    for ax, (gaps, accuracies) in zip(axes, panels, strict=True):
        for number, (layer, runs) in enumerate(accuracies.items()):
            color, style = plotting.COLORS[number], _LINE_STYLES[number]
            ax.plot(gaps, runs.mean(axis=0), style, color=color, marker="o", lw=2, label=layer)
            plotting.band(ax, gaps, runs, color)
        ax.set_ylim(0.4, 1.04)
        ax.set_ylabel("Accuracy")
    axes[-1].set_xlabel("Gap")
    axes[0].legend(frameon=False, loc="lower right")
    return figure


def plot_traces(memory: np.ndarray, forget: np.ndarray, places: Sequence[int]) -> Figure:
    """Draws one unit's memory and forget gate while two lists are read, one the other swapped.

    Args:
        memory: After each time step, shape (n_timesteps, 2).
        forget: The gate at each time step, of the same shape.
        places: Time steps, from 1, at which the two words that matter stand.

    Returns:
        The figure.
    """
    figure, axes = rnn.stacked_axes(2)
    steps = np.arange(1, len(memory) + 1)
    for ax, values, label in zip(axes, (memory, forget), ("$c_t$", "$f_t$"), strict=True):
        for number, name in enumerate(("first list", "1 and 2 swapped")):
            color, style = plotting.COLORS[number], _LINE_STYLES[number]
            ax.plot(steps, values[:, number], style, color=color, lw=2, label=name)
        for place in places:
            ax.axvline(place, color="#767676", lw=1, ls=":", label="_")
        ax.set_ylabel(label)
    axes[0].legend(frameon=False)
    axes[1].set_ylim(-0.03, 1.03)
    axes[1].set_xlabel("Time step")
    return figure


# The exercises. Each check holds an independent way to the same result.


@exercises.reference
def _n_parameters(kind: str, n_inputs: int, n_units: int) -> int:
    layers = {"simple": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
    layer = layers[kind](n_units)
    layer.build((None, None, n_inputs))
    return layer.count_params()


@exercises.checks("rnn-parameters")
def _check_parameters(answer: Callable[[str, int, int], int]) -> None:
    for kind in ("simple", "lstm", "gru"):
        for sizes in ((3, 5), (16, 32)):
            exercises.expect_close(answer(kind, *sizes), _n_parameters(kind, *sizes))


@exercises.checks("lstm-bias")
def _check_bias(answer: Callable[[int, float], float]) -> None:
    for n_steps, share in ((50, 0.5), (200, 0.9), (3, 0.1)):
        left, gate = 1.0, float(rnn.sigmoid(np.array(float(answer(n_steps, share)))))
        for _ in range(n_steps):
            left *= gate
        exercises.expect_close(left, share, tolerance=1e-6)


def _gru_inputs() -> tuple[np.ndarray, list[np.ndarray]]:
    """Inputs (n_samples, n_timesteps, n_inputs), and the weights of a GRU with 4 units."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 5, 3)).astype(np.float32)
    shapes: tuple[tuple[int, ...], ...] = ((3, 12), (4, 12), (12,))
    return x, [rng.normal(0, 0.7, size=shape).astype(np.float32) for shape in shapes]


@exercises.reference
def _gru_state() -> Any:  # noqa: ANN401
    x, weights = _gru_inputs()
    layer = keras.layers.GRU(4, reset_after=False)
    layer.build(x.shape)
    layer.set_weights(weights)
    return layer(x)


@exercises.checks("lstm-reset-before")
def _check_reset_before(answer: Callable[..., np.ndarray]) -> None:
    x, weights = _gru_inputs()
    h = np.zeros((4, 4), np.float32)
    for x_t in x.swapaxes(0, 1):
        h = np.asarray(answer(x_t, h, *weights))
    exercises.expect_close(h, _gru_state(), tolerance=1e-5)
