"""What a reader's telephone has to load: budgets in bytes and requests, and no jump."""

from __future__ import annotations

import gzip

import pytest

from bookwright import book
from tests.site.conftest import JUMPS, built

PATHS = [f"{language}/{name}" for name in book.page_names() for language in book.LANGUAGES]
MOST_BYTES = 150 * 1024  # gzipped, as hosts send text, without figures
MOST_REQUESTS = 12


def _late(route):
    route.request.frame.page.wait_for_timeout(300)
    route.continue_()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_light_and_nothing_jumps(browser, address, path):
    # A telephone for one language and a desk for the other: both have the same figures.
    width = 412 if path.startswith("ko") else 1440
    context = browser.new_context(viewport={"width": width, "height": 823})
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    # The font of the formulas comes after the first lines stand, as from far away.
    page.route("**/math.woff2", _late)
    page.goto(f"{address}/{path}.html", wait_until="networkidle")
    sizes = {
        answer.url.removeprefix(address): len(gzip.compress(answer.body()))
        for answer in answers
        if answer.url.startswith(address) and "/_images/" not in answer.url
    }
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert len(sizes) <= MOST_REQUESTS, sizes
    # A figure without its size moves 0.06 and more; 0.1 is what Core Web Vitals call good.
    assert page.evaluate(JUMPS) < 0.005
    context.close()


FETCHED_UNASKED = {"next", "prefetch", "prerender", "preload", "modulepreload", "dns-prefetch"}


@pytest.mark.parametrize("path", ["index", *PATHS])
def test_a_policy_stands_before_all_that_it_is_to_forbid(site, path):
    text = (site / f"{path}.html").read_text(encoding="utf-8")
    [policy] = built(path).head.xpath("meta[@http-equiv='Content-Security-Policy']")
    before = {(tag.tag, *tag.attrib) for tag in policy.itersiblings("*", preceding=True)}
    assert before <= {("meta", "charset")}
    parts = dict(part.split(" ", 1) for part in policy.get("content").split("; "))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == "'self' 'wasm-unsafe-eval'"
    # Cells that run in the browser have a worker of the page's own, which inherits this policy.
    assert parts["worker-src"] == ("blob:" if 'class="live"' in text else "'none'")
    assert "<script>" not in text


@pytest.mark.parametrize("path", PATHS)
def test_no_browser_is_asked_to_load_another_page(site, path):
    links = [*built(path).iter("link")]
    assert links
    assert [link for link in links if FETCHED_UNASKED & {*link.get("rel").split()}] == []
