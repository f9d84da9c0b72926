"""Without solutions: pages by a link that goes along, notebooks, and a zip of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Visit, serve


@pytest.fixture(scope="module")
def address(exercises_site: Path) -> Iterator[str]:
    with serve(exercises_site) as here:
        yield here


def test_a_link_shows_the_page_without_solutions_and_says_so(visit: Visit):
    page = visit.open("en/tasks.html")
    assert page.locator(".tag_solution:visible").count() == 3
    link = page.locator(".page-menu a", has_text="Show this page without solutions")
    assert link.get_attribute("href") == "?solutions=off"
    before = len(visit.requests)
    page.goto(f"{visit.address}/en/tasks.html?solutions=off", wait_until="networkidle")
    assert page.locator(".tag_solution:visible").count() == 0
    again = {each.partition("?")[0] for each in visit.requests[before:]}
    assert again <= {each.partition("?")[0] for each in visit.requests[:before]}
    page.locator("h1 + p", has_text="The solutions are left out here.").locator("a").click()
    expect(page.locator(".tag_solution:visible")).to_have_count(3)


def without(page: Page, path: str) -> None:
    """Waits for a page of the site and looks whether it stands there without solutions."""
    page.wait_for_url(f"**/{path}?solutions=off**")
    expect(page.locator(".tag_exercise")).to_have_count(3 if "tasks" in path else 0)
    expect(page.locator(".tag_solution:visible")).to_have_count(0)


def test_the_links_of_a_page_without_solutions_lead_to_others_without(visit: Visit):
    page = visit.open("en/tasks.html?solutions=off")
    page.locator("a.language-switch").first.click()
    without(page, "ko/tasks.html")
    page.locator("a[rel=prev]").first.click()
    without(page, "ko/index.html")  # a page that has none
    page.locator("article").get_by_role("link", name="제목").first.click()
    without(page, "ko/tasks.html")
    page.locator(".sidebar-tree a").first.click()
    without(page, "ko/index.html")
    page.locator("a[rel=next]").first.click()
    without(page, "ko/tasks.html")
    page.locator("a.side-by-side").first.click()
    without(page, "ko/both/tasks.html")
    page.locator(".page-menu summary").click()
    page.locator(".page-menu a", has_text="이 페이지를 풀이 없이 보기").click()
    without(page, "ko/both/tasks.html")
    page.keyboard.press("Control+k")
    page.locator("#book-search input").fill("제목")
    page.locator("#book-search a").first.click()
    page.wait_for_url("**/ko/both/*.html?solutions=off#*")
    assert visit.errors == []


LINKS = """() => [...document.links].filter((link) => !link.closest(".page-menu"))
  .map((link) => link.href.replace(/[?]solutions=off/, ""))"""


def test_the_link_back_leads_back_and_no_other_address_is_changed(visit: Visit):
    page = visit.open("en/index.html")
    before = page.evaluate(LINKS)
    assert not page.locator("a[href*='solutions=']").count()
    page = visit.open("en/index.html?solutions=off")
    assert page.evaluate(LINKS) == before
    changed = page.locator("a[href*='solutions=']").evaluate_all("all => all.map((a) => a.href)")
    assert changed
    assert all(each.startswith(f"{visit.address}/") and ".html?" in each for each in changed)
    page.locator("article").get_by_role("link", name="Title").first.click()
    without(page, "en/tasks.html")
    page.locator("h1 + p").get_by_role("link", name="Show them").click()
    page.wait_for_url("**/en/tasks.html")
    expect(page.locator(".tag_solution:visible")).to_have_count(3)
    page.locator("a[rel=prev]").first.click()
    page.wait_for_url("**/en/index.html")


def test_the_notebook_without_solutions_holds_none(exercises_site):
    folder = exercises_site / "en" / "notebooks"
    whole = nbformat.read(folder / "tasks.ipynb", as_version=4)
    bare = nbformat.read(folder / "tasks-without-solutions.ipynb", as_version=4)
    nbformat.validate(bare)
    assert "solved_" in nbformat.writes(whole)
    assert "solved_" not in nbformat.writes(bare)
    assert "exercises.solution" not in nbformat.writes(bare)
    left = [cell.source for cell in bare.cells]
    assert [cell.source for cell in whole.cells if cell.source in left] == left
    assert sum("exercises.check" in source for source in left) == 3
    assert not (folder / "index-without-solutions.ipynb").exists()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_second_zip_holds_all_notebooks_without_solutions(visit: Visit, exercises_site, language):
    links = visit.open(f"{language}/index.html").locator(".page-menu a[href$='.zip']")
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses == [
        f"notebooks/lessons_src-{language}{end}.zip" for end in ("", "-without-solutions")
    ]
    whole, bare = ({}, {})
    for held, address in zip((whole, bare), addresses, strict=True):
        with zipfile.ZipFile(exercises_site / language / address) as archive:
            held |= {name: archive.read(name) for name in archive.namelist()}
    assert list(bare) == list(whole)  # so that one notebook finds the other
    assert [name for name in whole if bare[name] != whole[name]] == ["tasks.ipynb"]
    alone = exercises_site / language / "notebooks" / "tasks-without-solutions.ipynb"
    assert bare["tasks.ipynb"] == alone.read_bytes()
