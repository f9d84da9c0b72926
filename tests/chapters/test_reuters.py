"""What the Reuters chapter teaches, on tiny data; its helpers; the exercises of its page."""

import ast
import itertools
import os
from pathlib import Path

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from bookwright.source import facts as page_facts
from lessons_src import data, encoding, exercises, feed
from lessons_src.chapters import reuters
from tests.helpers import (
    contrast,
    exercise_cells,
    expect_all_tested,
    expect_refusal,
    run_cell,
    wrong_answers,
)

PAGE = Path(__file__).parents[2] / "book" / "en" / "reuters.md"
CELLS = page_facts.facts(PAGE.read_text(encoding="utf-8")).cells
N_WORDS, N_CLASSES = 30, 4

pytestmark = pytest.mark.usefixtures("published")

needs_real_data = pytest.mark.skipif(
    not os.environ.get("LESSONS_DATA_DIR"), reason="LESSONS_DATA_DIR is not set"
)


def from_page(function, **names):
    """A function as the page defines it; `names` stand for the page's other variables."""
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                exec(compile(ast.Module([node], []), str(PAGE), "exec"), names)
                return names[function]
    raise LookupError(f"{PAGE} defines no {function}")


build_model = from_page("build_model", keras=keras, feed=feed, N_WORDS=N_WORDS, n_classes=N_CLASSES)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)
    yield
    plt.close("all")


