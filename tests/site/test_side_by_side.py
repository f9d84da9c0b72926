"""The built pages with both languages' text: nothing lost, nothing twice, as good as the others."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml.html import HtmlElement
from playwright.sync_api import Browser, Page

from bookwright import book
from tests.conftest import SITE, Visit
from tests.site.conftest import INTERFACE, JUMPS, NAMES_IN_ANY_LANGUAGE, built, violations

PATHS = [f"{language}/both/{name}" for name in book.page_names() for language in book.LANGUAGES]
MOST_BYTES = 150 * 1024  # gzipped, with scripts, style and the font of formulas
EVERY_PAGE = pytest.mark.parametrize("path", PATHS)
# What both languages share, or what is linked, is there once or not at all.
SHARED = (
    ".cell *, figcaption *, .admonition-title, .figure-data, .figure-data *, .lab *, "
    ".predict-answer *"
)


@cache
def ids(path: str) -> Counter[str]:
    return Counter(built(path).xpath("//@id"))


def text(part: HtmlElement) -> str:
    return " ".join(part.text_content().split())


def texts(page: HtmlElement, selector: str) -> list[str]:
    return [text(part) for part in page.cssselect(f"article {selector}")]


def paragraphs(page: HtmlElement) -> Counter[str]:
    shared = set(page.cssselect(SHARED))
    found = page.cssselect("article :is(p, li)")
    return Counter(text(part) for part in found if part not in shared)


def alone(path: str) -> list[HtmlElement]:
    """The page in the interface's language and in the other one, as they are without this mode."""
    own, _, name = path.split("/")
    other = next(language for language in book.LANGUAGES if language != own)
    return [built(f"{language}/{name}") for language in (own, other)]


@EVERY_PAGE
def test_code_figures_and_claims_stand_once_in_the_same_order(site, path):
    page = built(path)
    for single in alone(path):
        assert texts(page, ".cell_input pre") == texts(single, ".cell_input pre")
        assert texts(page, ".cell_output pre") == texts(single, ".cell_output pre")
        for selector, attribute in (("figure img", "src"), (".claim", "id"), (".exercise", "id")):
            found = [part.attrib[attribute] for part in page.cssselect(f"article {selector}")]
            own = [part.attrib[attribute] for part in single.cssselect(f"article {selector}")]
            assert [each.rpartition("/")[2] for each in found] == [
                each.rpartition("/")[2] for each in own
            ]
    assert len(page.cssselect(".claim-evidence")) == len(page.cssselect(".claim"))


@EVERY_PAGE
def test_every_section_stands_once_with_both_headings(site, path):
    page = built(path)
    own, other = alone(path)
    numbers = [mark.get("id") for mark in own.cssselect("[id^=section-]")]
    assert [mark.get("id") for mark in page.cssselect("[id^=section-]")] == numbers
    assert len(page.cssselect("h1")) == 1
    headings = page.cssselect("article :is(h1, h2, h3, h4)")
    for heading, *each in zip(
        headings,
        own.cssselect("article :is(h1, h2, h3, h4)"),
        other.cssselect("article :is(h1, h2, h3, h4)"),
        strict=True,
    ):
        assert heading.tag == each[0].tag
        for single in each:
            assert text(single).rstrip("#") in text(heading)


@EVERY_PAGE
def test_no_paragraph_is_lost_and_none_is_there_twice(site, path):
    if path.endswith("glossary"):
        return  # each language's glossary holds both languages
    found = paragraphs(built(path))
    own, other = map(paragraphs, alone(path))
    assert found
    assert not (own | other) - found
    assert not found - (own + other)


@EVERY_PAGE
def test_every_id_is_there_once_and_every_link_leads_somewhere(site, path):
    page = built(path)
    assert [label for label, times in ids(path).items() if times > 1] == []
    folder = (SITE / path).parent
    for part in page.cssselect("[href], [src]"):
        address = part.get("href") or part.attrib["src"]
        if re.match("[a-z]+:", address):
            continue
        file, _, anchor = address.partition("#")
        target = Path(folder, unquote(file.split("?")[0])) if file else SITE / f"{path}.html"
        assert target.exists(), address
        if anchor and target.suffix == ".html":
            name = target.resolve().relative_to(SITE.resolve()).with_suffix("").as_posix()
            assert unquote(anchor) in ids(name), address


@EVERY_PAGE
def test_each_column_says_which_language_it_is_in(site, path):
    own = path.split("/")[0]
    for row in built(path).cssselect("div.pair"):
        assert [part.attrib["lang"] for part in row] == sorted(
            book.LANGUAGES, key=lambda language: language != own
        )
        korean = next(part.text_content() for part in row if part.get("lang") == "ko")
        if len(korean) > 80:
            assert re.search("[가-힣]", korean)


