"""How the build grows with the book: `python -m benchmarks.growth 10 100 1000`.

Generates books of that many chapters in both languages and builds each with nothing cached, with
everything cached and with the code of one page changed. Seconds are those of the processor, which
another program on the machine does not change; a book twice as big should cost twice as much.
Writes `benchmarks/growth.json` and prints it as a table.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright

from benchmarks import growth_book
from bookwright import browser
from bookwright.book import ROOT

RESULTS = ROOT / "benchmarks" / "growth.json"


class Cost(NamedTuple):
    """What a command took."""

    seconds: float  # of the processor, its own and its children's
    memory: int  # bytes of its largest process


def run(folder: Path, *command: str) -> Cost:
    """Runs one of the commands in a generated book: a module and its arguments.

    Raises:
        RuntimeError: It failed; the message is the end of what it printed.
    """
    # The PDFs are one document each, which nobody would print of a thousand chapters. Where CI
    # is set, the checks take no draft, and these chapters are drafts.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BOOK_NO_PDF": "1", "CI": ""}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{said.read()[-3000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


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


def _size(folder: Path, pattern: str = "*") -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def measure(n_chapters: int, n_run: int) -> dict[str, Any]:
    """Builds one book in every state; returns what it cost.

    Args:
        n_chapters: Chapters of the book.
        n_run: A book of more chapters runs only the first one; see `benchmarks.fill`.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "book")
        growth_book.write(folder, n_chapters)
        costs = {"checks": run(folder, "bookwright", "checks")}
        if n_chapters > n_run:
            run(folder, "benchmarks.fill")
        else:
            costs["pages run"] = run(folder, "bookwright", "run")
        costs["runs looked up"] = run(folder, "bookwright", "run")
        costs["site built"] = run(folder, "bookwright", "book", "--unchecked")
        costs["nothing changed"] = run(folder, "bookwright", "book", "--unchecked")
        growth_book.change(folder, n_chapters // 2)
        costs["one page changed"] = run(folder, "bookwright", "book", "--unchecked")
        site = folder / "_build" / "html"
        word = growth_book.vocabulary("ko", growth_book.random.Random("ko"))[30]
        return {
            "chapters": n_chapters,
            "seconds": {what: round(cost.seconds, 1) for what, cost in costs.items()},
            "memory": max(cost.memory for cost in costs.values()),
            "html": _size(site, "*.html"),
            "middle page": (site / "ko" / f"chapter{n_chapters // 2}.html").stat().st_size,
            "search index": _size(site / "pagefind"),
            "search words": (site / "pagefind" / "words.json").stat().st_size,
            "bytes of a query": bytes_of_query(site, "ko", word),
        }


def table(results: Sequence[dict[str, Any]]) -> str:
    """The results as Markdown: a column for each book."""
    heads = [f"{found['chapters']:,} chapters" for found in results]
    steps = list(dict.fromkeys(step for found in results for step in found["seconds"]))

    def seconds(step: str, form: str, each: bool) -> list[str]:
        return [
            format(value / (found["chapters"] if each else 1), form)
            if (value := found["seconds"].get(step)) is not None
            else "–"
            for found in results
        ]

    rows = [(f"{step}, s", seconds(step, ".1f", each=False)) for step in steps]
    rows += [(f"{step}, s for each chapter", seconds(step, ".3f", each=True)) for step in steps]
    rows.append(("largest process, MB", [f"{found['memory'] / 1e6:.0f}" for found in results]))
    for what in ("html", "search index"):
        name = f"{what}, kB for each page"
        rows.append((name, [f"{found[what] / found['chapters'] / 2e3:.1f}" for found in results]))
    for what in ("middle page", "search words", "bytes of a query"):
        sizes = [found[what] for found in results]
        rows.append((f"{what}, kB", ["–" if x is None else f"{x / 1e3:.0f}" for x in sizes]))
    lines = [["", *heads], ["---"] * (len(heads) + 1), *([name, *cells] for name, cells in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the books and writes the results; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("chapters", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--run", type=int, default=10, help="most chapters whose pages really run")
    given = parser.parse_args(arguments)
    if not all(number >= 2 for number in given.chapters):
        parser.error("a book needs at least 2 chapters")
    results = []
    for number in given.chapters:
        print(f"{number} chapters ...", flush=True)
        results.append(measure(number, given.run))
        print(json.dumps(results[-1]), flush=True)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
