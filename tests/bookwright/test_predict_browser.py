"""Questions in a browser: folded until answered, told why, found, linked, printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bookwright.pdf import document
from tests import helpers_predict as predict
from tests.conftest import Visit, serve
from tests.helpers import made_once
from tests.helpers_predict import Question

pytestmark = pytest.mark.live  # a few on the real site: tests/site/test_predict.py

JUMPS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 200);
})"""
MOST = 0.005  # what the header moves sideways, as on every page
WRONG, RIGHT = 0, 1  # places of answers


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        status, said = predict.write(folder).run("book", "--unchecked", "--strict")
        assert status == 0, said
        assert "as long as their claims do not decide them:\n  open (asked): open\n" in said

    return made_once("predict", make, tmp_path_factory) / "_build" / "html"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serve(site) as here:
        yield here


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield visit.open("en/asked.html")
    assert visit.errors == []
    assert all(each.startswith(visit.address) for each in visit.requests)


def wait_until_kept(page: Page) -> None:
    """An answer has been written down, by a module that is loaded for it."""
    kept = "() => Object.keys(localStorage).some((key) => key.startsWith('kept'))"
    page.wait_for_function(kept)


def test_a_result_is_folded_until_its_question_is_answered(page):
    one, other = Question(page), Question(page, "grows-more")
    assert one.folded
    assert other.folded
    one.choices.nth(RIGHT).click()
    assert not one.folded
    assert other.folded
    assert page.get_by_text("printed grows", exact=True).is_visible()


def test_a_wrong_answer_is_told_its_misconception_and_which_answer_is_right(page):
    one = Question(page)
    one.answer(WRONG)
    assert one.status.inner_text().split("\n") == [
        "Wrong. The thought behind it: Shrinking. Nothing takes away.",
        "",
        "Right: this is what was measured.",
        "",
        "Some times",
    ]


def test_a_right_answer_is_told_so(page):
    one = Question(page)
    one.answer(RIGHT)
    assert one.status.inner_text() == "Right: this is what was measured."


def test_where_no_answer_is_marked_the_page_says_why(page):
    one = Question(page, "open")
    one.answer(WRONG)
    assert not one.folded
    one.status.get_by_text("No answer is marked as right, for the sentence").wait_for()
    assert one.box.locator(".right, .wrong").count() == 0
    assert one.box.locator(".chosen").inner_text() == "It shrinks"


def test_the_first_answer_is_kept_on_both_languages_pages(visit, page):
    one = Question(page)
    one.answer(WRONG)
    one.choices.nth(RIGHT).click()  # to read on, once the result is known
    wait_until_kept(page)
    Question(visit.open("ko/asked.html")).box.wait_for()
    one = Question(visit.page)
    assert not one.folded
    assert Question(visit.page, "grows-more").folded
    chosen = one.box.locator(".chosen.wrong")
    assert chosen.inner_text() == "줄어듭니다"
    assert one.box.locator(".right").inner_text() == "몇 배"


def test_what_is_kept_is_what_the_exercises_keep_theirs_with(visit, page):
    Question(page).choices.nth(WRONG).click()
    wait_until_kept(page)
    kept = page.evaluate("import('/en/_static/keeping/keep.js').then((keep) => keep.exported())")
    assert json.loads(kept)["kept"]["prediction"] == {"grows": "1"}
    own = [each for each in visit.requests if "/keeping/" in each]
    assert own, "it is loaded with the answer"


def test_nothing_is_loaded_before_an_answer(visit, page):
    assert not [each for each in visit.requests if "keeping" in each or "/predict/" in each]


def test_all_results_of_a_page_are_shown_and_that_is_remembered(visit, page):
    assert Question(page).all.inner_text() == "Show all results of this page"
    Question(page).all.click()
    assert not Question(page).folded
    assert not Question(page, "open").folded
    expect(Question(page).all).to_have_text("Fold the results again")  # now it is remembered
    for path in ("en/asked.html", "ko/asked.html"):
        assert not Question(visit.open(path), "grows-more").folded
    page = visit.open("en/asked.html")
    page.get_by_role("button", name="Fold the results again").first.click()
    assert Question(page).folded
    expect(Question(page).all).to_have_text("Show all results of this page")
    assert Question(visit.open("en/asked.html")).folded


def test_a_question_is_answered_by_keyboard_alone(page):
    one = Question(page)
    one.choices.first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert not one.folded
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "Some times"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "predict-all"


def test_what_is_folded_is_no_stop_for_the_keyboard(page):
    folded = Question(page).result.locator("summary").first
    folded.evaluate("x => x.focus()")
    assert page.evaluate("document.activeElement.tagName") != "SUMMARY"


def test_a_link_into_a_result_unfolds_it(visit, page):
    page.get_by_role("link", name="link").click()
    expect(page.get_by_text("So much for the result. grows-more")).to_be_visible()
    assert not Question(page, "grows-more").folded
    assert Question(page).folded
    page = visit.open("en/index.html")
    page = visit.open("en/asked.html#claim-grows")
    assert not Question(page).folded
    assert Question(page, "grows-more").folded
    place = page.locator("#claim-grows").bounding_box()
    assert 0 <= place["y"] < page.viewport_size["height"]


def test_a_question_says_that_a_lab_waits_in_its_result_and_leads_there(visit, page):
    assert page.locator(".predict").filter(has=page.locator(".site-only a")).count() == 1
    one = Question(page, "grows-more")
    link = one.box.get_by_role("link", name="A lab waits in the result below")
    box = page.locator("#lab-plane")
    expect(box).to_be_hidden()
    link.click()
    expect(box).to_be_in_viewport()
    expect(box.get_by_role("button", name="Open the lab")).to_be_visible()
    assert not one.folded
    assert Question(page).folded
    page = visit.open("ko/asked.html")
    page.get_by_role("link", name="아래 결과에 실험실이 있습니다").press("Enter")
    expect(page.locator("#lab-plane")).to_be_in_viewport()


