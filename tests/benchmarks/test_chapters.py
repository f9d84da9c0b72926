"""The sides of the chapters' comparison do the same work, and what ours holds is small."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from benchmarks import chapters
from benchmarks.sides import book, common, sources
from benchmarks.sides.recurrent import Start
from lessons_src import encoding, feed, training
from retraining import settings
from retraining.recurrent import networks

N_WORDS = common.N_WORDS


def texts(n_samples):
    """Reviews as long as those of the data, 239 words on average, as frequent as in real text."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, N_WORDS)
    found = np.empty(n_samples, dtype=object)
    for row, length in enumerate(rng.poisson(239, n_samples)):
        found[row] = rng.choice(np.arange(1, N_WORDS), length, p=weights / weights.sum()).tolist()
    return found


def test_both_ways_of_encoding_give_the_same_numbers():
    some = texts(50)
    np.testing.assert_array_equal(
        encoding.multi_hot(list(some), N_WORDS).toarray(), sources.multi_hot(some)
    )


def test_the_book_hands_a_model_a_fiftieth_of_the_bytes():
    some = texts(200)
    dense = sources.multi_hot(some)
    assert dense.nbytes == 200 * N_WORDS * 8  # 64 bits
    assert book.nbytes(encoding.multi_hot(list(some), N_WORDS)) < dense.nbytes / 50


def test_other_losses_after_one_epoch_are_refused():
    ours = {"losses": [2.0, 1.0], "val_losses": [3.0, 1.0]}
    near = {"losses": [2.0009, 7.0], "val_losses": [3.0, 7.0]}
    far = {"losses": [2.0, 1.0], "val_losses": [3.002, 1.0]}
    assert chapters.agree({"book": ours, "sources": near}) == ""
    assert chapters.agree({"book": ours, "sources": far}) == (
        "val_losses after one epoch are more than 0.001 apart: book 3.00000, sources 3.00200"
    )


@pytest.mark.parametrize("n_back", [3, None])
def test_the_sources_network_does_what_the_chapters_does(n_back):
    rng = np.random.default_rng(0)
    ids, y = rng.integers(0, 12, size=(6, 9)), rng.integers(0, 2, size=(6, 1))
    name = settings.RECURRENT["002-transposed" if n_back is None else "002-source"]
    network = networks(settings.recurrent_sources())[name](12, n_units=5, n_back=n_back, seed=1)
    theirs = sources.Network(Start(network, n_back is None, (ids, y), (ids, y)))
    for _ in range(3):
        assert theirs.step(np.eye(12)[ids], y) == pytest.approx(
            network.train_on_batch(ids, y), 1e-5
        )
    for one, other in zip(
        [theirs.w1h, theirs.w1x, theirs.b1, theirs.w2, theirs.b2], network.parameters(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_training_of_the_book_never_writes_the_zeros_down(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a dense array was made of a sparse one")

    for name in ("toarray", "todense"):
        monkeypatch.setattr(scipy.sparse.csr_matrix, name, refuse)
    monkeypatch.setattr(tf.sparse, "to_dense", refuse)
    x = encoding.multi_hot(list(texts(40)), N_WORDS)
    labels = np.arange(40) % 46
    [run] = training.train_over_seeds(
        lambda: book.build(feed.SparseDense, "reuters", "rmsprop"),
        (x[:30], labels[:30]),
        (x[30:], labels[30:]),
        seeds=[0],
        epochs=1,
        batch_size=16,
    )
    assert np.isfinite(run.history["val_loss"]).all()


def test_a_step_of_the_recurrent_network_needs_less_than_its_batch_as_one_hot_rows():
    network = networks(settings.recurrent_sources())["RecurrentNetwork"](200, n_back=None)
    ids = np.random.default_rng(0).integers(0, 200, size=(32, 200))
    y = np.zeros((32, 1), "float32")
    network.train_on_batch(ids, y)
    tracemalloc.start()
    network.train_on_batch(ids, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 200 * 200 * np.dtype("float32").itemsize