def newswires(n_samples=80, seed=0):
    """Texts about unequally frequent topics, each with favourite words; multi-hot, and topics."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(N_CLASSES, size=n_samples, p=[0.2, 0.5, 0.2, 0.1])
    texts = [[*rng.integers(0, N_WORDS, 5), *rng.integers(7 * y, 7 * y + 7, 4)] for y in labels]
    return encoding.multi_hot(texts, N_WORDS), labels


# The subject


@pytest.mark.parametrize("seed", range(3))
def test_one_hot_and_integer_labels_give_the_same_loss(seed):
    keras.utils.set_random_seed(seed)
    x, y = newswires(seed=seed)
    model = build_model()
    first = model.evaluate(x, y, verbose=0)[0]
    with_one_hot = keras.Sequential(
        [keras.Input(model.input_shape[1:], sparse=True), *model.layers]
    )
    with_one_hot.compile(loss="categorical_crossentropy")
    second = with_one_hot.evaluate(x, encoding.one_hot(y, N_CLASSES), verbose=0)
    probabilities = model.predict(x, verbose=0)
    by_hand = -np.mean([np.log(p[c]) for p, c in zip(probabilities, y, strict=True)])
    assert first == pytest.approx(second, rel=1e-6)
    assert first == pytest.approx(by_hand, rel=1e-5)


def test_softmax_turns_scores_into_positive_numbers_that_add_up_to_one():
    x, _ = newswires()
    model = build_model()
    probabilities = model.predict(x, verbose=0)
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    # The formula of the page, on the scores computed without Keras.
    scores = x.toarray().astype(float)
    for number, layer in enumerate(model.layers):
        kernel, bias = layer.get_weights()
        scores = (scores if number == 0 else np.maximum(scores, 0)) @ kernel + bias
    exponentials = np.exp(scores)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-4)


def gradients(model, x, y):
    sparse = tf.sparse.reorder(tf.sparse.from_dense(x.toarray()))
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(y, model(sparse))
        loss = tf.reduce_mean(losses)
    found = tape.gradient(loss, model.trainable_variables)
    return [tf.convert_to_tensor(gradient).numpy() for gradient in found]


def test_the_gradient_of_the_output_weights_is_that_of_finite_differences():
    x, y = newswires(20)
    model = build_model(hidden=(6,))
    kernel, bias, output_kernel, output_bias = (w.astype(float) for w in model.get_weights())
    hidden = np.maximum(x.toarray() @ kernel + bias, 0)

    def loss(weights):
        scores = hidden @ weights + output_bias
        normaliser = np.log(np.exp(scores).sum(axis=1))
        return np.mean(normaliser - scores[np.arange(len(y)), y])

    differences, step = np.zeros_like(output_kernel), 1e-6
    for place in np.ndindex(*output_kernel.shape):
        moved = np.zeros_like(output_kernel)
        moved[place] = step
        differences[place] = (loss(output_kernel + moved) - loss(output_kernel - moved)) / 2 / step
    assert np.abs(differences).max() > 0.01
    np.testing.assert_allclose(gradients(model, x, y)[2], differences, atol=1e-6)


def test_from_zeros_only_the_output_biases_have_a_gradient():
    x, y = newswires()
    *others, output_bias = gradients(build_model(hidden=(8, 8), initializer="zeros"), x, y)
    assert len(others) == 5
    assert all((gradient == 0).all() for gradient in others)
    share = np.bincount(y, minlength=N_CLASSES) / len(y)
    np.testing.assert_allclose(output_bias, 1 / N_CLASSES - share, atol=1e-6)


def test_from_zeros_no_weight_moves_and_the_largest_class_is_always_answered():
    x, y = newswires()
    model = build_model(hidden=(8, 8), initializer="zeros")
    before = model.get_weights()
    model.fit(x, y, epochs=30, batch_size=16, verbose=0)
    after = model.get_weights()
    for old, new in zip(before[:-1], after[:-1], strict=True):
        np.testing.assert_array_equal(old, new)
    assert (before[-1] != after[-1]).all()
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    assert set(predicted) == {np.bincount(y).argmax()}


def test_from_a_random_start_the_same_model_learns_the_topics():
    x, y = newswires(300)
    model = build_model(hidden=(16, 16))
    model.fit(x, y, epochs=15, batch_size=16, verbose=0)
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    assert np.mean(predicted == y) > np.bincount(y).max() / len(y) + 0.1


@pytest.mark.parametrize(
    "labels", [[0, 0, 0, 1, 1, 2], [0, 1, 2, 3], [5, 5, 5], [0, 0, 2, 2, 2, 1]]
)
def test_shuffled_labels_are_right_as_often_as_the_sum_of_squared_shares(labels):
    agreements = [np.mean(np.equal(labels, order)) for order in itertools.permutations(labels)]
    shares = np.bincount(labels) / len(labels)
    assert np.mean(agreements) == pytest.approx(np.sum(shares**2))
    assert from_page("solved_chance", np=np)(np.array(labels)) == pytest.approx(np.mean(agreements))


# The helpers


def predictions(seed=0, n_samples=200):
    rng = np.random.default_rng(seed)
    return rng.integers(N_CLASSES, size=n_samples), rng.integers(N_CLASSES, size=n_samples)


@pytest.mark.parametrize("seed", range(3))
def test_confusion_counts_what_a_loop_counts(seed):
    y_true, y_pred = predictions(seed)
    by_hand = [[0] * N_CLASSES for _ in range(N_CLASSES)]
    for true, predicted in zip(y_true, y_pred, strict=True):
        by_hand[true][predicted] += 1
    counts = reuters.confusion(y_true, y_pred, N_CLASSES)
    assert counts.tolist() == by_hand
    assert np.trace(counts) / counts.sum() == pytest.approx(np.mean(y_true == y_pred))


def test_confusion_keeps_classes_that_do_not_occur():
    assert reuters.confusion([0], [2], 4).shape == (4, 4)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        ([0, 1], [0], r"one length, got shapes \(\(2,\), \(1,\)\)"),
        ([], [], r"one length, got shapes \(\(0,\), \(0,\)\)"),
        ([[0, 1]], [[0, 1]], r"got shapes \(\(1, 2\), \(1, 2\)\)"),
        ([0, 1], [0, 3], "from 0 to 2, got 0 to 3"),
        ([-1, 1], [0, 2], "from 0 to 2, got -1 to 2"),
        ([0.0, 1.0], [0, 1], "integer class numbers, got float64"),
    ],
)
def test_confusion_refuses_what_it_cannot_count(y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        reuters.confusion(y_true, y_pred, 3)


TABLE = np.array([[90, 7, 3, 0], [4, 5, 1, 0], [0, 2, 8, 0], [0, 0, 0, 0]])
NAMES = ("earn", "acq", "tea", "none")


def test_the_worst_confusions_come_first_with_their_share_of_the_true_topic():
    found = reuters.worst_confusions(TABLE, NAMES, n_worst=3)
    assert [(x.true, x.predicted, x.count) for x in found] == [
        ("earn", "acq", 7),
        ("acq", "earn", 4),
        ("earn", "tea", 3),
    ]
    assert [x.share for x in found] == pytest.approx([7 / 100, 4 / 10, 3 / 100])


def test_right_answers_and_errors_nobody_made_are_no_confusions():
    found = reuters.worst_confusions(TABLE, NAMES, n_worst=99)
    assert len(found) == np.count_nonzero(TABLE) - 3
    assert sum(x.count for x in found) == TABLE.sum() - np.trace(TABLE)
    assert reuters.worst_confusions(np.diag([3, 0]), NAMES, n_worst=1) == []


def test_recall_is_the_share_of_a_topics_newswires_that_were_found():
    y_true, y_pred = predictions()
    y_true[y_true == 3] = 0
    found = reuters.recall(reuters.confusion(y_true, y_pred, N_CLASSES))
    for topic in range(3):
        assert found[topic] == pytest.approx(np.mean(y_pred[y_true == topic] == topic))
    assert np.isnan(found[3])


def test_the_confusion_plot_shows_shares_of_each_true_topic(unchanged_settings):
    _, ax = plt.subplots()
    open_before = plt.get_fignums()
    assert reuters.plot_confusion(TABLE, NAMES, [2, 0, 3], ax) is ax
    assert plt.get_fignums() == open_before
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.8, 0, 0], [0.03, 0.9, 0], [0, 0, 0]])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["tea", "earn", "none"]
    assert {(*text.get_position(), text.get_text()) for text in ax.texts} == {
        (0, 0, "80"),
        (1, 1, "90"),
    }
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Predicted topic", "True topic")


@pytest.mark.parametrize("share", np.linspace(0.05, 1, 39))
def test_a_number_in_the_confusion_plot_can_be_read_on_its_cell(share):
    counts = np.array([[share, 1 - share], [0, 1]])
    ax = reuters.plot_confusion(counts, NAMES, [0, 1])
    (image,) = ax.images
    (text,) = (text for text in ax.texts if text.get_position() == (0, 0))
    assert contrast(image.to_rgba(share), text.get_color()) >= 4.5
    plt.close("all")


def test_the_topic_plot_shows_the_largest_first_on_a_logarithmic_axis(unchanged_settings):
    _, ax = plt.subplots()
    open_before = plt.get_fignums()
    assert reuters.plot_topics(np.array([3, 50, 1, 7]), NAMES, ax) is ax
    assert plt.get_fignums() == open_before
    assert [bar.get_width() for bar in ax.patches] == [50, 7, 3, 1]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["acq", "none", "earn", "tea"]
    assert ax.get_xscale() == "log"


def test_plots_without_axes_make_one_figure_each(unchanged_settings):
    axes = reuters.plot_topics(np.array([3, 5, 1, 7]), NAMES)
    assert plt.get_fignums() == [axes.figure.number]
    other = reuters.plot_confusion(TABLE, NAMES, [0, 1])
    assert plt.get_fignums() == [axes.figure.number, other.figure.number]


# Softmax, its gradient and the optimizer, as the page defines them

softmax = from_page("softmax", np=np)
cross_entropy = from_page("cross_entropy", np=np, softmax=softmax)
rmsprop = from_page("rmsprop", np=np, RATE=1e-3, RHO=0.9, EPSILON=1e-7)


@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax_is_that_of_keras_however_large_the_scores(scale):
    z = scale * np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    np.testing.assert_allclose(softmax(z), keras.ops.softmax(z), rtol=1e-4, atol=1e-7)


def test_the_gradient_of_the_loss_is_predicted_minus_true():
    rng = np.random.default_rng(0)
    z = tf.Variable(rng.normal(size=(6, 4)))
    y = np.eye(4)[rng.integers(4, size=6)]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, z))
    assert cross_entropy(z.numpy(), y) == pytest.approx(float(loss))
    np.testing.assert_allclose((softmax(z.numpy()) - y) / 6, tape.gradient(loss, z), atol=1e-12)


def test_the_loss_is_the_logarithm_of_the_sum_minus_the_true_score():
    z = np.random.default_rng(0).normal(size=(6, 4))
    y = np.eye(4)[[0, 1, 2, 3, 0, 1]]
    by_scores = np.log(np.exp(z).sum(axis=1)) - (y * z).sum(axis=1)
    assert cross_entropy(z, y) == pytest.approx(by_scores.mean())


tempered = from_page("tempered", np=np, softmax=softmax)


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_probabilities_are_tempered_as_their_scores_would_be(temperature):
    z = 4 * np.random.default_rng(0).normal(size=(6, 5))
    of_scores = keras.ops.softmax(z / temperature)
    np.testing.assert_allclose(tempered(softmax(z), temperature), of_scores, rtol=1e-5)


def test_a_higher_temperature_makes_answers_less_sure_and_changes_none():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), size=50)
    answers = [tempered(probabilities, temperature) for temperature in (0.5, 1, 2, 8)]
    for surer, less in itertools.pairwise(answers):
        assert (less.max(axis=1) < surer.max(axis=1)).all()
        np.testing.assert_array_equal(less.argmax(axis=1), surer.argmax(axis=1))
    np.testing.assert_allclose(answers[1], probabilities)


def test_a_probability_of_0_can_be_tempered():
    assert tempered(np.array([1.0, 0.0]), 2) == pytest.approx([1, 0])


def test_macro_f1_is_the_mean_of_the_harmonic_means_of_precision_and_recall():
    labels, answers = predictions()
    of_topics = []
    for topic in range(N_CLASSES):
        right = np.sum((labels == topic) & (answers == topic))
        precision, found = right / np.sum(answers == topic), right / np.sum(labels == topic)
        of_topics.append(2 / (1 / precision + 1 / found))
    names = {"np": np, "reuters": reuters, "labels": labels, "n_classes": N_CLASSES + 1}
    assert from_page("macro_f1", **names)(answers) == pytest.approx(np.mean(of_topics))


def test_the_worked_numbers_of_softmax_and_its_loss_are_right():
    probabilities = np.exp([2, 1, 0]) / (np.e**2 + np.e + 1)
    assert probabilities.round(2).tolist() == [0.67, 0.24, 0.09]
    assert (-np.log(probabilities)).round(2).tolist() == [0.41, 1.41, 2.41]
    assert (probabilities - [1, 0, 0]).round(2).tolist() == [-0.33, 0.24, 0.09]


@pytest.mark.parametrize(("rate", "factor"), [(0.01, 0.98), (0.3, 0.4), (0.9, -0.8), (1.1, -1.2)])
def test_a_step_on_the_square_multiplies_the_weight_as_the_page_says(rate, factor):
    assert 5 - rate * 2 * 5 == pytest.approx(5 * factor)
    assert (abs(factor) > 1) == (rate > 1)


@pytest.mark.parametrize("size", [1, 1e-3, 1e-6])
def test_the_update_of_the_page_is_that_of_keras_with_its_defaults(size):
    gradients = size * np.random.default_rng(0).normal(size=10)
    weight, optimizer = keras.Variable(0.0), keras.optimizers.RMSprop()
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient, dtype="float32")], [weight])
    assert float(weight) == pytest.approx(rmsprop(gradients)[-1], rel=1e-4)
    assert rmsprop(np.ones(1))[0] == pytest.approx(-0.0032, abs=5e-5)  # the first step
    assert np.sqrt(1e-7) == pytest.approx(0.0003, abs=5e-5)


def test_epsilon_outside_the_root_keeps_the_steps_of_tiny_gradients_long():
    gradients = np.array([1.0, 0.5, -2.0])
    steps = [np.abs(np.diff(rmsprop(size * gradients, True), prepend=0)) for size in (1, 1e-6)]
    assert (steps[1] > 0.7 * steps[0]).all()
    under = np.abs(np.diff(rmsprop(1e-6 * gradients), prepend=0))
    assert (steps[0] / under > 200).all()
    np.testing.assert_allclose(under, 1e-3 * np.abs(1e-6 * gradients) / np.sqrt(1e-7), rtol=1e-4)


@pytest.mark.parametrize("draw", [reuters.draw_network, reuters.draw_softmax])
def test_the_drawings_hold_symbols_and_no_words(draw):
    (ax,) = draw().axes
    assert not ax.axison
    assert all(text.get_text().startswith("$") for text in ax.texts if text.get_text())


def test_the_network_is_drawn_with_every_number_going_into_every_one_of_the_next_layer():
    (ax,) = reuters.draw_network().axes
    arrows = [patch for patch in ax.patches if isinstance(patch, mpl.patches.FancyArrowPatch)]
    assert len(arrows) == 4 * 3 * 3


# The data


@pytest.fixture(scope="module")
def real():
    return data.load_reuters()


@needs_real_data
def test_the_real_data_have_the_sizes_that_the_chapter_knows(real):
    assert (len(real.x_train), len(real.x_test), real.n_classes) == (8_982, 2_246, 46)
    assert set(real.y_train) | set(real.y_test) == set(range(46))


@needs_real_data
@pytest.mark.parametrize(
    "topic", ["coffee", "sugar", "gold", "wheat", "cocoa", "ship", "tin", "zinc"]
)
def test_a_topics_name_is_a_frequent_word_of_its_newswires_only(real, topic):
    word_id = real.word_index[topic] + 3
    has_word = np.array([word_id in text for text in real.x_train])
    own = real.y_train == real.class_names.index(topic)
    assert has_word[own].mean() > 0.1
    assert has_word[own].mean() > 8 * has_word[~own].mean()


# The exercises, run as the page's cells


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "solution"))
def test_the_pages_solution_is_accepted(cell, published):
    verdict = run_cell(cell, {"np": np, "keras": keras, "tf": tf, "exercises": exercises})
    assert verdict.solved
    assert set(published) == {f"solution:{verdict.exercise}"}


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "exercise"))
def test_the_unfilled_stub_is_not_accepted(cell):
    verdict = run_cell(cell, {"np": np, "keras": keras, "tf": tf, "exercises": exercises})
    assert not verdict.solved
    assert "no answer yet" in verdict.message


def decode_with(offset=3, unknown="?", join=" ".join):
    def answer(ids, word_index):
        word_of = {rank + offset: word for word, rank in word_index.items()}
        return join(word for i in ids if (word := word_of.get(i, unknown)) is not None)

    return answer


def decode_without_unknown_words(ids, word_index):
    word_of = {rank: word for word, rank in word_index.items()}
    return " ".join("?" if i < 3 else word_of[i - 3] for i in ids)


def of_label(probabilities, labels):
    return probabilities[np.arange(len(labels)), labels]


def shares(labels):
    return np.bincount(labels) / len(labels)


def entropy_of_classes_that_occur_or_not(labels):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.sum(shares(labels) * np.log(shares(labels)))


def drawn(scale=1.0, shift=0.0, of=0):
    """Starts of weights with He's standard deviation times `scale`, counted by one of the axes."""

    def answer(shape, dtype=None):
        return shift + scale * np.sqrt(2 / shape[of]) * np.random.default_rng(0).normal(size=shape)

    return answer


