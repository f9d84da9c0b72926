"""Calibration: groups of answers against a loop over them; what the diagram shows."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lessons_src import calibration

pytestmark = pytest.mark.usefixtures("no_figure_left")


def forecasts(seed=0, shape=(3, 400), n_classes=4):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(n_classes, 0.4), size=shape), rng.integers(n_classes, size=400)


@pytest.mark.parametrize("seed", range(3))
def test_a_group_holds_the_answers_that_a_loop_puts_into_it(seed):
    probabilities, labels = forecasts(seed)
    groups = calibration.reliability(probabilities, labels, n_groups=5)
    by_hand = {}
    for run in probabilities:
        for of_classes, label in zip(run, labels, strict=True):
            said = max(of_classes)
            right = list(of_classes).index(said) == label
            by_hand.setdefault(int(5 * said), []).append((said, right))
    numbers = sorted(by_hand)
    assert groups.n_answers.tolist() == [len(by_hand[number]) for number in numbers]
    means = [np.mean(by_hand[number], axis=0) for number in numbers]
    np.testing.assert_allclose(np.transpose([groups.said, groups.right]), means)


def test_a_forecaster_that_says_what_it_knows_is_calibrated():
    rng = np.random.default_rng(0)
    probabilities, _ = forecasts(shape=50_000)
    labels = (rng.random((50_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    groups = calibration.reliability(probabilities, labels)
    np.testing.assert_allclose(groups.right, groups.said, atol=0.04)


def test_an_answer_that_is_certain_belongs_to_the_last_group():
    groups = calibration.reliability(np.eye(3), np.array([0, 1, 1]))
    assert (groups.said.tolist(), groups.right.tolist()) == ([1], [2 / 3])


def test_groups_with_few_answers_are_left_out():
    probabilities, labels = forecasts()
    every = calibration.reliability(probabilities, labels)
    large = calibration.reliability(probabilities, labels, fewest=100)
    assert large.n_answers.tolist() == [count for count in every.n_answers if count >= 100]
    assert len(large.said) == len(large.right) < len(every.said)


def test_scores_are_no_probabilities():
    with pytest.raises(ValueError, match=r"expected probabilities, got values up to 3"):
        calibration.reliability(np.array([[3.0, -1.0]]), np.array([0]))


def test_the_diagram_has_a_diagonal_and_a_curve_for_each_model(unchanged_settings):
    probabilities, labels = forecasts()
    groups = calibration.reliability(probabilities, labels)
    _, ax = plt.subplots()
    open_before = plt.get_fignums()
    assert calibration.plot_reliability({"a": groups, "b": groups}, ax) is ax
    assert plt.get_fignums() == open_before
    diagonal, *curves = ax.lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert [curve.get_label() for curve in curves] == ["a", "b"]
    for curve in curves:
        np.testing.assert_array_equal(curve.get_xydata(), np.transpose(groups[:2]))
    assert len({curve.get_marker() for curve in curves}) == 2


def test_without_axes_it_makes_one_figure(unchanged_settings):
    ax = calibration.plot_reliability({"a": calibration.reliability(*forecasts())})
    assert plt.get_fignums() == [ax.figure.number]
