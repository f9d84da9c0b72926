"""What a reader's browser loads to answer a query in the dialog of a built book."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bookwright import browser


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def bytes_of_query(site: Path, language: str, query: str) -> int:
    """What the browser loads to answer a query in the book's dialog, beside the page itself."""
    loaded = 0

    def count(response: Any) -> None:  # noqa: ANN401
        nonlocal loaded
        if "/pagefind/" in response.url:
            loaded += int(response.headers["content-length"])

    handler = functools.partial(_Quiet, directory=str(site))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        path = browser.find()
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = running.new_page()
        page.set_default_timeout(120_000)  # the machine may be busy
        page.on("response", count)
        page.goto(f"http://127.0.0.1:{server.server_port}/{language}/index.html")
        page.wait_for_selector(".book-search-open")
        page.keyboard.press("Control+k")
        page.wait_for_selector("#book-search[open]")
        page.locator("#book-search input").fill(query)
        page.wait_for_function(
            "query => document.getElementById('book-search').dataset.query === query", arg=query
        )
        page.wait_for_load_state("networkidle")
        running.close()
        server.shutdown()
    return loaded
