"""The figures of the built site: data below each, sizes, colours that can be seen."""

from __future__ import annotations

import copy
import csv
import gzip
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from lxml import html
from lxml.html import HtmlElement
from playwright.sync_api import expect

from bookwright import book, glue
from bookwright.runs import store
from tests.helpers import contrast
from tests.site.conftest import built

NAMES, LANGUAGES = book.page_names(), book.LANGUAGES
EVERY_PAGE = pytest.mark.parametrize("page", book.all_pages(), ids=str)


def text(part: HtmlElement) -> str:
    return part.text_content().strip()


def placed(page, directive) -> list[str]:
    """Arguments of the page's directives of this kind."""
    text = page.source.read_text(encoding="utf-8")
    return re.findall(rf"^[`:]{{3,}}{re.escape(directive)} +(.+?) *$", text, re.MULTILINE)


@EVERY_PAGE
def test_below_every_figure_stand_its_data_or_the_reason_why_there_are_none(site, page):
    shown, notebook = built(str(page)), store.executed(page)
    glued = glue.of_notebook(notebook) if notebook else {}
    keys = placed(page, "{glue:figure}")
    for key in keys:
        data = shown.get_element_by_id(f"data-{key}")
        fold = data if data.tag == "p" else data.getparent()
        assert "figure-data" in fold.classes
        assert fold.getprevious().tag == "figure"
        assert fold.tag == ("details" if glued[f"figure:{key}"] else "p")
        tables = [*data.iter("table")]
        assert len(tables) == len(glued[f"figure:{key}"])
        for table in tables:
            assert text(table.find("caption"))
            assert all(text(head) for head in table.iter("th"))
            assert [*table.iter("td")]
    elsewhere = [argument.split() for argument in placed(page, "{chapter-figure}")]
    assert len(shown.cssselect("article figure img, main figure img")) == len(keys) + len(elsewhere)
    for chapter, key in elsewhere:
        (link,) = shown.xpath("//a[@href=$address]", address=f"{chapter}.html#data-{key}")
        assert "figure-data" in link.getparent().classes
        built(f"{page.language}/{chapter}").get_element_by_id(f"data-{key}")  # or KeyError


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_show_the_same_values(site, name):
    ko, en = (built(f"{language}/{name}").cssselect(".figure-data td") for language in LANGUAGES)
    assert [cell.text_content() for cell in ko] == [cell.text_content() for cell in en]


@EVERY_PAGE
def test_the_csv_holds_the_values_of_the_tables(site, page):
    for fold in built(str(page)).cssselect("details.figure-data"):
        path = site / page.language / fold.xpath(".//a[@download]/@href")[0]
        with path.open(encoding="utf-8") as file:
            values = [float(row["value"]) for row in csv.DictReader(file)]
        cells = [cell.text_content() for cell in fold.iter("td")]
        shown = [float(cell) for cell in cells if cell != "–"]
        assert len(values) >= len(shown)
        close = sorted(set(values))
        for value in shown:
            nearest = min(close, key=lambda other: abs(other - value))
            assert value == pytest.approx(nearest, rel=0.006, abs=1e-9)


@EVERY_PAGE
def test_the_data_make_a_page_little_heavier(site, page):
    sent = (site / page.language / f"{page.name}.html").read_bytes()
    page_alone = copy.deepcopy(built(str(page)))
    for data in page_alone.cssselect(".figure-data"):
        data.drop_tree()
    without = len(gzip.compress(html.tostring(page_alone, encoding="utf-8")))
    assert len(gzip.compress(sent)) - without < 10 * 1024


@EVERY_PAGE
def test_the_notebook_shows_the_data_too(site, page):
    path = site / page.language / "notebooks" / f"{page.name}.ipynb"
    text = path.read_text(encoding="utf-8")
    for key in placed(page, "{glue:figure}"):
        assert text.count(f'id=\\"data-{key}\\"') == 1


@EVERY_PAGE
def test_a_figure_has_the_size_and_shape_of_its_drawing(site, page):
    images = built(str(page)).cssselect("figure img")
    for number, image in enumerate(images):
        root = ET.parse(site / page.language / image.get("src")).getroot()
        *_, width, height = map(float, root.get("viewBox").split())
        assert int(image.get("width")) == pytest.approx(width / 72 * 96, abs=0.5)
        assert int(image.get("height")) == pytest.approx(height / 72 * 96, abs=0.5)
        assert image.get("loading") == (None if number == 0 else "lazy")
        assert image.get("decoding") == "async"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_weighs_at_most_60_kib(site, language):
    for path in (site / language / "_images").glob("*.svg"):
        assert len(gzip.compress(path.read_bytes())) < 60 * 1024, path.name


