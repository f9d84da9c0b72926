"""What the recurrent chapter teaches, against independent references; its helpers and exercises."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from bookwright.source import facts as page_facts
from lessons_src import encoding, exercises, report, training
from lessons_src.chapters import rnn
from tests.helpers import (
    exercise_cells,
    expect_all_tested,
    expect_refusal,
    run_cell,
    wrong_answers,
)

PAGE = Path(__file__).parents[2] / "book" / "en" / "rnn.md"
CELLS = page_facts.facts(PAGE.read_text(encoding="utf-8")).cells

pytestmark = pytest.mark.usefixtures("published")

needs_real_data = pytest.mark.skipif(
    not os.environ.get("LESSONS_DATA_DIR"), reason="LESSONS_DATA_DIR is not set"
)


def definitions() -> dict[str, Any]:
    """The page's own classes, functions and the constants of its order task."""
    names: dict[str, Any] = {
        "np": np, "tf": tf, "keras": keras, "rnn": rnn, "encoding": encoding,
        "exercises": exercises, "report": report, "training": training, "SEED": 0,
        "MORE_SEEDS": [0, 1], "x_all": None,
    }  # fmt: skip
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            constants = isinstance(node, ast.Assign) and "N_ORDER_WORDS, " in ast.unparse(
                node.targets[0]
            )
            if isinstance(node, ast.FunctionDef | ast.ClassDef) or constants:
                exec(compile(ast.Module([node], []), str(PAGE), "exec"), names)
    return names


page = SimpleNamespace(**definitions())


@pytest.fixture(autouse=True)
def _seeded_and_closed():
    keras.utils.set_random_seed(0)
    yield
    plt.close("all")


def texts(seed=0, n_samples=6, n_timesteps=12, n_words=10):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, n_words, size=(n_samples, n_timesteps))
    return ids, rng.integers(0, 2, size=(n_samples, 1))


def network(seed=0, kind=None, **settings):
    defaults = {"n_units": 5, "n_back": None, "dtype": "float64"}
    return (kind or page.RecurrentNetwork)(10, seed=seed, **(defaults | settings))


# The subject


@pytest.mark.parametrize("seed", range(3))
def test_the_forward_pass_is_the_product_with_one_hot_vectors(seed):
    ids, _ = texts(seed)
    net, h = network(seed), np.zeros((6, 5))
    net.b1 += 0.3
    for words in ids.T:
        h = np.tanh(np.eye(10)[words] @ net.w1x + h @ net.w1h + net.b1)
    np.testing.assert_allclose(net.forward(ids), h @ net.w2 + net.b2, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_finite_differences_for_every_parameter(seed):
    problem = network(seed), *texts(seed)
    got, wanted = page.gradients(*problem), page.finite_differences(*problem)
    assert len(got) == len(wanted) == 5
    for mine, numeric in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine, numeric, atol=1e-7)


def test_two_steps_in_numbers_are_those_of_the_class():
    """The example of the text: weights 0.5, 0.8 and 1, the numbers 1 and -1, label 1."""
    net = page.RecurrentNetwork(2, n_units=1, n_back=None, dtype="float64")
    net.w1x[:] = [[0.5], [-0.5]]  # words 0 and 1 stand for the numbers 1 and -1
    net.w1h[:], net.w2[:] = 0.8, 1
    w1h, w1x, *_ = page.gradients(net, np.array([[0, 1]]), np.array([[1]]))
    np.testing.assert_allclose(net.h[1:, 0, 0], [0.462, -0.130], atol=5e-4)
    np.testing.assert_allclose(w1x[:, 0], [-0.329, -0.523], atol=5e-4)  # the deltas
    assert w1h.item() == pytest.approx(-0.242, abs=5e-4)
    assert w1x[0, 0] * 1 + w1x[1, 0] * -1 == pytest.approx(0.194, abs=5e-4)


def test_each_epoch_is_handed_to_whoever_asks():
    ids, y = texts(n_samples=20)
    seen = []
    history = network().fit(
        ids, y[:, 0], 3, (ids, y[:, 0]), after_epoch=lambda so_far: seen.append(len(so_far["loss"]))
    )
    assert seen == [1, 2, 3] and len(history["val_accuracy"]) == 3


