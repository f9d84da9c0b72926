"""What readers do with the built site: choose a language, open a drawer, sort a table."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Locator, expect

from bookwright import book
from bookwright.claims import collect
from bookwright.source.facts import facts
from tests.conftest import ROOT
from tests.site.conftest import built

LANGUAGES = book.LANGUAGES
RESTS = "(node) => Promise.all(node.getAnimations().map((each) => each.finished))"  # it slides
AT_TOP = "(node) => 0 <= node.getBoundingClientRect().y && node.getBoundingClientRect().y < 300"


def wait_at_top(place: Locator) -> None:
    """Waits until the page has scrolled to a place."""
    place.page.wait_for_function(AT_TOP, arg=place.element_handle())


def test_the_evidence_of_a_claim_opens_by_keyboard(visit):
    page = visit.open("ko/reuters.html")
    details = page.locator("details.claim-evidence").first
    assert details.get_attribute("open") is None
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(details.locator("table")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "language"), [("ko-KR", "ko"), ("en-GB", "en"), ("fr-FR", "en")]
)
def test_the_front_door_opens_on_the_browsers_language(browser, address, locale, language):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{address}/index.html")
    page.wait_for_url(f"**/{language}/index.html")
    context.close()


def test_the_front_door_remembers_the_last_choice(browser, address):
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{address}/ko/index.html", wait_until="networkidle")
    page.goto(f"{address}/index.html")
    page.wait_for_url("**/ko/index.html")
    context.close()


def test_the_front_door_has_both_links_without_javascript(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for language in LANGUAGES:
        page.goto(f"{address}/index.html")
        page.locator(f"a[hreflang={language}]").click()
        expect(page).to_have_url(f"{address}/{language}/index.html")
    context.close()


def test_every_claim_of_the_site_holds_and_is_in_both_languages(site):
    found = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    sources = [page.source.read_text(encoding="utf-8") for page in book.all_pages()]
    written = {claim.what for text in sources for claim in facts(text).claims}
    assert {claim["id"] for claim in found} == written
    for claim in found:
        for language in LANGUAGES:
            page = built(f"{language}/{claim['chapter']}")
            box = page.get_element_by_id(f"claim-{claim['id']}")
            assert bool(box.cssselect(".claim-mark")) == (claim["held"] is False), claim["id"]
            decided = claim["held"] is not None or not claim["counts"]
            assert bool(box.cssselect(".claim-open")) or decided, claim["id"]
            assert claim["sentence"][language]
    assert not collect.fallen(found), collect.told(
        found
    )  # on other data than Keras' it may be false


def test_the_claims_are_as_the_schema_beside_them_says(site):
    found, schema = (
        json.loads((site / name).read_text(encoding="utf-8"))
        for name in ("claims.json", "claims.schema.json")
    )
    assert found
    assert [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []


def test_build_json_says_what_each_page_cost(site):
    record = json.loads((site / "build.json").read_text(encoding="utf-8"))
    assert set(record["versions"]) >= {"python", "tensorflow", "keras", "numpy"}
    assert all(found["sha256"] for found in record["data"].values())
    for language in LANGUAGES:
        run = record["pages"][f"{language}/reuters"]
        assert 0 < run["peak_memory_bytes"] < 2e9, "a page must fit Binder's 2 GB"
        assert run["seconds"] > 0


def test_the_readme_shows_a_picture_that_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert (ROOT / "book" / "_static" / "preview.svg").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_of_results_is_sorted_by_the_column_whose_head_is_clicked(visit, language):
    page = visit.open(f"{language}/reproduction.html")
    table = page.locator("table.reproduction")
    head = table.locator("th").nth(4)

    def distances():
        cells = table.locator("tbody tr td:nth-child(5)").all_inner_texts()
        return [float(cell) for cell in cells if cell.strip("–").strip()]

    before = distances()
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert distances() == sorted(before)
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert distances() == sorted(before, reverse=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_that_decides_a_statement_is_linked_to_its_place(visit, site, language):
    page = visit.open(f"{language}/reproduction.html")
    links = page.locator("table.statements a").all()
    assert len(links) > 50
    targets = {link.get_attribute("href") for link in links}
    for target in sorted(targets):
        chapter, claim = target.split("#")
        assert f'id="{claim}"' in (site / language / chapter).read_text("utf-8"), target


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_switch_leads_to_the_section_that_is_read(visit, language):
    page = visit.open(f"{language}/reuters.html")
    page.locator("#section-7").evaluate("mark => mark.scrollIntoView()")
    page.locator("a.language-switch").first.evaluate("link => link.click()")  # without scrolling
    page.wait_for_url("**#section-7")
    other = "en" if language == "ko" else "ko"
    assert page.url.endswith(f"/{other}/reuters.html#section-7")
    wait_at_top(page.locator("#section-7"))
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.locator("a.language-switch").first.evaluate("link => link.click()")
    page.wait_for_url(f"**/{language}/reuters.html*")
    assert page.url.rstrip("#").endswith(f"/{language}/reuters.html")


@pytest.mark.parametrize("name", ["index", "rnn", "errata"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_switch_leads_to_the_same_page_in_the_other_language(visit, language, name):
    page = visit.open(f"{language}/{name}.html")
    other = "en" if language == "ko" else "ko"
    page.locator("a.language-switch").first.click()
    page.wait_for_url(f"**/{other}/{name}.html")
    expect(page.locator("html")).to_have_attribute("lang", other)


def test_colours_change_by_button_and_are_remembered(visit):
    page = visit.open("ko/index.html")
    assert page.evaluate("document.body.dataset.theme") == "auto"
    grounds = set()
    for _ in range(2):
        page.locator(".theme-toggle").click()
        chosen = page.evaluate("document.body.dataset.theme")
        page.reload()
        assert page.evaluate("document.body.dataset.theme") == chosen
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2, "light and dark, one after the other"


@pytest.fixture
def telephone(browser, address):
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}/ko/rnn.html", wait_until="networkidle")
    yield page
    context.close()


@pytest.mark.parametrize(
    ("button", "drawer"),
    [(".nav-overlay-icon", ".sidebar-drawer"), (".toc-overlay-icon", ".toc-drawer")],
)
def test_a_drawer_opens_by_touch_and_closes_by_a_touch_beside_it(telephone, button, drawer):
    drawn = telephone.locator(drawer)
    assert not drawn.locator("a").last.is_visible()
    telephone.locator(button).tap()
    drawn.locator("a").last.wait_for(state="visible")
    drawn.evaluate(RESTS)
    box = drawn.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    telephone.touchscreen.tap(350 if box["x"] < 5 else 10, 400)
    drawn.locator("a").last.wait_for(state="hidden")


def test_escape_closes_a_drawer_and_gives_the_focus_back(telephone):
    telephone.locator("#__navigation").focus()
    telephone.keyboard.press("Space")
    telephone.locator(".sidebar-drawer a").first.wait_for(state="visible")
    telephone.keyboard.press("Escape")
    telephone.locator(".sidebar-drawer a").first.wait_for(state="hidden")
    expect(telephone.locator("#__navigation")).to_be_focused()


def test_a_touched_section_is_shown_and_its_drawer_closes(telephone):
    telephone.locator(".toc-overlay-icon").tap()
    telephone.locator(".toc-tree a").nth(5).tap()
    telephone.locator(".toc-drawer a").last.wait_for(state="hidden")
    wait_at_top(telephone.locator(":target"))


def test_drawers_and_menu_work_without_a_script(browser, address):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, has_touch=True
    )
    page = context.new_page()
    page.goto(f"{address}/en/rnn.html")
    page.locator(".nav-overlay-icon").tap()
    page.locator(".sidebar-drawer a").first.wait_for(state="visible")
    assert page.locator("math").first.is_visible()
    context.close()


def test_a_code_cell_is_copied_and_the_button_says_so(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/ko/rnn.html", wait_until="networkidle")
    cell = page.locator("div.highlight", has=page.locator(".copybtn")).first
    cell.hover()
    cell.locator(".copybtn").click()
    expect(cell.locator(".copybtn")).to_have_attribute("data-tooltip", "복사했습니다")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("pre").inner_text().strip()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_site_opens_from_a_folder_with_all_but_search(browser, site, language):
    page = browser.new_page()
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/*/index.html")
    page.goto((site / language / "initialization.html").as_uri())
    assert page.evaluate(
        "[...document.images].every((i) => i.loading === 'lazy' || i.naturalWidth)"
    )
    assert page.locator(".copybtn").count() > 10
    page.locator("a.language-switch").click()
    page.wait_for_url(f"**/{'en' if language == 'ko' else 'ko'}/initialization.html")
    page.locator("a[rel=next]").first.click()
    page.wait_for_url("**/reuters.html")
    assert errors == []
    page.close()


@pytest.mark.parametrize("path", ["ko/batchnorm", "en/both/rnn"])
def test_formulas_are_set_in_the_font_that_the_site_brings(visit, path):
    page = visit.open(f"{path}.html")
    browser = page.context.new_cdp_session(page)
    browser.send("DOM.enable")
    browser.send("CSS.enable")
    root = browser.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    query = {"nodeId": root, "selector": "math mi, math mo, math mn"}
    used = set()
    for node in browser.send("DOM.querySelectorAll", query)["nodeIds"][:200]:
        found = browser.send("CSS.getPlatformFontsForNode", {"nodeId": node})
        used |= {(font["familyName"], font["isCustomFont"]) for font in found["fonts"]}
    assert used == {("STIX Two Math", True)}


# How far apart the columns of each formula of many lines begin, at most: of its second cells.
COLUMNS = """() => [...document.querySelectorAll("article mtable")].map((table) => {
  const starts = [...table.children].map((row) => row.children[1]?.firstElementChild)
    .filter(Boolean).map((part) => part.getBoundingClientRect().left);
  return Math.max(...starts) - Math.min(...starts);
})"""


@pytest.mark.parametrize(
    "path", ["ko/regularization", "en/regularization", "en/both/regularization"]
)
def test_the_lines_of_a_formula_stand_below_each_other(visit, path):
    page = visit.open(f"{path}.html")
    page.locator("article mtable").nth(1).wait_for()
    apart = page.evaluate(COLUMNS)
    assert max(apart) < 1, apart
