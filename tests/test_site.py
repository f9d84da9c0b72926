"""The built site in a real browser: both languages, three widths, light and dark."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import ROOT
from tools import pages

NAMES = pages.page_names()
LANGUAGES = pages.LANGUAGES
WIDTHS = (360, 768, 1440)


EVERY_PAGE = pytest.mark.parametrize(
    "path", [f"{lang}/{name}" for name in NAMES for lang in LANGUAGES]
)


@EVERY_PAGE
def test_a_page_loads_from_its_own_host_without_an_error(visit, path):
    visit.open(f"{path}.html")
    assert visit.errors == []
    others = [url for url in visit.requests if not url.startswith((visit.address, "data:"))]
    assert others == []


@EVERY_PAGE
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(visit, path, scheme):
    visit.page.emulate_media(color_scheme=scheme)
    for width in WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 800})
        page = visit.open(f"{path}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@EVERY_PAGE
def test_figures_load_and_say_what_they_show(visit, path):
    page = visit.open(f"{path}.html")
    for image in page.locator("main img").all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        alternative = image.get_attribute("alt") or ""
        assert len(alternative) > 20, alternative
        assert not alternative.endswith((".svg", ".png"))
        hangul = any("가" <= letter <= "힣" for letter in alternative)
        assert hangul == path.startswith("ko/")


@EVERY_PAGE
def test_the_switch_leads_to_the_same_page_in_the_other_language(visit, path):
    language, name = path.split("/")
    other = "en" if language == "ko" else "ko"
    page = visit.open(f"{path}.html")
    assert page.evaluate("document.documentElement.lang") == language
    page.locator("a.language-switch").first.click()
    page.wait_for_url(f"**/{other}/{name}.html")
    assert page.evaluate("document.documentElement.lang") == other


# What the theme writes in English on every page, and has to say in Korean on a Korean one.
ENGLISH_WORDS = (
    "Skip to main content", "Back to top", "Contents", "Search", "previous", "next", "By ",
    "Copyright", "Show code", "Hide code", "Toggle", "Note", "Hint", "Exercise", "Figure",
    "Print to PDF", "Light", "Dark", "Copy", "Dropdown", "Permalink", "Link to",
)  # fmt: skip


# Texts and spoken labels of a page, but for its code, its outputs and its references.
INTERFACE_TEXTS = """() => {
  const attributes = ["title", "aria-label", "placeholder", "data-bs-title"];
  const content = "pre, code, math, script, style, noscript, template, [lang=en], "
    + ".cell_output, aside.footnote";
  const texts = [];
  for (const node of document.body.querySelectorAll("*")) {
    if (node.closest(content)) continue;
    for (const name of attributes) texts.push(node.getAttribute(name) ?? "");
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) texts.push(child.data);
    }
  }
  return texts.map((text) => text.trim()).filter(Boolean);
}"""


# Bold type ends at a particle only where a letter stands before it: `**{term}`...`**는` does not.
PROSE = """() => {
  const article = document.querySelector("article").cloneNode(true);
  for (const node of article.querySelectorAll("pre, code, math, script, style")) node.remove();
  return article.textContent;
}"""


@EVERY_PAGE
def test_no_markup_is_left_in_the_prose(visit, path):
    prose = visit.open(f"{path}.html").evaluate(PROSE)
    assert re.findall(r".{0,20}(?:\*\*|:::|\]\{|\{[\w:]+\}).{0,20}", prose) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_korean_page_has_no_english_interface(visit, name):
    page = visit.open(f"ko/{name}.html")
    shown = page.evaluate(INTERFACE_TEXTS)
    english = [text for text in shown if any(text.startswith(word) for word in ENGLISH_WORDS)]
    assert english == []


def test_the_evidence_of_a_claim_opens_by_keyboard(visit):
    page = visit.open("ko/reuters.html")
    details = page.locator("details.claim-evidence").first
    assert details.get_attribute("open") is None
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.locator("table").is_visible()


@EVERY_PAGE
def test_the_page_menu_opens_by_keyboard_and_leads_to_the_notebook(visit, path):
    for width in WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 800})
        page = visit.open(f"{path}.html")
        menu = page.locator("details.page-menu")
        menu.locator("summary").focus()
        page.keyboard.press("Enter")
        for link in menu.locator("a").all():
            box = link.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    own = [link.get_attribute("href") for link in menu.locator("a[download]").all()]
    assert own[0].endswith(f"{path.rpartition('/')[2]}.ipynb")
    for address in own:
        assert page.request.get(f"{visit.address}/{path.split('/')[0]}/{address}").ok


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
        assert page.url == f"{address}/{language}/index.html"
    context.close()


def test_every_claim_of_the_site_holds_and_is_in_both_languages(site):
    claims = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    assert len(claims) >= 8
    for claim in claims:
        assert claim["held"], claim["id"]
        for language in LANGUAGES:
            text = (site / language / f"{claim['chapter']}.html").read_text(encoding="utf-8")
            assert f'id="claim-{claim["id"]}"' in text
            assert claim["sentence"][language]


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
    assert head.get_attribute("aria-sort") == "ascending"
    assert distances() == sorted(before)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
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


@EVERY_PAGE
def test_a_page_names_itself_in_both_languages(visit, path):
    language, name = path.split("/")
    page = visit.open(f"{path}.html")
    for each in LANGUAGES:
        link = page.locator(f'link[rel="alternate"][hreflang="{each}"]')
        assert link.evaluate("link => link.href").endswith(f"/{each}/{name}.html")
    locale = page.locator('meta[property="og:locale"]').get_attribute("content")
    assert locale == {"ko": "ko_KR", "en": "en_US"}[language]
    description = page.locator('meta[name="description"]').get_attribute("content")
    assert len(description) > 30
    hangul = any("가" <= letter <= "힣" for letter in description)
    assert hangul == (language == "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_switch_leads_to_the_section_that_is_read(visit, language):
    page = visit.open(f"{language}/reuters.html")
    page.locator("#section-7").evaluate("mark => mark.scrollIntoView()")
    page.locator("a.language-switch").first.evaluate("link => link.click()")  # without scrolling
    page.wait_for_url("**#section-7")
    other = "en" if language == "ko" else "ko"
    assert page.url.endswith(f"/{other}/reuters.html#section-7")
    assert 0 <= page.locator("#section-7").bounding_box()["y"] < 300
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.locator("a.language-switch").first.evaluate("link => link.click()")
    page.wait_for_url(f"**/{language}/reuters.html*")
    assert page.url.rstrip("#").endswith(f"/{language}/reuters.html")
