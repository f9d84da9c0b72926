"""The built site in a real browser: both languages, three widths, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bookwright import book
from tests.conftest import Visit

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
    yield Opened(path, path.split("/")[0], visit, visit.open(f"{path}.html"))
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
        image.scroll_into_view_if_needed()
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


# All that the book's frame, its buttons and its boxes say: text, and what is read out or shown
# when pointing. The article's own text is its author's.
INTERFACE = """() => {
  const frame = ":is(header, footer, nav, dialog, .skip-to-content)";
  const parts = "summary, button, label, caption, .admonition-title, .caption-number";
  const content = "pre, code, math, body [lang], .toc-tree, .sidebar-tree, .related-pages .title";
  const texts = [];
  for (const node of document.body.querySelectorAll("*")) {
    if (node.closest(content)) continue;
    for (const name of ["title", "aria-label", "placeholder", "data-tooltip"]) {
      if (node.hasAttribute(name)) texts.push(node.getAttribute(name));
    }
    for (const name of Object.keys(node.dataset)) {
      if (/found|none|server|failed|code|tooltip/.test(name)) texts.push(node.dataset[name]);
    }
    if (!node.closest(frame) && !node.closest(parts)) continue;
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) texts.push(child.data);
    }
  }
  return [...new Set(texts.map((text) => text.trim()).filter(Boolean))];
}"""
# Names that are the same in every language, and code that a reader types.
NAMES_IN_ANY_LANGUAGE = re.compile(
    r"(?<![A-Za-z])(Adam|Binder|CC BY|CSV|Colab|Ctrl|Enter|Esc|Glorot|He|Jupyter|Keras|K|LSTM|"
    r"MIT|NumPy|PDF|PyPI|RMSprop|ReLU|SELU|TensorFlow|python -m http\.server)(?![A-Za-z])"
)


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
        for link in menu.locator("a").all():
            box = link.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
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


# One word of code for each colour stays as it is, and all others become plain text: a chapter has
# thousands of them, and axe looks at each by itself.
THIN_OUT = """() => {
  const seen = new Set();
  for (const word of document.querySelectorAll("pre span[class]")) {
    const kind = `${word.className} ${word.closest(".cell_output, .cell_input")?.className}`;
    if (seen.has(kind)) word.replaceWith(...word.childNodes);
    seen.add(kind);
  }
  document.querySelectorAll("pre").forEach((block) => block.normalize());
}"""


# In the dark all stands where it stood, in other colours: one text for each pair of them will do.
SAMPLES = """() => {
  const grounds = new Map([[null, ""]]);
  const ground = (node) => {
    if (!grounds.has(node)) {
      const { backgroundColor, opacity } = getComputedStyle(node);
      const clear = backgroundColor === "rgba(0, 0, 0, 0)" && opacity === "1";
      const below = ground(node.parentElement);
      grounds.set(node, clear ? below : `${below} ${backgroundColor} ${opacity}`);
    }
    return grounds.get(node);
  };
  const seen = new Set();
  for (const node of document.body.querySelectorAll("*")) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(node);
    const kind = [color, fontSize, fontWeight, ground(node)].join();
    if (!seen.has(kind)) node.dataset.sample = "";
    seen.add(kind);
  }
  return seen.size;
}"""


def violations(page: Page) -> list:
    """What axe finds, in both colour schemes."""
    page.evaluate(THIN_OUT)
    options: dict = {"resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(SAMPLES) > 5
    options["runOnly"] = ["color-contrast"]
    dark = Axe().run(page, context={"include": [["[data-sample]"]]}, options=options)
    return found + dark.response["violations"]


def test_axe_finds_nothing(opened):  # the last one: it leaves the page changed
    opened.page.set_viewport_size({"width": WIDTHS[-1], "height": 800})
    assert violations(opened.page) == []