def test_finite_differences_leave_the_parameters_as_they_were():
    net = network()
    before = [p.copy() for p in net.parameters()]
    page.finite_differences(net, *texts())
    for old, new in zip(before, net.parameters(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("seed", range(3))
def test_without_the_transpose_only_the_recurrent_gradients_are_wrong(seed):
    right = page.gradients(network(seed), *texts(seed))
    wrong = page.gradients(network(seed, page.Untransposed), *texts(seed))
    for mine, theirs in zip(wrong[3:], right[3:], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert page.relative_error(wrong[:3], right[:3]) > 0.1


def test_one_step_back_does_not_meet_the_transpose():
    right = page.gradients(network(n_back=1), *texts())
    wrong = page.gradients(network(kind=page.Untransposed, n_back=1), *texts())
    for mine, theirs in zip(wrong, right, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("n_back", [1, 4, 11])
def test_the_truncated_gradient_holds_the_state_before_it_fixed(n_back):
    """The reference: automatic differentiation with the gradient stopped at that state."""
    ids, y = texts()
    net = network(n_back=n_back)
    got = page.gradients(net, ids, y)
    variables = [tf.Variable(p) for p in net.parameters()]
    w1h, w1x, b1, w2, b2 = variables
    with tf.GradientTape() as tape:
        h = tf.constant(net.h[12 - n_back])
        for words in ids[:, -n_back:].T:
            h = tf.tanh(tf.gather(w1x, words) + h @ w1h + b1)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(tf.constant(y, h.dtype), h @ w2 + b2)
        loss = tf.reduce_mean(losses)
    for mine, theirs in zip(got, tape.gradient(loss, variables), strict=True):
        np.testing.assert_allclose(mine, tf.convert_to_tensor(theirs), atol=1e-10)


def test_going_back_further_than_the_text_is_the_whole_gradient():
    whole = page.gradients(network(), *texts())
    further = page.gradients(network(n_back=99), *texts())
    for mine, theirs in zip(further, whole, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_keras_with_the_same_weights_gives_the_same_probabilities():
    ids, _ = texts()
    for dtype, tolerance in (("float32", 1e-6), ("float64", 1e-14)):
        net = network(dtype=dtype)
        net.b1 += 0.2
        expected = page.as_keras(net)(ids)
        assert expected.dtype == dtype
        ours = rnn.sigmoid(net.forward(ids))
        np.testing.assert_allclose(ours, expected, rtol=0, atol=tolerance)


def test_the_recurrent_weights_start_orthogonal_times_the_scale():
    for scale in (1.0, 0.5):
        w = network(scale=scale).w1h
        np.testing.assert_allclose(w @ w.T, scale**2 * np.eye(5), atol=1e-12)


def test_the_input_and_output_weights_are_not_drawn_from_the_same_numbers():
    net = network()
    assert not np.isclose(net.w1x.ravel()[:5] / net.w1x.std(), net.w2.ravel() / net.w2.std()).any()


def test_a_clipped_step_has_the_limit_as_its_length_and_the_gradients_direction():
    ids, y = texts()
    gradient = np.concatenate([g.ravel() for g in page.gradients(network(), ids, y)])

    def moved(clip_norm):
        net = network(clip_norm=clip_norm, learning_rate=1.0)
        before = np.concatenate([p.ravel().copy() for p in net.parameters()])
        net.train_on_batch(ids, y)
        return before - np.concatenate([p.ravel() for p in net.parameters()])

    np.testing.assert_allclose(moved(None), gradient, atol=1e-12)
    np.testing.assert_allclose(moved(1e6), gradient, atol=1e-9)
    short = moved(0.01)
    assert np.linalg.norm(short) == pytest.approx(0.01, rel=1e-6)
    np.testing.assert_allclose(
        short / np.linalg.norm(short), gradient / np.linalg.norm(gradient), atol=1e-6
    )


def test_the_order_task_is_hidden_from_multi_hot_vectors_and_leaves_a_gap():
    ids, labels = page.order_task(np.random.default_rng(0), 200)
    bags = encoding.multi_hot(ids.tolist(), page.N_ORDER_WORDS)
    assert (bags != encoding.multi_hot(page.swapped(ids).tolist(), page.N_ORDER_WORDS)).nnz == 0
    first, second = (ids == 1).argmax(axis=1), (ids == 2).argmax(axis=1)
    np.testing.assert_array_equal(labels, first < second)
    assert ((ids == 1).sum(axis=1) == 1).all()
    assert ((ids == 2).sum(axis=1) == 1).all()
    assert np.maximum(first, second).max() < page.ORDER_STEPS - page.GAP
    assert 0.35 < labels.mean() < 0.65


def test_the_network_learns_a_short_order_that_no_bag_of_words_can_see():
    rng = np.random.default_rng(0)
    ids, labels = page.order_task(rng, 2500)
    ids = ids[:, : page.ORDER_STEPS - page.GAP]
    net = page.RecurrentNetwork(
        page.N_ORDER_WORDS, n_units=16, n_back=None, learning_rate=0.1, clip_norm=1.0
    )
    history = net.fit(ids[:2000], labels[:2000], 8, (ids[2000:], labels[2000:]))
    assert history["val_accuracy"][-1] > 0.95
    assert net.score(ids[2000:], labels[2000:]) == history["val_accuracy"][-1]


def test_training_goes_on_where_it_has_stopped():
    ids, y = texts(n_samples=40)
    data = ids, y[:, 0]
    at_once, in_parts = network(batch_size=8), network(batch_size=8)
    whole = at_once.fit(*data, 3, data)
    parts = [in_parts.fit(*data, epochs, data) for epochs in (1, 2)]
    assert whole["loss"] == parts[0]["loss"] + parts[1]["loss"]
    for one, other in zip(at_once.parameters(), in_parts.parameters(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_review_has_its_cross_entropy_and_whether_the_likelier_answer_is_right():
    ids, _ = texts()
    labels = np.array([0, 1, 0, 1, 1, 0])
    net = network(dtype="float64")
    losses, correct = page.by_review(page.as_keras(net), ids, labels)
    z = net.forward(ids)[:, 0]
    np.testing.assert_allclose(losses, np.logaddexp(0, z) - labels * z, atol=1e-6)
    np.testing.assert_array_equal(correct, (z > 0) == labels)
    assert correct.dtype == float


def test_words_are_kept_from_id_3():
    assert page.keep_words([[1, 2, 0, 3, 199], [2, 2]]) == [[3, 199], []]


# The helpers


def test_sparse_one_hot_rows_are_those_of_the_identity_matrix():
    ids, _ = texts()
    for dtype in ("float32", "float64"):
        rows = rnn.one_hot(ids, 10, np.dtype(dtype))
        np.testing.assert_array_equal(rows.toarray(), np.eye(10)[ids.ravel()])
        assert rows.nnz == ids.size and rows.dtype == dtype
        assert (rows.T @ np.ones((ids.size, 3), dtype)).dtype == dtype


def test_sigmoid_and_loss_are_right_and_never_overflow():
    z = np.array([[-1e4], [-100.0], [-2.0], [0.0], [3.0], [1e4]])
    y = np.array([[1], [0], [1], [0], [1], [0]])
    p = rnn.sigmoid(z)
    np.testing.assert_allclose(p[1:5], 1 / (1 + np.exp(-z[1:5])), rtol=1e-12)
    assert (p[0], p[-1]) == (0, 1)
    reference = tf.nn.sigmoid_cross_entropy_with_logits(tf.constant(y, z.dtype), z)
    assert rnn.log_loss(z, y) == pytest.approx(float(np.mean(reference)))
    small = z.astype(np.float32)
    assert np.isfinite(rnn.sigmoid(small)).all()


def test_the_loss_refuses_labels_that_would_broadcast():
    with pytest.raises(ValueError, match=r"one shape, got \(3, 1\) and \(3,\)"):
        rnn.log_loss(np.zeros((3, 1)), np.zeros(3))


def test_the_drawing_names_every_weight_and_leaves_settings_alone(unchanged_settings):
    figure = rnn.draw_cell()
    words = {text.get_text() for text in figure.axes[0].texts}
    assert {"$W_x$", "$W_h$", "$w_2$", "$h_0$", "$h_T$", "$x_T$", r"$\hat{y}$"} <= words
    assert plt.get_fignums() == [figure.number]
    back = {text.get_text() for text in rnn.draw_way_back().axes[0].texts}
    assert {r"$\delta_2 W_h^{\top}$", r"$h_0^{\top} \delta_1$", r"$h_1^{\top} \delta_2$"} <= back


def test_plots_use_the_axes_they_are_given(unchanged_settings):
    _, ax = plt.subplots()
    sizes = {"one": np.array([[2.0, 1.0, 0.5], [4.0, 2.0, 1.0]])}
    assert rnn.plot_gradient_sizes(sizes, ax) is ax
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 0.5, 0.25])
    assert ax.get_yscale() == "log"
    _, other = plt.subplots()
    steps, runs = [1, 10, 200], np.array([[0.5, 0.8, 1.0], [0.7, 0.9, 1.0]])
    assert rnn.plot_truncation(steps, runs, 1 - runs, other) is other
    np.testing.assert_allclose(other.lines[0].get_ydata(), [0.6, 0.85, 1.0])
    assert len(plt.get_fignums()) == 2


def test_stacked_axes_share_a_horizontal_axis_with_whole_numbers(unchanged_settings):
    figure, axes = rnn.stacked_axes(2)
    assert plt.get_fignums() == [figure.number]
    assert figure.axes == list(axes)
    axes[0].plot([1, 2, 3, 4], [0, 1, 0, 1])
    assert axes[1].get_xlim() == axes[0].get_xlim()
    assert all(tick == int(tick) for tick in axes[1].get_xticks())
    assert axes[0].get_position().y0 > axes[1].get_position().y1


def test_plots_without_axes_make_one_figure_each():
    axes = rnn.plot_gradient_sizes({"one": np.ones((2, 3))})
    other = rnn.plot_truncation([1, 2], np.ones((2, 2)), np.zeros((2, 2)))
    assert plt.get_fignums() == [axes.figure.number, other.figure.number]


# The data


@needs_real_data
def test_skip_top_and_num_words_cut_by_ids_and_ids_are_ranks_plus_3():
    from lessons_src import data

    reviews = data.load_imdb(skip_top=20, num_words=200)
    kept = {i for text in page.keep_words(reviews.x_train) for i in text}
    assert kept == set(range(20, 200))
    assert reviews.word_index["movie"] == 17
    assert reviews.word_index["movie"] + 3 == min(kept)


# The exercises, run as the page's cells


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "solution"))
def test_the_pages_solution_is_accepted(cell, published):
    verdict = run_cell(cell, dict(vars(page)))
    assert verdict.solved
    assert set(published) == {f"solution:{verdict.exercise}"}


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "exercise"))
def test_the_unfilled_stub_is_not_accepted(cell):
    verdict = run_cell(cell, dict(vars(page)))
    assert not verdict.solved
    assert "no answer yet" in verdict.message


def clip_each(gradients, limit):
    return [g * min(1, limit / np.linalg.norm(g)) for g in gradients]


def clip_always(gradients, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * limit / norm for g in gradients]


def slope_with(grow=lambda w: w, derivative=lambda h: 1 - h**2, first_only=False):
    def answer(x, w):
        h = [0.0]
        for value in x:
            h.append(np.tanh(value + w * h[-1]))
        slope, err = 0.0, 1.0
        for t in reversed(range(len(x))):
            delta = err * derivative(h[t + 1])
            slope += delta * h[t]
            err = delta * grow(w)
            if first_only:
                break
        return slope

    return answer


def last_state(reset=False, mask=False):
    def answer(ids, w1x, w1h, b1):
        h = np.zeros((len(ids), len(w1h)), w1h.dtype)
        for words in ids.T:
            new = np.tanh(w1x[words] + h @ w1h + b1)
            empty = (words == 0)[:, None]
            h = np.where(empty, 0 if reset else h, new) if mask else new
        return h

    return answer


def untrained(n_units=16, n_back=20):
    return page.RecurrentNetwork(20, n_units=n_units, n_back=n_back)


WRONG = {
    "rnn-step": {
        "no bias": lambda words, h, wx, wh, b: np.tanh(wx[words] + h @ wh),
        "transposed": lambda words, h, wx, wh, b: np.tanh(wx[words] + h @ wh.T + b),
        "no tanh": lambda words, h, wx, wh, b: wx[words] + h @ wh + b,
        "forgets": lambda words, h, wx, wh, b: np.tanh(wx[words] + b),
    },
    "rnn-clip": {"each on its own": clip_each, "small ones too": clip_always},
    "rnn-scalar": {
        "one step": slope_with(first_only=True),
        "no derivative": slope_with(derivative=lambda h: 1.0),
        "no w": slope_with(grow=lambda w: 1.0),
    },
    "rnn-carry": {"not skipped": last_state(), "reset": last_state(reset=True, mask=True)},
    "rnn-order": {
        "untrained": untrained(),
        "too many units": untrained(n_units=32),
        "all steps": untrained(n_back=None),
    },
}


@pytest.mark.parametrize(("exercise", "answer"), wrong_answers(WRONG))
def test_a_plausible_wrong_answer_is_not_accepted(exercise, answer):
    expect_refusal(exercise, answer)


def test_every_exercise_of_the_page_is_tested_with_wrong_answers():
    expect_all_tested(CELLS, WRONG)
