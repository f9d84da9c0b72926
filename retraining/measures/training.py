"""Small trainings and gradients that decide a sentence about learning.

Each public function returns one number for each seed: positive where it is as a source says, or 0
where a source says that there is no difference.
"""

from __future__ import annotations

import keras
import numpy as np

from retraining.measures import layers
from retraining.settings import SEEDS


def collapsed_starts_learn_less() -> list[float]:
    """Activations that have gathered at one value cost training loss.

    Five ReLU layers of 20 units as in the sources' histograms and a softmax, SGD as in their code:
    log-loss after 300 steps from normal 0.05 (activations gather at 0) minus that from He (they
    stay spread out), on 400 samples of two classes that a linear function separates.
    """

    def final_loss(initializer: str, seed: int) -> float:
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(layers.N_SAMPLES, layers.WIDTH))
        y = (x @ rng.normal(size=layers.WIDTH) > 0).astype(float)[:, None]
        kernels = layers.kernels(initializer, seed)
        biases = [np.zeros(layers.WIDTH) for _ in kernels]
        out, out_bias = rng.normal(0, np.sqrt(2 / (layers.WIDTH + 1)), size=(layers.WIDTH, 1)), 0.0
        for _ in range(300):
            values = [x]
            for kernel, bias in zip(kernels, biases, strict=True):
                values.append(np.maximum(values[-1] @ kernel + bias, 0))
            z = values[-1] @ out + out_bias
            loss = np.mean(np.logaddexp(0, z) - y * z)
            error = (1 / (1 + np.exp(-z)) - y) / len(x)
            back = error @ out.T
            out, out_bias = out - 0.1 * values[-1].T @ error, out_bias - 0.1 * error.sum()
            for layer in reversed(range(layers.N_LAYERS)):
                back = back * (values[layer + 1] > 0)
                step, bias_step = values[layer].T @ back, back.sum(axis=0)
                back = back @ kernels[layer].T
                kernels[layer] = kernels[layer] - 0.1 * step
                biases[layer] = biases[layer] - 0.1 * bias_step
        return float(loss)

    return [final_loss("random_normal", s) - final_loss("he_normal", s) for s in SEEDS]


def large_inputs_large_gradients() -> list[float]:
    """log10 of the first layer's gradient with inputs up to 255 over that with inputs up to 1.

    A network with 32 hidden ReLU units and one sigmoid output before training, 200 samples of 20
    features, minus 1.
    """

    def log_gradient(seed: int, scale: float) -> float:
        rng = np.random.default_rng(seed)
        x, y = scale * rng.random((200, 20)), rng.integers(0, 2, size=(200, 1))
        w1 = rng.normal(0, np.sqrt(2 / 52), size=(20, 32))
        w2 = rng.normal(0, np.sqrt(2 / 33), size=(32, 1))
        h = np.maximum(x @ w1, 0)
        error = (1 / (1 + np.exp(-np.clip(h @ w2, -500, 500))) - y) / len(x)
        return float(np.log10(np.linalg.norm(x.T @ ((error @ w2.T) * (h > 0)))))

    return [log_gradient(s, 255) - log_gradient(s, 1) - 1 for s in SEEDS]


def activation_inside_or_behind_is_the_same() -> list[float]:
    """1e-6 minus the largest difference of Dense(relu) and Dense followed by Activation(relu)."""
    results = []
    for s in SEEDS:
        x = np.random.default_rng(s).normal(size=(64, 30)).astype("float32")
        inside, outside = keras.layers.Dense(16, "relu"), keras.layers.Dense(16)
        keras.utils.set_random_seed(s)
        expected = keras.Sequential([inside])(x)
        behind = keras.Sequential([outside, keras.layers.Activation("relu")])
        behind(x)
        outside.set_weights(inside.get_weights())
        results.append(1e-6 - float(np.abs(np.subtract(expected, behind(x))).max()))
    return results