@EVERY_PAGE
def test_a_page_is_light(site, path):
    language = path.split("/")[0]
    parts = ("site.css", "site.js", "early.js", "math.woff2")
    files = [f"{path}.html", *(f"{language}/_static/{part}" for part in parts)]
    assert sum(len(gzip.compress((site / file).read_bytes())) for file in files) <= MOST_BYTES


def test_search_engines_pass_the_pages_over(site):
    assert "/both/" not in (site / "pagefind" / "words.json").read_text(encoding="utf-8")
    if (sitemap := site / "sitemap.xml").exists():
        assert "/both/" not in sitemap.read_text(encoding="utf-8")


# In a browser each page in one of the interfaces, by turns: both have the same text.
BY_TURNS = [
    f"{book.LANGUAGES[number % 2]}/both/{name}" for number, name in enumerate(book.page_names())
]


@pytest.fixture(scope="module", params=BY_TURNS)
def opened(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1440, "height": 800})
    visit = Visit(context.new_page(), address)
    visit.open(f"{request.param}.html")
    yield visit
    context.close()


def test_a_page_loads_from_its_own_host_without_an_error(opened):
    assert opened.errors == []
    own = (opened.address, "data:")
    assert [url for url in opened.requests if not url.startswith(own)] == []


def test_nothing_jumps(opened):  # before others change the size of the window
    assert opened.page.evaluate(JUMPS) < 0.01


def test_nothing_is_wider_than_the_screen(opened):
    page = opened.page
    for width in (360, 768, 1100, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        for selector in ("html", ".content", ".book-header"):
            wide = page.evaluate(f"document.querySelector('{selector}').scrollWidth")
            assert wide <= width, selector
    if last := page.locator(".toc-drawer").bounding_box():  # a short page has none
        assert last["x"] + last["width"] <= width


def test_the_interface_speaks_one_language(opened):
    said = opened.page.evaluate(INTERFACE)
    korean = opened.page.evaluate("document.documentElement.lang") == "ko"
    foreign = r"[A-Za-z]{2,}" if korean else r"[가-힣]"
    assert [s for s in said if re.search(foreign, NAMES_IN_ANY_LANGUAGE.sub("", s))] == []


def test_axe_finds_nothing(opened):  # the last one with this page: it leaves it changed
    opened.page.set_viewport_size({"width": 1440, "height": 800})
    assert violations(opened.page) == []


def columns_of(page: Page) -> list[dict]:
    rows = page.locator("div.pair").nth(1).locator("> *")
    return [row.bounding_box() for row in rows.all()]


@pytest.mark.parametrize(
    ("width", "beside", "least"), [(1440, True, 400), (1000, True, 300), (768, False, 300)]
)
def test_the_columns_stand_below_each_other_where_they_would_be_narrow(visit, width, beside, least):
    visit.page.set_viewport_size({"width": width, "height": 800})
    left, right = columns_of(visit.open("ko/both/reuters.html"))
    assert (left["y"] == right["y"]) == beside
    assert (left["x"] + left["width"] <= right["x"]) == beside
    assert min(left["width"], right["width"]) > least


@pytest.mark.parametrize("language", book.LANGUAGES)
def test_the_links_to_and_fro_lead_to_the_section_that_is_read(visit, language):
    page = visit.open(f"{language}/reuters.html")
    for path in (f"{language}/both", language):
        page.locator("#section-7").evaluate("mark => mark.scrollIntoView({ behavior: 'instant' })")
        page.locator("a.side-by-side").evaluate("link => link.click()")
        page.wait_for_url(f"**/{path}/reuters.html#section-7")
    other = next(each for each in book.LANGUAGES if each != language)
    visit.open(f"{language}/both/reuters.html")
    page.locator("a.language-switch").click()
    page.wait_for_url(f"**/{other}/both/reuters.html*")


def test_a_result_of_the_search_opens_side_by_side(visit):
    page = visit.open("ko/both/reuters.html")
    page.keyboard.press("Control+k")
    page.locator("#book-search input").fill("배치 정규화")
    page.locator("#book-search a").first.click()
    page.wait_for_url("**/ko/both/*.html*")


def test_the_pages_work_from_a_folder_without_a_script(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "ko" / "rnn.html").as_uri())
    page.locator("a.side-by-side").click()
    page.wait_for_url("**/ko/both/rnn.html")
    page.locator(".related-pages a[rel=prev]").click()
    page.wait_for_url("**/ko/both/regularization.html")
    assert page.locator("div.pair [lang=en]").first.is_visible()
    context.close()


@pytest.mark.parametrize("path", ["ko/rnn", "ko/both/rnn"])
def test_the_header_stays_above_the_sidebars(visit, path):
    visit.page.set_viewport_size({"width": 1440, "height": 800})
    page = visit.open(f"{path}.html")
    page.evaluate("scrollTo({ top: 2000, behavior: 'instant' })")
    for x in (40, 1400):
        assert page.evaluate(f"document.elementFromPoint({x}, 20).closest('header') !== null")
