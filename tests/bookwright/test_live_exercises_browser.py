"""Exercises in a browser: verdicts and hints; answers that are kept, taken along, brought back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import helpers_exercises as small
from tests.conftest import Visit, serve
from tests.helpers import site_once
from tests.helpers_exercises import PLAYGROUND, RATE_LIMIT, STANDARDIZE, Exercise

WRONG = small.RIGHT.replace("- mean", "+ mean")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_once("exercises", small.write, tmp_path_factory)


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    with serve(built) as here:
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


# What is kept


def test_an_answer_is_there_after_the_page_was_left_and_in_the_other_language(visit: Visit):
    task = Exercise(visit.open("en/tasks.html"), RATE_LIMIT)
    task.open()
    task.editor.fill("# mine")
    for language in ("en", "ko"):
        task = Exercise(visit.open(f"{language}/tasks.html"), RATE_LIMIT)
        task.open()
        assert task.editor.input_value() == "# mine"
    visit.page.once("dialog", lambda dialog: dialog.dismiss())
    task.reset.click()
    assert task.editor.input_value() == "# mine"
    visit.page.once("dialog", lambda dialog: dialog.accept())
    task.reset.click()
    assert task.editor.input_value() == small.RATE
    assert visit.page.evaluate("Object.keys(localStorage).filter((key) => /^kept/.test(key))") == []


def test_an_answer_to_an_earlier_version_is_offered_and_not_put_in(visit: Visit):
    page = visit.open("en/tasks.html")
    page.evaluate("localStorage.setItem('kept / answer tasks/rate-limit/00000000', '# old')")
    task = Exercise(page, RATE_LIMIT)
    task.open()
    assert task.editor.input_value() == small.RATE
    task.box.get_by_text("This exercise has changed since").wait_for()
    task.box.get_by_role("button", name="Put your earlier answer in").click()
    assert task.editor.input_value() == "# old"
    assert not task.box.get_by_text("This exercise has changed since").count()


@pytest.fixture
def saved(visit: Visit, tmp_path: Path) -> Path:
    """A file with the answer `# mine`."""
    task = Exercise(visit.open("en/tasks.html"), RATE_LIMIT)
    task.open()
    task.editor.fill("# mine")
    with visit.page.expect_download() as download:
        task.keep("Save them as a file")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def bring(page: Page, path: Path) -> Exercise:
    task = Exercise(page, RATE_LIMIT)
    task.open()
    with page.expect_file_chooser() as chooser:
        task.keep("Read such a file")
    chooser.value.set_files(path)
    task.panel.get_by_role("status").filter(has_text=re.compile(".")).wait_for()
    return task


@pytest.fixture
def elsewhere(browser: Browser, address: str) -> Iterator[Page]:
    """The page in another reader's browser."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/en/tasks.html")
    yield page
    context.close()


def test_answers_go_out_in_a_file_and_come_in_on_another_machine(saved, elsewhere):
    held = json.loads(saved.read_text(encoding="utf-8"))
    assert held["version"] == 1
    assert list(held["kept"]["answer"].values()) == ["# mine"]
    task = bring(elsewhere, saved)
    assert task.editor.input_value() == "# mine"
    assert task.panel.get_by_role("status").text_content().startswith("1 taken over; 0 of them")


@pytest.mark.live
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "This is no file of answers"),
        ("[]", "This is no file of answers"),
        ('{"version": 1, "kept": null}', "This is no file of answers"),
        ('{"version": 2, "kept": {}}', "This file was saved by another version"),
        (
            '{"version": 1, "kept": {"answer": {"a/b/1": "1", "c": 3, "d e": "2"}, "secret": {}}}',
            "1 taken over; 0 of them took the place of others. "
            "Not taken over: answer c, answer d e, secret",
        ),
    ],
)
def test_a_file_that_holds_something_else_is_told(elsewhere, tmp_path, content, said):
    path = tmp_path / "answers.json"
    path.write_text(content, encoding="utf-8")
    task = bring(elsewhere, path)
    assert task.panel.get_by_role("status").text_content().startswith(said)


def test_the_notebook_comes_with_the_readers_answers(visit: Visit, built, saved, tmp_path):
    with visit.page.expect_download() as download:
        Exercise(visit.page, RATE_LIMIT).keep("Download the notebook with your answers")
    path = tmp_path / "mine.ipynb"
    download.value.save_as(path)
    mine = nbformat.read(path, as_version=4)
    nbformat.validate(mine)
    published = nbformat.read(built / "en" / "notebooks" / "tasks.ipynb", as_version=4)
    changed = [
        (own.source, theirs.source)
        for own, theirs in zip(mine.cells, published.cells, strict=True)
        if own != theirs
    ]
    assert changed == [("# mine", small.RATE)]


def test_a_browser_that_keeps_nothing_says_so(browser: Browser, address: str):
    page = browser.new_page()
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
    page.goto(f"{address}/en/tasks.html")
    task = Exercise(page, RATE_LIMIT)
    task.open()
    task.editor.fill("# mine")
    assert "keeps no answers" in task.note.text_content()
    page.close()


# Without solutions


def test_a_link_shows_the_page_without_solutions_and_says_so(visit: Visit):
    page = visit.open("en/tasks.html")
    assert page.locator(".tag_solution:visible").count() == 3
    link = page.locator(".page-menu a", has_text="without solutions").last
    assert link.get_attribute("href") == "?solutions=off"
    before = len(visit.requests)
    page.goto(f"{visit.address}/en/tasks.html?solutions=off", wait_until="networkidle")
    assert page.locator(".tag_solution:visible").count() == 0
    again = {each.partition("?")[0] for each in visit.requests[before:]}
    assert again <= {each.partition("?")[0] for each in visit.requests[:before]}
    page.locator("h1 + p", has_text="The solutions are left out here.").locator("a").click()
    assert page.locator(".tag_solution:visible").count() == 3


def test_the_notebook_without_solutions_holds_none(built):
    folder = built / "en" / "notebooks"
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


# Everybody


@pytest.mark.live
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
