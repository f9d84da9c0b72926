"""What one would write today with Keras alone: `python -m benchmarks.sides.keras_today SIDE NAME`.

`fit` on a sparse matrix, `fit` on a `tf.data` pipeline that makes each batch's multi-hot rows, and
`SimpleRNN` on one-hot rows that are looked up.
"""

from __future__ import annotations

import sys
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.sides import book, common
from lessons_src import encoding


class _Watch(keras.callbacks.Callback):
    """Notes when epochs end."""

    def __init__(self) -> None:
        super().__init__()
        self.stamps = common.Stamps()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.stamps.epoch()


def _fit(model: keras.Model, *given: Any, **options: Any) -> None:  # noqa: ANN401
    watch = _Watch()
    history = model.fit(*given, callbacks=[watch], verbose=0, **options).history
    common.tell(**watch.stamps.numbers(), losses=history["loss"], val_losses=history["val_loss"])


def _optimizer() -> keras.Optimizer:
    return keras.optimizers.RMSprop(**book.RMSPROP)


def sparse(name: str) -> None:
    """`fit` on sparse matrices, which Keras takes as they are."""
    train, test = common.texts(name)
    x_train, x_test = (encoding.multi_hot(half.lists(), common.N_WORDS) for half in (train, test))
    keras.utils.set_random_seed(common.seed())
    model = book.build(keras.layers.Dense, name, _optimizer())
    _fit(
        model,
        x_train,
        train.labels,
        epochs=common.EPOCHS[name],
        batch_size=common.BATCH_SIZE,
        validation_data=(x_test, test.labels),
    )


def _pipeline(half: common.Texts, order: np.ndarray | None = None) -> tf.data.Dataset:
    ragged = tf.RaggedTensor.from_row_lengths(half.words, half.lengths)
    labels = tf.constant(half.labels)
    if order is not None:
        ragged, labels = tf.gather(ragged, order), tf.gather(labels, order)

    def encode(words: tf.RaggedTensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        n = common.N_WORDS
        marked = tf.math.bincount(
            words, minlength=n, maxlength=n, binary_output=True, dtype=tf.float32, axis=-1
        )
        return tf.ensure_shape(marked, (None, n)), y

    batches = tf.data.Dataset.from_tensor_slices((ragged, labels)).batch(common.BATCH_SIZE)
    return batches.map(encode, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def pipeline(name: str) -> None:
    """`fit` on a pipeline that makes dense rows of 32 bits, a batch at a time."""
    train, test = common.texts(name)
    keras.utils.set_random_seed(common.seed())
    units = common.UNITS[name]
    layers = [keras.layers.Dense(n, "relu") for n in units[:-1]]
    last = keras.layers.Dense(units[-1], "sigmoid" if units[-1] == 1 else "softmax")
    model = keras.Sequential([keras.Input((common.N_WORDS,)), *layers, last])
    loss = "binary_crossentropy" if units[-1] == 1 else "sparse_categorical_crossentropy"
    model.compile(_optimizer(), loss, metrics=["accuracy"])
    batches = _pipeline(train, common.start(name)["order"])
    _fit(model, batches, epochs=common.EPOCHS[name], validation_data=_pipeline(test))


def simple_rnn(compiled: bool) -> None:
    """`SimpleRNN` on one-hot rows.

    Args:
        compiled: Whether XLA compiles the step, which Keras does not choose by itself on a CPU.
    """
    (train, validation), begun = common.texts("rnn"), common.start("rnn")
    w1h, w1x, b1, w2, b2 = (begun[f"w{number}"] for number in range(5))
    n_words, n_units = w1x.shape
    one_hot = keras.layers.Embedding(
        n_words, n_words, embeddings_initializer=keras.initializers.Identity(), trainable=False
    )
    recurrent, output = keras.layers.SimpleRNN(n_units), keras.layers.Dense(1, "sigmoid")
    shape = (train.words.shape[1],)
    model = keras.Sequential([keras.Input(shape, dtype="int32"), one_hot, recurrent, output])
    recurrent.set_weights([w1x, w1h, b1])
    output.set_weights([w2, b2])
    sgd = keras.optimizers.SGD(0.01)
    model.compile(sgd, "binary_crossentropy", jit_compile=compiled)
    stamps, losses, val_losses = common.Stamps(), [], []
    for order in begun["order"]:
        history = model.fit(
            train.words[order],
            train.labels[order],
            batch_size=32,
            shuffle=False,
            validation_data=(validation.words, validation.labels),
            validation_batch_size=250,
            verbose=0,
        ).history
        losses += history["loss"]
        val_losses += history["val_loss"]
        stamps.epoch()
    common.tell(**stamps.numbers(), losses=losses, val_losses=val_losses)


def main(side: str, name: str) -> None:
    """Does the work of one case."""
    if name == "rnn":
        simple_rnn(compiled=side == "xla")
    else:
        {"sparse": sparse, "pipeline": pipeline}[side](name)


if __name__ == "__main__":
    main(*sys.argv[1:])
