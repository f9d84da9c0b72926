"""The labs of this book in a browser: a small book with all of them, and what calculates alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests import helpers_labs
from tests.conftest import serve
from tests.helpers import site_once

# An array goes to the browser as [its shape, its numbers in a row], each number to the last bit.
RUN = """async ([path, source, given]) => {
  const module = await import(path);
  const array = (value) => (Array.isArray(value) ? value.map(array)
    : value && value.array ? Float64Array.from(value.array) : value);
  const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value)
    : Array.isArray(value) ? value.map(plain)
    : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
    : value);
  const arrays = Object.entries(given).map(([name, each]) => [name, array(each)]);
  const body = new Function("module", "given", source);
  return plain(body(module, Object.fromEntries(arrays)));
}"""


class Module:
    """A file of a lab's functions, in a browser."""

    def __init__(self, page: Page, path: str) -> None:
        self.page, self.path = page, path

    def run(self, source: str, **given: object) -> object:
        """Runs the body of a function of `module` and `given`.

        Args:
            source: The body, JavaScript that returns something.
            given: What it is given; arrays as one row of their numbers, also in lists.
        """
        return self.page.evaluate(RUN, [self.path, source, {k: _sent(v) for k, v in given.items()}])


def _sent(value: object) -> object:
    if isinstance(value, np.ndarray):
        return {"array": value.astype(float).ravel().tolist()}
    return [_sent(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="session")
def sources(browser: Browser) -> Iterator[Page]:
    """A page beside the labs' own files."""
    with serve(helpers_labs.LABS) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/initialization/network.js")
        yield page
        context.close()


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book with the boxes of all labs as this book's pages have them."""
    return site_once("labs", helpers_labs.write, tmp_path_factory)


@pytest.fixture(scope="session")
def address(small_site: Path) -> Iterator[str]:
    """Where that book is served."""
    with serve(small_site) as here:
        yield here
