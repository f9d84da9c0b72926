"""Repeating a training over seeds: the same again with equal seeds, and Keras' own evaluation."""

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from lessons_src import feed, training

N_FEATURES, N_CLASSES, EPOCHS, BATCH_SIZE = 12, 3, 2, 16


@pytest.fixture(autouse=True, scope="module")
def determinism():
    tf.config.experimental.enable_op_determinism()


def samples(n_samples, seed):
    """Rows with few ones, whose class shows in which third of the columns they have most."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=n_samples)
    likely = np.where(np.arange(N_FEATURES) // 4 == labels[:, None], 0.6, 0.2)
    return (rng.random((n_samples, N_FEATURES)) < likely).astype(np.float32), labels


TRAIN, VALIDATION, TEST = samples(96, 0), samples(32, 1), samples(64, 2)


def build_model(*, sparse=False):
    model = keras.Sequential(
        [
            keras.Input((N_FEATURES,), sparse=sparse),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(N_CLASSES, activation="softmax"),
        ]
    )
    model.compile("rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(seeds, build=build_model, **others):
    settings = {"seeds": seeds, "epochs": EPOCHS, "batch_size": BATCH_SIZE} | others
    return training.train_over_seeds(build, TRAIN, TEST, **settings)


@pytest.fixture(scope="module")
def runs(determinism):
    return train([3, 4], validation=VALIDATION)


def test_two_calls_with_the_same_seeds_give_identical_numbers(runs):
    for first, second in zip(runs, train([3, 4], validation=VALIDATION), strict=True):
        assert first.seed == second.seed
        assert first.history == second.history
        assert (first.test_loss, first.test_accuracy) == (second.test_loss, second.test_accuracy)
        np.testing.assert_array_equal(first.test_predicted, second.test_predicted)


def test_a_run_does_not_depend_on_the_seeds_before_it(runs):
    (alone,) = train([4], validation=VALIDATION)
    assert alone.history == runs[1].history
    assert alone.test_loss == runs[1].test_loss


def test_different_seeds_give_different_trainings(runs):
    assert [run.seed for run in runs] == [3, 4]
    assert runs[0].history["loss"] != runs[1].history["loss"]
    assert runs[0].test_loss != runs[1].test_loss


def test_the_history_has_one_entry_an_epoch(runs):
    for run in runs:
        assert set(run.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
        assert {len(values) for values in run.history.values()} == {EPOCHS}


def test_without_a_validation_set_nothing_is_validated():
    (run,) = train([0])
    assert set(run.history) == {"loss", "accuracy"}


def test_the_test_accuracy_is_the_share_of_right_predictions(runs):
    for run in runs:
        right = sum(int(a) == int(b) for a, b in zip(run.test_predicted, TEST[1], strict=True))
        assert run.test_accuracy == pytest.approx(right / len(TEST[1]), abs=1e-12)
        assert 0 < run.test_accuracy < 1, "an all or nothing result would compare nothing"


def test_the_result_is_what_keras_evaluates_after_a_training_by_hand():
    keras.utils.set_random_seed(5)
    model = build_model()
    batches = feed.Batches(*TRAIN, BATCH_SIZE, seed=5)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(EPOCHS):
        logs = [
            model.train_on_batch(*batches[number], return_dict=True)
            for number in range(len(batches))  # of equal size, so their mean is the epoch's
        ]
        batches.on_epoch_end()
        measured = model.evaluate(*VALIDATION, verbose=0, return_dict=True)
        for name in ("loss", "accuracy"):
            history[name].append(np.mean([batch[name] for batch in logs]))
            history[f"val_{name}"].append(measured[name])
    loss, accuracy = model.evaluate(*TEST, verbose=0)
    (run,) = train([5], validation=VALIDATION)
    for metric, values in history.items():
        assert run.history[metric] == pytest.approx(values, rel=1e-5)
    assert run.test_loss == pytest.approx(loss, rel=1e-5)
    assert run.test_accuracy == pytest.approx(accuracy, rel=1e-6)


def test_a_wrong_answer_given_with_certainty_has_a_finite_loss_as_in_keras():
    x = np.eye(2, dtype=np.float32)
    labels = np.array([0, 0])

    def build():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="softmax")])
        model.compile(keras.optimizers.SGD(0.0), loss="sparse_categorical_crossentropy")
        model.set_weights([np.float32([[0, 0], [0, 200]]), np.zeros(2, np.float32)])
        return model

    (run,) = training.train_over_seeds(
        build, (x, labels), (x, labels), seeds=[0], epochs=1, batch_size=2
    )
    probabilities = build().predict(x, verbose=0)
    assert probabilities[1, 0] == 0
    reference = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
    assert run.test_loss == pytest.approx(float(np.mean(reference)), rel=1e-5)


def test_sparse_and_dense_inputs_give_the_same_training(runs):
    sparse = {
        name: (scipy.sparse.csr_matrix(x), y)
        for name, (x, y) in {"train": TRAIN, "validation": VALIDATION, "test": TEST}.items()
    }
    sparse_runs = training.train_over_seeds(
        lambda: build_model(sparse=True),
        **sparse,
        seeds=[3, 4],
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
    )
    for one, other in zip(sparse_runs, runs, strict=True):
        for metric, values in one.history.items():
            np.testing.assert_allclose(values, other.history[metric], rtol=1e-4)
        assert one.test_loss == pytest.approx(other.test_loss, rel=1e-4)
        np.testing.assert_array_equal(one.test_predicted, other.test_predicted)


def test_curves_and_accuracies_stack_the_runs_in_their_order(runs):
    stacked = training.curves(runs, "val_loss")
    assert stacked.shape == (2, EPOCHS)
    assert stacked[1].tolist() == runs[1].history["val_loss"]
    accuracies = training.final_accuracies(runs)
    assert accuracies.tolist() == [runs[0].test_accuracy, runs[1].test_accuracy]


@pytest.fixture
def build_small():
    def build(n_units=4, rate=0.0, optimizer="rmsprop"):
        layers = [keras.Input((3,)), keras.layers.Dense(n_units), keras.layers.Dropout(rate)]
        layers += [keras.layers.BatchNormalization(), keras.layers.Dense(1)]
        model = keras.Sequential(layers)
        model.compile(optimizer, "mse")
        return model

    return build


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_a_restarted_model_trains_like_the_fresh_one(build_small, optimizer):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=40)

    def losses(model):
        keras.utils.set_random_seed(5)
        return model.fit(x, y, epochs=3, batch_size=8, verbose=0).history["loss"]

    used, fresh = (build_small(rate=0.3, optimizer=optimizer) for _ in range(2))
    losses(used)
    training.restart(used, fresh)
    assert losses(used) == losses(fresh)


def test_restarting_takes_the_fresh_learning_rate_unless_told(build_small):
    model = build_small(optimizer=keras.optimizers.Adam(0.5))
    fresh = build_small(optimizer=keras.optimizers.Adam(0.03))
    training.restart(model, fresh)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.03)
    training.restart(model, fresh, learning_rate=0.2)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.2)


def test_restarting_refuses_a_model_of_another_shape(build_small):
    with pytest.raises(ValueError, match=r"expected variables of the shapes \[\(3, 4\)"):
        training.restart(build_small(4), build_small(5))
