"""Plumbing of the initialization chapter: its grid of distributions, and its exercises' checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from lessons_src import exercises, plotting

_BINS = np.linspace(-1, 1, 42)


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


@exercises.checks("he-std")
def _check_he_std(answer: Callable[[int], float]) -> None:
    for n_inputs in (50, 400):
        keras.utils.set_random_seed(0)
        drawn = np.std(keras.initializers.HeNormal()((n_inputs, 2000)))
        exercises.expect_close(answer(n_inputs), drawn, tolerance=0.01)


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
        raise AssertionError(
            f"you guessed {guess!r}; layer 20 is {ratio:.3g} times as large as layer 1"
        )
