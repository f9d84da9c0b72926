"""What the chapter on preparing data teaches, against independent references; its exercises."""

from __future__ import annotations

import ast

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from bookwright.source.facts import chapter_facts
from lessons_src import exercises
from lessons_src.chapters import preprocessing
from tests.helpers import (
    exercise_cells,
    expect_all_tested,
    expect_refusal,
    run_cell,
    wrong_answers,
)

CELLS = chapter_facts("preprocessing").cells

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(scope="module")
def page() -> dict:
    """The functions that the page's cells define, and its small constants; nothing is trained."""
    names: dict = {"np": np, "keras": keras}
    constants = {"N_STEPS", "N_PATIENTS", "N_SAMPLES", "N_SETS", "NOISE", "places", "truth"}
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            targets = {
                x.id for t in getattr(node, "targets", []) for x in ast.walk(t) if hasattr(x, "id")
            }
            if isinstance(node, ast.FunctionDef) or targets & constants:
                exec(compile(ast.Module([node], []), "page", "exec"), names)
    return names


# Scaling


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_of_the_descent_is_that_of_automatic_differentiation(page, seed):
    x, y = page["houses"](seed, n_samples=20)
    x = (x - x.mean(0)) / x.std(0)
    losses = page["descend"](x, y, 0.1, n_steps=3)
    w = tf.Variable(np.zeros(4))
    inputs = page["with_bias"](x)
    for expected in losses:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.linalg.matvec(inputs, w) - y) ** 2) / 2
        assert float(loss) == pytest.approx(expected)
        w.assign_sub(0.1 * tape.gradient(loss, w))


def test_a_step_multiplies_the_error_along_an_eigenvector_by_one_minus_rate_times_eigenvalue(page):
    x, y = page["houses"](0, n_samples=50)
    inputs = page["with_bias"]((x - x.mean(0)) / x.std(0))
    values, vectors = np.linalg.eigh(inputs.T @ inputs / len(inputs))
    best = np.linalg.lstsq(inputs, y, rcond=None)[0]
    for value, vector in zip(values, vectors.T, strict=True):
        w = best + 0.7 * vector
        moved = w - 0.3 * inputs.T @ (inputs @ w - y) / len(inputs)
        np.testing.assert_allclose(moved - best, (1 - 0.3 * value) * 0.7 * vector, atol=1e-10)
    largest, smallest = page["largest_and_smallest_curvature"](inputs[:, :3])
    assert (largest, smallest) == pytest.approx((values[-1], values[0]))


def test_the_drawn_path_is_that_of_gradient_descent():
    curvatures, start = np.array([0.1, 1.0]), np.array([-3.0, 2.0])
    hessian, w = np.diag(curvatures), start
    for place in preprocessing.descent_path(curvatures, 1.8, start, 5):
        np.testing.assert_allclose(place, w)
        w = w - 1.8 * hessian @ w


def test_the_drawing_of_the_valleys_has_no_words():
    figure = preprocessing.plot_valleys()
    labels = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert labels and all(label[0] == label[-1] == "$" for label in labels)
    plt.close(figure)


def test_patients_values_are_missing_by_lot(page):
    page["MISSING"] = 0.4
    x, known, _ = page["patients"](0, 5000)
    assert known.mean() == pytest.approx(0.6, abs=0.02)
    assert np.abs(np.corrcoef(x[:, 0], known[:, 0])[0, 1]) < 0.05


def test_each_way_fills_gaps_with_what_it_says(page):
    page |= {"MISSING": 0.4, "N_PATIENTS": 200, "N_CHOOSING": 100}
    x, known, y = page["patients"](0, 200)
    assert (page["prepare"]("0, never seen in training", 0)[0][0] == x).all()
    for way in ("0, never seen in training", "0, seen in training"):
        for other, _ in page["prepare"](way, 0)[1:]:
            assert (other == 0).mean() == pytest.approx(0.4, abs=0.06)
    (whole, labels), *_ = page["prepare"]("incomplete rows dropped", 0)
    assert (whole == x[known.all(axis=1)]).all() and (labels == y[known.all(axis=1)]).all()
    (filled, _), *others = page["prepare"]("mean", 0)
    means = [column[seen].mean() for column, seen in zip(x.T, known.T, strict=True)]
    for column in range(4):
        assert set(filled[~known[:, column], column].round(9)) == {round(means[column], 9)}
        for other, _ in others:
            assert np.isclose(other[:, column], means[column]).mean() == pytest.approx(0.4, abs=0.2)
    (both, _), *_ = page["prepare"]("mean and indicator", 0)
    assert (both == np.hstack([filled, known])).all()


def test_the_epoch_and_the_result_are_decided_by_different_patients(page):
    page |= {"MISSING": 0.4, "N_PATIENTS": 200, "N_CHOOSING": 100}
    parts = page["prepare"]("0, seen in training", 0)
    assert [len(y) for _, y in parts] == [200, 100, 4000]
    rows = [{tuple(row) for row in x if row.all()} for x, _ in parts]  # those without a gap
    assert all(rows)
    assert not (rows[0] & rows[1] or rows[0] & rows[2] or rows[1] & rows[2])


