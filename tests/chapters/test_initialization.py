"""What the initialization chapter teaches, against independent references."""

from __future__ import annotations

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf

from bookwright.source.facts import facts
from lessons_src import contract, exercises
from lessons_src.chapters import initialization
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def page() -> dict:
    """Names that the page's own cells define; the slow experiments are left out."""
    text = (ROOT / "book" / "en" / "initialization.md").read_text(encoding="utf-8")
    namespace: dict = {}
    wanted = ("from lessons_src", "WIDTH, N_SAMPLES", "def build_classifier", "DEPTH, DEEP_WIDTH")
    wanted += ("def solved_", "def my_", "def root_mean_square", "NARROW, WIDE", "N_TIMES, SIZE")
    wanted += ("x, y = np.array", "def loss_at", "def sizes_on_the_way")
    wanted += ("ALPHA, SCALE", "def factors", "def relu_map", "def cosines")
    for cell in facts(text).cells:
        if cell.source.startswith(wanted):
            source = cell.source
            experiments = ("for ", "small, he", "schemes", "ratios = {}", "orthogonal, normal")
            for experiment in (*experiments, "std = 2.0", "CHECKED_LAYER"):
                source = source.split(f"\n{experiment}")[0]
            exec(source, namespace)
    return namespace


def test_the_worked_example_has_the_gradients_of_automatic_differentiation(page):
    weights = [tf.Variable(page[name]) for name in ("w1", "b1", "w2", "b2")]
    w1, b1, w2, b2 = weights
    with tf.GradientTape() as tape:
        z2 = tf.nn.relu(page["x"] @ w1 + b1) @ w2 + b2
        loss = tf.reduce_sum((z2 - page["y"]) ** 2) / 2
    for ours, theirs in zip(page["slopes"], tape.gradient(loss, weights), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-15)
    assert page["loss_at"](*weights) == pytest.approx(float(loss))


def test_the_worked_example_has_the_numbers_that_the_page_writes_out(page):
    written = {
        "z1": [[1, -0.5, 0.5]],
        "h": [[1, 0, 0.5]],
        "z2": [[0.3]],
        "loss": 0.125,
        "delta2": [[-0.5]],
        "d_w2": [[-0.5], [0], [-0.25]],
        "d_b2": [-0.5],
        "d_h": [[-0.25, 0.5, 0.2]],
        "delta1": [[-0.25, 0, 0.2]],
        "d_w1": [[-0.25, 0, 0.2], [-0.5, 0, 0.4]],
        "d_b1": [-0.25, 0, 0.2],
    }
    for name, numbers in written.items():
        np.testing.assert_allclose(page[name], numbers, atol=1e-15, err_msg=name)


def test_he_for_400_inputs_is_0_0707_and_gives_scores_of_variance_1_again():
    std = np.sqrt(2 / 400)
    assert f"{std:.4f}" == "0.0707"
    # The mean square of a rectified standard normal value, by integration: one half.
    mean_square = scipy.stats.norm.expect(lambda z: np.maximum(z, 0) ** 2)
    assert 400 * std**2 * mean_square == pytest.approx(1)


def test_relu_passes_a_factor_of_all_weights_on_to_its_power_in_each_layer(page):
    one, other = (np.array(page["sizes_on_the_way"](std)) for std in (0.1, 0.15))
    np.testing.assert_allclose(other / one, 1.5 ** np.arange(1, 51))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "selu"])
def test_the_pages_derivatives_agree_with_finite_differences(page, activation):
    function, derivative = page["FUNCTIONS"][activation]
    z = np.linspace(-3, 3, 61) + 0.013  # off the kink at 0
    step = 1e-6
    difference = (function(z + step) - function(z - step)) / (2 * step)
    np.testing.assert_allclose(derivative(z), difference, atol=1e-6)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "selu"])
