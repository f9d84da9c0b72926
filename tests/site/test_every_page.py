"""The built site in a real browser: both languages, three widths, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from bookwright import book
from tests.conftest import Visit
from tests.helpers_predict import ALL_RESULTS
from tests.site.conftest import INTERFACE, NAMES_IN_ANY_LANGUAGE, violations

NAMES = book.page_names()
LANGUAGES = book.LANGUAGES
WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")


class Opened(NamedTuple):
    """A page that is loaded once for all tests about it; they leave it as they found it."""

    path: str
    language: str
    visit: Visit
    page: Page


@pytest.fixture(scope="module", params=[f"{lang}/{name}" for name in NAMES for lang in LANGUAGES])
def opened(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Opened]:
    context = browser.new_context(
        viewport={"width": WIDTHS[-1], "height": 800}, reduced_motion="reduce"
    )
    visit = Visit(context.new_page(), address)
    path = request.param
    page = visit.open(f"{path}.html")
    # What stands in a fold is looked at like the rest, and figures there load.
    page.evaluate("document.querySelectorAll('.sd-dropdown').forEach(x => { x.open = true; })")
    page.evaluate(ALL_RESULTS)
    yield Opened(path, path.split("/")[0], visit, page)
    context.close()


def test_a_page_loads_from_its_own_host_without_an_error(opened):
    assert opened.visit.errors == []
    own = (opened.visit.address, "data:")
    assert [url for url in opened.visit.requests if not url.startswith(own)] == []


def test_nothing_is_wider_than_the_screen(opened):
    page = opened.page
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            # Furo hides what is too wide instead of letting the page scroll.
            assert page.evaluate("document.querySelector('.content').scrollWidth") <= width
    page.emulate_media(color_scheme="light")


def test_figures_load_and_say_what_they_show(opened):
    for image in opened.page.locator("article img").all():
        image.scroll_into_view_if_needed(timeout=20_000)  # what is hidden never loads
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        alternative = image.get_attribute("alt") or ""
        assert len(alternative) > 20, alternative
        assert not alternative.endswith((".svg", ".png"))
        hangul = any("가" <= letter <= "힣" for letter in alternative)
        assert hangul == (opened.language == "ko")
    opened.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")


# Bold type ends at a particle only where a letter stands before it: `**{term}`...`**는` does not.
PROSE = """() => {
  const article = document.querySelector("article").cloneNode(true);
  for (const node of article.querySelectorAll("pre, code, math, script, style")) node.remove();
  return article.textContent;
}"""


def test_no_markup_is_left_in_the_prose(opened):
    prose = opened.page.evaluate(PROSE)
    assert re.findall(r".{0,20}(?:\*\*|:::|\]\{|\{[\w:]+\}).{0,20}", prose) == []


def test_the_interface_speaks_the_language_of_the_page(opened):
    said = opened.page.evaluate(INTERFACE)
    assert len(said) > 15, said
    foreign = r"[A-Za-z]{2,}" if opened.language == "ko" else r"[가-힣]"
    wrong = [text for text in said if re.search(foreign, NAMES_IN_ANY_LANGUAGE.sub("", text))]
    assert wrong == []


def test_a_page_names_itself_in_both_languages(opened):
    page, name = opened.page, opened.path.split("/")[1]
    assert page.evaluate("document.documentElement.lang") == opened.language
    for each in LANGUAGES:
        link = page.locator(f'link[rel="alternate"][hreflang="{each}"]')
        assert link.evaluate("link => link.href").endswith(f"/{each}/{name}.html")
    locale = page.locator('meta[property="og:locale"]').get_attribute("content")
    assert locale == {"ko": "ko_KR", "en": "en_US"}[opened.language]
    description = page.locator('meta[name="description"]').get_attribute("content")
    assert len(description) > 30
    hangul = any("가" <= letter <= "힣" for letter in description)
    assert hangul == (opened.language == "ko")


def test_a_chapter_has_its_place_among_the_others(opened):
    page, name = opened.page, opened.path.split("/")[1]
    listed = page.locator(".sidebar-tree a").evaluate_all("links => links.map((a) => a.href)")
    names = [link.rstrip("#").rpartition("/")[2].removesuffix(".html") for link in listed]
    assert names == NAMES
    number = NAMES.index(name)
    for role, neighbour in (("prev", number - 1), ("next", number + 1)):
        link = page.locator(f".related-pages a[rel={role}]")
        if 0 <= neighbour < len(NAMES):
            assert link.get_attribute("href").endswith(f"{NAMES[neighbour]}.html")
        else:
            assert link.count() == 0


def test_the_page_menu_opens_by_keyboard_and_leads_to_the_notebook(opened):
    page = opened.page
    menu = page.locator("details.page-menu")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        menu.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(menu).to_have_attribute("open", "")
        for link in menu.locator("a").all():
            box = link.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        page.keyboard.press("Escape")
        expect(menu).not_to_have_attribute("open", "")
    own = [link.get_attribute("href") for link in menu.locator("a[download]").all()]
    assert own[0].endswith(f"{opened.path.rpartition('/')[2]}.ipynb")
    for address in own:
        assert page.request.get(f"{opened.visit.address}/{opened.language}/{address}").ok


# Where the focus is, whether it shows, and whether it is behind something.
FOCUS = """() => {
  const node = document.activeElement;
  const box = node.getBoundingClientRect();
  const ring = node.matches("input") ? node.closest("label") : node;
  const { outlineStyle, outlineWidth } = getComputedStyle(ring);
  const stop = [...document.querySelectorAll("*")].indexOf(node);
  const shown = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  const article = [...document.querySelectorAll("*")].indexOf(document.querySelector("article"));
  return { stop, shown, name: node.outerHTML.slice(0, 120), width: box.width,
           reached: stop > article, end: node === document.body };
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_tab_walks_the_page_in_order_and_the_focus_is_seen(opened, width):
    page = opened.page
    page.set_viewport_size({"width": width, "height": 800})
    page.locator(".skip-to-content").focus()  # the first stop
    last, reached = -1, False
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["end"] or focus["stop"] < last:
            break
        assert focus["shown"], focus["name"]
        assert focus["width"] > 0, focus["name"]
        last, reached = focus["stop"], focus["reached"]
    assert reached, "Tab never came to the article"


def test_axe_finds_nothing(opened):  # the last one: it leaves the page changed
    opened.page.set_viewport_size({"width": WIDTHS[-1], "height": 800})
    assert violations(opened.page) == []
