"""Plumbing of the initialization chapter: its drawings, and its exercises' checks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from lessons_src import diagrams, exercises, plotting

_BINS = np.linspace(-1, 1, 42)
_STYLES = ("-", "--", "-.", ":")
_RANGES = {"sigmoid": (0, 1), "relu": (0, 2)}  # of values drawn in a ridge, else -1 to 1
_HIGHEST = 0.25  # of all activations of a layer, in one bar of a ridge


def plot_grid(
    values: Mapping[tuple[str, str], Sequence[np.ndarray]],
    initializers: Sequence[str],
    activations: Sequence[str],
) -> Figure:
    """Draws the distribution of each layer's activations, all combinations in one figure.

    Args:
        values: For each (initializer, activation) one array of activations for each layer.
        initializers: The rows of the grid.
        activations: The columns of the grid.

    Returns:
        A figure in which each line of a panel is a layer, the first on top; the brighter, the
        more of its activations have that value. Values outside -1 to 1 are left out.
    """
    figure, _ = plotting.subplots(1, width=6.4, height=8)
    figure.clf()
    axes = figure.subplots(len(initializers), len(activations), sharex=True, sharey=True)
    for row, initializer in enumerate(initializers):
        for column, activation in enumerate(activations):
            layers = values[initializer, activation]
            counts = np.array([np.histogram(layer, _BINS)[0] for layer in layers])
            share = counts / np.maximum(counts.max(axis=1, keepdims=True), 1)
            # The square root keeps thin parts of a distribution visible beside its peak.
            norm = PowerNorm(0.5, vmin=0, vmax=1)
            ax = axes[row, column]
            extent = (_BINS[0], _BINS[-1], len(layers) + 0.5, 0.5)
            drawn = ax.imshow(share, cmap="cividis", aspect="auto", extent=extent, norm=norm)
            drawn.set_label("share of the most common value")
            ax.grid(visible=False)
            ax.set_yticks([1, len(layers)])
            if row == 0:
                ax.set_title(activation)
            if column == 0:
                ax.set_ylabel(initializer.replace("_", "\n"), rotation=0, ha="right", va="center")
    figure.supxlabel("Activation")
    figure.supylabel("Layer (1 to 5) for each initializer")
    return figure


def plot_ridges(
    values: Mapping[tuple[str, str], Sequence[np.ndarray]], pairs: Sequence[tuple[str, str]]
) -> tuple[Figure, list[dict[str, Any]]]:
    """Draws one histogram for each layer, the first on top, a column for each combination.

    Args:
        values: For each (initializer, activation) one array of activations for each layer.
        pairs: Those that are drawn.

    Returns:
        A figure with one scale in all panels (if a bar is cut off, its height is in the corner),
        and its data.
    """
    figure, _ = plotting.subplots(1, width=6.4, height=4.6)
    figure.clf()
    n_layers, tables = len(values[pairs[0]]), []
    axes = figure.subplots(n_layers, len(pairs), sharex="col", sharey=True, squeeze=False)
    for column, (initializer, activation) in enumerate(pairs):
        low, high = _RANGES.get(activation, (-1, 1))
        edges = np.linspace(low, high, 32)  # an odd number of bars: one around the middle
        layers = values[initializer, activation]
        shares = np.array([np.histogram(layer, edges)[0] / layer.size for layer in layers])
        for ax, share in zip(axes[:, column], shares, strict=True):
            ax.stairs(share, edges, fill=True, color=plotting.COLORS[0])
            ax.set(ylim=(0, _HIGHEST), yticks=[], xticks=[low, (low + high) / 2, high])
            ax.spines[["left", "right", "top"]].set_visible(False)
            if share.max() > _HIGHEST:
                ax.text(0.97, 0.6, f"{share.max():.0%}", transform=ax.transAxes, ha="right")
        axes[0, column].set_title(f"{activation}\n{initializer}", fontsize=11)
        bins = [f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(edges)]
        table: dict[str, Any] = {"head": "Activation", "marks": []}
        table["caption"] = f"{activation}, {initializer}: share of activations"
        table["columns"] = [[f"layer {number + 1}", ""] for number in range(n_layers)]
        table["rows"] = [[a_bin, *bars] for a_bin, bars in zip(bins, shares.T, strict=True)]
        tables.append(table)
    for number, ax in enumerate(axes[:, 0], start=1):
        ax.set_ylabel(f"{number}  ", rotation=0, va="center")
    figure.supxlabel("Activation")
    figure.supylabel("Layer")
    return figure, tables


def plot_cosines(
    maps: Mapping[str, Callable[[float], float]], measured: Mapping[str, np.ndarray]
) -> Figure:
    """Draws what a layer makes of the cosine of two inputs (left), and many layers (right).

    Args:
        maps: For each name the cosine after a layer, from that before it.
        measured: For each name cosines by layer, shape (n_seeds, n_layers).
    """
    figure, axes = plotting.subplots(2, height=4.4)
    plotting.learning_curves(measured, ylabel="Cosine of two inputs", ax=axes[1])
    looks = {line.get_label(): line for line in axes[1].lines}
    before = np.linspace(0, 1, 41)
    axes[0].plot(before, before, color="0.4", linewidth=1, label="same as before")
    for name, after in maps.items():
        (line,) = axes[0].plot(before, [after(c) for c in before], label=name)
        line.set(color=looks[name].get_color(), linestyle=looks[name].get_linestyle())
        cosines = [measured[name][:, 0].mean()]
        while len(cosines) < measured[name].shape[1]:
            cosines.append(after(cosines[-1]))
        layers = range(1, len(cosines) + 1)
        axes[1].plot(layers, cosines, color="0.1", linestyle=":", label=f"{name}: map")
    axes[0].set(xlabel="Cosine before a layer", ylabel="Cosine after it")
    axes[1].set_xlabel("Layer")
    axes[1].get_legend().remove()
    figure.legend(handles=list(looks.values()), loc="outside lower center", ncols=2)
    return figure


def plot_functions(functions: Mapping[str, tuple[Callable[[Any], Any], ...]]) -> Figure:
    """Draws pairs of an activation function (left) and its derivative (right), by name."""
    figure, axes = plotting.subplots(2, height=3.9)
    half = np.append(1e-3, np.linspace(0.1, 4, 40))
    z = np.concatenate([-half[::-1], [0], half])
    for part, (ax, label) in enumerate(zip(axes, ["$f(z)$", "$f'(z)$"], strict=True)):
        for number, (name, pair) in enumerate(functions.items()):
            values = np.array(pair[part](z), dtype=float)
            if np.ptp(values[[40, 42]]) > 0.1:
                values[41] = np.nan  # where a derivative jumps, its line is broken
            color, style = plotting.COLORS[number], _STYLES[number]
            ax.plot(z, values, color=color, linestyle=style, label=name)
        ax.set(xlabel="z", ylabel=label)
    axes[0].set_ylim(-2, 3)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def draw_network() -> Figure:
    """Draws one unit (above) and a network with one hidden layer (below)."""
    figure, ax = diagrams.canvas(5.2, 4.7, x=(-0.7, 9.7), y=(-5.7, 3.5))
    for number, y in enumerate((2.8, 1.4, 0.0), start=1):
        diagrams.node(ax, 0, y, f"$x_{number}$", "input")
        diagrams.arrow(ax, (0.5, y), (3.6, 1.4 + (y - 1.4) * 0.15), "weight")
        diagrams.text(ax, 1.7, y - (y - 1.4) * 0.3 + 0.38, f"$w_{number}$", "weight")
    diagrams.box(ax, 4.2, 1.4, r"$\Sigma$", width=1.2)
    diagrams.arrow(ax, (4.2, 3.1), (4.2, 1.9), "weight", label="$b$")
    diagrams.arrow(ax, (4.8, 1.4), (5.9, 1.4), label="$z$")
    diagrams.box(ax, 6.5, 1.4, "$f$", width=1.2)
    diagrams.arrow(ax, (7.1, 1.4), (8.4, 1.4))
    diagrams.node(ax, 8.9, 1.4, "$h$")

    inputs, hidden = (-2.8, -4.2), (-2.0, -3.5, -5.0)
    for y in hidden:
        for below in inputs:
            diagrams.arrow(ax, (0.5, below), (3.8, y), "weight")
        diagrams.arrow(ax, (4.8, y), (8.4, -3.5), "weight")
    for number, y in enumerate(inputs, start=1):
        diagrams.node(ax, 0, y, f"$x_{number}$", "input")
    for number, y in enumerate(hidden, start=1):
        diagrams.node(ax, 4.3, y, f"$h_{number}$")
    diagrams.node(ax, 8.9, -3.5, "$z$", "output")
    diagrams.text(ax, 2.1, -1.75, "$W_1$", "weight")
    diagrams.text(ax, 6.8, -1.95, "$W_2$", "weight")
    return figure


def draw_backpropagation() -> Figure:
    """Draws the values of two layers on their way to the loss, and the gradients on theirs."""
    figure, ax = diagrams.canvas(5.2, 3.6, x=(-0.7, 9.7), y=(-4.0, 3.0))
    forward = {"$x$": 0.0, "$z_1$": 2.25, "$h$": 4.5, "$z_2$": 6.75, "$L$": 9.0}
    steps: tuple[tuple[str, diagrams.Kind], ...] = (
        ("$W_1$", "weight"),
        ("$f$", "state"),
        ("$W_2$", "weight"),
        ("", "state"),
    )
    for (step, kind), x in zip(steps, forward.values(), strict=False):
        diagrams.arrow(ax, (x + 0.5, 2), (x + 1.75, 2), kind, label=step)
    kinds: dict[str, diagrams.Kind] = {"$x$": "input", "$L$": "output"}
    for name, x in forward.items():
        diagrams.node(ax, x, 2, name, kinds.get(name, "state"))

    diagrams.arrow(ax, (8.75, 1.55), (7.15, -0.2), "backward")
    diagrams.node(ax, 6.75, -0.5, r"$\delta_2$", "backward")
    diagrams.arrow(ax, (6.25, -0.5), (5.5, -0.5), "backward")
    diagrams.box(ax, 4.5, -0.5, r"$\delta_2 W_2^\top$", "backward", width=2.0)
    diagrams.arrow(ax, (3.5, -0.5), (2.75, -0.5), "backward", label="$f'$", side=-0.5)
    diagrams.node(ax, 2.25, -0.5, r"$\delta_1$", "backward")
    for x, product in ((6.75, r"$h^\top \delta_2$"), (2.25, r"$x^\top \delta_1$")):
        diagrams.arrow(ax, (x, -1.0), (x, -2.6), "backward")
        diagrams.box(ax, x, -3.1, product, "weight", width=2.0)
    return figure


@exercises.reference
def _drawn_std(n_inputs: int) -> float:
    keras.utils.set_random_seed(0)
    return float(np.std(keras.initializers.HeNormal()((n_inputs, 2000))))


@exercises.checks("he-std")
def _check_he_std(answer: Callable[[int], float]) -> None:
    for n_inputs in (50, 400):
        exercises.expect_close(answer(n_inputs), _drawn_std(n_inputs), tolerance=0.01)


@exercises.checks("variance")
def _check_variance(answer: Callable[[int, float, float], float]) -> None:
    rng = np.random.default_rng(0)
    for n_inputs, weight_std in ((200, 0.1), (600, 0.03)):
        x = rng.uniform(0, 2, size=(300, n_inputs))
        z = x @ rng.normal(0, weight_std, size=(n_inputs, 3000))
        got = answer(n_inputs, weight_std, float(np.mean(x**2)))
        exercises.expect_close(got / np.var(z), 1.0, tolerance=0.03)


@exercises.checks("dead-share")
def _check_dead_share(answer: Callable[[np.ndarray], float]) -> None:
    for activations, share in [
        ([[0, 1, 0], [0, 0, 2]], 1 / 3),
        ([[0, 0], [0, 0], [0, 0]], 1.0),
        ([[1, 0], [0, 1]], 0.0),
    ]:
        exercises.expect_close(answer(np.array(activations, dtype=float)), share)


@exercises.checks("playground")
def _check_playground(answer: tuple[str, str, str]) -> None:
    activation, initializer, guess = answer
    keras.utils.set_random_seed(0)
    values = np.random.default_rng(0).normal(size=(200, 256))
    sizes = []
    for _ in range(20):
        layer = keras.layers.Dense(256, activation=activation, kernel_initializer=initializer)
        values = np.asarray(layer(values))
        sizes.append(float(np.sqrt(np.mean(values**2))))
    ratio = sizes[-1] / max(sizes[0], np.finfo(float).tiny)
    truth = "fades" if ratio < 0.5 else "grows" if ratio > 2 else "keeps"
    if guess != truth:
        raise exercises.WrongAnswerError(
            "other-than-guessed",
            en=f"you guessed {guess!r}; layer 20 is {ratio:.3g} times as large as layer 1",
            ko=f"예상은 {guess!r}이었지만, 20번째 층의 크기는 첫 층의 {ratio:.3g}배입니다",
        )
