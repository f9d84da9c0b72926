"""The lab on initialization calculates what NumPy does, and shows what its links say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers_labs import Lab, column
from tests.labs.conftest import Module

WIDTH, DEPTH, SAMPLES = 12, 7, 9
# What rounding may do, of a layer's largest value: sums of WIDTH products in another order, some of
# which cancel, through DEPTH layers and back, each of which may enlarge what came before.
ROUNDING = 2 * DEPTH * WIDTH**2 * 2**-53
SIGMOID = {
    "value": lambda z: 1 / (1 + np.exp(-z)),
    "slope": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
}
FUNCTIONS = {
    "sigmoid": SIGMOID,
    "tanh": {"value": np.tanh, "slope": lambda z: 1 / np.cosh(z) ** 2},
    "relu": {"value": lambda z: np.maximum(z, 0), "slope": lambda z: (z > 0).astype(float)},
}
PROPAGATE = """
const found = { activations: [], gradients: [] };
for (const pause of module.propagate({ ...given }, found));
return found;
"""


@pytest.fixture
def network(sources) -> Module:
    return Module(sources, "/initialization/network.js")


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("std", [0.0, 0.1, np.sqrt(2 / WIDTH)])
def test_activations_and_gradients_are_numpys(network, activation, std):
    rng = np.random.default_rng(3)
    inputs, gradient = rng.normal(size=(2, SAMPLES, WIDTH))
    drawn = rng.normal(size=(DEPTH, WIDTH, WIDTH))
    given = {"inputs": inputs, "gradient": gradient, "drawn": list(drawn)}
    found = network.run(PROPAGATE, activation=activation, std=std, width=WIDTH, **given)

    value, slope = FUNCTIONS[activation]["value"], FUNCTIONS[activation]["slope"]
    h, scores, activations = inputs, [], []
    for matrix in drawn:
        scores.append(h @ (std * matrix))
        h = value(scores[-1])
        activations.append(h)
    gradients = [gradient]
    for z, matrix in zip(scores[:0:-1], drawn[:0:-1], strict=True):
        gradients.insert(0, (gradients[0] * slope(z)) @ (std * matrix).T)
    for ours, theirs in (("activations", activations), ("gradients", gradients)):
        for one, other in zip(found[ours], theirs, strict=True):
            within = ROUNDING * np.abs(other).max()
            np.testing.assert_allclose(one, np.ravel(other), rtol=0, atol=within)


def test_gradients_are_those_of_finite_differences(network):
    rng = np.random.default_rng(4)
    inputs, gradient = rng.normal(size=(2, SAMPLES, WIDTH))
    drawn = rng.normal(size=(DEPTH, WIDTH, WIDTH))
    given = {"gradient": gradient, "drawn": list(drawn), "activation": "tanh", "width": WIDTH}
    given["std"] = np.sqrt(1 / WIDTH)

    def first_layer_on(h):
        # The layers above the first, fed with the first one's outputs.
        given_h = given | {"drawn": list(drawn[1:])}
        found = network.run(PROPAGATE, inputs=h, **given_h)
        return np.sum(np.ravel(gradient) * found["activations"][-1])

    found = network.run(PROPAGATE, inputs=inputs, **given)
    h, direction = np.array(found["activations"][0]), rng.normal(size=SAMPLES * WIDTH)
    change = first_layer_on(h + 1e-6 * direction) - first_layer_on(h - 1e-6 * direction)
    np.testing.assert_allclose(change / 2e-6, direction @ found["gradients"][0], rtol=1e-6)


@pytest.mark.parametrize("n_inputs", [20, 500])
def test_spreads_are_those_of_the_rules(network, n_inputs):
    source = "return Object.fromEntries(Object.entries(module.SPREADS)" + (
        ".map(([name, rule]) => [name, rule(given.n, 300, 0.07)]));"
    )
    assert network.run(source, n=n_inputs) == pytest.approx(
        {
            "zeros": 0,
            "glorot": np.sqrt(2 / (n_inputs + 300)),
            "he": np.sqrt(2 / n_inputs),
            "lecun": np.sqrt(1 / n_inputs),
            "own": 0.07,
        }
    )


@pytest.fixture
def lab(visit) -> Lab:
    return Lab(visit.open("en/index.html"), "initialization")


def sizes(lab: Lab) -> tuple[list[float], list[float]]:
    rows = lab.table("Size (root mean square)")
    return column(rows, 1), column(rows, 2)


def test_small_weights_lose_signal_and_gradient(lab):
    lab.follow(0)
    activations, gradients = sizes(lab)
    assert activations[-1] < activations[0] / 1e6
    assert gradients[0] < gradients[-1] / 1e6


def test_he_keeps_both_over_fifty_layers(lab):
    lab.follow(1)
    activations, gradients = sizes(lab)
    assert len(activations) == 50
    assert all(0.1 < size / activations[0] < 10 for size in activations)
    assert all(0.1 < size / gradients[-1] < 10 for size in gradients)


def test_large_weights_with_tanh_keep_the_signal_and_let_the_gradient_explode(lab):
    lab.follow(2)
    activations, gradients = sizes(lab)
    assert min(activations) > 0.9 * max(activations)
    assert gradients[0] > 1000 * gradients[-1]


def test_from_zeros_there_is_nothing(lab):
    lab.opener.click()
    lab.control("Initialization").select_option("Zeros")
    lab.ended()
    activations, gradients = sizes(lab)
    assert set(activations) == set(gradients[:-1]) == {0}
    assert gradients[-1] > 0
