"""What the batch normalization chapter teaches, against independent references."""

from __future__ import annotations

import ast
import itertools

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from bookwright.source.facts import facts
from lessons_src import exercises, feed, plotting, training
from lessons_src.chapters import batchnorm
from tests.conftest import ROOT
from tests.helpers import wrong_answers

CELLS = facts((ROOT / "book" / "en" / "batchnorm.md").read_text(encoding="utf-8")).cells
N_WORDS, N_CLASSES = 30, 4

pytestmark = pytest.mark.usefixtures("published")


def topics(n_samples=60, seed=0):
    rng = np.random.default_rng(seed)
    x = (rng.random((n_samples, N_WORDS)) < 0.2).astype("float32")
    return scipy.sparse.csr_matrix(x), rng.integers(N_CLASSES, size=n_samples)


@pytest.fixture(scope="module")
def page() -> dict:
    """The functions, classes and default values that the page's own cells define."""
    names: dict = {"np": np, "keras": keras, "tf": tf, "feed": feed, "training": training}
    names |= {"N_WORDS": N_WORDS, "n_classes": N_CLASSES, "EPOCHS": 1}
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            constant = isinstance(node, ast.Assign) and ast.unparse(node) in (
                "EPSILON = 0.001",
                "MOMENTUM = 0.99",
            )
            if constant or isinstance(node, ast.FunctionDef | ast.ClassDef):
                exec(compile(ast.Module([node], []), "batchnorm.md", "exec"), names)
    return names


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)
    yield
    plt.close("all")


def batch(seed=0, n_samples=9, n_units=3):
    return np.random.default_rng(seed).normal(2, 3, size=(n_samples, n_units))


# The layer


def test_each_unit_gets_the_mean_beta_and_the_deviation_gamma(page):
    z, gamma, beta = batch(), np.array([0.5, 1, 3]), np.array([-1, 0, 7])
    out = page["batch_norm"](z, gamma, beta, epsilon=0)[0]
    np.testing.assert_allclose(out.mean(axis=0), beta, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), gamma)


def test_the_variance_is_divided_by_the_number_of_samples(page):
    z = np.array([[1.0], [3.0]])
    _, z_hat, mean, variance = page["batch_norm"](z, np.ones(1), np.zeros(1))
    assert (mean[0], variance[0]) == (2, 1)
    np.testing.assert_allclose(z_hat[:, 0], np.array([-1, 1]) / np.sqrt(1.001))


@pytest.mark.parametrize("seed", range(3))
def test_the_backward_pass_agrees_with_finite_differences_in_all_three_gradients(page, seed):
    rng = np.random.default_rng(seed)
    z, delta_tilde, gamma, beta = (
        batch(seed),
        rng.normal(size=(9, 3)),
        rng.normal(size=3),
        np.ones(3),
    )

    def loss(z, gamma, beta):
        return np.sum(delta_tilde * page["batch_norm"](z, gamma, beta)[0])

    _, z_hat, _, variance = page["batch_norm"](z, gamma, beta)
    found = page["batch_norm_backward"](delta_tilde, z_hat, variance, gamma)
    for number, gradient in enumerate(found):
        for place in np.ndindex(*gradient.shape):
            values = []
            for step in (1e-5, -1e-5):
                moved = [z.copy(), gamma.copy(), beta.copy()]
                moved[number][place] += step
                values.append(loss(*moved))
            assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-5, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_layer_in_numpy_is_keras_layer_in_training_and_inference(page, seed):
    ours, theirs = page["BatchNorm"](3), keras.layers.BatchNormalization()
    for step in range(4):
        z = batch(10 * seed + step, n_samples=5)
        np.testing.assert_allclose(ours(z, training=True), theirs(z, training=True), atol=1e-5)
        np.testing.assert_allclose(ours(z, training=False), theirs(z, training=False), atol=1e-5)
    np.testing.assert_allclose(ours.mean, theirs.moving_mean, rtol=1e-5)
    np.testing.assert_allclose(ours.variance, theirs.moving_variance, rtol=1e-5)


