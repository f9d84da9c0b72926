"""Feeding a model: every sample once an epoch, and a sparse layer that equals Keras' own."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from lessons_src import feed


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    x = (rng.random((60, 40)) < 0.15).astype("float32")
    x[3] = 0  # a row without words
    x[np.arange(4, 60), rng.integers(40, size=56)] = 2
    return scipy.sparse.csr_matrix(x)


def test_a_sparse_tensor_holds_the_same_matrix(x):
    np.testing.assert_array_equal(tf.sparse.to_dense(feed.to_tensor(x)), x.toarray())
    np.testing.assert_array_equal(feed.to_tensor(x.toarray()), x.toarray())


def test_the_sparse_layer_takes_dense_inputs_as_well(x):
    layer = feed.SparseDense(20)
    expected = layer(feed.to_tensor(x))
    np.testing.assert_allclose(layer(x.toarray()), expected, atol=1e-6)


@pytest.mark.parametrize("units", [1, 16, 20, 48])
def test_the_sparse_layer_has_the_outputs_and_gradients_of_keras_dense(units, x):
    ours, theirs = feed.SparseDense(units, "tanh"), keras.layers.Dense(units, "tanh")
    found = []
    theirs.build((None, x.shape[1]))
    ours.build((None, x.shape[1]))
    theirs.bias.assign(np.linspace(-1, 1, units))
    ours.set_weights(theirs.get_weights())
    for layer, inputs in [(ours, feed.to_tensor(x)), (theirs, x.toarray())]:
        with tf.GradientTape() as tape:
            outputs = layer(inputs)
            total = tf.reduce_sum(outputs**2)
        found.append([outputs, *tape.gradient(total, layer.trainable_variables)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(tf.convert_to_tensor(one), other, atol=1e-5)


@pytest.mark.parametrize("sparse", [False, True])
def test_every_epoch_deals_each_sample_once_in_a_new_order(sparse):
    x, y = np.eye(10, dtype="float32"), np.arange(10)
    batches = feed.Batches(scipy.sparse.csr_matrix(x) if sparse else x, y, 4, seed=0)
    assert len(batches) == 3
    epochs = []
    for _ in range(3):
        dealt = [batches[i] for i in range(len(batches))]
        for inputs, labels in dealt:
            dense = tf.sparse.to_dense(inputs) if sparse else inputs
            np.testing.assert_array_equal(dense, x[labels])
        epochs.append([int(label) for _, labels in dealt for label in labels])
        batches.on_epoch_end()
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
    assert epochs[0] != epochs[1] != epochs[2]


def test_fit_sees_new_batches_in_each_epoch_and_the_same_ones_for_the_same_seed():
    x, y = np.eye(12, dtype="float32"), np.arange(12, dtype="float32")

    def means_seen():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(keras.optimizers.SGD(0.5), "mse")
        means = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(model.get_weights()[0].copy())
        )
        seen = []
        model.fit(feed.Batches(x, y, 4, seed=3), epochs=4, verbose=0, callbacks=[means])
        moved = np.diff(np.array(seen)[:, :, 0], axis=0) != 0  # the samples of each step
        return [tuple(np.flatnonzero(step)) for step in moved]

    first = means_seen()
    assert first == means_seen()
    epochs = [set(first[2 + 3 * i : 5 + 3 * i]) for i in range(3)]  # the first step has no diff
    assert epochs[0] != epochs[1] != epochs[2]
