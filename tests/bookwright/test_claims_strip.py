"""The picture of a claim's values: where each thing lies, and what is said of it."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from bookwright.claims import strip


def drawn(pool=(), run=(), bounds=(), interval=None, label="Values"):
    return BeautifulSoup(strip.svg(pool, run, bounds, interval, label), "xml").svg


def places(svg) -> dict[str, list[float]]:
    """Where dots, diamonds and bounds lie, from the left."""
    diamonds = [path["d"][1:].split()[0] for path in svg.select("path:not(.interval, .pool)")]
    return {
        "pool": [
            float(x) for dot in svg.select("path.pool") for x in re.findall(r"M([\d.]+) ", dot["d"])
        ],
        "run": [float(x) for x in diamonds],
        "bounds": [float(line["x1"]) for line in svg.select("line.bound")],
    }


def test_values_and_bounds_lie_on_one_scale():
    found = places(drawn([0.0, 1.0, 4.0], [2.0], [3.0], [0.5, 1.5]))
    low, high = found["pool"][0], found["pool"][-1]
    step = (high - low) / 4
    assert found["pool"][1] == pytest.approx(low + step, abs=0.1)
    assert found["run"] == pytest.approx([low + 2 * step], abs=0.1)
    assert found["bounds"] == pytest.approx([low + 3 * step], abs=0.1)
    assert 0 < low < high < 320


@pytest.mark.parametrize(
    "values", [{"run": [0.5]}, {"run": [0.0, 0.0]}, {"pool": [2.0] * 20, "bounds": [2.0]}]
)
def test_values_that_are_all_the_same_are_drawn_all_the_same(values):
    found = places(drawn(**values))
    assert all(0 <= x <= 320 for each in found.values() for x in each)


def test_a_bar_goes_from_one_end_of_the_interval_to_the_other():
    svg = drawn([0.0, 10.0], interval=[2.0, 8.0])
    bar = svg.select_one("path.interval")["d"]
    left, right = float(bar[1:].split()[0]), float(bar.split("H")[1].split("M")[0])
    low, high = places(svg)["pool"]
    assert left == pytest.approx(low + 0.2 * (high - low), abs=0.1)
    assert right == pytest.approx(low + 0.8 * (high - low), abs=0.1)
    assert not drawn([0.0, 10.0]).select("path.interval")


def test_bounds_and_ends_are_named_and_no_two_names_overlap():
    svg = drawn([-0.5, 1.25], [0.1], [0.05])
    assert [text.string for text in svg.select("text")] == ["0.05", "\N{MINUS SIGN}0.5", "1.25"]
    near = drawn([0.0, 1.0], bounds=[0.95])
    assert [text.string for text in near.select("text")] == ["0.95", "0"]


def test_the_picture_is_read_out_as_one_thing():
    svg = drawn([1.0], label='above "0.1" & <below>')
    assert svg["role"] == "img"
    assert svg["aria-label"] == 'above "0.1" & <below>'