def test_the_batch_of_three_is_worked_out_as_the_layer_computes_it(page):
    z, gamma, beta = np.array([[1.0], [2.0], [6.0]]), np.array([0.5]), np.array([1.0])
    out, z_hat, _, variance = page["batch_norm"](z, gamma, beta, epsilon=0)
    assert variance == pytest.approx(14 / 3)
    np.testing.assert_allclose(z_hat[:, 0], [-0.926, -0.463, 1.389], atol=5e-4)
    np.testing.assert_allclose(out[:, 0], [0.537, 0.769, 1.694], atol=5e-4)
    back = np.array([[1.0], [0.0], [0.0]])
    delta = page["batch_norm_backward"](back, z_hat, variance, gamma, epsilon=0)[0]
    np.testing.assert_allclose(delta[:, 0], [0.088, -0.110, 0.022], atol=5e-4)
    direct, through_mean = np.array([0.231, 0, 0]), np.full(3, -0.077)
    through_variance = np.array([-0.066, -0.033, 0.099])
    np.testing.assert_allclose(direct + through_mean + through_variance, delta[:, 0], atol=1.5e-3)


def test_the_graph_shows_each_value_once_and_a_gradient_beside_each_arrow():
    [ax] = batchnorm.draw_graph().axes
    symbols = [text.get_text() for text in ax.texts]
    for symbol in ("$z$", r"$\mu$", r"$\sigma^2$", r"$\hat{z}$", r"$\tilde{z}$"):
        assert symbols.count(symbol) == 1
    arrows = [patch for patch in ax.patches if isinstance(patch, mpl.patches.FancyArrowPatch)]
    dashed = [arrow for arrow in arrows if arrow.get_linestyle() != "-"]
    assert len(arrows) == 2 * len(dashed)


def test_keras_defaults_are_those_the_page_names(page):
    layer = keras.layers.BatchNormalization()
    assert (layer.momentum, layer.epsilon) == (page["MOMENTUM"], page["EPSILON"])


def test_a_single_sample_gives_beta_and_no_gradient(page):
    out, z_hat, _, variance = page["batch_norm"](batch(n_samples=1), np.ones(3), np.arange(3))
    gradient = page["batch_norm_backward"](np.ones((1, 3)), z_hat, variance, np.ones(3))[0]
    np.testing.assert_array_equal(out, [[0, 1, 2]])
    np.testing.assert_array_equal(gradient, np.zeros((1, 3)))