# Bias and variance


def test_squared_bias_and_variance_add_up_to_the_mean_squared_error(page):
    found = np.random.default_rng(0).normal(1, 2, size=(30, 100))
    parts = page["bias_and_variance"](found)
    assert sum(parts) == pytest.approx(np.mean((found - page["truth"]) ** 2))


def test_the_fits_are_repeated_on_the_same_training_sets(page):
    # Of a single feature, the constant, the best weight is the mean of the labels.
    found = page["fits"](3, 1)
    rng, n = np.random.default_rng(3), page["N_SAMPLES"]
    for one in found:
        x = (np.arange(n) + rng.random(n)) / n
        labels = np.sin(2 * np.pi * x) + page["NOISE"] * rng.normal(size=n)
        np.testing.assert_allclose(one, labels.mean())


def test_with_as_many_waves_as_samples_and_more_a_fit_passes_through_all_samples(page):
    n = page["N_SAMPLES"]
    rng = np.random.default_rng(0)
    x, y = (np.arange(n) + 0.5) / n, rng.normal(size=n)
    for n_features, passes in ((n // 2, False), (n, True), (400, True)):
        inputs = page["waves"](x, n_features)
        w = np.linalg.lstsq(inputs, y, rcond=None)[0]
        assert np.allclose(inputs @ w, y, atol=1e-8) == passes


def test_gradient_descent_from_zero_finds_the_weights_that_lstsq_takes(page):
    x, y = np.array([0.1, 0.4, 0.8]), np.array([1.0, -1.0, 0.5])
    inputs = page["waves"](x, 40)
    shortest = np.linalg.lstsq(inputs, y, rcond=None)[0]
    w = np.zeros(40)
    for _ in range(3000):
        w = w - 0.2 * inputs.T @ (inputs @ w - y)
    np.testing.assert_allclose(w, shortest, atol=1e-8)
    # Whatever else passes through the samples differs by something that they do not see.
    other = shortest + (np.eye(40) - np.linalg.pinv(inputs) @ inputs) @ np.ones(40)
    np.testing.assert_allclose(inputs @ other, y, atol=1e-8)
    assert np.sum(other**2) > np.sum(shortest**2)


def test_the_drawing_of_the_fits_shows_each_set_the_truth_and_the_mean():
    found = np.random.default_rng(0).normal(size=(12, 5))
    x, truth = np.arange(5.0), np.ones(5)
    figure = preprocessing.plot_fits(dict.fromkeys([2, 4, 20, 400], found), x, truth)
    for ax in figure.axes:
        *sets, true, mean = (line.get_ydata() for line in ax.lines)
        np.testing.assert_array_equal(sets, found[:8])
        np.testing.assert_array_equal(true, truth)
        np.testing.assert_allclose(mean, found.mean(axis=0))
    plt.close(figure)
    with pytest.raises(ValueError, match="four numbers of features"):
        preprocessing.plot_fits({2: found}, x, truth)


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


def standardize(of_new=False, axis=0, zero=True):
    def answer(x_train, x_new):
        def scaled(x, source):
            std = source.std(axis=axis, keepdims=True)
            return (x - source.mean(axis=axis, keepdims=True)) / (
                np.where(std == 0, 1, std) if zero else std
            )

        return scaled(x_train, x_train), scaled(x_new, x_new if of_new else x_train)

    return answer


def fill(own=False, zero=False, indicator=True, known=True):
    def answer(x_train, x_new):
        parts = []
        for x in (x_train, x_new):
            gaps = np.isnan(x)
            means = np.nanmean(x if own else x_train, axis=0) * (not zero)
            columns = [np.where(gaps, means, x), ~gaps if known else gaps]
            parts.append(np.hstack(columns[: 1 + indicator]))
        return parts

    return answer


WRONG = {
    "standardize": {
        "statistics of the new data": standardize(of_new=True),
        "wrong axis": standardize(axis=1),
        "no deviation": lambda a, b: (a - a.mean(0), b - a.mean(0)),
        "nothing": lambda a, b: None,
    },
    "rate-limit": {
        "half of it": lambda x: 1 / np.linalg.eigvalsh(x.T @ x / len(x))[-1],
        "not the mean": lambda x: 2 / np.linalg.eigvalsh(x.T @ x)[-1],
        "the smallest": lambda x: 2 / np.linalg.eigvalsh(x.T @ x / len(x))[0],
        "centred": lambda x: 2 / np.linalg.eigvalsh(np.cov(x.T))[-1],
    },
    "fill-gaps": {
        "means of each set": fill(own=True),
        "zeros": fill(zero=True),
        "no indicator": fill(indicator=False),
        "1 where missing": fill(known=False),
    },
}


@pytest.mark.parametrize(("exercise", "answer"), wrong_answers(WRONG))
def test_a_plausible_wrong_answer_is_not_accepted(exercise, answer):
    expect_refusal(exercise, answer)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_dividing_by_a_deviation_of_zero_is_not_accepted():
    assert "nan" in exercises.check("standardize", standardize(zero=False)).message


def test_every_exercise_of_the_page_is_tested_with_wrong_answers():
    expect_all_tested(CELLS, WRONG)
