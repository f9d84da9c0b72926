"""Shared by the tests: what cells hand over, and the built site of the book they start in."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bookwright import browser as chromium
from bookwright.places import SITE
from lessons_src import contract

# Warnings of third parties that start before pytest can filter them.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

expect.set_options(timeout=30_000)  # as long as all else of Playwright waits

# A shell's background jobs ignore Ctrl-C, and so would whatever the tests start and then stop.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
NO_SITE = "there is no built site: `make book` builds it"


class LeftOut(pytest.Item):
    """Stands for all tests of a site that is not there."""

    def runtest(self) -> None:
        pytest.skip(f"the tests in tests/site are left out, for {NO_SITE}")

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class NoSite(pytest.Directory):
    def collect(self) -> Iterator[LeftOut]:
        yield LeftOut.from_parent(self, name="left out")


def has_site() -> bool:
    """Whether `make book` has put a site together; Jupyter Book alone writes pages there, too."""
    return (SITE / "build.json").exists()


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Without a site, its tests are one test that is skipped, unless they were asked for."""
    asked_for = parent.session.isinitpath(path, with_parents=True)
    if path == ROOT / "tests" / "site" and not has_site() and not asked_for:
        return NoSite.from_parent(parent, path=path)
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    said = "a file for what failed; beside it there is one that ends in .held if nothing did"
    parser.addoption("--report", type=Path, help=said)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Writes the report of `--report`: names first, since what follows may be long."""
    path: Path | None = config.getoption("--report")
    if path is None:
        return
    stats = terminalreporter.stats
    wrong = [each for kind in ("failed", "error") for each in stats.get(kind, [])]
    lines = [f"{len(wrong)} failed, {len(stats.get('passed', []))} passed.", ""]
    lines += [each.nodeid for each in wrong]
    lines += [f"\n{each.nodeid}\n{each.longreprtext}" for each in wrong]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mark = path.with_suffix(".held")
    mark.unlink(missing_ok=True) if exitstatus else mark.touch()


@pytest.fixture
def no_figure_left() -> Iterator[None]:
    """Closes what a test draws, and what another one left open."""
    from matplotlib import pyplot as plt  # most tests draw nothing

    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What cells hand to their page, by name, instead of IPython's display."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(contract, "publish", found.__setitem__)
    return found


@pytest.fixture
def unchanged_settings() -> Iterator[None]:
    """Drawing leaves Matplotlib's global settings alone."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site; without one its tests do not start."""
    return SITE


@contextlib.contextmanager
def serve(folder: Path, asked: list[str] | None = None) -> Iterator[str]:
    """Serves a folder on this machine; its address. Notes what is asked for, if given a list."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def end_headers(self) -> None:
            if asked is not None:  # also by pages from elsewhere, which may read the answers
                asked.append(self.path)
                self.send_header("Access-Control-Allow-Origin", "*")
            super().end_headers()

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with serve(site) as here:
        yield here


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail("no Chromium: run `python -m bookwright browser`")
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        running.close()


def first_now(cases: Sequence[Any]) -> list[Any]:
    """Cases for `parametrize`: `make test` takes the first one, `make live` the rest."""
    return [cases[0], *(pytest.param(case, marks=pytest.mark.live) for case in cases[1:])]


class Visit:
    """A page in the browser, with what went wrong while it loaded."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda message: message.type == "error" and self.errors.append(message.text)
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}/{path}", wait_until="networkidle")
        self.page.wait_for_load_state("load")  # on a busy machine it may not have been read yet
        return self.page


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context()
    yield Visit(context.new_page(), address)
    context.close()
