"""The lab of figures of curves: which figures have it, what its reader reads, how it smooths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bookwright.labs import of_figures
from tests import helpers_curves
from tests.conftest import serve
from tests.helpers import site_once
from tests.helpers_curves import Curves, values

pytestmark = pytest.mark.live  # a few on the real site: tests/site/test_curves.py


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_once("curves", helpers_curves.write, tmp_path_factory)


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    with serve(built) as here:
        yield here


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/en/index.html")
    yield page
    context.close()


@pytest.fixture
def runs(page: Page) -> Curves:
    """The open lab of the figure with two panels of two curves, three runs each."""
    return Curves(page, "fig_runs").open()


@pytest.fixture
def data(built: Path) -> dict[tuple[str, str], dict[int, str]]:
    return values(built / "en" / "figures" / "index-fig_runs.csv")


def in_page(page: Page, function: str, *arguments: Any) -> Any:
    """What a function of `data.js` gives for arguments."""
    folder = page.locator("[data-lab]").first.get_attribute("data-lab")
    script = """async ([path, name, given]) => {
      const data = await import(new URL(`${path}/data.js`, location.href));
      const found = data[name](...given);
      return found instanceof Map ? Object.fromEntries(found) : found;
    }"""
    return page.evaluate(script, [folder, function, list(arguments)])


def test_only_figures_of_curves_have_it_and_one_that_its_page_asks_about_has_no_other(page):
    ids = page.locator(".lab").evaluate_all("all => all.map((box) => box.id)")
    assert ids == ["lab-fig_runs", "lab-fig_single"]
    plain = page.locator("#lab-fig_runs")
    assert plain.inner_text() == "Explore these curves"
    assert plain.evaluate("box => box.previousElementSibling.className") == "figure-data"
    assert "Question?" in page.locator("#lab-fig_single").inner_text()


def test_nothing_is_loaded_before_somebody_opens_it(browser, address):
    context = browser.new_context()
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/ko/index.html", wait_until="networkidle")
    assert not [url for url in asked if "/labs/" in url or url.endswith(".csv")]
    Curves(page, "fig_runs").open()
    assert [url for url in asked if url.endswith("fig_runs.csv")]
    context.close()


def test_the_table_of_the_page_has_no_single_runs_and_the_csv_has(built, data):
    assert "run 1" not in (built / "en" / "index.html").read_text(encoding="utf-8")
    mean = data["Loss", "a, b"]
    of_runs = [data["Loss", f"a, b run {k}"] for k in (1, 2, 3)]
    for epoch, text in mean.items():
        expected = np.mean([float(run[epoch]) for run in of_runs])
        assert float(text) == pytest.approx(expected, rel=1e-5)


def test_arrow_keys_go_along_the_epochs_and_the_values_are_those_of_the_csv(runs, data):
    slider = runs.box.get_by_label("Values at (Epoch)")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    runs.page.wait_for_function(
        "() => /^Epoch 17\\. /.test(document.querySelector('.lab-heard')?.textContent)"
    )
    told = runs.status.text_content()
    for panel in ("Loss", "Error"):
        for curve in ("a, b", "c"):
            assert f"{curve}, mean {data[panel, curve][17]}" in told
            shown = [
                data[panel, f"{curve}{part}"][17] for part in ("", " run 1", " run 2", " run 3")
            ]
            assert runs.key(panel)[curve] == shown
    assert runs.status.get_attribute("role") == "status"


def test_pointing_at_a_line_tells_its_value_in_all_panels(runs, data):
    x, y = runs.corner("Error", "c", "run 2", 5)
    box = runs.drawing("Error").bounding_box()
    runs.page.mouse.move(box["x"] + x * box["width"] / 360, box["y"] + y * box["height"] / 250)
    runs.page.wait_for_function("() => document.querySelector('.lab-picked')")
    for panel in ("Loss", "Error"):
        said = runs.drawing(panel).locator(".lab-cursor text").text_content()
        assert said == f"Epoch 5, c, run 2: {data[panel, 'c run 2'][5]}"
    runs.page.mouse.move(0, 0)
    expect(runs.box.locator(".lab-picked")).to_have_count(0)


def test_smoothing_never_hides_the_raw_line(runs):
    before = runs.paths("Loss")
    runs.box.get_by_label("Smoothing (neighbours on each side)").fill("3")
    runs.ended()
    raw = runs.paths("Loss", ".lab-raw")
    smooth = runs.paths("Loss", ":not(.lab-raw)")
    assert raw == before
    assert len(smooth) == len(raw) == 8
    assert not set(smooth) & set(raw)
    kinds = (".lab-run.lab-raw", ".lab-run:not(.lab-raw)", ":not(.lab-run):not(.lab-raw)")
    thin, run, mean = (
        float(runs.style("Loss", f".lab-pointed .lab-curve{kind}", "strokeWidth")[:-2])
        for kind in kinds
    )
    assert 0.5 < thin < run < mean
    assert runs.drawing("Loss").locator(".lab-raw").first.is_visible()


@pytest.mark.parametrize("around", [0, 1, 4, 30])
def test_smoothing_agrees_with_numpy(page, around):
    given = np.exp(np.random.default_rng(around).normal(size=21))
    ones = np.ones(2 * around + 1)
    sums, counts = (
        np.convolve(array, ones)[around : around + len(given)]
        for array in (given, np.ones_like(given))
    )
    found = in_page(page, "smoothed", given.tolist(), around)
    np.testing.assert_allclose(found, sums / counts, rtol=1e-12)


def test_where_a_value_lacks_its_neighbours_are_smoothed_without_it(page):
    found = page.evaluate(
        """async (path) => {
          const { numbers, smoothed } = await import(new URL(`${path}/data.js`, location.href));
          return smoothed(numbers(["1", "", "5", "6"]), 1).map(String);
        }""",
        page.locator("[data-lab]").first.get_attribute("data-lab"),
    )
    assert found == ["1", "NaN", "5.5", "5.5"]


def test_names_in_addresses_are_those_that_the_build_checks(page):
    names = [
        "Glorot, ReLU",
        "0.1 x He",
        "01 x he",
        "0-1 x He",
        "손실",
        "BN",
        "Moving / true variance",
    ]
    assert in_page(page, "slugs", names) == of_figures.slugs(names)


def test_chosen_curves_and_runs_are_those_that_are_drawn(runs):
    runs.box.get_by_label("a, b", exact=True).uncheck()
    runs.box.get_by_label("mean", exact=True).uncheck()
    runs.box.get_by_label("run 3", exact=True).uncheck()
    runs.box.get_by_role("checkbox", name="Loss").uncheck()
    runs.ended()
    assert len(runs.paths("Error")) == 2
    assert list(runs.key("Error")) == ["c"]
    assert not runs.drawing("Loss").is_visible()
    rows = runs.table("Error")
    assert rows[0] == ["Epoch", "c, run 1", "c, run 2"]


def test_the_table_beside_a_panel_is_the_csv(runs, data):
    head, *rows = runs.table("Loss")
    assert [row[0] for row in rows] == [str(epoch) for epoch in range(1, 21)]
    for number, name in enumerate(head[1:], start=1):
        column = data["Loss", name.replace(", mean", "").replace(", run", " run")]
        assert [row[number] for row in rows] == list(column.values())


def test_a_logarithmic_axis_is_drawn_where_the_figure_has_one_or_its_reader_wants_one(runs, data):
    column = {epoch: float(text) for epoch, text in data["Loss", "c run 1"].items()}

    def straightness(panel):
        """How well height and logarithm go together."""
        ys = [runs.corner(panel, "c", "run 1", epoch)[1] for epoch in column]
        numbers = [float(data[panel, "c run 1"][epoch]) for epoch in column]
        return abs(np.corrcoef(ys, np.log(numbers))[0, 1])

    assert straightness("Error") > 0.9999
    assert straightness("Loss") < 0.99
    runs.box.get_by_label("Vertical axis").select_option("log")
    runs.ended()
    assert straightness("Loss") > 0.9999
    runs.box.get_by_label("Vertical axis").select_option("linear")
    runs.ended()
    assert straightness("Error") < 0.99


def test_curves_differ_in_colour_and_in_dashes(runs):
    looks = {
        (
            runs.style("Loss", f".lab-key .lab-color-{k}", "stroke"),
            runs.style("Loss", f".lab-key .lab-color-{k}", "strokeDasharray"),
        )
        for k in (0, 1)
    }
    assert len({color for color, _ in looks}) == len({dashes for _, dashes in looks}) == 2


def test_a_link_brings_the_state_and_what_it_says_wrongly_is_told(browser, address):
    context = browser.new_context()
    page = context.new_page()
    query = "?lab=fig_runs~1~curves.c~runs.mean.2~smooth.2~axis.log~at.4"
    page.goto(f"{address}/en/index.html{query}#lab-fig_runs")
    runs = Curves(page, "fig_runs")
    runs.ended()
    assert not runs.told.is_visible()
    assert list(runs.key("Loss")) == ["c"]
    assert runs.box.get_by_label("Values at (Epoch)").input_value() == "4"
    page.goto(f"{address}/en/index.html?lab=fig_runs~0~curves.d~seed.3~at.21~smooth.1e999")
    runs.ended()
    told = runs.told.text_content()
    for part in ("version 0", 'Curves to "d"', '"seed"', 'Values at (Epoch) to "21"', '"1e999"'):
        assert part in told
    assert len(runs.paths("Loss")) == 8, "all is as at the start"
    context.close()


def test_the_state_stands_in_the_address(runs):
    runs.box.get_by_label("c", exact=True).uncheck()
    runs.box.get_by_label("Smoothing (neighbours on each side)").fill("2")
    runs.page.wait_for_url(
        re.compile(r"\?lab=fig_runs~1~panels\.loss\.error~curves\.a-b~.*smooth\.2")
    )


@pytest.mark.parametrize("path", ["en/index", "ko/index", "en/both/index"])
def test_it_is_accessible_at_360_pixels_in_both_schemes(browser, address, path):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/{path}.html")
    for name in ("fig_runs", "fig_single"):
        Curves(page, name).open().table()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    context.close()


def test_a_change_shows_within_half_a_second_on_a_slow_processor(runs):
    for control in ("smooth", "at"):
        seconds = runs.seconds(control)
        print(f"{control}: shown after {seconds:.2f} s")
        assert 0 < seconds < 0.5
