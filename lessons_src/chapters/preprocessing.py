"""Plumbing of the chapter on preparing data: checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lessons_src import exercises

# The exercises. Each check holds an independent way to the same result.


@exercises.checks("standardize")
def _check_standardize(answer: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    rng = np.random.default_rng(0)
    scale = [1.0, 500.0, 0.0]  # the last feature is constant
    x_train = rng.normal(size=(50, 3)) * scale + 7
    x_new = rng.normal(size=(20, 3)) * scale + 9
    layer = keras.layers.Normalization()
    layer.adapt(x_train)
    got = answer(x_train.copy(), x_new.copy())
    for ours, x in zip(got, (x_train, x_new), strict=True):
        exercises.expect_close(np.asarray(ours)[:, :2], np.asarray(layer(x))[:, :2], 1e-3)
        if not np.isfinite(ours).all():
            raise AssertionError("a feature that never changes must not give nan or inf")


@exercises.checks("rate-limit")
def _check_rate_limit(answer: Callable[[np.ndarray], float]) -> None:
    rng = np.random.default_rng(0)
    for scale in ([1.0, 1.0, 1.0], [0.1, 1.0, 30.0]):
        x = rng.normal(1, 1, size=(40, 3)) * scale
        limit = float(answer(x.copy()))
        for factor, shrinks in ((0.97, True), (1.03, False)):
            error = np.ones(3)  # of the weights; the labels play no part in how it changes
            for _ in range(500):
                error = error - factor * limit * x.T @ (x @ error) / len(x)
            if (np.abs(x @ error).max() < 100 * np.abs(x).max()) != shrinks:
                does = "diverges" if shrinks else "does not diverge"
                raise AssertionError(f"{factor:.0%} of your limit, {limit:.3g}, {does}")


@exercises.checks("fill-gaps")
def _check_fill_gaps(answer: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    rng = np.random.default_rng(0)
    parts = []
    for n_samples, mean in ((30, 2.0), (8, 5.0)):
        x = rng.normal(mean, 1, size=(n_samples, 3))
        x[rng.random(x.shape) < 0.3] = np.nan
        parts.append(x)
    known = np.ma.masked_invalid(parts[0]).mean(axis=0)
    got = answer(*(x.copy() for x in parts))
    for ours, x in zip(got, parts, strict=True):
        masked = np.ma.masked_invalid(x)
        expected = [[*row.filled(known), *(~np.ma.getmaskarray(row))] for row in masked]
        exercises.expect_close(np.asarray(ours, float), np.array(expected, float), 1e-9)
