"""Lighthouse's mobile scores of built pages, served compressed as hosts do.

`python -m benchmarks.lighthouse [ko/rnn ...]` needs npm and Chromium; without pages it takes all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.server import served
from bookwright import book as pages
from bookwright import browser
from bookwright.places import SITE

_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def report(address: str, categories: Sequence[str]) -> dict[str, Any]:
    """What Lighthouse says of one page, on the telephone that it simulates.

    Args:
        address: The page's.
        categories: What it is asked about.

    Raises:
        RuntimeError: Lighthouse could not be run; the message is its own.
    """
    command = ["npx", "--yes", "lighthouse@12", address, "--output=json", "--quiet"]
    command += ["--chrome-flags=--headless=new --no-sandbox", "--disable-full-page-screenshot"]
    command += [f"--only-categories={','.join(categories)}"]
    environment = os.environ | {"CHROME_PATH": browser.find() or ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {address}:\n{done.stderr}")
    return json.loads(done.stdout)


def scores(address: str) -> dict[str, int]:
    """The four scores of one page, in percent.

    Raises:
        RuntimeError: Lighthouse could not be run; the message is its own.
    """
    found = report(address, _CATEGORIES)["categories"]
    return {name: round(100 * found[name]["score"]) for name in _CATEGORIES}


def main(wanted: list[str]) -> None:
    """Prints a line for each page."""
    with served(SITE) as site:
        for page in wanted or map(str, pages.all_pages()):
            found = scores(f"{site.address}/{page}.html")
            print(page, *(f"{name} {score}" for name, score in found.items()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
