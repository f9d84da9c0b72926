"""Every live cell of every page runs in a browser as it stands, and says how long that took."""

from __future__ import annotations

import json

import pytest

from bookwright import book
from bookwright.places import SITE
from tests.conftest import Visit
from tests.helpers_live import Cell
from tests.site.conftest import ALL_RESULTS

# Cells are the same in all languages.
PAGES = [
    path
    for path in sorted((SITE / book.LANGUAGES[0] / "live").glob("*.json"))
    if "tag_live" in path.parents[1].joinpath(f"{path.stem}.html").read_text(encoding="utf-8")
]
LIVE = ".cell.tag_live .live"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_live_cells_of_a_page_run_from_the_first_to_the_last(visit: Visit, path):
    page = visit.open(f"{book.LANGUAGES[0]}/{path.stem}.html")
    page.evaluate(ALL_RESULTS)
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = {step["cell"] for step in content["steps"] if step["needs"] is not None}
    assert page.locator(LIVE).count() == len(cells - {int(cell) for cell in content["exercises"]})
    for number in range(page.locator(LIVE).count()):
        cell = Cell(page, number)
        said = cell.run()
        assert cell.status.text_content(), f"cell {number + 1}: {said}"
    assert all(each.startswith((visit.address, "blob:")) for each in visit.requests)
    assert visit.errors == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_last_live_cell_of_a_page_runs_by_itself(visit: Visit, path):
    page = visit.open(f"{book.LANGUAGES[-1]}/{path.stem}.html")
    page.evaluate(ALL_RESULTS)
    cell = Cell(page, page.locator(LIVE).count() - 1)
    said = cell.run()
    assert cell.status.text_content(), said
