"""What the regularization chapter teaches, against independent references; its exercises."""

from __future__ import annotations

import ast
import re

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from bookwright.source.facts import facts
from lessons_src import claims, exercises, feed, training
from lessons_src.chapters import regularization, regularization_diagrams
from tests.conftest import ROOT
from tests.helpers import (
    exercise_cells,
    expect_all_tested,
    expect_refusal,
    run_cell,
    wrong_answers,
)

CELLS = facts((ROOT / "book" / "en" / "regularization.md").read_text(encoding="utf-8")).cells

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(scope="module")
def page() -> dict:
    """The functions that the page's cells define, and its small constants; nothing is trained."""
    names: dict = {"np": np, "keras": keras, "tf": tf, "claims": claims}
    names["train"] = None  # the default of a function
    constants = {"LAMBDA", "SEEDS", "EPOCHS"}
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            targets = {
                x.id for t in getattr(node, "targets", []) for x in ast.walk(t) if hasattr(x, "id")
            }
            if isinstance(node, ast.FunctionDef) or targets & constants:
                exec(compile(ast.Module([node], []), "page", "exec"), names)
    return names


# Penalties and decay


def test_the_penalised_loss_is_what_the_formula_says():
    kernel = np.random.default_rng(0).normal(size=(5, 3))
    assert float(keras.regularizers.L2(0.02)(kernel)) == pytest.approx(0.02 * np.sum(kernel**2))
    assert float(keras.regularizers.L1(0.02)(kernel)) == pytest.approx(0.02 * np.abs(kernel).sum())


def test_soft_thresholding_reaches_the_lowest_penalised_loss(page):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(100, 20))
    y = x[:, :3] @ [1.0, -2.0, 1.5] + 0.1 * rng.normal(size=100)
    w = page["lasso"](3, proximal=True, n_steps=3000)

    def loss(w):
        return np.mean((x @ w - y) ** 2) / 2 + 0.1 * np.abs(w).sum()

    # At the minimum the gradient of the data loss balances the penalty's.
    gradient = x.T @ (x @ w - y) / len(x)
    np.testing.assert_allclose(gradient[w != 0], -0.1 * np.sign(w[w != 0]), atol=1e-6)
    assert (np.abs(gradient[w == 0]) <= 0.1 + 1e-9).all()
    assert loss(w) <= loss(page["lasso"](3, proximal=False, n_steps=3000)) + 1e-9


HESSIAN = np.array([[1.0, 0.3], [0.3, 0.4]])


@pytest.mark.parametrize("l1", [False, True])
def test_the_drawn_point_has_the_lowest_sum_of_loss_and_penalty(l1):
    minimum, strength = np.array([0.6, 2.0]), 0.5

    def total(w):  # shape (..., 2)
        away = w - minimum
        loss = np.einsum("...i,ij,...j", away, HESSIAN, away) / 2
        return loss + strength * (np.abs(w) if l1 else w**2).sum(axis=-1)

    w = regularization_diagrams.penalized_minimum(HESSIAN, minimum, strength, l1=l1)
    everywhere = np.stack(np.meshgrid(*[np.linspace(-3, 3, 301)] * 2), axis=-1)
    assert total(w) <= total(everywhere).min() + 1e-9
    assert total(w) == pytest.approx(total(everywhere).min(), abs=1e-3)


def test_l2_leaves_of_each_eigendirection_the_share_of_the_formula():
    values, vectors = np.linalg.eigh(HESSIAN)
    minimum = np.array([0.6, 2.0])
    w = regularization_diagrams.penalized_minimum(HESSIAN, minimum, 0.2, l1=False)
    shares = (w @ vectors) / (minimum @ vectors)
    np.testing.assert_allclose(shares, values / (values + 2 * 0.2))


def test_stopped_descent_leaves_of_each_eigendirection_the_share_of_the_formula():
    values, vectors = np.linalg.eigh(HESSIAN)
    minimum, w = np.array([0.6, 2.0]), np.zeros(2)
    for _ in range(7):
        w = w - 0.3 * HESSIAN @ (w - minimum)
    shares = (w @ vectors) / (minimum @ vectors)
    np.testing.assert_allclose(shares, 1 - (1 - 0.3 * values) ** 7)
    # Where both are small, they are alike if twice the strength is 1 / (rate * steps).
    tiny, steps = 1e-5, 7
    assert 1 - (1 - 0.3 * tiny) ** steps == pytest.approx(0.3 * steps * tiny, rel=1e-3)
    assert tiny / (tiny + 1 / (0.3 * steps)) == pytest.approx(0.3 * steps * tiny, rel=1e-3)


