"""How activations spread: what the sources read off their histograms.

Each public function returns one number for each seed: positive where it is as a source says, or 0
where a source says that there is no difference.
"""

from __future__ import annotations

import numpy as np

from retraining.measures import layers
from retraining.settings import SEEDS


def concentrated_weights_concentrate_activations() -> list[float]:
    """Weights close to one value give a fifth layer whose values are closer together.

    Logarithm of the standard deviation of layer 5 with Glorot normal over that with normal 0.05,
    the smallest over sigmoid, tanh and ReLU.
    """
    return [
        min(
            np.log(
                layers.outputs(f, "glorot_normal", seed)[-1].std()
                / layers.outputs(f, "random_normal", seed)[-1].std()
            )
            for f in ("sigmoid", "tanh", "relu")
        )
        for seed in SEEDS
    ]


def zero_sigmoid_single_value() -> list[float]:
    """From zeros, with sigmoid: 1 if every layer has one value only, else -1."""
    return [
        1.0 if all(np.ptp(v) == 0 for v in layers.outputs("sigmoid", "zeros", s)) else -1.0
        for s in SEEDS
    ]


def zero_relu_all_zero() -> list[float]:
    """From zeros every activation is 0: 1 if so in all five layers with ReLU, else -1."""
    return [
        1.0 if all(not v.any() for v in layers.outputs("relu", "zeros", s)) else -1.0 for s in SEEDS
    ]


def _wider_than_zeros(initializer: str) -> list[float]:
    return [min(v.std() for v in layers.outputs("sigmoid", initializer, s)) for s in SEEDS]


def normal_wider_than_zeros() -> list[float]:
    """Sigmoid, normal 0.05: smallest standard deviation of a layer, which with zeros is 0."""
    return _wider_than_zeros("random_normal")


def uniform_wider_than_zeros() -> list[float]:
    """Sigmoid, uniform 0.05: smallest standard deviation of a layer, which with zeros is 0."""
    return _wider_than_zeros("random_uniform")


def normal_sigmoid_gathers() -> list[float]:
    """Sigmoid, normal 0.05: values of layers 2 to 5 within 0.1 of 1/2, minus nine tenths.

    That is a fifth of sigmoid's range.
    """
    return [
        min(
            float(np.mean(np.abs(v - 0.5) < 0.1))
            for v in layers.outputs("sigmoid", "random_normal", s)[1:]
        )
        - 0.9
        for s in SEEDS
    ]


def uniform_sigmoid_gathers() -> list[float]:
    """Sigmoid, uniform 0.05: values of layers 2 to 5 within 0.1 of 1/2, minus nine tenths."""
    return [
        min(
            float(np.mean(np.abs(v - 0.5) < 0.1))
            for v in layers.outputs("sigmoid", "random_uniform", s)[1:]
        )
        - 0.9
        for s in SEEDS
    ]


def uniform_sigmoid_gradient_vanishes() -> list[float]:
    """Sigmoid, uniform 0.05: powers of ten that the gradient loses over four layers, minus 2."""
    return [-layers.gradient_left("sigmoid", "random_uniform", s) - 2 for s in SEEDS]


def uneven_activations_block_gradient() -> list[float]:
    """Where sigmoid's values gather at 1/2 its slopes are smaller than where they are spread out.

    Mean slope over the five layers with He normal (spread out) minus with uniform 0.05 (gathered).
    """

    def mean_slope(initializer: str, seed: int) -> float:
        _, sums, outputs = layers.layers("sigmoid", initializer, seed)
        return np.mean(
            [layers.slope("sigmoid", z, v).mean() for z, v in zip(sums, outputs, strict=True)]
        )

    return [mean_slope("he_normal", s) - mean_slope("random_uniform", s) for s in SEEDS]


def glorot_sigmoid_more_even() -> list[float]:
    """Sigmoid: share of the range from 0 to 1 that layers fill, Glorot normal minus normal 0.05.

    The smallest of the five layers' differences.
    """
    return [
        min(
            layers.filled(a, 0, 1) - layers.filled(b, 0, 1)
            for a, b in zip(
                layers.outputs("sigmoid", "glorot_normal", s),
                layers.outputs("sigmoid", "random_normal", s),
                strict=True,
            )
        )
        for s in SEEDS
    ]


def glorot_sigmoid_layers_represent_input() -> list[float]:
    """Sigmoid, Glorot normal: share of layer 5's variance between samples, minus one half."""
    return [
        layers.share_of_samples(layers.outputs("sigmoid", "glorot_normal", s)[-1]) - 0.5
        for s in SEEDS
    ]


def glorot_sigmoid_passes_more_gradient() -> list[float]:
    """Sigmoid: gradient left at layer 1, logarithm of Glorot normal's over that of normal 0.05."""
    return [
        np.log(10)
        * (
            layers.gradient_left("sigmoid", "glorot_normal", s)
            - layers.gradient_left("sigmoid", "random_normal", s)
        )
        for s in SEEDS
    ]


def glorot_keeps_linear_signal() -> list[float]:
    """Linear layers, Glorot normal: logarithm of the size of layer 5 over that of layer 1."""

    def size(v: np.ndarray) -> float:
        return np.sqrt(np.mean(v**2))

    ratios = []
    for s in SEEDS:
        outputs = layers.outputs("linear", "glorot_normal", s)
        ratios.append(np.log(size(outputs[-1]) / size(outputs[0])))
    return ratios
