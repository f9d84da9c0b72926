"""What is looked at on every page of the site, and in which other browsers."""

from __future__ import annotations

import functools
import importlib
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from lxml.html import HtmlElement
from playwright.sync_api import Page

from tests.conftest import NO_SITE, SITE, has_site

if TYPE_CHECKING:  # this file tells what is missing even where nothing else of the tests is there
    from tests.helpers_engines import Engine


def pytest_sessionstart() -> None:
    """Is called only where these tests were asked for; others find this file later."""
    if not has_site():
        raise pytest.UsageError(NO_SITE)


@pytest.fixture(scope="module", params=["Firefox", "WebKit"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Firefox and WebKit; one that is not installed is left out, unless ENGINES=all asks for it."""
    engines = importlib.import_module("tests.helpers_engines")
    kind = importlib.import_module(f"tests.helpers_engines.{request.param.lower()}")
    try:
        running: Engine = getattr(kind, request.param)()
    except engines.MissingError as error:
        if os.environ.get("ENGINES") == "all":
            raise
        pytest.skip(str(error))
    yield running
    running.close()


@functools.cache
def built(path: str) -> HtmlElement:
    """A page of the site, such as "ko/rnn", read once by a process: whoever changes it copies it.

    By lxml, since BeautifulSoup takes thirty times as long, half of Python's time in these tests.
    """
    return html.document_fromstring((SITE / f"{path}.html").read_text(encoding="utf-8"))


# What moves on its own, by Chromium's own measure, while the page is read to its end.
JUMPS = """async () => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo({ top: y, behavior: "instant" });
    await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => setTimeout(done, 200));
  return sum;
}"""


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
    r"(?<![A-Za-z])(Adam|Binder|CC BY|CSV|Colab|Ctrl|Enter|Esc|GRU|Glorot|He|Jupyter|Keras|K|LSTM|"
    r"MB|MIT|NumPy|PDF|PyPI|Python|RMSprop|ReLU|SELU|TensorFlow|python -m http\.server)(?![A-Za-z])"
)


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
