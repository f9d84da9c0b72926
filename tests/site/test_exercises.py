"""Every exercise of every page in a browser: its stub is no answer, and its solution is right."""

from __future__ import annotations

import json

import pytest

from bookwright import book
from bookwright.live import needs
from bookwright.places import SITE, unsolved_name
from bookwright.source.facts import facts
from tests.conftest import Visit, first_now
from tests.helpers_exercises import Exercise

# Cells are the same in all languages.
LANGUAGE = book.LANGUAGES[0]
PAGES = [book.Page(LANGUAGE, name) for name in book.page_names()]
EXERCISES = {page: needs.of_page(page).exercises for page in PAGES}
NAMES = {page.name for page, found in EXERCISES.items() if found}
WITH = [page for page, found in EXERCISES.items() if any(not each.why for each in found)]


@pytest.mark.parametrize("page", first_now(WITH), ids=str)
def test_in_the_browser_each_stub_is_no_answer_and_each_solution_is_right(visit: Visit, page):
    opened = visit.open(f"{page}.html")
    cells = facts(page.source.read_text(encoding="utf-8")).cells
    for number, each in enumerate(EXERCISES[page]):
        if each.why:
            continue
        task = Exercise(opened, number)
        assert task.run().startswith(f"✗ {each.name} [no-answer]: "), each.name
        solution = cells[each.solved - 1].source
        said = task.run(solution.replace("exercises.solution(", "exercises.check("))
        assert said.splitlines()[-1].startswith(f"✓ {each.name}: "), f"{each.name}: {said}"
    assert all(request.startswith((visit.address, "blob:")) for request in visit.requests)
    assert visit.errors == []


def test_of_the_exercises_three_quarters_run_in_browsers():
    every = [each for found in EXERCISES.values() for each in found]
    left_out = {each.name: each.why for each in every if each.why}
    assert len(left_out) <= len(every) / 4, left_out


@pytest.mark.parametrize("language", book.LANGUAGES)
def test_the_others_say_why_and_lead_to_the_notebook(visit: Visit, language):
    for page, found in EXERCISES.items():
        wanted = [each.why for each in found if each.why]
        if not wanted:
            continue
        opened = visit.open(f"{language}/{page.name}.html")
        said = opened.locator(".tag_exercise .live:not([data-cell])")
        for box, why in zip(said.all(), wanted, strict=True):
            assert why in box.text_content()
            address = box.locator("a[download]").get_attribute("href")
            assert opened.request.get(f"{visit.address}/{language}/{address}").ok


@pytest.mark.parametrize("page", [page for page in book.all_pages() if page.name in NAMES], ids=str)
def test_the_notebook_without_solutions_holds_none(page):
    text = (SITE / page.language / "notebooks" / unsolved_name(page.name)).read_text("utf-8")
    cells = facts(page.source.read_text(encoding="utf-8")).cells
    code = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    own = {"".join(source) for source in code}
    for cell in cells:
        assert (cell.source in own) == ("solution" not in cell.tags)
    assert "exercises.solution(" not in text
