"""Exercises in a browser: verdicts and hints, in the page's language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import helpers_exercises as small
from tests.conftest import Visit, serve
from tests.helpers_exercises import PLAYGROUND, RATE_LIMIT, STANDARDIZE, Exercise

pytestmark = pytest.mark.live  # a few on the real site: tests/site/test_exercises.py

WRONG = small.RIGHT.replace("- mean", "+ mean")


@pytest.fixture(scope="module")
def address(exercises_site: Path) -> Iterator[str]:
    with serve(exercises_site) as here:
        yield here


@pytest.fixture(scope="module")
def shared(browser: Browser, address: str) -> Iterator[Page]:
    """A page on which Python has been loaded."""
    context = browser.new_context()
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/en/tasks.html")
    Exercise(page, STANDARDIZE).run(small.STUB)
    yield page
    context.close()


@pytest.fixture
def exercise(shared: Page) -> Exercise:
    found = Exercise(shared, STANDARDIZE)
    found.reset.click()
    return found


def test_opening_an_exercise_loads_no_python(visit: Visit):
    page = visit.open("en/tasks.html")
    assert not [each for each in visit.requests if "/live/" in each or "/keeping/" in each]
    task = Exercise(page, RATE_LIMIT)
    assert task.button.text_content() == "Answer on this page"
    task.open()
    assert task.editor.input_value() == small.RATE
    assert task.button.text_content() == "Check (loads 8.8 MB)"
    assert task.editor.evaluate("area => document.activeElement === area")
    assert not [each for each in visit.requests if "pyodide" in each]
    assert visit.errors == []


def test_a_right_answer_is_told_and_an_empty_one(exercise):
    said = exercise.run()
    assert said == "✗ standardize [no-answer]: no answer yet"
    assert exercise.status.text_content().startswith("Not yet.")
    assert exercise.run(small.RIGHT) == "✓ standardize: correct"
    assert exercise.status.text_content().startswith("Right, after ")
    assert exercise.button.text_content() == "Check"


def test_a_wrong_answer_gets_its_hint(exercise):
    assert exercise.run(WRONG).startswith("✗ standardize [off]: right shape, but off by up to ")
    assert exercise.run(small.ROUGH).endswith(
        "✗ standardize [never-changes]: a feature that never changes must not give nan or inf"
    )


def test_a_reader_finds_what_the_solution_takes_from_above(shared):
    source = small.RATE_SOLVED.replace("exercises.solution", "exercises.check")
    assert Exercise(shared, RATE_LIMIT).run(source) == "✓ rate-limit: correct"


def test_an_error_of_the_readers_code_is_shown_as_python_shows_it(exercise):
    said = exercise.run(small.RIGHT.replace("np.where", "where"))
    assert said.endswith("NameError: name 'where' is not defined\n")
    assert "in my_standardize" in said
    assert exercise.note.text_content().endswith("It happened in line 3 of this cell.")


def test_a_cell_without_its_check_says_what_is_missing(exercise):
    exercise.run("1 + 1")
    assert exercise.status.text_content().endswith(small.STUB.splitlines()[-1])


def test_korean_pages_judge_in_korean(visit: Visit):
    task = Exercise(visit.open("ko/tasks.html"), STANDARDIZE)
    assert task.button.text_content() == "이 페이지에서 풀기"
    said = task.run(WRONG)
    assert said.startswith("✗ standardize [off]: 모양은 맞지만 값이 최대 ")
    assert task.status.text_content() == "아직 정답이 아닙니다. 무엇이 다른지 아래에 적혀 있습니다."


def test_an_exercise_that_needs_keras_says_so_and_where_it_can_be_done(shared):
    box = Exercise(shared, PLAYGROUND).box
    assert box.locator("button").count() == 0
    assert box.text_content().startswith("This exercise needs keras, which runs in no browser.")
    assert box.locator("a").last.get_attribute("href") == "notebooks/tasks.ipynb"


# Everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_an_exercise_open(exercise, shared, scheme):
    exercise.run(WRONG)
    exercise.panel.evaluate("fold => { fold.open = true }")
    shared.emulate_media(color_scheme=scheme)
    own = {"include": [[".live"], ["textarea"]]}
    found = Axe().run(shared, context=own).response["violations"]
    assert [(each["id"], [x["html"][:200] for x in each["nodes"]]) for each in found] == []


def test_nothing_is_wider_than_a_telephone(exercise, shared):
    exercise.run(WRONG)
    exercise.panel.evaluate("fold => { fold.open = true }")
    shared.set_viewport_size({"width": 360, "height": 740})
    assert shared.evaluate("document.documentElement.scrollWidth") <= 360
    shared.set_viewport_size({"width": 1280, "height": 720})
