"""The sources' five layers of 20 units, in NumPy with Keras' initial weights."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np

WIDTH, N_SAMPLES, N_LAYERS = 20, 400, 5  # of the sources' histograms
ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "linear": lambda z: z,
}


def slope(activation: str, z: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Derivative of an activation function at the sums z, where it gives `values`."""
    if activation == "sigmoid":
        return values * (1 - values)
    if activation == "tanh":
        return 1 - values**2
    return (z > 0).astype(float) if activation == "relu" else np.ones_like(z)


def kernels(initializer: str, seed: int, n_layers: int = N_LAYERS) -> list[np.ndarray]:
    """Weights as Keras draws them, another initializer object for each layer."""
    if initializer == "zeros":
        return [np.zeros((WIDTH, WIDTH))] * n_layers
    kind = {
        "random_normal": keras.initializers.RandomNormal,
        "random_uniform": keras.initializers.RandomUniform,
        "glorot_normal": keras.initializers.GlorotNormal,
        "glorot_uniform": keras.initializers.GlorotUniform,
        "he_normal": keras.initializers.HeNormal,
        "he_uniform": keras.initializers.HeUniform,
    }[initializer]
    return [
        np.asarray(kind(seed=1000 * seed + layer)((WIDTH, WIDTH)), dtype=float)
        for layer in range(n_layers)
    ]


@functools.cache
def layers(
    activation: str, initializer: str, seed: int, kernel_seed: int | None = None
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Weights, sums and outputs of the five layers on 400 standard normal samples."""
    values = np.random.default_rng(seed).normal(size=(N_SAMPLES, WIDTH))
    drawn, sums, found = kernels(initializer, kernel_seed or seed), [], []
    for kernel in drawn:
        sums.append(values @ kernel)
        values = ACTIVATIONS[activation](sums[-1])
        found.append(values)
    return drawn, sums, found


def outputs(
    activation: str, initializer: str, seed: int, kernel_seed: int | None = None
) -> list[np.ndarray]:
    """The outputs alone, each of shape (400, 20)."""
    return layers(activation, initializer, seed, kernel_seed)[2]


def gradient_left(activation: str, initializer: str, seed: int) -> float:
    """log10 of the gradient's size at the first layer's sums over that at the last layer's."""
    drawn, sums, values = layers(activation, initializer, seed)
    gradient = np.random.default_rng(100 + seed).normal(size=values[-1].shape)
    gradient = gradient * slope(activation, sums[-1], values[-1])
    last = np.sqrt(np.mean(gradient**2))
    for layer in reversed(range(N_LAYERS - 1)):
        gradient = gradient @ drawn[layer + 1].T
        gradient = gradient * slope(activation, sums[layer], values[layer])
    return float(np.log10(np.sqrt(np.mean(gradient**2)) / last))


def filled(values: np.ndarray, low: float, high: float) -> float:
    """How much of the range from low to high the values fill, from 0 to 1.

    exp of the entropy of a histogram of 20 bins (as many as the sources draw), over 20; values
    outside count in the outer bins.
    """
    counts = np.histogram(np.clip(values, low, high), 20, range=(low, high))[0]
    share = counts[counts > 0] / counts.sum()
    return float(np.exp(-np.sum(share * np.log(share))) / 20)


def share_of_samples(values: np.ndarray) -> float:
    """How much of the variance of a layer's values is between samples, from 0 to 1."""
    return float(values.var(axis=0).mean() / values.var())
