"""Turns lists of word ids and labels into arrays that a network takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse


def multi_hot(sequences: Sequence[Sequence[int]], n_features: int) -> scipy.sparse.csr_matrix:
    """Marks which words occur in each text: 1 if a word occurs, however often, else 0.

    Args:
        sequences: One list of word ids for each text; ids from 0 to n_features - 1.
        n_features: Number of columns, that is of different word ids.

    Returns:
        Sparse matrix, shape (n_samples, n_features), float32. Dense it would need
        4 * n_samples * n_features bytes.

    Raises:
        ValueError: There is no text, a text is empty, or an id does not fit.
    """
    if n_features <= 0:
        raise ValueError(f"expected n_features above 0, got {n_features}")
    if len(sequences) == 0:
        raise ValueError("expected at least one sequence, got none")
    lengths = np.fromiter((len(sequence) for sequence in sequences), dtype=np.int64)
    if (lengths == 0).any():
        raise ValueError(f"sequence {int(np.argmin(lengths))} is empty: expected word ids in it")
    columns = np.concatenate([np.asarray(sequence) for sequence in sequences])
    if not np.issubdtype(columns.dtype, np.integer):
        raise ValueError(f"expected integer word ids, got {columns.dtype}")
    if columns.min() < 0 or columns.max() >= n_features:
        raise ValueError(
            f"expected word ids from 0 to {n_features - 1}, got {columns.min()} to {columns.max()}"
        )
    rows = np.repeat(np.arange(len(sequences)), lengths)
    values = np.ones(columns.size, dtype=np.float32)
    matrix = scipy.sparse.csr_matrix((values, (rows, columns)), (len(sequences), n_features))
    matrix.data[:] = 1.0  # building it added up the repeated words
    return matrix


def one_hot(labels: Sequence[int] | np.ndarray, n_classes: int) -> np.ndarray:
    """Writes each label as a row with a single 1.

    Args:
        labels: Class numbers, shape (n_samples,), from 0 to n_classes - 1.
        n_classes: Number of classes.

    Returns:
        Array of shape (n_samples, n_classes), float32.

    Raises:
        ValueError: A label is not an integer in that range.
    """
    numbers = np.asarray(labels)
    if numbers.ndim != 1 or numbers.size == 0 or not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(
            f"expected a list of integer labels, got shape {numbers.shape}, {numbers.dtype}"
        )
    if numbers.min() < 0 or numbers.max() >= n_classes:
        raise ValueError(
            f"expected labels from 0 to {n_classes - 1}, got {numbers.min()} to {numbers.max()}"
        )
    return np.eye(n_classes, dtype=np.float32)[numbers]
