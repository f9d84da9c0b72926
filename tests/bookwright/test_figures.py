"""What stands below a figure: its numbers as tables and as CSV, and how large the drawing is."""

import csv
import io
import itertools

import pytest
from bs4 import BeautifulSoup

from bookwright import words as interface
from bookwright.figures.extension import FigureData, size
from bookwright.figures.tables import MAX_ROWS, FigureTables, csv_text, even, rounded

CURVES = {
    "caption": "Loss <test>",
    "head": "Epoch",
    "columns": [["training", ""], ["training", "lowest"]],
    "rows": [[float(i), 1 / i, None if i == 2 else 0.5 / i] for i in range(1, 101)],
    "marks": [["horizontal", 0.0123456]],
}
IMAGE = {
    "caption": "Shares",
    "head": "Layer / Value",
    "columns": [[str(i / 10), ""] for i in range(41)],
    "rows": [[1.0, *(i / 1000 for i in range(41))]],
    "marks": [],
}


def html(tables, language="en", link=None):
    text = FigureTables(tables, interface.of(language), language).html("data-fig", link)
    return BeautifulSoup(text, "html.parser")


def words(tag):
    return tag.get_text(" ", strip=True)


@pytest.mark.parametrize(
    ("n", "limit"), [(5, 10), (10, 10), (100, 10), (41, 11), (1, 2), (1001, 60)]
)
def test_chosen_rows_are_evenly_spread_from_the_first_to_the_last(n, limit):
    chosen = even(n, limit)
    assert len(chosen) == min(n, limit) == len(set(chosen))
    assert (chosen[0], chosen[-1]) == (0, n - 1)
    steps = {b - a for a, b in itertools.pairwise(chosen)}
    assert not steps or max(steps) - min(steps) <= 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3159.0, "3159"), (0.123456, "0.123"), (1234.56, "1235"), (1e-7, "1e-07"), (-0.5, "-0.5"),
        (None, "–"), ("earn", "earn"), (2e9, "2e+09"), (0.0, "0"), (7, "7"),
    ],
)  # fmt: skip
def test_a_table_shows_whole_numbers_whole_and_others_to_three_digits(value, shown):
    assert rounded(value) == shown


def test_the_table_has_heads_for_its_rows_and_columns():
    table = html([CURVES]).find("table")
    assert words(table.caption) == "Loss <test>, horizontal line at 0.0123"
    heads = [words(head) for head in table.thead.find_all("th", scope="col")]
    assert heads == ["Epoch", "training", "training lowest"]
    rows = [[words(cell) for cell in row.find_all(["th", "td"])] for row in table.tbody("tr")]
    assert rows[0] == ["1", "1", "0.5"]
    assert rows[-1] == ["100", "0.01", "0.005"]
    assert all(row.th["scope"] == "row" for row in table.tbody("tr"))


def test_a_long_curve_is_thinned_on_the_page_and_says_so():
    page = html([CURVES])
    shown = len(page.find_all("td"))
    assert shown == MAX_ROWS * 2
    assert f"{shown} of 200 values" in words(page)


def test_of_an_image_some_columns_stay():
    page = html([IMAGE])
    heads = [words(head) for head in page.thead.find_all("th")][1:]
    assert (heads[0], heads[5], heads[-1]) == ("0", "2", "4")
    assert words(page.find_all("td")[5]) == "0.02"
    assert "11 of 41 values" in words(page)


def test_a_table_that_is_whole_says_nothing_of_missing_values():
    assert html([CURVES | {"rows": CURVES["rows"][:3]}]).p is None


@pytest.mark.parametrize("tables", [[CURVES], [IMAGE], [CURVES, IMAGE]])
def test_both_languages_have_the_same_cells(tables):
    ko, en = html(tables, "ko"), html(tables, "en")
    assert [words(cell) for cell in ko.find_all("td")] == [
        words(cell) for cell in en.find_all("td")
    ]
    assert words(ko.summary) == "이 그림의 데이터"
    assert {words(span) for span in ko.find_all(lang="en")} <= {
        "Loss <test>", "Epoch", "training", "Shares", "Layer / Value",
    }  # fmt: skip
    assert not en.find_all(lang=True)


def test_what_scrolls_can_be_reached_by_keyboard_and_by_a_link():
    box = html([CURVES]).find(id="data-fig")
    assert box["tabindex"] == "0"
    assert box["aria-label"] == "Data of this figure"
    assert box.find_parent("details"), "a link to it opens the fold"


def test_bars_that_lie_are_called_after_what_they_measure():
    bars = {"caption": "Topic", "head": "Topic", "columns": [["Newswires", ""]], "marks": []}
    table = html([bars | {"rows": [["earn", 3159.0], ["acq", 1949.0]]}]).table
    assert words(table.caption) == "Newswires"


def test_a_diagram_says_that_it_has_no_data():
    (note,) = html([], "en").find_all(id="data-fig")
    assert note.name == "p"
    assert "no measured values" in words(note)


def test_the_csv_holds_every_value():
    rows = list(csv.DictReader(io.StringIO(csv_text([CURVES, IMAGE]))))
    read = {(row["panel"], row["row"], row["column"]): float(row["value"]) for row in rows}
    expected = {
        ("Loss <test>", f"{place:g}", name): value
        for place, *values in CURVES["rows"]
        for name, value in zip(["training", "training lowest"], values, strict=True)
        if value is not None
    }
    expected |= {("Shares", "1", f"{i / 10}"): i / 1000 for i in range(41)}
    expected[("Loss <test>", "horizontal line", "")] = 0.0123456
    assert read == pytest.approx(expected, rel=1e-5)
    assert len(rows) == len(expected)


def test_only_the_page_offers_the_csv():
    assert html([CURVES], link="figures/a.csv").a["href"] == "figures/a.csv"
    assert html([CURVES]).a is None
    node = FigureData(key="fig", tables=[CURVES], language="ko")
    assert "<a" not in node.html(), "a notebook has no way to the site's files"
    assert "\n" not in node.html(), "an empty line would end HTML in Markdown"


def test_the_size_of_a_drawing_is_in_css_pixels():
    svg = '<?xml version="1.0"?>\n<svg width="72pt"\n height="36.3pt" viewBox="0 0 72 36.3">'
    assert size(svg) == {"width": "96", "height": "48"}, "an inch is 72 points and 96 pixels"


@pytest.mark.parametrize("svg", ["", "<svg width='3'></svg>"])
def test_a_drawing_without_a_size_is_refused(svg):
    with pytest.raises(ValueError, match="viewBox"):
        size(svg)
