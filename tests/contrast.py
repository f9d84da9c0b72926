"""How well colours can be seen and told apart: WCAG 2.2, and Machado, Oliveira and Fernandes."""

from __future__ import annotations

import itertools

import numpy as np
from matplotlib.colors import to_rgba

WHITE = (1.0, 1.0, 1.0)
# "A physiologically-based model for simulation of color vision deficiency" (2009), severity 1,
# for linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def linear(color) -> np.ndarray:
    """Linear light of an sRGB colour, which stands on white where it is not opaque."""
    *channels, alpha = to_rgba(color)
    seen = np.array(channels) * alpha + (1 - alpha)
    return np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)


def contrast(one, other=WHITE) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _oklab(light: np.ndarray) -> np.ndarray:
    """Ottosson (2020), "A perceptual color space for image processing"."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return to_lab @ np.cbrt(to_cones @ light)


def smallest_difference(colors, blindness: str) -> float:
    """Distance of the two colours that a reader can tell apart worst; black to white is 1."""
    seen = [_oklab(np.clip(BLINDNESS[blindness] @ linear(color), 0, 1)) for color in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
