"""What the chapter on LSTM and GRU teaches, against independent references; its exercises."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import Any

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from bookwright.source.facts import chapter_facts
from lessons_src import encoding, exercises, report, training
from lessons_src.chapters import lstm, rnn
from tests.helpers import (
    exercise_cells,
    expect_all_tested,
    expect_refusal,
    run_cell,
    wrong_answers,
)

CELLS = chapter_facts("lstm").cells

pytestmark = pytest.mark.usefixtures("published")


def definitions() -> dict[str, Any]:
    """The page's own functions, and the sizes of its lists."""
    names: dict[str, Any] = {
        "np": np, "tf": tf, "keras": keras, "rnn": rnn, "chapter": lstm, "encoding": encoding,
        "exercises": exercises, "report": report, "training": training, "SEED": 0,
        "MORE_SEEDS": [0, 1],
    }  # fmt: skip
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            sizes = isinstance(node, ast.Assign) and "WINDOW" in ast.unparse(node.targets[0])
            if isinstance(node, ast.FunctionDef | ast.ClassDef) or sizes:
                exec(compile(ast.Module([node], []), "lstm.md", "exec"), names)
    return names


page = SimpleNamespace(**definitions())


@pytest.fixture(autouse=True)
def _seeded_and_closed():
    keras.utils.set_random_seed(0)
    yield
    plt.close("all")


def test_the_data_are_prepared_as_in_the_chapter_before():
    def prepared(name):
        trees = [node for cell in chapter_facts(name).cells for node in ast.parse(cell.source).body]
        wanted = {"SKIP_TOP", "reviews", "keep_words", "sequences", "order", "y_train", "x_all"}

        def named(node):
            if isinstance(node, ast.FunctionDef):
                return node.name
            if not isinstance(node, ast.Assign):
                return None
            target = node.targets[0]
            first = target if isinstance(target, ast.Name) else getattr(target, "elts", [None])[0]
            return getattr(first, "id", None)

        return {named(node): ast.unparse(node) for node in trees if named(node) in wanted}

    before = prepared("rnn")
    assert len(before) >= 6
    assert prepared("lstm") == before


def test_one_step_with_numbers_is_the_one_of_the_text():
    """f = 0.9, i = 0.1, o = 0.6, candidate -0.5 and memory 0.8 give 0.67 and 0.351."""

    def score(gate):
        return np.log(gate / (1 - gate))

    b = np.array([score(0.1), score(0.9), np.arctanh(-0.5), score(0.6)])
    nothing = np.zeros((1, 1))
    h, c, _ = page.lstm_step(
        nothing, nothing, np.array([[0.8]]), np.zeros((1, 4)), np.zeros((1, 4)), b
    )
    assert c.item() == pytest.approx(0.67)
    assert h.item() == pytest.approx(0.351, abs=5e-4)


def test_the_gradient_by_the_inputs_is_that_of_automatic_differentiation():
    x, weights, counts = page.small_lstm(3)
    got = page.lstm_backward(x, *page.lstm_forward(x, *weights), *weights[:2], counts)[-1]
    layer = keras.layers.LSTM(5, dtype="float64")
    layer.build(x.shape)
    layer.set_weights(weights)
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(layer(inputs) * counts)
    np.testing.assert_allclose(got, tape.gradient(loss, inputs), atol=1e-12)


def test_a_gru_whose_update_gate_is_closed_takes_the_candidate_alone():
    rng = np.random.default_rng(0)
    x, h, w_x = rng.normal(size=(3, 2)), rng.normal(size=(3, 4)), rng.normal(size=(2, 12))
    b = np.zeros((2, 12))
    b[0, :4], b[0, 4:8] = -500, -500  # neither keeps nor looks at the old state
    new = page.gru_step(x, h, w_x, rng.normal(size=(4, 12)), b)
    np.testing.assert_allclose(new, np.tanh(x @ w_x[:, 8:]), atol=1e-12)