def test_the_best_l2_is_what_solving_the_penalized_equations_finds(page):
    with_l2, stopped, neither = page["best_errors"](0)
    rng = np.random.default_rng(0)
    truth = rng.normal(size=40) / np.sqrt(40)
    x = rng.normal(size=(60, 40))
    y = x @ truth + rng.normal(size=60)
    errors = [
        np.sum((np.linalg.solve(x.T @ x / 60 + 2 * s * np.eye(40), x.T @ y / 60) - truth) ** 2)
        for s in np.geomspace(0.001, 100, 200)
    ]
    assert with_l2 == pytest.approx(min(errors))
    w, along = np.zeros(40), []
    rate = 1 / np.linalg.eigvalsh(x.T @ x / 60)[-1]
    for _ in range(399):
        w = w - rate * x.T @ (x @ w - y) / 60
        along.append(np.sum((w - truth) ** 2))
    assert stopped == pytest.approx(min(along))
    assert neither == pytest.approx(np.sum((np.linalg.lstsq(x, y, rcond=None)[0] - truth) ** 2))


@pytest.mark.parametrize("seed", range(3))
def test_l2_and_weight_decay_are_the_same_under_sgd_and_not_under_adam(page, seed):
    make = page["weights_after"]
    sgd, adam = keras.optimizers.SGD, keras.optimizers.Adam
    # Rates that 32 bits hold exactly: Keras keeps its own in 32, the weights are in 64.
    in_loss = make(sgd(0.02), 2**-5, seed, n_steps=30)
    decayed = make(sgd(0.02, weight_decay=2**-4), 0, seed, n_steps=30)
    np.testing.assert_allclose(in_loss, decayed, rtol=0, atol=1e-12)
    in_loss = make(adam(0.02), 0.05, seed, n_steps=30)
    decayed = make(adam(0.02, weight_decay=0.1), 0, seed, n_steps=30)
    assert np.abs(in_loss - decayed).max() > 0.01


# Dropout


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.8])
def test_dropout_keeps_the_mean_and_zeroes_its_share(page, rate):
    x = np.random.default_rng(0).uniform(1, 2, size=(300, 300))
    output, _ = page["dropout_forward"](x, rate, np.random.default_rng(1), training=True)
    assert np.mean(output == 0) == pytest.approx(rate, abs=0.01)
    assert output.mean() == pytest.approx(x.mean(), rel=0.02)
    np.testing.assert_allclose(output[output != 0], (x / (1 - rate))[output != 0])
    same, none = page["dropout_forward"](x, rate, None, training=False)
    assert same is x and none is None


def test_the_backward_pass_of_dropout_agrees_with_finite_differences(page):
    rng = np.random.default_rng(0)
    x, upstream = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))

    def loss(x):
        output, _ = page["dropout_forward"](x, 0.4, np.random.default_rng(2), training=True)
        return np.sum(output * upstream)

    _, mask = page["dropout_forward"](x, 0.4, np.random.default_rng(2), training=True)
    gradient = page["dropout_backward"](upstream, mask)
    for place in np.ndindex(*x.shape):
        moved = np.zeros_like(x)
        moved[place] = 1e-6
        difference = (loss(x + moved) - loss(x - moved)) / 2e-6
        assert gradient[place] == pytest.approx(difference, abs=1e-6)


# The slope of the function


def test_the_slope_of_the_logit_is_that_of_automatic_differentiation(page):
    rng = np.random.default_rng(0)
    sizes = [(6, 4), (4,), (4, 4), (4,), (4, 1), (1,)]
    weights = [rng.normal(size=size).astype(np.float32) for size in sizes]
    x = (rng.random((20, 6)) < 0.5).astype(np.float32)
    layers = [keras.layers.Dense(4, "relu"), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((6,)), *layers])
    model.set_weights(weights)
    with tf.GradientTape() as tape:
        inputs = tf.constant(x)
        tape.watch(inputs)
        logit = model(inputs)
    expected = np.linalg.norm(tape.gradient(logit, inputs), axis=1)
    assert len(set(expected.round(3))) > 3, "other units should be on for other inputs"
    np.testing.assert_allclose(page["slopes"](weights, x), expected, rtol=1e-5)
    sparse = page["slopes"](weights, scipy.sparse.csr_matrix(x))
    np.testing.assert_allclose(sparse, expected, rtol=1e-5)


def test_halving_three_layers_without_biases_leaves_an_eighth_of_the_slope(page):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(6, 4)), np.zeros(4), rng.normal(size=(4, 4)), np.zeros(4)]
    weights += [rng.normal(size=(4, 1)), np.zeros(1)]
    x = rng.normal(size=(20, 6))
    half = page["slopes"]([w / 2 for w in weights], x)
    np.testing.assert_allclose(half, page["slopes"](weights, x) / 8)