def test_in_a_keras_model_the_bias_before_the_layer_gets_no_gradient():
    x, labels = batch(n_samples=40, n_units=6).astype("float32"), np.arange(40) % 3
    dense = keras.layers.Dense(5, bias_initializer="random_normal")
    model = keras.Sequential(
        [
            keras.Input((6,)),
            dense,
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(labels, model(x, training=True))
        loss = tf.reduce_mean(losses)
    kernel, bias = tape.gradient(loss, [dense.kernel, dense.bias])
    assert np.abs(kernel).max() > 1e-3
    assert np.abs(bias).max() < 1e-6


# The model


def trained(page, order):
    x, labels = topics()
    model = page["build_model"](order=order, n_units=8)
    model.fit(x, labels, epochs=2, batch_size=16, verbose=0)
    return model, x, labels


@pytest.mark.parametrize("order", ["before", "after", "none"])
def test_the_forward_pass_in_numpy_is_inference_of_the_keras_model(page, order):
    model, x, _ = trained(page, order)
    weights = model.get_weights()
    moving = None if order == "none" else page["moving_averages"](weights)
    ours, _ = page["forward"](weights, x, order, moving)
    np.testing.assert_allclose(ours, model.predict(x, verbose=0), atol=1e-5)


@pytest.mark.parametrize("order", ["before", "after"])
def test_without_statistics_the_forward_pass_takes_all_samples_as_one_batch(page, order):
    model, x, _ = trained(page, order)
    ours, true = page["forward"](model.get_weights(), x, order)
    again, _ = page["forward"](model.get_weights(), x, order, true)
    np.testing.assert_array_equal(again, ours)
    dense = tf.sparse.from_dense(x.toarray())
    np.testing.assert_allclose(ours, model(dense, training=True), atol=1e-5)


def test_a_model_is_evaluated_with_the_statistics_of_the_training_set_on_both_sets(page):
    model, x, labels = trained(page, "before")
    other = topics(seed=1)
    found, _ = page["evaluate"](model.get_weights(), "before", (x, labels), other)
    model(tf.sparse.from_dense(x.toarray()), training=True)
    averages = [layer for layer in model.layers if hasattr(layer, "moving_mean")]
    for layer in averages:  # the model as it would be if its averages had caught up
        layer.momentum = 0.0
    model(tf.sparse.from_dense(x.toarray()), training=True)
    for (sx, sy), name in (((x, labels), "train"), (other, "val")):
        loss, accuracy = training.score(model.predict(sx, verbose=0), sy)
        assert np.mean(found[name]) == pytest.approx(loss, abs=1e-4)
    assert np.mean(found["correct"]) == accuracy


def test_momentum_changes_the_moving_averages_and_not_the_training(page):
    x, labels = topics()
    histories, averages = [], []
    for momentum in (0.5, 0.99):
        keras.utils.set_random_seed(1)
        model = page["build_model"](momentum=momentum, n_units=8)
        history = model.fit(x, labels, epochs=3, batch_size=16, verbose=0).history
        histories.append(history["loss"])
        averages.append(page["moving_averages"](model.get_weights())[0][1])
    assert histories[0] == pytest.approx(histories[1], rel=1e-5)
    assert np.abs(averages[0] - averages[1]).min() > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_a_channel_is_normalized_over_samples_and_time_steps_as_keras_does(page, seed):
    rng = np.random.default_rng(seed)
    z, gamma, beta = rng.normal(2, 3, (4, 6, 3)), *rng.normal(size=(2, 3))
    theirs = keras.layers.BatchNormalization(dtype="float64")
    theirs.build(z.shape)
    theirs.gamma.assign(gamma)
    theirs.beta.assign(beta)
    ours = page["batch_norm_of_channels"](z, gamma, beta)
    np.testing.assert_allclose(ours, theirs(z, training=True), atol=1e-10)
    np.testing.assert_allclose(ours.mean(axis=(0, 1)), beta, atol=1e-12)


def test_layer_normalization_does_not_look_at_the_rest_of_the_batch(page):
    z, gamma, beta = batch(), np.array([0.5, 1, 3]), np.array([-1, 0, 7])
    whole = page["layer_norm"](z, gamma, beta)
    np.testing.assert_array_equal(page["layer_norm"](z[:1], gamma, beta), whole[:1])
    plain = page["layer_norm"](z, np.ones(3), np.zeros(3), epsilon=0)
    np.testing.assert_allclose(plain.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(plain.std(axis=1), 1)


def test_descent_stands_at_right_angles_to_the_weights_and_makes_them_longer(page):
    weights = page["path"]([-0.8, 0.6], 0.3, seed=0, n_steps=20)
    steps = np.diff(weights, axis=0)
    np.testing.assert_allclose(np.sum(steps * weights[:-1], axis=1), 0, atol=1e-12)
    lengths = np.linalg.norm(weights, axis=1)
    np.testing.assert_allclose(lengths[1:] ** 2, lengths[:-1] ** 2 + np.sum(steps**2, axis=1))
    assert weights[-1, 0] > 0.99 * lengths[-1]  # it ends in the best direction


# The helpers


def test_axes_that_share_a_mean_are_a_column_or_a_row():
    [ax] = batchnorm.draw_axes().axes
    filled = [patch for patch in ax.patches if patch.get_facecolor()[0] < 0.5]
    assert len(filled) == 3 + 3 + 9 + 3  # a column, a row, a column over time, a row
    assert len(ax.patches) == 2 * 9 + 2 * 27


def test_a_watched_training_is_that_of_keras_on_the_same_batches(page):
    train, validation = topics(), topics(seed=1)
    [run] = batchnorm.watch(
        lambda: page["build_model"](n_units=8),
        train,
        validation,
        seeds=[3],
        epochs=[2],
        batch_size=16,
        measure=lambda model: {"weights": model.get_weights()},
    )
    keras.utils.set_random_seed(3)
    model = page["build_model"](n_units=8)
    batches = feed.Batches(*train, 16, 3)
    for _ in range(2):
        losses = [
            model.train_on_batch(*batches[number], return_dict=True)["loss"]
            for number in range(len(batches))
        ]
        batches.on_epoch_end()
    # Keras' mean over an epoch weighs each batch by its samples
    assert run["loss"][-1] == pytest.approx(np.average(losses, weights=[16, 16, 16, 12]), rel=1e-5)
    told = model.evaluate(*validation, verbose=0, return_dict=True)
    assert np.mean(run["moving_val"][-1]) == pytest.approx(told["loss"], rel=1e-5)
    for ours, theirs in zip(run["weights"][-1], model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert batchnorm.over_seeds([run], "loss", 1).shape == (1, 1)


def test_the_drawing_of_units_counts_every_sample():
    values = batch(n_samples=200)
    _, ax = plotting.subplots()
    before = dict(plt.rcParams)
    assert batchnorm.plot_units(values, "z", ax) is ax
    assert [patch.get_data().values.sum() for patch in ax.patches] == [200, 200, 200]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("z", "Samples")
    assert dict(plt.rcParams) == before
    assert batchnorm.plot_units(values, "z") is not ax


@pytest.mark.parametrize("shape", [(5,), (5, 4), (0, 2)])
def test_the_drawing_of_units_refuses_what_is_no_small_batch(shape):
    with pytest.raises(ValueError, match="1 to 3"):
        batchnorm.plot_units(np.zeros(shape), "z")


# The exercises


def z_hat(z, epsilon=1e-3):
    return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + epsilon)


def fold_without_epsilon(kernel, bias, gamma, beta, mean, variance):
    factor = gamma / np.sqrt(variance)
    return kernel * factor, (bias - mean) * factor + beta


def fold_without_bias(kernel, bias, gamma, beta, mean, variance):
    factor = gamma / np.sqrt(variance + 1e-3)
    return kernel * factor, beta - mean * factor


def fold_rows(kernel, bias, gamma, beta, mean, variance):
    factor = gamma / np.sqrt(variance + 1e-3)
    return kernel * factor[:, None], (bias - mean) * factor + beta


WRONG = {
    "inference": {
        "epsilon forgotten": lambda z, g, b, m, v: g * (z - m) / np.sqrt(v) + b,
        "epsilon outside": lambda z, g, b, m, v: g * (z - m) / (np.sqrt(v) + 1e-3) + b,
        "of the batch": lambda z, g, b, m, v: g * z_hat(z) + b,
        "variance for deviation": lambda z, g, b, m, v: g * (z - m) / (v + 1e-3) + b,
    },
    "updates": {
        "not rounded": lambda m, share: np.log(share) / np.log(m),
        "rounded down": lambda m, share: int(np.log(share) / np.log(m)),
        "one time constant": lambda m, share: int(np.ceil(1 / (1 - m))),
    },
    "counts": {
        "all trainable": lambda w: (
            sum(a * b + b for a, b in itertools.pairwise(w)) + 4 * sum(w[1:-1]),
            0,
        ),
        "output too": lambda w: (
            sum(a * b + 3 * b for a, b in itertools.pairwise(w)),
            2 * sum(w[1:]),
        ),
    },
    "gamma_beta": {
        "z for z_hat": lambda d, z: (np.sum(d * z, axis=0), d.sum(axis=0)),
        "means": lambda d, z: (np.mean(d * z_hat(z), axis=0), d.mean(axis=0)),
        "other order": lambda d, z: (d.sum(axis=0), np.sum(d * z_hat(z), axis=0)),
        "one only": lambda d, z: (np.sum(d * z_hat(z), axis=0),),
        "not summed": lambda d, z: (d * z_hat(z), d),
    },
    "fold": {
        "epsilon forgotten": fold_without_epsilon,
        "bias forgotten": fold_without_bias,
        "rows for columns": fold_rows,
        "kernel only": lambda *arrays: (arrays[0],),
        "shapes swapped": lambda *arrays: (arrays[1], arrays[0]),
    },
}


@pytest.mark.parametrize("name", WRONG)
def test_a_check_accepts_the_solution_and_refuses_the_stub(page, name):
    exercise = "bn-" + name.replace("_", "-")
    assert exercises.check(exercise, page[f"solved_{name}"]).solved
    verdict = exercises.check(exercise, page[f"my_{name}"])
    assert not verdict.solved
    assert "no answer yet" in verdict.message


@pytest.mark.parametrize(("name", "answer"), wrong_answers(WRONG))
def test_a_check_refuses_a_plausible_wrong_answer(name, answer):
    verdict = exercises.check("bn-" + name.replace("_", "-"), answer)
    assert not verdict.solved
    assert verdict.message