def test_the_pages_functions_are_those_of_keras(page, activation):
    z = np.linspace(-4, 4, 41)
    ours = page["FUNCTIONS"][activation][0](z)
    theirs = keras.activations.get(activation)(tf.constant(z))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_pages_backward_pass_agrees_with_automatic_differentiation(page):
    page["DEPTH"] = 4
    outputs, flowing = page["propagate"]("tanh", 0.3, seed=0, width=8)
    rng = np.random.default_rng(0)
    values, weights = tf.constant(rng.normal(size=(100, 8))), []
    kept = []
    with tf.GradientTape() as tape:
        for _ in range(4):
            weights.append(tf.constant(rng.normal(0, 0.3, size=(8, 8))))
            values = tf.tanh(values @ weights[-1])
            tape.watch(values)
            kept.append(values)
        end = tf.reduce_sum(values * tf.constant(rng.normal(size=(100, 8))))
    np.testing.assert_allclose(outputs[-1], kept[-1], atol=1e-12)
    for ours, theirs in zip(flowing, tape.gradient(end, kept), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize(("n_in", "n_out"), [(400, 100), (100, 400), (300, 300)])
def test_a_layer_multiplies_the_mean_square_by_its_inputs_forward_and_by_its_outputs_back(
    page, n_in, n_out
):
    forward, back = page["factors"](n_in, n_out, 0.07)
    assert forward == pytest.approx(n_in * 0.07**2, rel=0.05)
    assert back == pytest.approx(n_out * 0.07**2, rel=0.05)


def test_glorot_is_between_the_two_rules_and_he_needs_one_direction_only():
    variance = 2 / (400 + 100)
    assert 400 * variance == pytest.approx(1.6)
    assert 100 * variance == pytest.approx(0.4)
    widths = [30, 70, 200, 50, 40]  # of signals; He's rule is about the first of each pair
    back = [n_out * (2 / n_in) / 2 for n_in, n_out in itertools.pairwise(widths)]
    assert np.prod(back) == pytest.approx(widths[-1] / widths[0])


def test_with_he_the_logarithm_of_the_size_spreads_with_depth_over_width():
    normal = scipy.stats.norm
    mean = normal.expect(lambda z: 2 * np.maximum(z, 0) ** 2)
    square = normal.expect(lambda z: (2 * np.maximum(z, 0) ** 2) ** 2)
    assert (mean, square - mean**2) == pytest.approx((1, 5))
    n, depth, rng = 64, 40, np.random.default_rng(0)
    sizes = np.zeros(3000)
    for _ in range(depth):  # scores of a given input under normal weights are normal
        sizes += np.log(np.mean(2 * np.maximum(rng.normal(size=(3000, n)), 0) ** 2, axis=1)) / 2
    assert np.std(sizes) == pytest.approx(np.sqrt(5 * depth / (4 * n)), rel=0.1)
    for width, written, factor in [(512, "0.35", "1.4"), (128, "0.70", "2.0")]:
        std = np.sqrt(5 * 50 / (4 * width))
        assert (f"{std:.2f}", f"{np.exp(std):.1f}") == (written, factor)


def mean_over_two_scores(f, c, std):
    """By SciPy's integration, for normal scores of correlation c."""
    rest = np.sqrt(1 - c**2)

    def density(b, a):
        weight = np.exp(-(a**2 + b**2) / 2) / (2 * np.pi)
        return weight * f(std * a) * f(std * (c * a + rest * b))

    return scipy.integrate.dblquad(density, -8, 8, -8, 8, epsabs=1e-7, epsrel=1e-7)[0]


@pytest.mark.parametrize("c", [0.0, 0.6, 0.95])
def test_the_maps_of_cosines_are_means_over_two_correlated_normal_scores(page, c):
    both = mean_over_two_scores(lambda z: max(z, 0.0), c, 1.0)
    assert page["relu_map"](c) == pytest.approx(both / 0.5, abs=1e-4)
    both = mean_over_two_scores(np.tanh, c, 1.5)
    size = scipy.stats.norm.expect(lambda z: np.tanh(1.5 * z) ** 2)
    assert page["tanh_map"](c, 1.5) == pytest.approx(both / size, abs=1e-5)


def test_at_1_the_slope_of_the_map_is_what_a_layer_does_to_the_mean_square_of_a_gradient(page):
    # With the mean square q of the signal kept: scores of variance (gain**2) * q.
    std, gain = 1.2, 1.2 / np.sqrt(scipy.stats.norm.expect(lambda z: np.tanh(1.2 * z) ** 2))
    factor = gain**2 * scipy.stats.norm.expect(lambda z: (1 - np.tanh(std * z) ** 2) ** 2)
    assert (1 - page["tanh_map"](1 - 1e-6, std)) / 1e-6 == pytest.approx(factor, rel=1e-4)
    # ReLU with He: 2 * E[f'(z)**2] = 1, approached with the root of the distance.
    assert (1 - page["relu_map"](1 - 1e-10)) / 1e-10 == pytest.approx(1, abs=1e-3)


def test_two_inputs_start_at_the_angle_asked_for(page, monkeypatch):
    monkeypatch.setitem(page, "DEPTH", 1)
    monkeypatch.setitem(page["FUNCTIONS"], "same", (lambda z: z, None))
    starts = (0.0, 0.5, 0.95)
    found = page["cosines"]({start: ("same", 3, start) for start in starts}, seed=0)
    # One random layer of many units changes an angle little, whatever the size of its weights.
    np.testing.assert_allclose(np.ravel(list(found.values())), starts, atol=0.1)


def test_over_many_draws_the_variance_is_the_formulas_and_scatters_as_theory_says(
    page, monkeypatch
):
    monkeypatch.setitem(page, "N_DRAWS", 4000)
    width = page["NARROW"]
    ratios = np.array(page["variance_ratios"](0, width))
    assert np.mean(ratios) == pytest.approx(1, abs=0.01)
    # The mean square of one unit is a quadratic form in its normal weights, of variance 2 tr(C C).
    x = np.maximum(np.random.default_rng(0).normal(size=(400, width)), 0)
    squares = x.T @ x / len(x)
    spread = np.sqrt(2 * np.trace(squares @ squares) / width) / np.trace(squares)
    assert np.std(ratios) == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("name", ["lecun_normal", "glorot_normal", "he_normal"])
def test_keras_cuts_its_normal_distributions_off_at_two_standard_deviations(name):
    keras.utils.set_random_seed(0)
    weights = np.abs(np.asarray(keras.initializers.get(name)((400, 400)), dtype=float))
    largest = 2 / scipy.stats.truncnorm(-2, 2).std()  # scaled up by what cutting off has taken
    assert 2.27 < largest < 2.28
    std = {"lecun": 1, "glorot": 1, "he": np.sqrt(2)}[name.split("_")[0]] / np.sqrt(400)
    assert 0.999 * largest < weights.max() / std < largest * (1 + 1e-6)


@pytest.mark.parametrize("layer", range(5))
def test_from_the_same_draws_he_is_glorot_times_the_root_of_two_in_each_relu_layer(page, layer):
    he, glorot = (
        page["layer_values"]("relu", name, 3, "float64")[layer]
        for name in ("he_normal", "glorot_normal")
    )
    assert he.dtype == "float64"
    np.testing.assert_allclose(he, glorot * np.sqrt(2) ** (layer + 1), rtol=1e-9, atol=1e-9)


def test_a_matrix_that_only_turns_keeps_the_length_and_one_that_also_stretches_does_not(page):
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert page["length_after"](turn, np.array([3.0, 4.0])) == 1
    stretched = page["length_after"](1.01 * turn, np.array([3.0, 4.0]))
    assert stretched == pytest.approx(1.01 ** page["N_TIMES"])


def test_from_zeros_relu_gives_a_gradient_to_the_last_biases_only(page):
    *others, last = page["gradients"](page["build_classifier"]("relu"), *page["samples"](3))
    assert not any(np.any(gradient) for gradient in others)
    assert np.abs(last).max() > 0


def test_from_zeros_sigmoid_gives_the_last_weights_equal_gradients_for_all_units(page):
    model = page["build_classifier"]("sigmoid", "float64")
    *_, weights, _biases = page["gradients"](model, *page["samples"](3))
    assert np.abs(weights).max() > 0
    assert weights.dtype == "float64"
    # Each is the mean of 400 products below 1.
    assert np.ptp(weights, axis=0).max() < 2 * 400 * 2**-53


def test_the_grid_has_a_panel_for_each_pair_and_leaves_nothing_open():
    before, style = plt.get_fignums(), dict(plt.rcParams)
    layers = [np.random.default_rng(number).normal(size=(30, 4)) for number in range(3)]
    values = {(name, f): layers for name in ("zeros", "he_normal") for f in ("relu", "tanh")}
    figure = initialization.plot_grid(values, ["zeros", "he_normal"], ["relu", "tanh"])
    assert len(figure.axes) == 4
    plt.close(figure)
    assert plt.get_fignums() == before
    assert dict(plt.rcParams) == style


def test_ridges_hold_the_share_of_activations_in_each_bar():
    layers = [np.random.default_rng(number).normal(0, 0.3, size=(30, 4)) for number in range(3)]
    values = {("he_normal", "tanh"): layers, ("zeros", "relu"): [np.zeros((30, 4))] * 3}
    figure, tables = initialization.plot_ridges(values, list(values))
    assert len(figure.axes) == 6
    shares = np.array([[row[1:] for row in table["rows"]] for table in tables])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares[1, 0].tolist() == [1, 1, 1]  # all of it in the first bar,
    assert "100%" in [text.get_text() for ax in figure.axes for text in ax.texts]  # cut off
    contract.check_tables(tables)
    plt.close(figure)


def test_the_line_of_a_derivative_is_broken_where_it_jumps(page):
    figure = initialization.plot_functions(page["FUNCTIONS"])
    _, slopes = figure.axes
    gaps = {line.get_label(): np.isnan(line.get_ydata()).sum() for line in slopes.lines}
    assert gaps == {"sigmoid": 0, "tanh": 0, "relu": 1, "selu": 1}
    plt.close(figure)


def test_the_map_is_drawn_on_from_the_first_layer_measured():
    measured = {"half": np.array([[0.8, 0.5, 0.2], [0.4, 0.1, 0.0]])}
    figure = initialization.plot_cosines({"half": lambda c: c / 2}, measured)
    *_, drawn = figure.axes[1].lines
    np.testing.assert_allclose(drawn.get_ydata(), [0.6, 0.3, 0.15])
    plt.close(figure)


@pytest.mark.parametrize("draw", [initialization.draw_network, initialization.draw_backpropagation])
def test_a_diagram_has_symbols_only_and_no_scale(draw):
    figure = draw()
    (ax,) = figure.axes
    assert not ax.axison
    assert ax.texts
    assert all(label.get_text().startswith("$") for label in ax.texts)
    plt.close(figure)


ANSWERS = {"he-std": "he_std", "variance": "variance", "dead-share": "dead_share"}
WRONG = {
    "he-std": lambda n: np.sqrt(1 / n),
    "variance": lambda n, std, mean_square: n * std * mean_square,
    "dead-share": lambda activations: np.mean(activations == 0),
}


@pytest.mark.parametrize("exercise", ANSWERS)
def test_a_check_accepts_the_solution_and_refuses_the_stub_and_a_wrong_answer(page, exercise):
    name = ANSWERS[exercise]
    assert exercises.check(exercise, page[f"solved_{name}"]).solved
    assert not exercises.check(exercise, page[f"my_{name}"]).solved
    assert not exercises.check(exercise, WRONG[exercise]).solved


@pytest.mark.parametrize(
    ("activation", "initializer", "trend"),
    [
        ("relu", "he_normal", "keeps"),
        ("relu", "glorot_normal", "fades"),
        ("tanh", "random_normal", "fades"),
        ("selu", "lecun_normal", "keeps"),
        ("selu", "he_normal", "grows"),
    ],
)
def test_the_playground_accepts_the_right_prediction_only(activation, initializer, trend):
    for guess in ("fades", "keeps", "grows"):
        verdict = exercises.check("playground", (activation, initializer, guess))
        assert verdict.solved == (guess == trend)
