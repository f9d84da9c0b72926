"""What readers' browsers keep: answers that stay, go out in a file and come in, and come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests import helpers_exercises as small
from tests.conftest import Visit, serve
from tests.helpers_exercises import RATE_LIMIT, Exercise

pytestmark = pytest.mark.live  # a few on the real site: tests/site/test_predict.py


@pytest.fixture(scope="module")
def address(exercises_site: Path) -> Iterator[str]:
    with serve(exercises_site) as here:
        yield here


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
    expect(task.editor).to_have_value("# mine")
    visit.page.once("dialog", lambda dialog: dialog.accept())
    task.reset.click()
    expect(task.editor).to_have_value(small.RATE)
    assert visit.page.evaluate("Object.keys(localStorage).filter((key) => /^kept/.test(key))") == []


def test_an_answer_to_an_earlier_version_is_offered_and_not_put_in(visit: Visit):
    page = visit.open("en/tasks.html")
    page.evaluate("localStorage.setItem('kept / answer tasks/rate-limit/00000000', '# old')")
    task = Exercise(page, RATE_LIMIT)
    task.open()
    assert task.editor.input_value() == small.RATE
    task.box.get_by_text("This exercise has changed since").wait_for()
    task.box.get_by_role("button", name="Put your earlier answer in").click()
    expect(task.editor).to_have_value("# old")
    expect(task.box.get_by_text("This exercise has changed since")).to_have_count(0)


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
    said = task.panel.get_by_role("status")
    expect(said).to_be_empty()  # until the file has been read
    chooser.value.set_files(path)
    expect(said).not_to_be_empty()
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


KEPT = """() => Object.fromEntries(
  Object.entries(localStorage).filter(([key]) => key.startsWith("kept")).sort())"""


def test_an_import_can_be_undone_for_as_long_as_the_visit_lasts(saved, elsewhere):
    task = Exercise(elsewhere, RATE_LIMIT)
    task.open()
    task.editor.fill("# here first")
    elsewhere.evaluate("localStorage.setItem('kept / prediction grows', '2')")
    before = elsewhere.evaluate(KEPT)
    undo = task.panel.get_by_role("button", name="Undo reading the file")
    task.panel.evaluate("fold => { fold.open = true }")
    expect(undo).to_be_hidden()
    bring(elsewhere, saved)
    expect(task.editor).to_have_value("# mine")
    said = task.panel.get_by_role("status")
    expect(said).to_contain_text('1 of them took the place of others. "Undo reading the file" puts')
    elsewhere.reload()  # as on another page of the same visit
    task.open()
    expect(task.editor).to_have_value("# mine")
    task.panel.locator("summary").press("Enter")
    undo.press("Enter")
    expect(task.editor).to_have_value("# here first")
    expect(said).to_have_text("Undone: 1 put back as before the file was read.")
    expect(task.panel.get_by_role("button", name="Read such a file")).to_be_focused()
    expect(undo).to_be_hidden()
    assert elsewhere.evaluate(KEPT) == before
    another = elsewhere.context.new_page()
    another.goto(elsewhere.url)
    assert another.evaluate("sessionStorage.length") == 0


def test_where_nothing_was_nothing_is_after_an_undo(saved, browser: Browser, address: str):
    page = browser.new_context().new_page()
    page.goto(f"{address}/ko/tasks.html")
    task = Exercise(page, RATE_LIMIT)
    task.open()
    with page.expect_file_chooser() as chooser:
        task.keep("저장한 파일 읽기")
    chooser.value.set_files(saved)
    expect(task.editor).to_have_value("# mine")
    task.panel.get_by_role("button", name="파일 읽기 되돌리기").click()
    expect(task.editor).to_have_value(small.RATE)
    said = "되돌렸습니다. 1개가 파일을 읽기 전과 같습니다."
    expect(task.panel.get_by_role("status")).to_have_text(said)
    assert page.evaluate(KEPT) == {}
    page.context.close()


def test_the_last_import_is_undone_and_a_file_that_was_not_read_changes_nothing(
    saved, elsewhere, tmp_path
):
    later, broken = tmp_path / "later.json", tmp_path / "broken.json"
    later.write_text(saved.read_text("utf-8").replace("# mine", "# later"), "utf-8")
    broken.write_text("{", "utf-8")
    for path in (saved, later):
        task = bring(elsewhere, path)
    expect(task.editor).to_have_value("# later")
    bring(elsewhere, broken)
    said = task.panel.get_by_role("status")
    expect(said).to_contain_text("This is no file of answers")
    task.panel.get_by_role("button", name="Undo reading the file").click()
    expect(task.editor).to_have_value("# mine")


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


def test_the_notebook_comes_with_the_readers_answers(visit: Visit, exercises_site, saved, tmp_path):
    with visit.page.expect_download() as download:
        Exercise(visit.page, RATE_LIMIT).keep("Download the notebook with your answers")
    path = tmp_path / "mine.ipynb"
    download.value.save_as(path)
    mine = nbformat.read(path, as_version=4)
    nbformat.validate(mine)
    published = nbformat.read(exercises_site / "en" / "notebooks" / "tasks.ipynb", as_version=4)
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
    expect(task.note).to_contain_text("keeps no answers")
    page.close()
