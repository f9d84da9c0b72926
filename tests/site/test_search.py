"""The search of the built site, typed into its dialog in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from benchmarks.programs import engines
from benchmarks.programs import search as asked
from benchmarks.server import served
from bookwright.book import LANGUAGES

QUERIES = yaml.safe_load(Path(__file__).with_name("search_queries.yml").read_text("utf-8"))
FIRST = 3  # results that a reader looks at
# Of benchmarks/queries.yml: what was measured beside other engines, less what one query may move.
LEAST_PAGES, LEAST_SECTIONS = 45, 38
MOST_BYTES = 215_000  # for the first query, compressed; the largest part is Pagefind's WebAssembly


class Result(NamedTuple):
    page: str
    title: str
    excerpt: str


def look_for(page: Page, query: str) -> list[Result]:
    """Types a query into the open dialog and reads the results."""
    page.locator("#book-search input").fill(query)
    page.wait_for_function(
        "query => document.getElementById('book-search').dataset.query === query", arg=query
    )
    found = page.evaluate(
        """() => [...document.querySelectorAll(".book-search-results a")].map((link) => [
          link.pathname.split("/").pop().replace(".html", ""),
          link.querySelector(".book-search-title").textContent.trim(),
          link.querySelector(".book-search-excerpt").textContent.trim(),
        ])"""
    )
    return [Result(*result) for result in found]


def open_search(page: Page, key: str = "Control+k") -> None:
    page.wait_for_selector(".book-search-open")  # shown by the script that knows the shortcuts
    page.keyboard.press(key)
    page.wait_for_selector("#book-search[open]")


@pytest.fixture(scope="module")
def dialogs(browser: Browser, address: str) -> Iterator[dict[str, Page]]:
    """A page of each language with its dialog open."""
    # Each in a window of its own: Chromium slows down a page behind another one.
    contexts = {language: browser.new_context() for language in LANGUAGES}
    opened = {}
    for language, context in contexts.items():
        page = opened[language] = context.new_page()
        page.goto(f"{address}/{language}/index.html")
        open_search(page)
    yield opened
    for context in contexts.values():
        context.close()


def test_there_are_enough_queries():
    assert len(QUERIES["ko"]) >= 60
    assert len(QUERIES["en"]) >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_query_leads_to_its_page_and_nearly_all_to_their_section(dialogs, language):
    lost, beside = {}, []
    for wanted in QUERIES[language]:
        query = wanted["query"]
        results = look_for(dialogs[language], query)[:FIRST]
        if wanted["page"] not in {result.page for result in results}:
            lost[query] = results
        if "section" in wanted and not {r.title for r in results} & {*wanted["section"]}:
            beside.append(query)
    assert lost == {}
    assert len(beside) <= 0.1 * sum("section" in wanted for wanted in QUERIES[language]), beside


@pytest.mark.parametrize("language", LANGUAGES)
def test_queries_of_the_benchmark_are_answered_and_the_first_is_light(browser, site, language):
    page = browser.new_context().new_page()
    with served(site) as place:
        page.goto(f"{place.address}/{language}/index.html", wait_until="networkidle")
        place.sent.clear()
        answers = asked.answers(engines.Book(), page, site, language)
        _, first = next(answers)
        page.wait_for_load_state("networkidle")
        assert sum(sent.size for sent in place.sent) <= MOST_BYTES, place.sent
        ranks = [first, *(found for _, found in answers)]
    page.context.close()
    assert sum(1 <= page <= FIRST for page, _ in ranks) >= LEAST_PAGES
    assert sum(1 <= section <= FIRST for _, section in ranks) >= LEAST_SECTIONS


@pytest.mark.parametrize("forms", [("규제", "규제를", "규제의"), ("배치정규화", "배치 정규화를")])
def test_a_particle_or_a_space_changes_nothing(dialogs, forms):
    found = [look_for(dialogs["ko"], form) for form in forms]
    assert all({r[:2] for r in results} == {r[:2] for r in found[0]} for results in found)


def test_an_excerpt_shows_the_hit_and_nothing_of_the_index(dialogs):
    page = dialogs["ko"]
    results = look_for(page, "과적합을")
    assert any("과대적합" in result.excerpt for result in results)
    shown = "".join("".join(result) for result in results)
    assert not re.search("[\u1100-\u11ff\u2060]", shown)  # no letters apart, no joiner
    marks = page.locator("#book-search mark").all_inner_texts()
    assert "과대적합" in marks
    assert not any(mark.endswith("을") for mark in marks)


def test_a_result_opens_at_its_section(visit):
    page = visit.open("ko/index.html")
    open_search(page)
    look_for(page, "직교 초기화")
    link = page.locator(".book-search-results a", has_text="가중치 초기화").first
    link.click()
    page.wait_for_url("**/ko/initialization.html#*")
    anchor = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    assert page.evaluate("id => document.getElementById(id) !== null", anchor)
    assert visit.errors == []


@pytest.mark.parametrize("key", ["Control+k", "Meta+k", "/"])
def test_search_is_worked_by_keyboard(visit, key):
    page = visit.open("en/rnn.html")
    page.locator("a.language-switch").first.focus()
    open_search(page, key)
    field = page.locator("#book-search input")
    expect(field).to_be_focused()
    look_for(page, "dropout")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".book-search-results a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#book-search")).to_be_hidden()
    expect(page.locator("a.language-switch").first).to_be_focused()
    open_search(page, key)
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/*.html#*")


def test_a_slash_in_a_field_is_a_slash(visit):
    page = visit.open("en/index.html")
    open_search(page)
    page.keyboard.type("a/b")
    expect(page.locator("#book-search input")).to_have_value("a/b")


def test_search_is_named_and_says_how_many_it_found(visit):
    page = visit.open("ko/index.html")
    page.get_by_role("button", name="책에서 검색").click()
    expect(page.get_by_role("dialog", name="책에서 검색")).to_be_visible()
    look_for(page, "임베딩")
    status = page.locator("#book-search").get_by_role("status")
    assert status.inner_text() == f"결과 {page.locator('.book-search-results li').count()}개"
    look_for(page, "쀍")
    assert status.inner_text().startswith("검색 결과가 없습니다")


def test_only_an_opened_dialog_loads_the_index(visit):
    page = visit.open("ko/rnn.html")
    assert not [url for url in visit.requests if "pagefind" in url or "dialog.js" in url]
    open_search(page)
    look_for(page, "규제를")
    assert [url for url in visit.requests if "/pagefind/" in url]
    assert all(url.startswith((visit.address, "data:")) for url in visit.requests)


def test_search_needs_no_inline_script_or_style(browser, address):
    """The dialog under a strict policy; the rest of the page is not this test's subject."""
    policy = "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"
    context = browser.new_context()
    page = context.new_page()

    def strict(route):
        answer = route.fetch()
        headers = answer.headers | {"content-security-policy": policy}
        route.fulfill(response=answer, headers=headers)

    page.route("**/en/index.html", strict)
    page.goto(f"{address}/en/index.html")
    page.locator(".book-search-open").click()
    assert look_for(page, "dropout")
    context.close()


@pytest.mark.parametrize(("language", "word"), [("ko", "웹 서버"), ("en", "web server")])
def test_from_a_folder_search_says_what_it_needs(browser, site, language, word):
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / language / "index.html").as_uri())
    open_search(page)
    expect(page.locator(".book-search-status")).to_contain_text(word)
    context.close()


def test_without_javascript_no_dead_button_is_shown(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/ko/index.html")
    assert not page.locator(".book-search-open").is_visible()
    context.close()


def test_the_search_of_sphinx_is_gone_and_the_index_is_small(site):
    for language in LANGUAGES:
        assert not (site / language / "search.html").exists()
        assert not (site / language / "searchindex.js").exists()
    entry = json.loads((site / "pagefind" / "pagefind-entry.json").read_text("utf-8"))
    assert set(entry["languages"]) == set(LANGUAGES)
    sizes = {path.name: path.stat().st_size for path in (site / "pagefind").rglob("*.*")}
    assert max(sizes.values()) < 100_000
    assert sum(sizes.values()) < 2_500_000
