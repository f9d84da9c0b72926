"""The system ends a page with Python in it, as telephones do: the page says so, once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Error, Page, expect

from tests.conftest import Visit, serve
from tests.helpers_live import Cell

pytestmark = pytest.mark.live
NOTES = "() => Object.keys(sessionStorage).length"
SAID = "[...document.querySelectorAll('.live-status')].map((each) => each.textContent).join('|')"
SECONDS = 30
ENDED = {
    "en": "The browser ended this page while Python was in use",
    "ko": "Python을 쓰는 동안 브라우저가",
}


@pytest.fixture(scope="module")
def address(live_site: Path) -> Iterator[str]:
    with serve(live_site) as here:
        yield here


def start(page: Page, number: int = 1) -> Cell:
    """Has a cell run, and waits until a worker is there."""
    cell = Cell(page, number)
    cell.start()
    page.wait_for_function(NOTES)
    return cell


def without_python(visit: Visit) -> Page:
    """A page whose worker waits for Python, which never comes: that spares the time."""
    visit.page.route("**/pyodide.mjs", lambda route: None)
    return visit.open("en/cells.html")


def crash(page: Page) -> CDPSession:
    """Ends the page's process; returns what still speaks to its tab, for Playwright gives it up."""
    tab = page.context.new_cdp_session(page)
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    return tab


def statuses(tab: CDPSession, address: str) -> list[str]:
    """Opens a page in such a tab; what the cells say, as soon as one says something."""
    tab.send("Page.navigate", {"url": address})
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        said = tab.send("Runtime.evaluate", {"expression": SAID})["result"].get("value", "")
        if said.strip("|"):
            return str(said).split("|")
        time.sleep(0.1)
    return []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_that_was_ended_says_so_once_at_the_cell_that_ran(visit: Visit, language):
    page = visit.open(f"{language}/cells.html")
    start(page)
    tab = crash(page)
    first, second, third = statuses(tab, f"{visit.address}/{language}/cells.html")
    assert (first, third) == ("", "")
    assert second.startswith(ENDED[language])
    left = tab.send("Runtime.evaluate", {"expression": f"({NOTES})()"})
    assert left["result"]["value"] == 0


def test_a_page_that_its_reader_left_says_nothing(visit: Visit):
    page = without_python(visit)
    start(page)
    page.reload()
    assert page.evaluate(NOTES) == 0
    start(page)
    visit.open("en/index.html")
    assert page.evaluate(NOTES) == 0
    visit.open("en/cells.html")
    expect(Cell(page, 1).status).to_be_empty()


def test_what_a_reader_stopped_is_not_noted(visit: Visit):
    page = without_python(visit)
    cell = start(page)
    cell.stop.click()
    expect(cell.status).to_contain_text("Stopped.")
    assert page.evaluate(NOTES) == 0


def test_a_copy_of_a_tab_says_nothing_as_long_as_python_is_in_the_other(visit: Visit):
    page = without_python(visit)
    start(page)
    page.wait_for_function("async () => (await navigator.locks.query()).held.length")
    copy = page.context.new_page()
    copy.goto(page.url)
    told = Cell(copy, 1).status
    note = page.evaluate("() => Object.entries(sessionStorage)[0]")
    take_along = "(note) => sessionStorage.setItem(...note)"
    copy.evaluate(take_along, note)
    copy.reload()
    assert copy.evaluate(NOTES) == 0
    copy.evaluate("() => navigator.locks.query().then(() => null)")
    expect(told).to_be_empty()
    page.close()
    copy.evaluate(take_along, note)
    copy.reload()
    expect(told).to_contain_text(ENDED["en"])