def test_the_smallest_of_several_conditions_is_taken_seed_by_seed(page):
    first = np.array([[1.0, 3.0], [5.0, 5.0], [0.0, 0.0]])  # means 2, 5, 0
    second = np.array([[9.0, 9.0], [0.0, 1.0], [-1.0, 3.0]])  # means 9, 0.5, 1
    smallest = page["smallest"]([first, second])
    assert smallest.tolist() == [[1.0, 3.0], [0.0, 1.0], [0.0, 0.0]]


# Trainings


N_FEATURES = 40


def texts(seed, n_samples=60):
    rng = np.random.default_rng(seed)
    x = (rng.random((n_samples, N_FEATURES)) < 0.15).astype("float32")
    x[np.arange(n_samples), rng.integers(N_FEATURES, size=n_samples)] = 1  # no empty row
    return scipy.sparse.csr_matrix(x), (x[:, :5].sum(axis=1) > 0.5).astype(int)


def build(first=feed.SparseDense, units=20, penalty=None):
    model = keras.Sequential(
        [
            keras.Input((N_FEATURES,), sparse=True),
            first(units, activation="relu", kernel_regularizer=penalty),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_training_over_seeds_is_what_fit_does():
    penalty = keras.regularizers.L2(0.01)
    # One batch holds all samples, so their order does not matter.
    runs = training.train_over_seeds(
        lambda: build(penalty=penalty),
        texts(0),
        texts(1, 50),
        seeds=[0, 1, 2],
        epochs=3,
        batch_size=1000,
    )
    for one in runs:
        keras.utils.set_random_seed(one.seed)
        model = build(keras.layers.Dense, penalty=penalty)
        history = model.fit(
            *texts(0), validation_data=texts(1, 50), epochs=3, batch_size=1000, verbose=0
        ).history
        np.testing.assert_allclose(one.history["loss"], history["loss"], rtol=1e-4)
        np.testing.assert_allclose(one.history["val_accuracy"], history["val_accuracy"], rtol=1e-6)
        for ours, theirs in zip(one.last_weights, model.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        # Keras counts the penalty in, the run does not.
        penalties = 0.01 * np.sum(one.last_weights[0].astype(float) ** 2)
        assert history["val_loss"][-1] == pytest.approx(
            one.history["val_loss"][-1] + penalties, rel=1e-5
        )


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
    assert regularization.replay_early_stopping(losses, patience) == (trained, best)


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
    stop = regularization.replay_early_stopping(history["val_loss"], 2)
    assert stop.trained == len(history["val_loss"]) < 30
    restored = model.evaluate(*texts(1, 50), verbose=0)[0]
    assert restored == pytest.approx(history["val_loss"][stop.best - 1], rel=1e-5)


# Drawings


@pytest.fixture
def nothing_left_open():
    before, style = plt.get_fignums(), dict(plt.rcParams)
    yield
    plt.close("all")
    assert dict(plt.rcParams) == style
    assert before == []


def masks(ax):
    """The numbers in the hidden units of the drawing's two passes, from left to right."""
    digits = sorted(
        (*text.get_position(), text.get_text()) for text in ax.texts if text.get_text() in {*"01"}
    )
    numbers = np.array([int(digit) for _, _, digit in digits])
    return numbers.reshape(2, 2, 4)  # two passes, two layers, four units


def test_the_dropout_drawing_has_two_passes_with_different_units_off(nothing_left_open):
    [ax] = regularization_diagrams.plot_dropout_passes(seed=5).axes
    first, second = masks(ax)
    assert (first != second).any(axis=1).all()
    on = masks(ax).sum(axis=2)  # units that are on, by pass and layer
    expected = sum(3 * one + one * two + two for one, two in on)  # three inputs, one output
    assert len(ax.lines) == expected


def test_the_dropout_drawing_has_no_words(nothing_left_open):
    [ax] = regularization_diagrams.plot_dropout_passes(seed=5).axes
    assert all(re.fullmatch(r"[01]?|\$.*\$", text.get_text()) for text in ax.texts)


def test_the_drawing_of_the_penalties_has_a_point_on_the_axis_with_l1_alone(nothing_left_open):
    [ax] = regularization_diagrams.plot_penalties().axes
    dots = [line.get_xydata()[0] for line in ax.lines]
    origins = (2.7, 2.3), (9.2, 2.3)
    minima = dots[0] - origins[0], dots[2] - origins[1]
    np.testing.assert_allclose(*minima)  # the same loss in both drawings
    assert abs(dots[1] - origins[0])[0] > 0.2
    assert (dots[3] - origins[1])[0] == 0
    assert all(re.fullmatch(r"\$.*\$", text.get_text()) for text in ax.texts)


def test_the_panels_show_each_model_and_all_together(nothing_left_open):
    curve = {"train_loss": np.ones((2, 3)), "val_loss": np.full((2, 3), 2.0)}
    figure = regularization.plot_panels({"a": curve, "b": curve, "c": curve})
    seen = [[line for line in ax.lines if line.get_visible()] for ax in figure.axes]
    assert [len(lines) for lines in seen] == [2, 2, 2, 3]
    with pytest.raises(ValueError, match="three models"):
        regularization.plot_panels({"a": curve})


def test_the_range_plot_draws_the_mean_and_every_run(nothing_left_open):
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    ax = regularization.plot_range([10, 100], values, "size", "loss")
    assert ax.lines[0].get_ydata().tolist() == [2.0, 3.0]
    assert [line.get_ydata().tolist() for line in ax.lines[1:]] == values.tolist()
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "size", "loss")


# The exercises


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "solution"))
def test_the_pages_solution_is_accepted(cell, published):
    verdict = run_cell(cell, {"np": np, "exercises": exercises})
    assert verdict.solved
    assert set(published) == {f"solution:{verdict.exercise}"}


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "exercise"))
def test_the_unfilled_stub_is_not_accepted(cell):
    verdict = run_cell(cell, {"np": np, "exercises": exercises})
    assert not verdict.solved
    assert "no answer yet" in verdict.message


