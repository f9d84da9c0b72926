"""Drawings: what they show, and that they leave Matplotlib's settings and other figures alone."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lessons_src import plotting
from tests.helpers import BLINDNESS, contrast, smallest_difference

pytestmark = pytest.mark.usefixtures("no_figure_left")


def test_subplots_makes_one_figure_of_the_size_asked_for(unchanged_settings):
    figure, ax = plotting.subplots(width=5, height=2)
    assert figure.get_size_inches().tolist() == [5, 2]
    assert ax.figure is figure
    assert plt.get_fignums() == [figure.number]
    assert plotting.subplots(3)[1].shape == (3,)
    assert plotting.subplots(3, n_rows=2)[1].shape == (2, 3)


def test_learning_curves_draws_on_the_axes_it_is_given(unchanged_settings):
    _, (left, right) = plotting.subplots(2)
    open_before = plt.get_fignums()
    assert plotting.learning_curves({"a": [1, 2]}, ylabel="Loss", ax=right) is right
    assert plt.get_fignums() == open_before
    assert len(right.lines) == 1
    assert not left.lines


def test_learning_curves_without_axes_makes_one_figure(unchanged_settings):
    ax = plotting.learning_curves({"a": [1, 2]}, ylabel="Loss")
    assert plt.get_fignums() == [ax.figure.number]


def test_the_lines_are_the_values_over_the_epochs_counted_from_1():
    curves = {"training": [3.0, 2.0, 1.0], "validation": np.array([3.0, 2.5, 2.75])}
    ax = plotting.learning_curves(curves, ylabel="Loss")
    for line, (name, values) in zip(ax.lines, curves.items(), strict=True):
        assert line.get_xdata().tolist() == [1, 2, 3]
        assert list(line.get_ydata()) == list(values)
        assert line.get_label() == name
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Epoch", "Loss")


def test_several_runs_become_their_mean_with_their_range_as_a_band():
    runs = np.array([[3.0, 1.0], [5.0, 4.0], [4.0, 1.0]])
    ax = plotting.learning_curves({"a": runs}, ylabel="Loss")
    assert ax.lines[0].get_ydata().tolist() == [4.0, 2.0]
    (band,) = ax.collections
    corners = {tuple(point) for point in band.get_paths()[0].vertices.tolist()}
    assert corners == {(1.0, 3.0), (1.0, 5.0), (2.0, 1.0), (2.0, 4.0)}


def test_one_run_has_no_band():
    ax = plotting.learning_curves({"a": [[1.0, 2.0]]}, ylabel="Loss")
    assert not ax.collections


def test_curves_differ_in_colour_and_in_dashes():
    ax = plotting.learning_curves({str(i): [1, 2] for i in range(6)}, ylabel="Loss")
    looks = [(line.get_color(), str(line._dash_pattern)) for line in ax.lines]
    assert len({color for color, _ in looks}) == 6
    assert len({dashes for _, dashes in looks}) == 6


def test_curves_have_the_style_of_the_book():
    ax = plotting.learning_curves({"a": [1, 2]}, ylabel="Loss")
    assert ax.lines[0].get_linewidth() == plotting._RC["lines.linewidth"]
    assert not ax.get_legend().get_frame_on()
    assert not ax.spines["top"].get_visible()


def test_drawing_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one curve, got none"):
        plotting.learning_curves({}, ylabel="Loss")
    assert not plt.get_fignums()


def test_every_colour_can_be_seen_on_white_and_the_first_three_colour_words():
    assert all(contrast(color) >= 3 for color in plotting.COLORS)
    assert all(contrast(color) >= 4.5 for color in plotting.COLORS[:3])


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_colours_are_further_apart_than_those_of_okabe_and_ito(blindness):
    okabe_ito = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
    ours = smallest_difference(plotting.COLORS, blindness)
    assert ours > smallest_difference(okabe_ito, blindness)
    assert ours > 0.1, "a tenth of the way from black to white"


def test_the_formula_of_contrast_is_that_of_wcag():
    assert contrast("black") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.005)  # the grey of WebAIM's examples
    assert contrast((0, 0, 0, 0.0)) == pytest.approx(1), "what is transparent is white"


def test_a_band_has_edges_that_can_be_seen():
    ax = plotting.learning_curves({"a": np.array([[3.0, 1.0], [5.0, 4.0]])}, ylabel="Loss")
    (band,) = ax.collections
    assert contrast(band.get_edgecolor()[0]) >= 3
    assert band.get_linewidth()[0] > 0


def test_two_trainings_lie_over_each_other_one_wide_and_one_dashed(unchanged_settings):
    names = ["loss", "val_loss", "accuracy", "val_accuracy"]
    first, second = (
        {name: np.random.default_rng(seed).random(n).tolist() for name in names}
        for seed, n in [(0, 5), (1, 3)]
    )
    figure = plotting.diff_history(first, second, ("one", "other"))
    assert plt.get_fignums() == [figure.number]
    for ax, pair in zip(figure.axes, [names[:2], names[2:]], strict=True):
        drawn = [line.get_ydata() for line in ax.lines]
        assert list(map(list, drawn)) == [run[name] for run in (first, second) for name in pair]
        below, on_top = ax.lines[:2], ax.lines[2:]
        assert all(line.get_linewidth() > 2 * on_top[0].get_linewidth() for line in below)
        assert {line.get_linestyle() for line in on_top} == {"--"}
        assert ax.lines[0].get_xdata().tolist() == [1, 2, 3, 4, 5]
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert words == ["one, training", "one, validation", "other, training", "other, validation"]
