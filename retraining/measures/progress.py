"""What the progress bar of TensorFlow 2.4 printed as the loss of the first epoch.

Until the end of that epoch it did not know that the values it was given were running means, and
took the mean of them over the steps (https://github.com/tensorflow/tensorflow/issues/47099, mended
in 2.5). Each public function returns such a number for each seed.
"""

from __future__ import annotations

import functools

import keras
import numpy as np
import tensorflow as tf

from lessons_src import feed
from retraining import trainings
from retraining.settings import SEEDS


def _first_epoch(run: str) -> list[float]:
    one = trainings.RUNS[run]
    found = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        model = one.build(True)
        model.optimizer.build(model.trainable_variables)
        step = tf.function(functools.partial(_step, model), reduce_retracing=True)
        batches = feed.Batches(*one.sets().train, trainings.BATCH_SIZE, seed)
        running = [float(step(*batches[number])) for number in range(len(batches))]
        found.append(float(np.mean(running)))
    return found


def _step(model: keras.Model, x: tf.SparseTensor, y: tf.Tensor) -> tf.Tensor:
    return model.train_step((x, y))["loss"]  # the mean over the epoch's batches so far


def progress_bar_original() -> list[float]:
    """Source 004's reviews, 16-16: the mean over the steps of the running mean of the loss."""
    return _first_epoch("004-original")


def progress_bar_l2() -> list[float]:
    """The same with L2."""
    return _first_epoch("004-l2")
