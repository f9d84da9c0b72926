"""The built site in Firefox and in WebKit: what a reader does there, in short."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bookwright import book
from bookwright.live import files
from bookwright.places import SITE
from tests.helpers_engines import CONTROL, ESCAPE, Engine

PAGES = [
    f"{language}/{both}{name}.html"
    for name in book.page_names()
    for language, both in ((book.LANGUAGES[0], ""), (book.LANGUAGES[-1], "both/"))
]
CLICK = "(which) => document.querySelector(which)?.click() ?? true"
SHOWN = """(which) => [...document.querySelectorAll(which)].map((each) => {
  const { width, height } = each.getBoundingClientRect();
  return width > 0 && height > 0 ? each.innerText : "";
})"""
WIDER = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return "";
  const wide = [...document.querySelectorAll("article *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
  return (wide.pop() ?? document.body).outerHTML.slice(0, 300);
}"""
# Formulas that take no place, and fractions whose parts do not stand above each other.
NOT_DRAWN = """() => [...document.querySelectorAll("article math")].filter((formula) => {
  if (!formula.checkVisibility?.()) return false;
  const box = (node) => node.getBoundingClientRect();
  return !box(formula).width || !box(formula).height || [...formula.querySelectorAll("mfrac")].some(
    (one) => box(one.firstElementChild).bottom > box(one.lastElementChild).bottom - 2);
}).map((formula) => formula.outerHTML.slice(0, 300))"""
FOREIGN = """() => performance.getEntriesByType("resource").map((each) => each.name)
  .filter((each) => new URL(each).protocol !== "data:" && !each.startsWith(origin))"""
PRESS = "() => document.querySelector('.live button').click()"
ENDED = """() => document.querySelectorAll('.live button')[1]?.disabled
  && document.querySelector('.live-status').textContent"""


@pytest.fixture
def opened(engine: Engine, address: str) -> Callable[[str], Engine]:
    def open_page(path: str) -> Engine:
        engine.resize(1280, 800)
        engine.open(f"{address}/{path}")
        return engine

    return open_page


def test_what_is_wrong_with_a_page_is_heard(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrong")
    policy = '<meta http-equiv="Content-Security-Policy" content="img-src \'none\'">'
    (folder / "wrong.html").write_text(f"{policy}<img src='http://127.0.0.2/'>")
    engine.open((folder / "wrong.html").as_uri())
    assert [each for each in engine.errors if "127.0.0.2" in each]


@pytest.mark.parametrize("path", ["ko/rnn.html", "en/both/initialization.html", "ko/index.html"])
def test_a_page_loads_from_its_own_host_without_an_error(opened, address, path):
    engine = opened(path)
    assert engine.script(FOREIGN) == []
    assert engine.errors == []
    asked = getattr(engine, "requests", [])
    assert [each for each in asked if not each.startswith((address, "data:"))] == []


def test_search_finds_korean_words_with_their_particles_and_shows_them(opened):
    engine = opened("ko/rnn.html")
    engine.wait("() => !document.querySelector('.book-search-open').hidden")
    engine.press(CONTROL, "k")
    engine.wait("() => document.querySelector('#book-search').open")
    engine.type("규제를")
    engine.wait("() => document.querySelector('#book-search').dataset.query === '규제를'")
    shown = engine.script(SHOWN, ".book-search-results a")
    assert len(shown) >= 5
    assert all(shown)
    assert any("규제" in each for each in shown)
    address = engine.script("() => document.querySelector('.book-search-results a').href")
    engine.script(CLICK, ".book-search-results a")
    engine.wait("(wanted) => location.href === wanted", address)
    engine.press(ESCAPE)


def test_the_menu_opens_and_the_language_changes(opened):
    engine = opened("ko/rnn.html")
    assert not any(engine.script(SHOWN, ".page-menu li a"))
    engine.script(CLICK, ".page-menu summary")
    assert all(engine.script(SHOWN, ".page-menu li a"))
    engine.script(CLICK, "a.language-switch")
    engine.wait(
        "() => document.documentElement?.lang === 'en' && document.readyState === 'complete'"
    )
    assert engine.script("() => location.pathname").endswith("/en/rnn.html")


def test_evidence_unfolds(opened):
    engine = opened("ko/initialization.html")
    closed = engine.script(SHOWN, ".claim-evidence")
    engine.script(
        "() => document.querySelectorAll('.claim-evidence').forEach((each) => {"
        " (each.closest('details') ?? each).open = true; })"
    )
    shown = engine.script(SHOWN, ".claim-evidence")
    assert len(shown) >= 10
    assert sum(map(len, shown)) > 2 * sum(map(len, closed))


@pytest.mark.parametrize("path", ["ko/batchnorm.html", "en/rnn.html"])
def test_formulas_are_drawn(opened, path):
    engine = opened(path)
    assert engine.script("() => document.querySelectorAll('article math').length") > 50
    assert engine.script("() => document.fonts.ready.then((all) => all.status)") == "loaded"
    assert engine.script(NOT_DRAWN) == []


def test_nothing_is_wider_than_a_telephone(opened, address):
    engine = opened(PAGES[0])
    engine.resize(360, 740)
    wider = {}
    for path in PAGES:
        engine.open(f"{address}/{path}")
        assert engine.script("() => innerWidth") == 360
        wider[path] = engine.script(WIDER)
    assert {path: found for path, found in wider.items() if found} == {}


@pytest.mark.skipif(not (SITE / files.FOLDER).exists(), reason="the site has no live cells")
def test_a_live_cell_runs_from_the_press_to_its_result(opened, address):
    engine = opened("ko/reuters.html")
    engine.script(PRESS)
    assert engine.wait(ENDED).endswith("본문과 다를 수 있습니다.")
    [label, *_] = engine.script(SHOWN, ".live-title")
    assert label == "이 브라우저에서 실행한 결과"
    area = "document.querySelector('.live-editor')"
    engine.script(f"() => {{ {area}.value = 'print(６*７)\\n1/0'; }}")
    engine.script(PRESS)
    engine.wait("() => document.querySelectorAll('.live button')[1].disabled")
    assert "ZeroDivisionError" in engine.script(SHOWN, ".live-output")[0]
    note = engine.script(SHOWN, ".live-note")[0]
    assert note == "0으로 나누었습니다. 이 셀의 2번째 줄에서 오류가 났습니다."
    assert engine.script(FOREIGN) == []
    asked = [each for each in getattr(engine, "requests", []) if not each.startswith("blob:")]
    assert [each for each in asked if not each.startswith(address)] == []
