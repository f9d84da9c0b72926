"""Texts and labels as arrays, compared with the sources' dense loops and with Keras."""

import os

import keras
import numpy as np
import pytest
import scipy.sparse

from lessons_src import data, encoding

needs_real_data = pytest.mark.skipif(
    not os.environ.get("LESSONS_DATA_DIR"), reason="LESSONS_DATA_DIR is not set"
)


def dense_loop(sequences, n_features):
    """The way of the original notebooks: a dense array, filled text by text."""
    results = np.zeros((len(sequences), n_features))
    for row, sequence in enumerate(sequences):
        for word in sequence:
            results[row, word] = 1.0
    return results


@pytest.mark.parametrize("seed", range(5))
def test_multi_hot_marks_the_same_places_as_the_dense_loop(seed):
    rng = np.random.default_rng(seed)
    texts = [rng.integers(0, 30, size=rng.integers(1, 50)).tolist() for _ in range(40)]
    matrix = encoding.multi_hot(texts, 30)
    np.testing.assert_array_equal(matrix.toarray(), dense_loop(texts, 30))


@needs_real_data
def test_multi_hot_marks_the_same_places_as_the_dense_loop_on_real_newswires():
    texts = data.load_reuters(num_words=10_000).x_train[:200]
    matrix = encoding.multi_hot(texts, 10_000)
    np.testing.assert_array_equal(matrix.toarray(), dense_loop(texts, 10_000))


def test_a_repeated_word_counts_once():
    assert encoding.multi_hot([[2, 2, 2, 0], [1]], 4).toarray().tolist() == [
        [1, 0, 1, 0],
        [0, 1, 0, 0],
    ]


def test_multi_hot_stores_only_the_ones_in_32_bits():
    matrix = encoding.multi_hot([[5, 1, 5], [0]], 1_000_000)
    assert scipy.sparse.issparse(matrix)
    assert matrix.format == "csr"
    assert matrix.dtype == np.float32
    assert matrix.shape == (2, 1_000_000)
    assert matrix.nnz == 3
    assert matrix.has_canonical_format


def test_texts_may_be_arrays_of_any_integer_type():
    texts = [np.array([3, 1], dtype=np.int32), np.array([2], dtype=np.uint8)]
    np.testing.assert_array_equal(
        encoding.multi_hot(texts, 4).toarray(), encoding.multi_hot([[3, 1], [2]], 4).toarray()
    )


def test_the_first_and_the_last_id_fit():
    assert encoding.multi_hot([[0, 6]], 7).indices.tolist() == [0, 6]


@pytest.mark.parametrize(
    ("sequences", "n_features", "message"),
    [
        ([[1], [], [2]], 5, "sequence 1 is empty"),
        ([], 5, "at least one sequence, got none"),
        ([[1, 5]], 5, "from 0 to 4, got 1 to 5"),
        ([[3], [2, -1]], 5, "from 0 to 4, got -1 to 3"),
        ([[1]], 0, "n_features above 0, got 0"),
        ([[1]], -3, "n_features above 0, got -3"),
        ([[1, 2.5]], 5, "integer word ids, got float64"),
        ([["a"]], 5, "integer word ids, got <U1"),
    ],
)
def test_multi_hot_refuses_what_it_cannot_mark(sequences, n_features, message):
    with pytest.raises(ValueError, match=message):
        encoding.multi_hot(sequences, n_features)


@pytest.mark.parametrize("labels", [[0, 2, 1, 2], np.array([4, 0], dtype=np.uint8), [3]])
def test_one_hot_is_what_keras_makes_of_the_labels(labels):
    ours = encoding.one_hot(labels, 5)
    np.testing.assert_array_equal(ours, keras.utils.to_categorical(labels, 5))
    assert ours.dtype == np.float32


def test_the_place_of_the_one_gives_the_label_back():
    labels = np.random.default_rng(0).integers(46, size=300)
    np.testing.assert_array_equal(encoding.one_hot(labels, 46).argmax(axis=1), labels)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], "from 0 to 2, got 0 to 3"),
        ([1, -1], "from 0 to 2, got -1 to 1"),
        ([0.0, 1.0], r"integer labels, got shape \(2,\), float64"),
        ([[0], [1]], r"list of integer labels, got shape \(2, 1\)"),
        ([], r"got shape \(0,\)"),
        (2, r"got shape \(\)"),
    ],
)
def test_one_hot_refuses_what_is_no_label(labels, message):
    with pytest.raises(ValueError, match=message):
        encoding.one_hot(labels, 3)
