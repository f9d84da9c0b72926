"""Every live cell of every page runs in a browser as it stands, also where a telephone is slow."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bookwright import book
from bookwright.places import SITE
from tests.conftest import Visit
from tests.helpers_live import Cell
from tests.helpers_predict import ALL_RESULTS

# Cells are the same in all languages.
PAGES = [
    path
    for path in sorted((SITE / book.LANGUAGES[0] / "live").glob("*.json"))
    if "tag_live" in path.parents[1].joinpath(f"{path.stem}.html").read_text(encoding="utf-8")
]
LIVE = ".cell.tag_live .live"
SLOWER, MOST_SECONDS = 4, 10  # a telephone, and what its reader waits for a cell
NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?|\bnan\b|\s+")
BAR = "■"


def n_cells(path: Path) -> int:
    """How many live cells a page has, exercises not counted."""
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = {step["cell"] for step in content["steps"] if step["needs"] is not None}
    return len(cells - {int(cell) for cell in content["exercises"]})


def seconds(browser: Browser) -> float:
    """What pages and their workers have had of processors, however busy the machine is."""
    session = browser.new_browser_cdp_session()
    every = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(each["cpuTime"] for each in every if each["type"] == "renderer")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_live_cells_of_a_page_run_from_the_first_to_the_last(
    visit: Visit, browser: Browser, path
):
    page = visit.open(f"{book.LANGUAGES[0]}/{path.stem}.html")
    page.evaluate(ALL_RESULTS)
    cells = [Cell(page, number) for number in range(page.locator(LIVE).count())]
    assert len(cells) == n_cells(path)
    cells[0].run()  # which loads Python
    slow = {}
    for number, cell in enumerate(cells, start=1):
        before = seconds(browser)
        said = cell.run()
        assert cell.status.text_content(), f"cell {number}: {said}"
        slowed = SLOWER * (seconds(browser) - before)
        # Where a bar runs, its first step is what the reader waits for.
        slow[number] = slowed / max(1, sum(BAR in line for line in said.splitlines()))
    print(path.stem, {number: round(each, 1) for number, each in slow.items()})
    assert max(slow.values()) < MOST_SECONDS, slow
    assert all(each.startswith((visit.address, "blob:")) for each in visit.requests)
    assert visit.errors == []


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "number"), [(path.stem, number) for path in PAGES for number in range(n_cells(path))]
)
def test_a_live_cell_runs_by_itself_and_shows_what_the_page_shows(visit: Visit, name, number):
    page = visit.open(f"{book.LANGUAGES[-1]}/{name}.html")
    page.evaluate(ALL_RESULTS)
    cell = Cell(page, number)
    built = page.locator(".cell.tag_live").nth(number).locator(".cell_output pre")
    shown = "".join(built.all_text_contents())
    said = cell.run()
    assert cell.status.text_content(), said
    # The same words in the same order; its numbers are another machine's.
    assert NUMBER.sub("", shown) in NUMBER.sub("", said)
