"""What the chapter on batch normalization's effects teaches, against independent references."""

from __future__ import annotations

import ast

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from bookwright.source.facts import chapter_facts
from lessons_src import exercises, feed, training
from lessons_src.chapters import batchnorm_effects
from tests.helpers import wrong_answers


def functions(name):
    """The functions that a page defines, by name, without their comments."""
    return {
        node.name: ast.unparse(node)
        for cell in chapter_facts(name).cells
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.FunctionDef)
    }


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
    names |= {"N_WORDS": N_WORDS, "n_classes": N_CLASSES}
    names |= {"SHORT": 1, "BATCH_SIZE": 16, "small_train": topics()}  # defaults of functions
    for cell in chapter_facts("batchnorm_effects").cells:
        for node in ast.parse(cell.source).body:
            constant = isinstance(node, ast.Assign) and ast.unparse(node) in (
                "EPSILON = 0.001",
                "MOMENTUM = 0.99",
            )
            if constant or isinstance(node, ast.FunctionDef | ast.ClassDef):
                exec(compile(ast.Module([node], []), "batchnorm_effects.md", "exec"), names)
    return names


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)
    yield
    plt.close("all")


def test_what_is_repeated_of_the_chapter_before_is_unchanged():
    before, here = functions("batchnorm"), functions("batchnorm_effects")
    repeated = ("batch_norm", "batch_norm_backward", "build_model", "blocks", "forward")
    for name in (*repeated, "moving_averages", "evaluate"):
        assert here[name] == before[name]


def test_a_small_training_starts_from_the_same_weights_in_a_used_model(page):
    page["SMALL_WORDS"] = N_WORDS
    page["small_models"] = batchnorm_effects.Reused(page["build_small"])
    normal = {"class_name": "RandomNormal", "config": {"stddev": 0.3}}
    starts = []
    keras.utils.set_random_seed(3)
    fresh = page["build_model"]("before", n_units=8, initializer=normal)
    for _ in range(2):
        options = {"n_units": 8, "initializer": normal, "data": topics()}
        model, start = page["train_small"]("before", 3, **options)
        starts.append(start)
        assert not np.allclose(model.get_weights()[0], start[0])
    for first, second, wanted in zip(*starts, fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(first, wanted)
        np.testing.assert_array_equal(second, wanted)


def test_a_used_model_trains_as_a_new_one_does_at_its_learning_rate(page):
    x, labels = topics()
    models = batchnorm_effects.Reused(page["build_small"])
    page["SMALL_WORDS"] = N_WORDS
    layout = {"order": "before", "n_units": 8, "optimizer": "sgd"}
    for seed in (2, 5):
        settings = {"epochs": 2, "batch_size": 16, "learning_rate": 0.7}
        used, _ = models.train(seed, (x, labels), **settings, **layout)
        keras.utils.set_random_seed(seed)
        fresh = page["build_small"](**layout)
        fresh.optimizer.learning_rate = 0.7
        batches = feed.Batches(x, labels, 16, seed)
        for _ in range(2):
            for number in range(len(batches)):
                fresh.train_on_batch(*batches[number])
            batches.on_epoch_end()
        for one, other in zip(used.get_weights(), fresh.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_batch_of_two_keeps_of_its_values_only_which_is_larger(page):
    for values in ([1.0, 2.0], [1.0, 6.0]):
        out, *_ = page["batch_norm"](np.array(values)[:, None], 1.0, 0.0, epsilon=0)
        np.testing.assert_allclose(out[:, 0], [-1, 1])


def test_time_steps_that_are_independent_count_as_samples(page):
    z = np.random.default_rng(0).normal(size=(400, 9, 3))
    as_rows = page["fluctuation"](z, 8, seed=1) * 3  # 8 * 9 values make a third of the noise of 8
    assert as_rows == pytest.approx(page["predicted_noise"](8, 400), rel=0.1)
    same = np.repeat(z[:, :1], 9, axis=1)  # and those that are all the same count once
    found = page["fluctuation"](same, 8, seed=1)
    assert found == pytest.approx(page["predicted_noise"](8, 400), rel=0.1)


@pytest.mark.parametrize("batch_size", [10, 50])
def test_the_noise_of_dealt_batches_is_that_of_draws_without_replacement(page, batch_size):
    values = np.random.default_rng(0).normal(size=200)
    rng = np.random.default_rng(1)
    draws = [rng.choice(values, batch_size, replace=False) for _ in range(4000)]
    measured = np.mean(draws, axis=1).std() / values.std()
    assert page["predicted_noise"](batch_size, 200) == pytest.approx(measured, rel=0.05)
    assert page["predicted_noise"](200, 200) == 0


# The helpers


def test_the_drawing_of_settings_shows_the_mean_and_names_them():
    losses = {"BN": [np.array([1.0, 3.0]), np.array([2.0, 2.0])]}
    ax = batchnorm_effects.plot_settings([8, 512], losses, xlabel="Batch size", ylabel="Loss")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2, 2])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["8", "512"]
    assert ax.get_xlabel() == "Batch size"


