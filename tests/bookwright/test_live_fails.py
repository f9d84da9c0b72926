"""Live cells where something is missing: each failure is told, and the page stays readable."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bookwright.live import files
from tests.conftest import Visit, serve
from tests.helpers_live import WAYS_OUT, Cell

pytestmark = pytest.mark.live  # Python starts anew in nearly every one

JS = "text/javascript"
COUNTER, RUN = range(2)  # the live cells of the page

# What these apps' browsers say of themselves, cut after what they are known by.
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-S918N{}) AppleWebKit/537.36 (KHTML, like Gecko) "
CHROME = "Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 "
IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML) "
INSIDE = {
    "카카오톡": (
        f"{ANDROID.format('; wv')}{CHROME}KAKAOTALK/10.8.3 (INAPP)",
        f"{IOS}Mobile/15E148 KAKAOTALK 10.8.3",
    ),
    "네이버 앱": (
        f"{ANDROID.format('; wv')}{CHROME}NAVER(inapp; search; 2000; 12.8.5)",
        f"{IOS}Version/17.5 Mobile/15E148 Safari/604.1 NAVER(inapp; search; 2000; 12.8.5; 15PRO)",
    ),
    "라인": (f"{IOS}Mobile/15E148 Safari Line/14.9.0",),
    "인스타그램": (f"{IOS}Mobile/15E148 Instagram 337.0.2.24.92 (iPhone15,2; iOS 17_5)",),
    "페이스북": (f"{ANDROID.format('; wv')}{CHROME}[FB_IAB/FB4A;FBAV/471.0.0.31.79;]",),
    "다른 앱": (f"{ANDROID.format('; wv')}{CHROME}", f"{IOS}Mobile/15E148"),
}
OUTSIDE = (
    f"{ANDROID.format('')}Chrome/126.0.0.0 Mobile Safari/537.36",
    f"{IOS}Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0",
)
# What such browsers and old ones lack, or have and refuse.
POORER = """
  delete navigator.__proto__.clipboard;
  delete navigator.__proto__.locks;
  delete crypto.__proto__.randomUUID;
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { get() { throw new DOMException("", "SecurityError"); } });
  }"""


@pytest.fixture(scope="module")
def address(live_site: Path) -> Iterator[str]:
    with serve(live_site) as here:
        yield here


def opened(browser: Browser, address: str, path: str, script: str = "", **more) -> Page:
    page = browser.new_context(**more).new_page()
    page.add_init_script(script)
    page.goto(f"{address}/{path}", wait_until="networkidle")
    return page


@pytest.mark.parametrize("app", INSIDE)
def test_inside_a_messenger_the_way_out_is_offered(browser, address, app):
    for agent in INSIDE[app]:
        # Without WebAssembly no Python comes: this is about what is said.
        script = "delete globalThis.WebAssembly"
        page = opened(browser, address, "ko/cells.html", script, user_agent=agent)
        for number in (COUNTER, RUN):
            Cell(page, number).button.click()
            Cell(page, number).status.get_by_text("WebAssembly나 워커").wait_for()
        about = page.locator(".live-outside")
        assert about.count() == 1, "once a page"
        assert (
            about.locator("p").inner_text().startswith(f"지금 {app} 안의 브라우저로 보고 있습니다.")
        )
        assert about.locator("input").input_value() == page.url
        page.context.close()


@pytest.mark.parametrize("agent", OUTSIDE)
def test_a_browser_of_its_own_is_told_nothing(browser, address, agent):
    script = "delete globalThis.Worker"
    page = opened(browser, address, "en/cells.html", script, user_agent=agent)
    Cell(page, COUNTER).button.click()
    Cell(page, COUNTER).status.get_by_text("no workers").wait_for()
    assert page.locator(".live-outside").count() == 0
    page.context.close()


def test_the_address_is_copied_or_can_be_taken_by_hand(browser, address):
    [agent, *_] = INSIDE["카카오톡"]
    script = "delete globalThis.WebAssembly"
    page = opened(browser, address, "en/cells.html", script, user_agent=agent)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    Cell(page, RUN).button.click()
    copy = page.locator(".live-outside button")
    copy.click()
    copy.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.evaluate("delete navigator.__proto__.clipboard; document.execCommand = () => false")
    copy.click()
    copy.get_by_text("Copy it by hand").wait_for()
    assert page.evaluate("getSelection().toString()") == page.url
    page.context.close()


def test_a_poorer_browser_runs_cells_all_the_same(browser, address):
    [agent, *_] = INSIDE["카카오톡"]
    page = opened(browser, address, "ko/cells.html", POORER, user_agent=agent)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.reload()
    assert Cell(page, RUN).run().startswith("[[0. 1.]] 0.5")
    assert errors == []
    page.context.close()


def test_a_browser_that_lets_no_worker_begin_is_told(browser, address):
    script = "globalThis.Worker = class { constructor() { throw new Error('blocked'); } }"
    page = opened(browser, address, "en/cells.html", script)
    Cell(page, COUNTER).run()
    assert Cell(page, COUNTER).status.text_content().startswith("Python could not be loaded.")
    page.context.close()


@pytest.mark.parametrize(
    ("path", "said"),
    [("en", "The browser has ended Python"), ("ko", "브라우저가 Python을 강제로 끝냈습니다")],
)
def test_where_there_is_no_room_for_python_it_is_not_put_down_to_the_network(
    visit: Visit, path, said
):
    page = visit.open(f"{path}/cells.html")
    full = "throw new RangeError('WebAssembly.Memory(): could not allocate memory')"
    page.route("**/pyodide.mjs", lambda route: route.fulfill(body=full, content_type=JS))
    cell = Cell(page, COUNTER)
    cell.run()
    assert cell.status.text_content().startswith(said)
    page.unroute("**/pyodide.mjs")


def test_the_result_leads_to_the_licences(visit: Visit, live_site: Path):
    page = visit.open("ko/cells.html")
    Cell(page, RUN).run()
    link = page.get_by_role("link", name="라이선스와 소스 코드").first
    path = link.evaluate("link => link.pathname")
    said = (live_site / path.lstrip("/")).read_text(encoding="utf-8")
    assert all(
        name in said for name in ("MPL-2.0", "BSD-3-Clause", "PSF-2.0", "github.com/pyodide")
    )


@pytest.fixture
def forgetful(live_site: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """A host that packs what it sends, and says that all it sends is old at once.

    Gives its address, and the bytes that it has sent, by the names of the files.
    """
    sent: dict[str, int] = {}

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path = Path(self.translate_path(self.path))
            content = gzip.compress(path.read_bytes(), 6) if path.is_file() else b""
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", self.guess_type(str(path)))
            self.send_header("Cache-Control", "max-age=0")
            self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            sent[path.name] = sent.get(path.name, 0) + len(content)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.RequestHandlerClass = lambda *given: Handler(*given, directory=str(live_site))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()


def test_the_first_press_costs_what_its_button_says_and_the_second_visit_nothing(
    browser, forgetful
):
    host, sent = forgetful
    page = opened(browser, host, "en/cells.html")
    sent.clear()
    Cell(page, COUNTER).run()
    big = {name for name, each in files.runtime().files.items() if each["bytes"] > 50_000}
    assert big < set(sent)
    total = sum(sent.values()) / 1e6
    assert total == pytest.approx(files.runtime().megabytes, abs=0.05)
    page.reload(wait_until="networkidle")
    sent.clear()
    assert Cell(page, RUN).run().startswith("[[0. 1.]]")
    # A script is asked for again, as the host wants it; what weighs is kept all the same.
    assert set(sent) & big <= {"pyodide.asm.js"}
    assert sum(sent.values()) / 1e6 < 0.3
    page.context.close()


MORE_WAYS = """
for name, way in {
    "image": lambda: setattr(js.Image.new(), "src", away + "image"),
    "open": lambda: js.open(away + "open"),
    "location": lambda: setattr(js.location, "href", away + "location"),
    "shared": lambda: js.SharedWorker.new(away + "shared.js"),
    "transport": lambda: js.WebTransport.new(away.replace("http", "https") + "transport"),
    "stream": lambda: js.WebSocketStream.new(away.replace("http", "ws") + "stream"),
    "data": lambda: run_js(f"import('data:text/javascript,fetch(%22{away}data%22)')"),
    "module": lambda: run_js(f"import('data:text/javascript,import %22{away}module.js%22')"),
    "global": lambda: run_js(f"Reflect.get(globalThis, 'fetch')('{away}global')"),
    "constructor": lambda: run_js(f"(()=>0).constructor('return this')().fetch('{away}thing')"),
    "indirect": lambda: js.eval.call(None, f"new XMLHttpRequest().open('GET', '{away}indirect')"),
    "requests": lambda: __import__("http.client").client.HTTPConnection(
        "127.0.0.1", PORT, timeout=1).request("GET", "/requests"),
    "micropip": lambda: __import__("micropip").install(away + "micropip.whl"),
}.items():
    attempt(name, way)
"""


def test_no_other_way_leads_out_either(visit: Visit, tmp_path):
    page, asked = visit.open("en/cells.html"), []
    with serve(tmp_path, asked) as away:
        source = (WAYS_OUT + MORE_WAYS).replace("AWAY", away)
        said = Cell(page, RUN).run(source.replace("PORT", away.rpartition(":")[2]))
        assert said.count("\n") >= 30, said
        Cell(page, RUN).run("import time\ntime.sleep(1)")
        page.wait_for_timeout(500)
        assert asked == [], said
    assert page.url.startswith(visit.address)
    assert len(page.context.pages) == 1, "a window was opened"
