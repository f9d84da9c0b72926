"""Feeding a model: batches dealt anew in each epoch, and sparse matrices without their zeros."""

from __future__ import annotations

from typing import TypeAlias

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf

Inputs: TypeAlias = np.ndarray | scipy.sparse.spmatrix


class Batches(keras.utils.PyDataset):
    """Batches of a training set, dealt anew in each epoch, for the first argument of `fit`.

    Once `keras.utils.set_random_seed` was called, `fit` deals arrays in an order that it repeats
    in every epoch, so that each sample always meets the same others.
    """

    def __init__(self, x: Inputs, y: np.ndarray, batch_size: int, seed: int) -> None:
        """Deals the first epoch.

        Args:
            x: Inputs, shape (n_samples, n_features), an array or a CSR matrix.
            y: Labels, shape (n_samples,).
            batch_size: Samples in a batch; the last one of an epoch may be smaller.
            seed: Seed of the order.
        """
        super().__init__()
        self.x, self.y, self.batch_size = x, y, batch_size
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return -(-len(self.y) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray | tf.SparseTensor, np.ndarray]:
        """One batch of this epoch."""
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        x = self.x[rows]
        # In batches, Keras takes only TensorFlow's sparse tensors.
        return to_tensor(x) if scipy.sparse.issparse(x) else x, self.y[rows]

    def on_epoch_end(self) -> None:
        """Keras calls this after each epoch."""
        self.order = self.rng.permutation(len(self.y))


class SparseDense(keras.layers.Dense):
    """`keras.layers.Dense`, several times as fast on a sparse input: the same outputs.

    Keras looks up the kernel's rows one by one; TensorFlow's product of a sparse and a dense
    matrix does the same sum without writing those rows down. From 32 columns on that product
    takes a slow path, so a wide kernel goes in slices.
    """

    def call(self, inputs: tf.SparseTensor | tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Returns activation(inputs @ kernel + bias), shape (n_samples, units)."""
        if not isinstance(inputs, tf.SparseTensor):
            return super().call(inputs, training=training)
        widths = [min(16, self.units - start) for start in range(0, self.units, 16)]
        # Each `kernel[:, start:end]` would give back a gradient as wide as the whole kernel.
        slices = tf.split(self.kernel, widths, axis=1)
        products = [tf.sparse.sparse_dense_matmul(inputs, kernel) for kernel in slices]
        return self.activation(tf.concat(products, axis=1) + self.bias)


def to_tensor(x: Inputs) -> tf.Tensor | tf.SparseTensor:
    """Hands a matrix to TensorFlow, a sparse one without filling in its zeros.

    Args:
        x: Shape (n_samples, n_features), an array or a CSR matrix.

    Returns:
        A float32 tensor of that shape.
    """
    if not scipy.sparse.issparse(x):
        return tf.constant(np.asarray(x, dtype=np.float32))
    x = scipy.sparse.csr_matrix(x)
    x.sort_indices()
    places = np.empty((x.nnz, 2), dtype=np.int64)  # filled in place: copies would weigh more
    places[:, 0] = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    places[:, 1] = x.indices
    return tf.SparseTensor(places, x.data.astype(np.float32, copy=False), x.shape)
