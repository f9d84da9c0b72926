"""Live cells in a browser: a reader's run, changes, mistakes and endless loops; nothing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import helpers_live as live
from tests.conftest import Visit, serve
from tests.helpers_live import LOADED, WAYS_OUT, Cell

JS = "text/javascript"
SHIFTS = """async () => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  await new Promise((done) => setTimeout(done, 200));
  return sum;
}"""
COUNTER, RUN, TOTAL = range(3)  # the live cells of the page


@pytest.fixture(scope="module")
def address(live_site: Path) -> Iterator[str]:
    with serve(live_site) as here:
        yield here


@pytest.fixture(scope="module")
def shared(browser: Browser, address: str) -> Iterator[Page]:
    """A page on which Python has been loaded; what tests change they set back."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/en/cells.html")
    Cell(page, COUNTER).run()
    yield page
    context.close()


@pytest.fixture
def cells(shared: Page) -> list[Cell]:
    found = [Cell(shared, number) for number in (COUNTER, RUN, TOTAL)]
    for cell in found:
        if cell.editor.count():
            cell.reset.click()
    return found


def test_nothing_is_loaded_before_the_first_press_and_nothing_after_it(visit: Visit):
    page = visit.open("en/cells.html")
    assert not [each for each in visit.requests if "/live/" in each]
    cell = Cell(page, COUNTER)
    assert cell.button.text_content() == "Run in this browser (loads 8.8 MB)"
    cell.run()
    loaded = [each.rpartition("/")[2] for each in visit.requests if "/live/" in each]
    assert {"pyodide.asm.wasm", "python_stdlib.zip"} < set(loaded)
    assert len(loaded) == len(set(loaded)), "something came twice"
    assert all(each.startswith((visit.address, "blob:")) for each in visit.requests)
    before = len(visit.requests)
    Cell(page, RUN).run("import random, json, decimal\nrng.integers(3)")
    assert len(visit.requests) == before
    assert visit.errors == []


def test_a_cell_runs_with_what_it_needs_from_above_and_no_more(cells):
    said = cells[RUN].run()
    assert said.startswith("[[0. 1.]] 0.5\narray([85, 63, 51]")
    assert "imported" not in said  # the page's first cell prints it
    assert cells[RUN].status.text_content().startswith("Done in ")
    assert cells[RUN].box.locator(".live-title").text_content() == "This browser's run"


def test_the_editor_stands_in_the_place_of_the_code(cells, shared):
    cells[RUN].run()
    code = shared.locator(".cell.tag_live").nth(RUN).locator(".cell_input .highlight")
    assert not code.is_visible()
    assert cells[RUN].editor.input_value() == live.RUN


def test_once_python_is_there_no_button_speaks_of_loading_it(shared, cells):
    words = shared.locator(".live > button:first-child").all_text_contents()
    assert words == ["Run", "Run", "Run"]


def test_a_fold_opens_and_values_for_the_prose_are_shown(cells):
    assert cells[TOTAL].run() == "total = 1.5\n1.5"
    assert cells[TOTAL].editor.is_visible()


def test_the_built_results_stay(shared, cells):
    cells[RUN].run("1 + 1")
    built = shared.locator(".cell.tag_live").nth(RUN).locator(".cell_output")
    assert "array([85, 63, 51])" in built.text_content()
    assert built.is_visible()


def test_a_changed_cell_is_what_runs_for_the_cells_below(cells):
    cells[COUNTER].editor.fill(live.CLASS.replace("STEP = 2", "STEP = 4"))
    assert cells[TOTAL].run() == "total = 0.75\n0.75"
    cells[COUNTER].reset.click()
    assert cells[COUNTER].editor.input_value() == live.CLASS
    assert cells[TOTAL].run() == "total = 1.5\n1.5"


def test_values_are_kept_from_cell_to_cell(cells):
    cells[RUN].run("kept = 41")
    assert cells[TOTAL].run("kept + 1") == "42"


def test_an_exception_is_shown_as_python_shows_it_with_a_word_and_its_line(cells):
    said = cells[RUN].run("x = 1\n\nx / 0")
    assert said.startswith("Traceback (most recent call last):")
    assert 'File "<cell 3>", line 3, in <module>\n    x / 0' in said
    assert said.strip().endswith("ZeroDivisionError: division by zero")
    assert cells[RUN].note.text_content() == (
        "Something is divided by 0. It happened in line 3 of this cell."
    )
    assert "runner" not in said


def test_an_exception_in_a_cell_above_says_so(cells):
    cells[COUNTER].editor.fill("STEP = 2\nclass Counter:\n    x = nothing")
    assert "NameError: name 'nothing' is not defined" in cells[TOTAL].run()
    assert cells[TOTAL].note.text_content().endswith("It happened in a cell above.")