def all_units_alike(shape, dtype=None):
    signs = np.where(np.arange(shape[0]) % 2, 1.0, -1.0)
    return np.repeat(np.sqrt(2 / shape[0]) * signs[:, None], shape[1], axis=1)


WRONG = {
    "decode": {
        "ranks taken for ids": decode_with(offset=0),
        "offset 2": decode_with(offset=2),
        "unknown words left out": decode_with(unknown=None),
        "a list": decode_with(join=list),
        "no id may be unknown": decode_without_unknown_words,
    },
    "cross-entropy": {
        "sum": lambda p, y: -np.sum(np.log(of_label(p, y))),
        "sign": lambda p, y: np.mean(np.log(of_label(p, y))),
        "bits": lambda p, y: -np.mean(np.log2(of_label(p, y))),
        "log of the mean": lambda p, y: -np.log(np.mean(of_label(p, y))),
        "every column": lambda p, y: -np.mean(np.log(p[:, y])),
        "one for each newswire": lambda p, y: -np.log(of_label(p, y)),
    },
    "chance": {
        "largest": lambda y: shares(y).max(),
        "1 / K": lambda y: 1 / len(shares(y)),
        "counts": lambda y: np.sum(np.bincount(y) ** 2),
        "no sum": lambda y: shares(y) ** 2,
    },
    "lowest-loss": {
        "uniform": lambda y: np.log(len(np.unique(y))),
        "largest only": lambda y: -np.log(shares(y).max()),
        "0 log 0": entropy_of_classes_that_occur_or_not,
        "bits": lambda y: -sum(p * np.log2(p) for p in shares(y) if p),
    },
    "parameters": {
        "no biases": lambda widths: sum(a * b for a, b in itertools.pairwise(widths)),
        "biases of inputs": lambda widths: sum(a * b + a for a, b in itertools.pairwise(widths)),
        "last layer": lambda widths: widths[-2] * widths[-1] + widths[-1],
        "nothing": lambda widths: None,
    },
    "initializer": {
        "zeros": lambda shape, dtype=None: np.zeros(shape),
        "units for inputs": drawn(of=1),
        "LeCun's rule": drawn(scale=np.sqrt(1 / 2)),
        "the limit for the standard deviation": drawn(scale=np.sqrt(3)),
        "positive only": lambda shape, dtype=None: np.abs(drawn()(shape)),
        "a mean": drawn(shift=0.01),
        "units alike": all_units_alike,
        "inputs and units swapped": lambda shape, dtype=None: drawn(of=1)(shape[::-1]),
    },
}


@pytest.mark.parametrize(("exercise", "answer"), wrong_answers(WRONG))
def test_a_plausible_wrong_answer_is_not_accepted(exercise, answer):
    expect_refusal(exercise, answer)


def test_every_exercise_of_the_page_is_tested_with_wrong_answers():
    expect_all_tested(CELLS, WRONG)
