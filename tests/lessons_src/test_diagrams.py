"""Diagrams: what they are drawn of can be told apart, read on a telephone, and holds no words."""

import itertools
import re

import pytest
from matplotlib.text import Text

from lessons_src import diagrams
from tests.helpers import BLINDNESS, contrast, smallest_difference


def drawing():
    figure, ax = diagrams.canvas(5.2, 2.6, (-1, 7), (-1, 3))
    diagrams.node(ax, 0, 0, "$x$", "input")
    diagrams.box(ax, 3, 0, "$+$")
    diagrams.arrow(ax, (0.5, 0), (2.5, 0), "input", label="$W$")
    diagrams.arrow(ax, (2.5, -0.3), (0.5, -0.3), "backward", label=r"$\delta$")
    return figure, ax


def test_every_symbol_can_be_read_on_white():
    for color in diagrams._COLORS.values():
        assert contrast(color) >= 4.5


def test_what_goes_back_differs_from_what_goes_on_by_more_than_its_colour():
    _, ax = drawing()
    forward, back = (each for each in ax.patches if hasattr(each, "get_arrowstyle"))
    assert forward.get_linestyle() != back.get_linestyle()


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_what_goes_back_differs_from_each_other_kind_for_colour_blind_readers(blindness):
    back = diagrams._COLORS["backward"]
    for other in ("input", "state", "output"):
        assert smallest_difference([back, diagrams._COLORS[other]], blindness) > 0.1


def test_symbols_keep_nine_pixels_on_a_telephone():
    figure, ax = drawing()
    pixels = 328 / figure.get_size_inches()[0]  # 360 without the page's margins
    sizes = [each.get_size() for each in ax.findobj(Text) if each.get_text()]
    assert min(sizes) / 72 * pixels >= 9


def test_units_are_as_wide_as_high_and_nothing_is_drawn_around():
    _, ax = drawing()
    assert ax.get_aspect() == 1
    assert not ax.axison


def test_an_arrow_label_stands_to_the_left_of_its_direction():
    _, ax = drawing()
    places = {each.get_text(): each.get_position() for each in ax.texts}
    assert places["$W$"][1] > 0
    assert places[r"$\delta$"][1] < -0.3


def test_labels_of_two_arrows_between_the_same_places_do_not_meet():
    _, ax = drawing()
    labels = [
        each.get_position() for each in ax.texts if re.match(r"\$(W|\\delta)", each.get_text())
    ]
    for (_, one), (_, other) in itertools.combinations(labels, 2):
        assert abs(one - other) > 0.5
