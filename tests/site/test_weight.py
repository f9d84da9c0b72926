"""What a reader's telephone has to load: budgets in bytes and requests, and no jump."""

from __future__ import annotations

import gzip

import pytest

from bookwright import book
from tests.site.conftest import JUMPS

PATHS = [f"{language}/{name}" for name in book.page_names() for language in book.LANGUAGES]
MOST_BYTES = 150 * 1024  # gzipped, as hosts send text, without figures
MOST_REQUESTS = 12


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_light_and_nothing_jumps(browser, address, path):
    # A telephone for one language and a desk for the other: both have the same figures.
    width = 412 if path.startswith("ko") else 1440
    context = browser.new_context(viewport={"width": width, "height": 823})
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{address}/{path}.html", wait_until="networkidle")
    sizes = {
        answer.url.removeprefix(address): len(gzip.compress(answer.body()))
        for answer in answers
        if answer.url.startswith(address) and "/_images/" not in answer.url
    }
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert len(sizes) <= MOST_REQUESTS, sizes
    # A figure without its size moves 0.06 and more; 0.1 is what Core Web Vitals call good.
    # A figure without its size moves 0.06 and more; 0.1 is what Core Web Vitals call good.
    assert page.evaluate(JUMPS) < 0.005
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_no_script_stands_in_the_page_and_the_policy_forbids_it(site, path):
    text = (site / f"{path}.html").read_text(encoding="utf-8")
    policy = text.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "<script>" not in text