def test_a_loop_without_end_is_stopped_and_the_next_run_starts_from_above(cells):
    cells[RUN].run("kept = 1")
    cells[RUN].start("while True:\n    pass")
    cells[RUN].status.get_by_text("Running").wait_for()
    cells[RUN].stop.focus()
    cells[RUN].stop.press("Enter")
    cells[RUN].status.get_by_text("Stopped. All values are gone").wait_for()
    expect(cells[RUN].button).to_be_focused()
    assert cells[TOTAL].run() == "total = 1.5\n1.5"
    assert "NameError" in cells[TOTAL].run("kept")


@pytest.mark.live
def test_what_is_printed_without_end_neither_fills_the_page_nor_stops_the_stop(cells):
    cells[RUN].start("while True:\n    print('again')")
    cells[RUN].note.get_by_text("More was printed").wait_for(timeout=LOADED)
    cells[RUN].stop.click()
    cells[RUN].status.get_by_text("Stopped.").wait_for()
    assert len(cells[RUN].output.text_content()) < 300_000


@pytest.mark.live
def test_of_much_at_once_the_beginning_is_shown(cells):
    assert len(cells[RUN].run("print('a' * 300_000)")) == 200_000
    assert cells[RUN].note.text_content() == "More was printed than is shown here."


def test_a_line_that_is_written_anew_is_one_line(cells):
    said = cells[RUN].run(r"for k in range(3): print(k, end='\r')" + "\nprint('end')")
    assert said == "end\n"


@pytest.mark.live
def test_a_cell_that_fills_the_memory_is_told_and_the_next_run_has_room(cells):
    said = cells[RUN].run("kept = []\nwhile True: kept.append(np.ones(10**7))")
    assert "MemoryError" in said
    assert "All values are gone" in cells[RUN].note.text_content()
    assert cells[RUN].run("np.ones(10**7).sum()") == "np.float64(10000000.0)"


@pytest.mark.live
def test_what_asks_for_input_gets_none(cells):
    assert "EOFError" in cells[RUN].run("input()")
    assert cells[RUN].note.text_content().startswith("Nothing can be typed in")


def test_one_cell_runs_at_a_time(cells):
    cells[TOTAL].run()
    cells[RUN].start("while True:\n    pass")
    cells[TOTAL].button.click()
    cells[TOTAL].status.get_by_text("Another cell of this page is running").wait_for()
    cells[RUN].stop.click()
    cells[RUN].ended()


@pytest.mark.live
def test_a_worker_that_dies_is_told_and_the_next_run_starts_afresh(cells):
    broken = "import ctypes\nctypes.CFUNCTYPE(None)(2**31 - 1)()"
    cells[RUN].run(broken)
    assert cells[RUN].status.text_content().startswith("The browser has ended Python")
    assert cells[RUN].run("1 + 1") == "2"


@pytest.mark.live
def test_a_worker_that_is_ended_without_a_word_is_missed(visit: Visit):
    page = visit.open("en/cells.html")
    script = "postMessage({ kind: 'there' }); close()"
    page.route("**/live/worker.js*", lambda route: route.fulfill(body=script, content_type=JS))
    cell = Cell(page, COUNTER)
    cell.run()
    assert cell.status.text_content().startswith("The browser has ended Python")


def test_signs_that_a_keyboard_put_in_are_mended_with_a_word(cells):
    assert cells[RUN].run("print（“a”，‘b’）") == "a b\n"
    assert cells[RUN].editor.input_value() == "print(\"a\",'b')"
    assert "full-width signs" in cells[RUN].note.text_content()


def test_the_editor_leaves_a_readers_code_alone(cells, shared):
    cells[RUN].run()
    area = cells[RUN].editor
    for name, value in {
        "autocapitalize": "off",
        "autocorrect": "off",
        "spellcheck": "false",
    }.items():
        assert area.get_attribute(name) == value
    assert area.evaluate("area => getComputedStyle(area).fontSize") == "16px"
    area.fill("def f():")
    area.press("End")
    area.press("Enter")
    area.type("return 7")
    area.press("Enter")
    assert area.input_value() == "def f():\n    return 7\n    "
    area.press("Tab")
    assert area.evaluate("area => document.activeElement !== area")
    area.fill("6 * 7")
    area.press("Control+Enter")
    assert cells[RUN].ended() == "42"


