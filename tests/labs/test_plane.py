"""The lab on points in the plane trains as NumPy does, and shows what its links say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers_labs import Lab, column
from tests.labs.conftest import Module

UNITS, POINTS, STEPS = 6, 15, 25
RATE = 0.01
TRAIN = """
const state = module.fresh(given.parameters);
const kept = [];
for (const masks of given.masks) {
  module.train(state, given.points, given.labels, masks, given.penalties[0], given.rate);
  kept.push(state.parameters.map((values) => Array.from(values)));
}
return { kept, score: module.score(state.parameters, given.points, given.labels),
         answers: module.answers(state.parameters, given.points) };
"""


@pytest.fixture
def network(sources) -> Module:
    return Module(sources, "/plane/network.js")


def start(rng):
    shapes = [(2, UNITS), (UNITS, UNITS), (UNITS, 1)]
    return [part for s in shapes for part in (rng.normal(size=s), rng.normal(size=s[1]) / 10)]


def forward(parameters, points, masks):
    w1, b1, w2, b2, w3, b3 = parameters
    z1 = points @ w1 + b1
    h1 = np.maximum(z1, 0) * masks[0]
    z2 = h1 @ w2 + b2
    h2 = np.maximum(z2, 0) * masks[1]
    return z1, h1, z2, h2, (h2 @ w3 + b3)[:, 0]


def penalized_loss(parameters, points, labels, masks, l1, l2):
    logits = forward(parameters, points, masks)[-1]
    loss = np.mean(np.logaddexp(0, np.where(labels == 1, -logits, logits)))
    kernels = parameters[::2]
    return loss + sum(l1 * np.abs(w).sum() + l2 * (w**2).sum() for w in kernels)


def gradients(parameters, points, labels, masks, l1, l2):
    z1, h1, z2, h2, logits = forward(parameters, points, masks)
    _, _, w2, _, w3, _ = parameters
    delta3 = ((1 / (1 + np.exp(-logits)) - labels) / len(labels))[:, None]
    delta2 = delta3 @ w3.T * masks[1] * (z2 > 0)
    delta1 = delta2 @ w2.T * masks[0] * (z1 > 0)
    found = []
    for h, delta, w in zip(
        [points, h1, h2], [delta1, delta2, delta3], parameters[::2], strict=True
    ):
        found += [h.T @ delta + l1 * np.sign(w) + 2 * l2 * w, delta.sum(axis=0)]
    return found


def trained(parameters, points, labels, all_masks, l1, l2):
    """The parameters after each step of Adam, as the chapter has it."""
    m = [np.zeros_like(p) for p in parameters]
    v = [np.zeros_like(p) for p in parameters]
    kept = []
    for step, masks in enumerate(all_masks, start=1):
        slopes = gradients(parameters, points, labels, masks, l1, l2)
        m = [0.9 * a + 0.1 * g for a, g in zip(m, slopes, strict=True)]
        v = [0.999 * a + 0.001 * g**2 for a, g in zip(v, slopes, strict=True)]
        parameters = [
            p - RATE * (a / (1 - 0.9**step)) / (np.sqrt(b / (1 - 0.999**step)) + 1e-7)
            for p, a, b in zip(parameters, m, v, strict=True)
        ]
        kept.append(parameters)
    return kept


def problem(rng, dropout):
    points = rng.uniform(-1, 1, size=(POINTS, 2))
    labels = (points[:, 1] > points[:, 0] ** 2).astype(float)
    size = (STEPS, 2, POINTS, UNITS)
    return points, labels, (rng.random(size) >= dropout) / (1 - dropout)


def test_the_reference_is_the_gradient_of_the_penalized_loss():
    rng = np.random.default_rng(1)
    points, labels, masks = problem(rng, 0.3)
    parameters = start(rng)
    settings = (points, labels, masks[0], 0.02, 0.03)
    slopes = gradients(parameters, *settings)
    moves = [rng.normal(size=p.shape) for p in parameters]
    up, down = (
        penalized_loss([p + s * d for p, d in zip(parameters, moves, strict=True)], *settings)
        for s in (1e-6, -1e-6)
    )
    slope = sum(np.sum(g * d) for g, d in zip(slopes, moves, strict=True))
    np.testing.assert_allclose((up - down) / 2e-6, slope, rtol=1e-6)


@pytest.mark.parametrize(
    ("l1", "l2", "dropout"), [(0, 0, 0), (0.01, 0, 0), (0, 0.02, 0), (0, 0, 0.5), (0.01, 0.02, 0.3)]
)
def test_every_step_is_numpys(network, l1, l2, dropout):
    rng = np.random.default_rng(2)
    points, labels, masks = problem(rng, dropout)
    parameters = start(rng)
    found = network.run(
        TRAIN,
        parameters=parameters,
        points=points,
        labels=labels,
        masks=[list(each) for each in masks] if dropout else [None] * STEPS,
        penalties=[{"l1": l1, "l2": l2}],
        rate=RATE,
    )
    expected = trained(parameters, points, labels, masks, l1, l2)
    for step, (ours, theirs) in enumerate(zip(found["kept"], expected, strict=True), start=1):
        for one, other in zip(ours, theirs, strict=True):
            # A step divides a gradient by its size, which enlarges what rounding did to it.
            np.testing.assert_allclose(one, other.ravel(), atol=1e-9, rtol=1e-9, err_msg=str(step))
    plain = np.ones((2, 1, 1))
    loss = penalized_loss(expected[-1], points, labels, plain, 0, 0)
    logits = forward(expected[-1], points, plain)[-1]
    assert found["score"]["loss"] == pytest.approx(loss)
    assert found["score"]["accuracy"] == np.mean((logits > 0) == (labels == 1))
    np.testing.assert_allclose(found["answers"], 1 / (1 + np.exp(-logits)), rtol=1e-7)


@pytest.fixture
def lab(visit) -> Lab:
    return Lab(visit.open("en/index.html"), "plane")


def losses(lab: Lab) -> tuple[list[float], list[float]]:
    rows = lab.table("Loss (cross-entropy)")
    assert rows[-1][0] == 1000
    return column(rows, 1), column(rows, 2)


@pytest.mark.live
def test_without_a_remedy_the_noise_is_learned_by_heart(lab):
    lab.follow(0)
    training, held = losses(lab)
    assert training[-1] < 0.01
    assert held[-1] > 4 * min(held)


@pytest.mark.live
def test_with_l2_the_loss_stays_near_its_lowest(lab):
    lab.follow(1)
    training, held = losses(lab)
    assert held[-1] < 1.1 * min(held)
    assert training[-1] > 0.1


@pytest.mark.live
def test_with_l1_most_weights_are_near_zero(lab):
    lab.follow(2)
    near = column(lab.table("Distribution of the weights"), -1)
    sizes = [2 * 32, 32 * 32, 32]
    assert np.average(near, weights=sizes) > 0.9
