"""The sides' own searches, worked as a reader works them."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from playwright.sync_api import Page


class Engine(Protocol):
    """A side's search on a page that shows it."""

    def open(self, page: Page, language: str) -> None:
        """Opens the search."""

    def ask(self, page: Page, query: str) -> list[str]:
        """Types a query, waits until it is answered, and returns the addresses of the results."""


class Book:
    """The book's own dialog."""

    def open(self, page: Page, language: str) -> None:
        """Opens it with its shortcut."""
        page.wait_for_selector(".book-search-open")
        page.keyboard.press("Control+k")
        page.wait_for_selector("#book-search[open]")

    def ask(self, page: Page, query: str) -> list[str]:
        """Types into it; it says which query the results are of."""
        page.locator("#book-search input").fill(query)
        page.wait_for_function(
            "query => document.getElementById('book-search').dataset.query === query", arg=query
        )
        return page.eval_on_selector_all(
            ".book-search-results a", "links => links.map(a => a.href)"
        )


class Sphinx:
    """Sphinx's page of results, which each query loads."""

    def open(self, page: Page, language: str) -> None:
        """Only remembers where it is: the form leads to a page of its own."""
        self._address = page.url.rpartition("/")[0] + "/search.html?q="

    def ask(self, page: Page, query: str) -> list[str]:
        """Loads the page of results, and waits for the last of them."""
        page.goto(self._address + quote(query), wait_until="commit")
        # While it searches, its heading ends in dots. In Korean it says nothing of the end, and
        # Jupyter Book hides the heading.
        page.wait_for_selector("#search-results h2:not(:has(span))", state="attached")
        links = "#search-results ul.search > li > a"
        return page.eval_on_selector_all(links, "links => links.map(a => a.href)")


class Material:
    """Material's field in the head of each page."""

    # What it says while nothing is typed, once its index is there.
    _READY = """() => {
      const said = document.querySelector(".md-search-result__meta").textContent.trim();
      const words = JSON.parse(document.getElementById("__config").textContent).translations;
      return said === words["search.result.placeholder"];
    }"""

    def open(self, page: Page, language: str) -> None:
        """Opens it with its shortcut."""
        page.keyboard.press("/")
        page.wait_for_selector(".md-search__input:focus")
        page.wait_for_function(self._READY)

    def ask(self, page: Page, query: str) -> list[str]:
        """Empties the field, types, and waits until the list is of this query."""
        field = page.locator(".md-search__input")
        # It listens for keys; what they typed is the whole at once on the other sides, too.
        field.fill("")
        field.press("Backspace")
        page.wait_for_function(self._READY)
        field.fill(query)
        field.press("End")
        page.wait_for_function(f"!({self._READY})()")
        return page.eval_on_selector_all(
            ".md-search-result__link",
            "links => links.filter(a => a.checkVisibility()).map(a => a.href)",
        )


ENGINES: dict[str, type[Book | Sphinx | Material]] = {
    "book": Book,
    "jupyter-book": Sphinx,
    "furo": Sphinx,
    "mkdocs-material": Material,
}
