"""Following a training: Keras' own training, measured after each epoch."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.sparse

from lessons_src import feed, following

N_FEATURES = 40


def texts(seed, n_samples=60):
    rng = np.random.default_rng(seed)
    x = (rng.random((n_samples, N_FEATURES)) < 0.15).astype("float32")
    x[np.arange(n_samples), rng.integers(N_FEATURES, size=n_samples)] = 1  # no empty row
    return scipy.sparse.csr_matrix(x), (x[:, :5].sum(axis=1) > 0.5).astype(int)


def build(first=feed.SparseDense, sparse=True, units=20, rate=0.0, penalty=None):
    model = keras.Sequential(
        [
            keras.Input((N_FEATURES,), sparse=sparse),
            first(units, activation="relu", kernel_regularizer=penalty),
            keras.layers.Dropout(rate),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def quick(build_model, seeds=(0, 1, 2), epochs=3, batch_size=1000):
    return following.follow_over_seeds(
        build_model, texts(0), texts(1, 50), seeds=seeds, epochs=epochs, batch_size=batch_size
    )


def test_training_over_seeds_is_what_fit_does():
    # One batch holds all samples, so their order does not matter.
    runs = quick(lambda: build(penalty=keras.regularizers.L2(0.01)))
    for run in runs:
        keras.utils.set_random_seed(run.seed)
        model = build(keras.layers.Dense, penalty=keras.regularizers.L2(0.01))
        history = model.fit(
            *texts(0), validation_data=texts(1, 50), epochs=3, batch_size=1000, verbose=0
        ).history
        np.testing.assert_allclose(run.history["running_loss"], history["loss"], rtol=1e-4)
        np.testing.assert_allclose(run.history["val_accuracy"], history["val_accuracy"], rtol=1e-6)
        for ours, theirs in zip(run.last_weights, model.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        # Keras counts the penalty in, the run does not.
        penalty = 0.01 * np.sum(run.last_weights[0].astype(float) ** 2)
        assert history["val_loss"][-1] == pytest.approx(
            run.history["val_loss"][-1] + penalty, rel=1e-5
        )


def test_a_seed_gives_the_same_run_alone_and_after_others():
    together = quick(lambda: build(rate=0.5), seeds=(3, 4, 5), batch_size=16)
    [alone] = quick(lambda: build(rate=0.5), seeds=(5,), batch_size=16)
    assert together[-1].history == alone.history
    assert together[0].history != together[1].history


def test_the_curves_are_measured_after_the_epoch_without_dropout():
    [run] = quick(lambda: build(rate=0.5), seeds=(0,), epochs=4, batch_size=16)
    model = build(keras.layers.Dense)
    model.set_weights(run.last_weights)
    for prefix, data in [("", texts(0)), ("val_", texts(1, 50))]:
        loss, accuracy = model.evaluate(*data, verbose=0)
        assert run.history[f"{prefix}loss"][-1] == pytest.approx(loss, rel=1e-4)
        assert run.history[f"{prefix}accuracy"][-1] == pytest.approx(accuracy, rel=1e-5)
    assert run.history["running_loss"][-1] != run.history["loss"][-1]


def test_the_best_weights_are_those_of_the_smallest_validation_loss():
    runs = quick(lambda: build(units=64), epochs=25, batch_size=8)
    model = build(units=64)
    measured = following.evaluate(model, [run.best_weights for run in runs], texts(1, 50))
    assert measured.shape == (3, 2)
    for run, (loss, _) in zip(runs, measured, strict=True):
        assert loss == pytest.approx(min(run.history["val_loss"]), rel=1e-5)


def test_dense_inputs_train_like_sparse_ones():
    (x, y), (x_new, y_new) = texts(0), texts(1, 50)
    [dense] = following.follow_over_seeds(
        lambda: build(keras.layers.Dense, sparse=False),
        (x.toarray(), y),
        (x_new.toarray(), y_new),
        seeds=[0],
        epochs=3,
        batch_size=16,
    )
    [sparse] = quick(build, seeds=(0,), batch_size=16)
    np.testing.assert_allclose(dense.history["val_loss"], sparse.history["val_loss"], rtol=1e-4)


@pytest.mark.parametrize(
    ("losses", "patience", "trained", "best"),
    [
        ([3, 2, 1], 1, 3, 3),  # never stops
        ([3, 2, 2.5, 2.2, 1], 2, 4, 2),  # stops before the best is reached
        ([3, 2, 2.5, 2.2, 1], 3, 5, 5),
        ([1, 1, 1], 1, 2, 1),  # an equal loss is no improvement
    ],
)
def test_early_stopping_stops_when_patience_has_run_out(losses, patience, trained, best):
    assert following.replay_early_stopping(losses, patience) == (trained, best)


def test_the_replay_is_what_fit_does_with_the_callback():
    x, y = texts(0)
    keras.utils.set_random_seed(0)
    model = build(units=64)
    model.optimizer.learning_rate = 0.02  # overfits within a few epochs
    stopping = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(
        x,
        y,
        validation_data=texts(1, 50),
        epochs=30,
        batch_size=20,
        callbacks=[stopping],
        verbose=0,
    ).history
    stop = following.replay_early_stopping(history["val_loss"], 2)
    assert stop.trained == len(history["val_loss"]) < 30
    restored = model.evaluate(*texts(1, 50), verbose=0)[0]
    assert restored == pytest.approx(history["val_loss"][stop.best - 1], rel=1e-5)


def test_a_large_set_is_evaluated_in_parts_with_the_same_result():
    data = texts(2, 11_003)
    model = build()
    [(loss, accuracy)] = following.evaluate(model, [model.get_weights()], data)
    expected = model.evaluate(*data, batch_size=2000, verbose=0)
    assert [loss, accuracy] == pytest.approx(expected, rel=1e-5)