def test_the_drawing_against_training_goes_from_large_training_losses_to_small_ones():
    losses = {name: (np.array([[1.0, 0.1]] * 2), np.array([[2.0, 1.5]] * 2)) for name in "ab"}
    ax = batchnorm_effects.plot_against_training(losses)
    assert len(ax.lines) == 4  # one for each model and seed
    assert ax.get_xlim()[0] > ax.get_xlim()[1]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 2], [0.1, 1.5]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


# The measures


def test_losses_at_a_training_loss_lie_between_those_of_the_two_epochs_around_it():
    train = np.array([[1.0, 0.6, 0.2, 0.6], [0.4, 0.2, 0.1, 0.1]])
    losses = np.arange(24.0).reshape(2, 4, 3)
    found = batchnorm_effects.at_training_loss(train, losses, 0.3)
    np.testing.assert_allclose(found[0], 0.25 * losses[0, 1] + 0.75 * losses[0, 2])
    np.testing.assert_allclose(found[1], 0.5 * losses[1, 0] + 0.5 * losses[1, 1])


@pytest.mark.parametrize("level", [0.5, 0.15])
def test_a_training_loss_that_is_never_passed_is_refused(level):
    train = np.array([[1.0, 0.1], [0.4, 0.2]])
    with pytest.raises(ValueError, match="come down"):
        batchnorm_effects.at_training_loss(train, np.zeros((2, 2, 5)), level)


def test_the_farthest_of_several_conditions_keeps_its_sign():
    found = batchnorm_effects.farthest([np.array([0.1, -3, 0]), np.array([-0.2, 1, 0])])
    np.testing.assert_array_equal(found, [-0.2, -3, 0])


# The exercises


def group_norm(z, gamma, beta, n_groups, axis=-1, epsilon=1e-3):
    groups = z.reshape(len(z), n_groups, -1)
    mean, variance = (f(groups, axis=axis, keepdims=True) for f in (np.mean, np.var))
    return gamma * ((groups - mean) / np.sqrt(variance + epsilon)).reshape(z.shape) + beta


WRONG = {
    "next_norm": {
        "added": lambda norm, g, rate: norm + rate * g,
        "subtracted": lambda norm, g, rate: norm - rate * g,
        "rate forgotten": lambda norm, g, rate: np.hypot(norm, g),
        "unchanged": lambda norm, g, rate: norm,
        "square": lambda norm, g, rate: norm**2 + (rate * g) ** 2,
    },
    "group_norm": {
        "over the batch": lambda z, g, b, n: group_norm(z, g, b, n, axis=0),
        "over all groups": lambda z, g, b, n: group_norm(z, g, b, 1),
        "across groups": lambda z, g, b, n: group_norm(z, g, b, n, axis=1),
        "epsilon forgotten": lambda z, g, b, n: group_norm(z, g, b, n, epsilon=0),
        "no beta": lambda z, g, b, n: group_norm(z, g, 0, n),
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


@pytest.mark.parametrize(
    ("setting", "truth"),
    [
        (("before", 0.5, 512), "settled"),
        (("before", 0.99, 512), "lags"),
        (("after", 0.99, 512), "lags"),
        (("none", 0.99, 512), "settled"),
    ],
)
def test_the_playground_accepts_the_right_prediction_only(setting, truth):
    for guess in ("lags", "settled"):
        assert exercises.check("bn-playground", (*setting, guess)).solved == (guess == truth)


@pytest.mark.parametrize("answer", [None, ("during", 0.9, 8, "lags"), ("none", 0.9, 8, "maybe")])
def test_the_playground_explains_what_it_expects(answer):
    verdict = exercises.check("bn-playground", answer)
    assert not verdict.solved
    assert "expected" in verdict.message or "no answer yet" in verdict.message