def test_neither_paper_nor_a_notebook_speaks_of_a_lab(visit, site):
    page = visit.open("en/asked.html")
    page.emulate_media(media="print")
    expect(page.get_by_text("A lab waits")).to_be_hidden()
    notebook = (site / "en" / "notebooks" / "asked.ipynb").read_text("utf-8")
    assert "A lab waits" not in notebook


def test_a_search_within_the_page_finds_what_is_folded(page):
    for part in (Question(page).result, Question(page).output):
        assert part.get_attribute("hidden") == "until-found"
    # No script can search as a reader does; this is what the browser says before it shows a match.
    found = page.locator("#grows-more-here")
    found.dispatch_event("beforematch")
    assert not Question(page, "grows-more").folded


def test_nothing_jumps_while_a_page_loads(visit):
    for path in ("en/asked.html", "ko/asked.html"):
        page = visit.open(path)
        assert page.evaluate(JUMPS) < MOST
    Question(page).choices.nth(WRONG).click()
    wait_until_kept(page)
    page.reload(wait_until="networkidle")
    assert not Question(page).folded
    assert page.evaluate(JUMPS) < MOST


def test_choices_become_buttons_of_the_same_size(browser: Browser, address: str):
    heights = []
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(f"{address}/en/asked.html", wait_until="networkidle")
        heights.append(page.locator("#predict-grows").bounding_box()["height"])
        context.close()
    assert heights[0] == heights[1]


def test_without_a_script_all_is_there(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/en/asked.html")
    for claim in ("grows", "grows-more", "open"):
        assert page.get_by_text(f"printed {claim}", exact=True).is_visible()
        assert page.get_by_text(f"So much for the result. {claim}", exact=True).is_visible()
    assert page.get_by_text("Dozens of times").first.is_visible()
    assert page.get_by_text("The right answer").first.is_visible()
    assert not page.locator(".predict-all").first.is_visible()
    context.close()


def test_storage_that_is_forbidden_hinders_no_answer(browser: Browser, address: str):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page.goto(f"{address}/en/asked.html", wait_until="networkidle")
    one = Question(page)
    assert one.folded
    one.choices.nth(RIGHT).click()
    assert not one.folded
    one.all.click()
    assert not Question(page, "open").folded
    context.close()


def test_paper_shows_everything(page):
    page.emulate_media(media="print")
    assert page.get_by_text("printed grows", exact=True).is_visible()
    assert page.get_by_text("So much for the result. open").is_visible()
    assert page.get_by_text("Dozens of times").first.is_visible()
    assert not page.locator(".predict-all").first.is_visible()


def test_the_book_on_paper_shows_question_then_result_then_the_answer(site):
    html = (site / "en" / "asked.html").read_text(encoding="utf-8")
    printed = document.chapter(html, "asked", ["index", "asked"], "en", None).html
    places = [
        printed.index(words)
        for words in ("How many times", "Some times", "printed grows", "So much", "Right: this")
    ]
    assert places == sorted(places)
    assert '<details class="predict-answer" open' in printed
    assert "Show all results" not in printed


def test_a_notebook_shows_question_then_result_then_the_answer(site):
    cells = json.loads((site / "en" / "notebooks" / "asked.ipynb").read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    asked = next(n for n, text in enumerate(texts) if "How many times" in text)
    assert "2. Some times" in texts[asked]
    measuring = next(n for n, text in enumerate(texts) if 'claims.fact("grows"' in text)
    assert cells[measuring]["cell_type"] == "code"
    assert asked < measuring
    assert "<details" in texts[measuring + 1]
    wrong = "1. Wrong. The thought behind it: **Shrinking.** Nothing takes away."
    assert wrong in texts[measuring + 1]
    assert "predict-all" not in "".join(texts)


def test_the_answers_are_in_neither_search_nor_description(visit, site):
    from bookwright.search import index

    html = (site / "en" / "asked.html").read_text(encoding="utf-8")
    found = " ".join(section.text for section in index.sections(html, "asked"))
    assert "How many times does it grow" in found
    assert "So much for the result" in found
    for words in ("Some times", "Shrinking", "Right: this", "The right answer"):
        assert words not in found
    head = html.partition("</head>")[0]
    assert "Some times" not in head
    assert "Right" not in head


def test_pages_side_by_side_show_all_with_a_link_to_the_answer(visit):
    page = visit.open("en/both/asked.html")
    assert page.get_by_text("printed grows", exact=True).is_visible()
    assert page.get_by_text("몇 배", exact=True).first.is_visible()
    assert page.get_by_text("Some times", exact=True).first.is_visible()
    link = page.locator("a.predict-answer").first
    assert link.get_attribute("href") == "../asked.html#result-grows"
    assert page.locator(".predict button:visible").count() == 0
    assert visit.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after_an_answer(page, scheme):
    page.emulate_media(color_scheme=scheme)
    for place in (None, WRONG):
        if place is not None:
            Question(page).answer(place)
            page.locator(".predict-answer > summary").first.click()
        found = Axe().run(page).response["violations"]
        assert found == [], [each["id"] for each in found]


def test_a_telephone_shows_it_without_scrolling_sideways(page):
    page.set_viewport_size({"width": 360, "height": 740})
    Question(page).answer(WRONG)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