def test_a_gru_that_keeps_nothing_and_looks_at_all_is_the_simple_cell():
    rng = np.random.default_rng(0)
    x, h, w_x = rng.normal(size=(3, 2)), rng.normal(size=(3, 4)), rng.normal(size=(2, 12))
    w_h, b = rng.normal(size=(4, 12)), np.zeros((2, 12))
    b[0, :4], b[0, 4:8] = -500, 500
    cell = keras.layers.SimpleRNNCell(4, dtype="float64")
    cell.build((3, 2))
    cell.set_weights([w_x[:, 8:], w_h[:, 8:], np.zeros(4)])
    wanted, _ = cell(x, [h])
    np.testing.assert_allclose(page.gru_step(x, h, w_x, w_h, b), wanted, atol=1e-12)


def test_lists_hold_each_deciding_word_once_in_one_window_before_the_gap():
    ids, labels = page.order_lists(np.random.default_rng(0), 300, 25)
    first, second = (ids == 1).argmax(axis=1), (ids == 2).argmax(axis=1)
    np.testing.assert_array_equal(labels, first < second)
    assert ((ids == 1).sum(axis=1) == 1).all()
    assert ((ids == 2).sum(axis=1) == 1).all()
    assert np.maximum(first, second).max() < page.WINDOW
    ids, _ = page.order_lists(np.random.default_rng(0), 300, 25, anywhere=True)
    first, second = (ids == 1).argmax(axis=1), (ids == 2).argmax(axis=1)
    assert np.abs(first - second).max() < page.WINDOW
    assert np.maximum(first, second).max() > 25


# The drawings


def test_the_cells_are_drawn_in_symbols(unchanged_settings):
    words = {text.get_text() for text in lstm.draw_lstm().axes[0].texts}
    assert {"$f_t$", "$i_t$", r"$\tilde{c}_t$", "$o_t$", "$c_t$", "$h_t$", "$x_t$"} <= words
    words = {text.get_text() for text in lstm.draw_gru().axes[0].texts}
    assert {"$u_t$", "$r_t$", r"$\tilde{h}_t$", "$1-u_t$", "$h_t$", "$x_t$"} <= words


def test_gaps_and_traces_are_drawn_as_given(unchanged_settings):
    runs = {"one": np.array([[0.5, 1.0], [0.7, 0.8]])}
    above, below = lstm.plot_gaps([([5, 10], runs), ([0, 20], runs)]).axes
    np.testing.assert_allclose(above.lines[0].get_ydata(), [0.6, 0.9])
    np.testing.assert_allclose(below.lines[0].get_xdata(), [0, 20])
    memory = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    figure = lstm.plot_traces(memory, memory / 5, [1, 3])
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), [1, 3, 5])
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), [0, 0.4, 0.8])


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


def parameters(copies, extra_biases=True):
    def answer(kind, n_inputs, n_units):
        biases = 1 + (kind == "gru" and extra_biases)
        return copies[kind] * n_units * (n_inputs + n_units + biases)

    return answer


def gru_before(kept=lambda u, h, c: u * h + (1 - u) * c, inside=True):
    def answer(x, h, w_x, w_h, b):
        x_u, x_r, x_h = np.split(x @ w_x + b, 3, axis=1)
        w_u, w_r, w_c = np.split(w_h, 3, axis=1)
        u, r = rnn.sigmoid(x_u + h @ w_u), rnn.sigmoid(x_r + h @ w_r)
        from_state = (r * h) @ w_c if inside else r * (h @ w_c)
        return kept(u, h, np.tanh(x_h + from_state))

    return answer


WRONG = {
    "lstm-bias": {
        "the gate itself": lambda n_steps, share: share ** (1 / n_steps),
        "one step": lambda n_steps, share: np.log(share / (1 - share)),
        "the other side": lambda n_steps, share: np.log(share ** (-1 / n_steps) - 1),
    },
    "lstm-reset-before": {
        "after the product": gru_before(inside=False),
        "swapped": gru_before(kept=lambda u, h, c: (1 - u) * h + u * c),
    },
    "rnn-parameters": {
        "one bias": parameters({"simple": 1, "lstm": 4, "gru": 3}, extra_biases=False),
        "three for all": parameters({"simple": 3, "lstm": 3, "gru": 3}),
        "nothing": lambda kind, n_inputs, n_units: None,
    },
}


@pytest.mark.parametrize(("exercise", "answer"), wrong_answers(WRONG))
def test_a_plausible_wrong_answer_is_not_accepted(exercise, answer):
    expect_refusal(exercise, answer)


def test_every_exercise_of_the_page_is_tested_with_wrong_answers():
    expect_all_tested(CELLS, WRONG)