def groups(root: ET.Element, names: tuple[str, ...] = ()) -> Iterator[tuple[ET.Element, list[str]]]:
    """Every element of a drawing with the names of the groups that it is in."""
    for child in root:
        yield child, list(names)
        yield from groups(child, (*names, child.get("id", "")))


def colors(element: ET.Element) -> dict[str, tuple[str, float]]:
    """Colour and opacity with which an element is filled and stroked."""
    style = dict(part.split(": ", 1) for part in element.get("style", "").split("; ") if part)
    found = {}
    for kind in ("fill", "stroke"):
        color = style.get(kind, "none").strip(";")
        if color.startswith("#"):
            opacity = style.get("opacity", style.get(f"{kind}-opacity", "1"))
            found[kind] = (color, float(opacity.strip(";")))
    return found


def faint(svg: str) -> list[str]:
    """What of a drawing has too little contrast on white: 4.5 for words, 3 for all else.

    Left out: grids and the frames of legends, which nobody needs to read a figure, white paper
    below the axes, and words on an image, whose colours tests of that figure measure.
    """
    root, found = ET.fromstring(svg), []
    with_image = {
        name
        for element, names in groups(root)
        if element.tag.endswith("}image")
        for name in names
        if name.startswith("axes_")
    }
    for element, names in groups(root):
        kinds = {name.rpartition("_")[0] for name in names}
        seen = colors(element)
        if not seen or (kinds & {"xtick", "ytick"} and element.tag.endswith("}path")):
            continue
        if "text" in kinds:
            if seen["fill"][0] == "#ffffff" and with_image & set(names):
                continue
            if contrast(seen["fill"]) < 4.5:
                found.append(f"{names}: {seen}")
        elif "patch" in kinds and ("legend" in kinds or seen == {"fill": ("#ffffff", 1)}):
            continue
        elif max(map(contrast, seen.values())) < 3:
            found.append(f"{names}: {seen}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_marker_band_and_word_of_a_figure_can_be_seen(site, language):
    drawings = sorted((site / language / "_images").glob("*.svg"))
    assert drawings
    for path in drawings:
        assert faint(path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.parametrize(
    ("part", "seen"),
    [
        (
            '<g id="line2d_9"><path style="fill: none; stroke: #56b4e9; stroke-width: 2"/></g>',
            False,
        ),
        ('<g id="line2d_9"><path style="fill: none; stroke: #0552a1; stroke-width: 2"/></g>', True),
        ('<g id="text_1"><g style="fill: #d55e00"/></g>', False),
        ('<g id="text_1"><g style="fill: #ba310a"/></g>', True),
        ('<g id="Fill_1"><use style="fill: #0552a1; fill-opacity: 0.2"/></g>', False),
        (
            '<g id="Fill_1"><use style="fill: #0552a1; fill-opacity: 0.2; stroke: #0552a1"/></g>',
            True,
        ),
    ],
)
def test_colours_that_are_too_faint_are_found(part, seen):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{part}</svg>'
    assert (faint(svg) == []) == seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_data_open_by_keyboard_and_scroll_in_their_own_box(visit, language):
    visit.page.set_viewport_size({"width": 360, "height": 800})
    page = visit.open(f"{language}/reuters.html")
    page.evaluate("document.querySelectorAll('details.further').forEach(x => { x.open = true; })")
    for fold in page.locator("details.figure-data").all():
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(fold.locator("table").first).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.parentElement.className") == "figure-data"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_front_page_leads_to_the_open_data_of_its_figure(visit):
    page = visit.open("ko/index.html")
    page.locator("p.figure-data a").click()
    page.wait_for_url("**/reuters.html#data-*")
    expect(page.locator("details.figure-data[open] table").first).to_be_visible()


def test_a_drawing_stands_on_white_in_the_dark_too(visit):
    visit.page.emulate_media(color_scheme="dark")
    page = visit.open("ko/reuters.html")
    for image in page.locator("figure img").all():
        assert image.evaluate("x => getComputedStyle(x).backgroundColor") == "rgb(255, 255, 255)"
