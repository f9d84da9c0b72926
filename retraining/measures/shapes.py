"""Normal against uniform distributions, tanh, He and ReLU, in the same five layers.

Each public function returns one number for each seed: positive where it is as a source says, or 0
where a source says that there is no difference.
"""

from __future__ import annotations

import numpy as np

from retraining.measures import layers
from retraining.settings import SEEDS


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Largest difference between two empirical distribution functions."""
    a, b = np.sort(a.ravel()), np.sort(b.ravel())
    grid = np.concatenate([a, b])
    return np.abs(
        np.searchsorted(a, grid, "right") / a.size - np.searchsorted(b, grid, "right") / b.size
    ).max()


def _shapes_alike(activation: str, normal: str, uniform: str) -> list[float]:
    """How much farther uniform is from normal than one normal draw is from another.

    Distances of the distributions of each layer's values, averaged over layers and ten draws.
    """
    found = []
    for s in SEEDS:
        across, within = [], []
        for draw in range(10):
            one, two = 100 + 20 * s + 2 * draw, 101 + 20 * s + 2 * draw
            a = layers.outputs(activation, normal, s, one)
            across += [
                _distance(v, w)
                for v, w in zip(a, layers.outputs(activation, uniform, s, two), strict=True)
            ]
            within += [
                _distance(v, w)
                for v, w in zip(a, layers.outputs(activation, normal, s, two), strict=True)
            ]
        found.append(float(np.mean(across) - np.mean(within)))
    return found


def glorot_shapes_alike_sigmoid() -> list[float]:
    """Sigmoid: Glorot uniform's layers are as near to Glorot normal's as two draws of that."""
    return _shapes_alike("sigmoid", "glorot_normal", "glorot_uniform")


def glorot_shapes_alike_relu() -> list[float]:
    """ReLU: Glorot uniform's layers are as near to Glorot normal's as two draws of the latter."""
    return _shapes_alike("relu", "glorot_normal", "glorot_uniform")


def he_shapes_alike_relu() -> list[float]:
    """ReLU: He uniform's layers are as near to He normal's as two draws of the latter."""
    return _shapes_alike("relu", "he_normal", "he_uniform")


def tanh_more_even() -> list[float]:
    """Glorot uniform: share of its own range that the worst layer fills, tanh minus sigmoid."""
    return [
        min(
            layers.filled(a, -1, 1) - layers.filled(b, 0, 1)
            for a, b in zip(
                layers.outputs("tanh", "glorot_uniform", s),
                layers.outputs("sigmoid", "glorot_uniform", s),
                strict=True,
            )
        )
        for s in SEEDS
    ]


def _even(activation: str, initializer: str, low: float, high: float) -> list[float]:
    return [
        min(layers.filled(v, low, high) for v in layers.outputs(activation, initializer, s)) - 0.5
        for s in SEEDS
    ]


def he_normal_sigmoid_even() -> list[float]:
    """Sigmoid, He normal: share of its range that the least filled layer fills, minus half."""
    return _even("sigmoid", "he_normal", 0, 1)


def he_uniform_sigmoid_spread_out() -> list[float]:
    """Sigmoid: share of the range from 0 to 1 that layers fill, He uniform minus uniform 0.05.

    The smallest of the five layers' differences.
    """
    return [
        min(
            layers.filled(a, 0, 1) - layers.filled(b, 0, 1)
            for a, b in zip(
                layers.outputs("sigmoid", "he_uniform", s),
                layers.outputs("sigmoid", "random_uniform", s),
                strict=True,
            )
        )
        for s in SEEDS
    ]


def _near_zero(initializer: str) -> list[float]:
    """Below 0.1, the sources' bin at 0: over 0.9 of layers 2 to 5, under 0.9 of layer 1."""
    found = []
    for s in SEEDS:
        shares = [float(np.mean(v < 0.1)) for v in layers.outputs("relu", initializer, s)]
        found.append(min(min(shares[1:]) - 0.9, 0.9 - shares[0]))
    return found


def normal_relu_near_zero() -> list[float]:
    """ReLU, normal 0.05: over nine tenths below 0.1 in layers 2 to 5, but not in layer 1."""
    return _near_zero("random_normal")


def uniform_relu_near_zero() -> list[float]:
    """ReLU, uniform 0.05: over nine tenths below 0.1 in layers 2 to 5, but not in layer 1."""
    return _near_zero("random_uniform")


def glorot_relu_many_zeros() -> list[float]:
    """ReLU, Glorot normal: share of exact zeros in the layer that has fewest, minus a third."""
    return [
        min(float(np.mean(v == 0)) for v in layers.outputs("relu", "glorot_normal", s)) - 1 / 3
        for s in SEEDS
    ]


def glorot_relu_spread_out() -> list[float]:
    """ReLU, Glorot normal: share of layer 5's values above 0.05, minus a quarter.

    (At normal 0.05 it is 0; half of the values would be above 0 if no unit were dead.)
    """
    return [
        float(np.mean(layers.outputs("relu", "glorot_normal", s)[-1] > 0.05)) - 0.25 for s in SEEDS
    ]


def he_relu_values_even() -> list[float]:
    """ReLU, He normal: how much of 0 to its 99th percentile the worst layer fills, minus half."""
    return [
        min(
            layers.filled(v, 0, np.quantile(v, 0.99))
            for v in layers.outputs("relu", "he_normal", s)
        )
        - 0.5
        for s in SEEDS
    ]


def he_relu_layers_alike() -> list[float]:
    """ReLU, He normal: logarithm of the size of layer 5 over that of layer 1."""

    def size(v: np.ndarray) -> float:
        return np.sqrt(np.mean(v**2))

    found = []
    for s in SEEDS:
        outputs = layers.outputs("relu", "he_normal", s)
        found.append(np.log(size(outputs[-1]) / size(outputs[0])))
    return found
