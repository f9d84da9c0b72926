"""What one side's page holds, and what it costs a telephone: `page counts|lighthouse FOLDER PAGE`.

Both print one line of JSON, for `benchmarks.turns`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks import lighthouse
from benchmarks.server import served
from bookwright import browser

_AUDITS = {
    "first paint, ms": "first-contentful-paint",
    "largest paint, ms": "largest-contentful-paint",
    "blocking, ms": "total-blocking-time",
    "shift": "cumulative-layout-shift",
}
# What readers see of a page's text, however it is marked up; each of them is in one article.
_COUNT = r"""async () => {
  const article = document.querySelector("article.md-content__inner, main article, article, main");
  const count = (selector) => article.querySelectorAll(selector).length;
  for (const fold of article.querySelectorAll("details")) fold.open = true;
  const drawn = [...article.querySelectorAll("mjx-container, math")].filter((formula) => {
    const { width, height } = formula.getBoundingClientRect();
    return width > 0 && height > 0 && !formula.closest("mjx-assistive-mml") &&
      !formula.querySelector("mjx-merror, merror");
  });
  const images = [];
  for (const image of article.querySelectorAll("img")) {
    image.loading = "eager"; // some wait until a reader comes near
    await image.decode().then(() => images.push(image), () => {});
  }
  const links = [...article.querySelectorAll("a[href]:not(.headerlink, pre a)")];
  const prose = article.cloneNode(true);
  const furniture = "pre, mjx-container, math, script, style, button, svg, nav, noscript," +
    ".headerlink, .math, .arithmatex, .site-only";
  for (const tag of prose.querySelectorAll(furniture)) tag.remove();
  const SOURCE = /\$\$|\\\(|\\frac|\\begin|\\mathrm/g;
  const words = (text) => (text.match(/[\p{L}\p{N}]+/gu) ?? []).length;
  const code = [...article.querySelectorAll("pre")].map((block) => block.textContent).join(" ");
  return {
    "words of prose": words(prose.textContent),
    "words of code and outputs": words(code),
    "formulas drawn": drawn.length,
    "formulas left as source": (prose.textContent.match(SOURCE) ?? []).length,
    "figures": images.length,
    "figures with a text": images.filter((image) => image.alt.trim()).length,
    "tables": count("table"),
    "folds": count("details"),
    "links to places on the page": links.filter((link) =>
      link.hash && link.pathname === location.pathname).length,
    "cells that run in the browser": count(".live"),
    "labs": count(".lab"),
    "questions before results": count(".predict"),
  };
}"""


@contextmanager
def opened(width: int = 412, height: int = 823) -> Iterator[Page]:
    """A window of Chromium, as wide as Lighthouse's telephone."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        page = running.new_context(viewport={"width": width, "height": height}).new_page()
        page.set_default_timeout(120_000)  # the machine may be busy
        yield page
        running.close()


def counts(folder: Path, path: str) -> dict[str, Any]:
    """Counts what a page holds once its scripts have drawn it.

    Args:
        folder: A side's site.
        path: The page's path, without suffix.
    """
    with served(folder) as site, opened() as page:
        page.goto(f"{site.address}/{path}.html", wait_until="networkidle")
        page.evaluate("window.MathJax?.startup?.promise")
        found = page.evaluate(_COUNT)
        page.wait_for_load_state("networkidle")
        return {
            **found,
            "bytes with all figures": sum(each.size for each in site.sent),
            "requests with all figures": len(site.sent),
        }


def cost(folder: Path, path: str) -> dict[str, Any]:
    """One run of Lighthouse, on a page as hosts send it.

    Raises:
        RuntimeError: Lighthouse could not be run, or the page asked for what is not there.
    """
    with served(folder) as site:
        report = lighthouse.report(f"{site.address}/{path}.html", ["performance"])
        audits = report["audits"]
        requests = audits["network-requests"]["details"]["items"]
        asked = [request for request in requests if request["url"].startswith("http")]
        here = [request for request in asked if request["url"].startswith(site.address)]
        missing = [each["url"] for each in here if each["statusCode"] >= 400]
        missing = [url for url in missing if not url.endswith("/favicon.ico")]
    if missing:
        raise RuntimeError(f"{path}: not there: {', '.join(missing)}")
    return {
        "bytes": sum(request["transferSize"] for request in here),
        "requests": len(here),
        "requests to other hosts": len(asked) - len(here),
        **{name: round(audits[audit]["numericValue"], 3) for name, audit in _AUDITS.items()},
        "score": round(100 * report["categories"]["performance"]["score"]),
    }


def main(arguments: list[str]) -> int:
    """Prints what was asked for; returns the exit status."""
    what, folder, path = arguments
    print(json.dumps({"counts": counts, "lighthouse": cost}[what](Path(folder), path)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