def early(strict=True, offset=0, restore_last=False):
    def answer(losses, patience):
        best = 0
        for epoch, loss in enumerate(losses):
            if loss < losses[best] or (not strict and loss == losses[best]):
                best = epoch
            if epoch - best >= patience + offset:
                break
        return epoch + 1, (epoch if restore_last else best) + 1

    return answer


def adam(coupled=False, correct=True, decay=True):
    def answer(w, g, m, v, step, rate, weight_decay):
        g = g + weight_decay * w if coupled else g
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        m_hat, v_hat = (m / (1 - 0.9**step), v / (1 - 0.999**step)) if correct else (m, v)
        shrunk = w * (1 - rate * weight_decay) if decay and not coupled else w
        return shrunk - rate * m_hat / (np.sqrt(v_hat) + 1e-7), m, v

    return answer


def timing(wait=True, warm=True, of=np.median, more=0):
    def answer(work, clock, n_runs):
        seconds = []
        for _ in range(1 + n_runs + more):
            started = clock()
            result = work()
            if wait:
                result.numpy()
            seconds.append(clock() - started)
        return seconds[0], of(seconds[1:] if warm else seconds)

    return answer


WRONG = {
    "timing": {
        "the mean": timing(of=np.mean),
        "the fastest": timing(of=np.min),
        "the first counts": timing(warm=False),
        "does not wait for the result": timing(wait=False),
        "one run too many": timing(more=1),
        "one run too few": timing(more=-1),
    },
    "l2-gradient": {
        "no factor 2": lambda w, s: (s * np.sum(w**2), s * w),
        "L1": lambda w, s: (s * np.abs(w).sum(), s * np.sign(w)),
        "half": lambda w, s: (s * np.sum(w**2) / 2, s * w),
        "root": lambda w, s: (s * np.linalg.norm(w), s * w / np.linalg.norm(w)),
    },
    "inverted-dropout": {
        "not scaled": lambda x, p, rng: x * (rng.random(x.shape) >= p),
        "keeps p": lambda x, p, rng: x * (rng.random(x.shape) < p) / p,
        "whole columns": lambda x, p, rng: x * (rng.random(x.shape[1]) >= p) / (1 - p),
        "one mask": lambda x, p, rng: x * (np.random.default_rng(0).random(x.shape) >= p) / (1 - p),
        "nothing off": lambda x, p, rng: x,
    },
    "early-stopping": {
        "equal counts as better": early(strict=False),
        "one epoch late": early(offset=1),
        "last weights": early(restore_last=True),
        "never stops": lambda losses, patience: (len(losses), int(np.argmin(losses)) + 1),
    },
    "decoupled-adam": {
        "L2 in the gradient": adam(coupled=True),
        "no bias correction": adam(correct=False),
        "no decay": adam(decay=False),
    },
    "remedies": {
        "none": {"units": 64, "l1": 0.0, "l2": 0.0, "dropout": 0.0},
        "smaller only": {"units": 4, "l1": 0.0, "l2": 0.0, "dropout": 0.0},
        "other keys": {"units": 64, "patience": 3},
    },
}


@pytest.mark.parametrize(("exercise", "answer"), wrong_answers(WRONG))
def test_a_plausible_wrong_answer_is_not_accepted(exercise, answer):
    expect_refusal(exercise, answer)


def test_every_exercise_of_the_page_is_tested_with_wrong_answers():
    expect_all_tested(CELLS, WRONG)
