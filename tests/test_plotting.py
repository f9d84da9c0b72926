"""Drawings: what they show, and that they leave Matplotlib's settings and other figures alone."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lessons_src import plotting


@pytest.fixture(autouse=True)
def no_figure_left():
    plt.close("all")
    yield
    plt.close("all")


def test_subplots_makes_one_figure_of_the_size_asked_for(unchanged_settings):
    figure, ax = plotting.subplots(width=5, height=2)
    assert figure.get_size_inches().tolist() == [5, 2]
    assert ax.figure is figure
    assert plt.get_fignums() == [figure.number]
    assert plotting.subplots(3)[1].shape == (3,)


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


def test_every_colour_can_be_seen_on_white_and_on_black():
    """Contrast by the formula of WCAG 2; a graphical object needs some on both grounds."""
    for color in plotting.COLORS:
        channels = np.array(to_rgb(color))
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        luminance = linear @ [0.2126, 0.7152, 0.0722]
        assert 1.05 / (luminance + 0.05) > 2
        assert (luminance + 0.05) / 0.05 > 2