def test_keys_pressed_while_a_syllable_is_composed_do_nothing(cells):
    cells[RUN].run("1")
    keydown = """(area, keys) => area.dispatchEvent(new KeyboardEvent(
        "keydown", { key: "Enter", isComposing: true, cancelable: true, ...keys }))"""
    for keys in ({}, {"ctrlKey": True}):
        assert cells[RUN].editor.evaluate(keydown, keys), "the key was taken"
    assert cells[RUN].editor.input_value() == "1"


def test_a_readers_code_finds_no_way_to_another_host(cells, shared, tmp_path):
    asked: list[str] = []
    for name in ("import", "eval", "function", "timeout", "scripts", "worker"):
        (tmp_path / f"{name}.js").write_text("", encoding="utf-8")
    with serve(tmp_path, asked) as away:
        port = away.rpartition(":")[2]
        said = cells[RUN].run(WAYS_OUT.replace("AWAY", away).replace("PORT", port))
        assert said.count("\n") >= 19, said
        cells[RUN].run("import time\ntime.sleep(1)")
        shared.wait_for_timeout(500)
        assert asked == [], said
        assert (
            shared.evaluate("(a) => fetch(a).then(() => 'came', () => 'refused')", away)
            == "refused"
        )


@pytest.mark.live
def test_a_file_that_does_not_come_is_told_and_the_next_press_tries_again(visit: Visit):
    page = visit.open("en/cells.html")
    page.route("**/python_stdlib.zip", lambda route: route.abort())
    cell = Cell(page, COUNTER)
    cell.run()
    assert cell.status.text_content().startswith("Python could not be loaded. Look whether")
    page.unroute("**/python_stdlib.zip")
    cell.run("1 + 1")
    assert cell.output.text_content() == "2"


@pytest.mark.live
def test_without_a_network_even_the_first_press_is_answered(visit: Visit):
    page = visit.open("en/cells.html")
    page.context.set_offline(True)
    cell = Cell(page, COUNTER)
    cell.button.click()
    cell.status.get_by_text("Python could not be loaded").wait_for()
    page.context.set_offline(False)
    cell.run()
    assert cell.status.text_content().startswith("Done in")


@pytest.mark.live
def test_a_browser_without_webassembly_says_so(visit: Visit):
    visit.page.add_init_script("delete globalThis.WebAssembly")
    cell = Cell(visit.open("en/cells.html"), COUNTER)
    cell.button.click()
    cell.status.get_by_text("This browser has no WebAssembly").wait_for()


def test_a_page_from_a_folder_says_what_it_needs(browser: Browser, live_site: Path):
    page = browser.new_page()
    page.goto((live_site / "en" / "cells.html").as_uri())
    cell = Cell(page, COUNTER)
    cell.button.click()
    cell.status.get_by_text("python -m http.server").wait_for()
    page.close()


def test_korean_pages_speak_korean(visit: Visit):
    page = visit.open("ko/cells.html")
    cell = Cell(page, RUN)
    assert cell.button.text_content() == "이 브라우저에서 실행(8.8 MB 내려받기)"
    assert cell.run().startswith("[[0. 1.]] 0.5")
    assert cell.box.locator(".live-title").text_content() == "이 브라우저에서 실행한 결과"
    cell.run("nothing")
    assert cell.note.text_content().startswith("이 이름에는 아직 값이 없습니다.")
    assert cell.note.text_content().endswith("이 셀의 1번째 줄에서 오류가 났습니다.")


@pytest.mark.live
def test_cells_run_side_by_side_too(visit: Visit):
    page = visit.open("en/both/cells.html")
    assert page.locator(".live").count() == 3
    assert Cell(page, TOTAL).run() == "total = 1.5\n1.5"


def test_nothing_jumps_when_the_buttons_come(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 412, "height": 823})
    page.goto(f"{address}/ko/cells.html", wait_until="networkidle")
    assert page.locator(".live button:visible").count() == 3
    assert page.evaluate(SHIFTS) < 0.005  # the search button in the header moves a little
    page.close()


def test_without_scripts_there_are_no_buttons(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/en/cells.html")
    assert page.locator(".live button:visible").count() == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_a_cell_open(cells, shared, scheme):
    cells[RUN].run("print('a' * 300)\nnothing")
    shared.emulate_media(color_scheme=scheme)
    own = {"include": [[".live"], ["textarea"]]}
    found = Axe().run(shared, context=own).response["violations"]
    assert [(each["id"], [x["html"][:200] for x in each["nodes"]]) for each in found] == []


def test_nothing_is_wider_than_a_telephone(cells, shared):
    cells[RUN].run("print('a' * 300)\nnothing")
    shared.set_viewport_size({"width": 360, "height": 740})
    assert shared.evaluate("document.documentElement.scrollWidth") <= 360
    shared.set_viewport_size({"width": 1280, "height": 720})
