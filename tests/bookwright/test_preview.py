"""Previews: a saved page is built alone, cells run only when they changed, nothing else is lost."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from bookwright import book as pages
from bookwright import places
from bookwright.book import HEADER, LANGUAGES, Page
from bookwright.preview import one_page as make_page
from bookwright.preview import saved as changes
from bookwright.preview import serve as server
from bookwright.preview import worker as preview
from bookwright.problems import Problem
from bookwright.runs import latest, store, used
from bookwright.runs.latest import Run
from tests.helpers import make_book

CELL = "```{code-cell} ipython3\n%s\n```\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((""), "expected NAME="),
        (("nothing",), "got 'nothing'"),
        (("rnn", "fr"), "expected LANG=ko or LANG=en, got 'fr'"),
    ],
)
def test_a_page_or_a_language_that_is_not_there_is_refused(arguments, message, capsys):
    assert make_page.main(arguments or [""]) == 2
    assert message in capsys.readouterr().err


# The last known run


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one page, with caches of its own."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(pages, "page_names", partial(pages.page_names, tmp_path / "_toc.yml"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(store, "PREVIEW", tmp_path / "preview")
    monkeypatch.setattr(store, "RUNS", tmp_path / "runs")
    state = {"name": "first"}  # the state of the helper package
    monkeypatch.setattr(
        used,
        "stale",
        lambda record, settings: None if record["used"] == state["name"] else "it changed",
    )
    for language in LANGUAGES:
        (tmp_path / "book" / language).mkdir(parents=True)
    write(Page("ko", "index"), "1 + 1")
    write(Page("en", "index"), "1 + 1")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    return state


def write(page: Page, code: str, prose: str = "Prose.") -> None:
    page.source.write_text(f"{HEADER}# Title\n\n{prose}\n\n{CELL % code}", encoding="utf-8")


def ran(page: Page) -> None:
    """As if the page had run with the helper package as it was first."""
    notebook = store.read_page(page)
    record = {"page": page.name, "settings": used.own_settings().plain(), "used": "first"}
    store.save(store.cells_hash(notebook), notebook, record)


def test_a_page_is_shown_with_the_best_run_that_there_is(book):
    page = Page("ko", "index")
    assert latest.take(page) is Run.NONE
    ran(page)
    assert latest.take(page) is Run.NOW
    book["name"] = "second"  # as after a change of the helper package
    assert latest.take(page) is Run.EARLIER
    write(page, "1 + 1", prose="Other prose.")
    assert latest.take(page) is Run.EARLIER
    write(page, "1 + 2")
    assert latest.take(page) is Run.NONE


def test_a_page_without_cells_lacks_nothing(book):
    page = Page("ko", "index")
    page.source.write_text(f"{HEADER}# Title\n\nProse.\n", encoding="utf-8")
    assert [latest.take(page), latest.take(page)] == [Run.NOW, Run.NOW]


# What a saved file leads to


class FakeWorker:
    """Counts builds instead of building."""

    def __init__(self, language: str) -> None:
        self.builds = self.starts = 0
        self.complaints: list[Problem] = []

    def ask(self) -> None:
        self.builds += 1

    def answer(self) -> list[Problem]:
        return self.complaints

    def restart(self) -> None:
        self.starts += 1

    def stop(self) -> None:
        pass


@pytest.fixture
def watched(book, monkeypatch):
    """What saved files lead to, with runs that only wait to be let go."""
    monkeypatch.setattr(preview, "Worker", FakeWorker)
    said: list[tuple[dict[str, list[str]], list[str]]] = []
    found = changes.Changes(lambda says, built: said.append((says, built)))
    found.said, found.started = said, []  # type: ignore[attr-defined]

    async def wait(page: Page, cells: str) -> None:
        found.started.append((page, cells))  # type: ignore[attr-defined]
        try:
            await asyncio.sleep(60)
        finally:
            del found._runs[cells]

    monkeypatch.setattr(found, "_run", wait)
    return found


def see(watched, *steps):
    """Saves files one after another; each step writes and returns what it wrote."""

    async def all_steps() -> None:
        await watched.start()
        for step in steps:
            await watched.see({path if isinstance(path, Path) else path.source for path in step()})
            await asyncio.sleep(0)
        for task in watched._runs.values():
            task.cancel()
        await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as thread:  # a test with a browser leaves a loop in this one
        thread.submit(asyncio.run, all_steps()).result()
    return {language: worker.builds - 1 for language, worker in watched._workers.items()}


def saved(language, code="1 + 1", prose="Prose."):
    def step():
        write(Page(language, "index"), code, prose)
        return [Page(language, "index")]

    return step


def test_without_results_what_is_wrong_beside_the_pages_is_said_too(watched):
    wrong = [Problem("no such setting", "_config.yml", 3), Problem("the build was ended")]
    watched._workers["ko"].complaints = wrong
    see(watched)
    assert watched.said[-1][0]["ko"] == ["the build was ended", *map(str, wrong[:1]), "2 problems"]


def test_a_change_of_prose_builds_its_language_and_runs_nothing(watched):
    assert see(watched, saved("ko", prose="Other."), saved("ko", prose="Another.")) == {
        "ko": 2,
        "en": 0,
    }
    assert watched.started == []


def test_changed_cells_run_once_for_both_languages(watched):
    see(watched, saved("ko", "1 + 2"), saved("en", "1 + 2"), saved("en", "1 + 2", "Other."))
    assert [page for page, _ in watched.started] == [Page("ko", "index")]
    assert "ko/index: the cells are running ..." in watched.said[-1][0]["ko"]


def test_a_run_of_cells_that_were_changed_again_is_ended(watched):
    running = []

    def look():
        running.append(set(watched._runs))
        return []

    see(watched, saved("ko", "1 + 2"), saved("ko", "1 + 3"), look)
    assert len(watched.started) == 2
    assert running == [{watched.started[1][1]}]


def test_known_cells_are_not_run_again(watched):
    write(Page("ko", "index"), "1 + 2")
    ran(Page("ko", "index"))
    see(watched, saved("ko", "1 + 3"), saved("ko", "1 + 2"))
    assert len(watched.started) == 1


def test_a_changed_chapter_module_runs_the_chapters_cells(watched, book, tmp_path):
    ran(Page("ko", "index"))

    def step():
        book["name"] = "second"
        return [tmp_path / "lessons_src" / "index.py"]

    see(watched, step)
    assert [page.name for page, _ in watched.started] == ["index"]


def test_a_changed_style_starts_both_languages_afresh(watched, tmp_path):
    builds = see(watched, lambda: [tmp_path / "book" / "_static" / "book.css"])
    assert builds == {"ko": 1, "en": 1}
    assert [worker.starts for worker in watched._workers.values()] == [1, 1]


def test_a_table_of_contents_that_cannot_be_read_is_said_and_stops_nothing(watched, tmp_path):
    toc = tmp_path / "_toc.yml"

    def broken():
        toc.write_text("root: [")
        return [toc]

    def whole():
        toc.write_text("format: jb-book\nroot: index\n")
        return [toc]

    see(watched, broken, whole)
    told = [line for says, _ in watched.said for line in says["ko"]]
    assert any(line.startswith("_toc.yml:1:8: is not YAML: ") for line in told), told
    assert watched.said[-1][0] == {"ko": [], "en": []}


def test_without_results_only_pages_that_were_saved_are_found_fault_with(watched):
    """A page without its run lacks what it glues, and so do those that refer to its figures."""
    watched._workers["ko"].complaints = [Problem("undefined label", "book/ko/other.md")]
    see(watched)
    assert watched.said[-1][0]["ko"] == []
    watched._without.clear()
    watched._say([])
    assert watched.said[-1][0]["ko"] == ["book/ko/other.md: undefined label"]


def test_what_is_wrong_in_both_languages_is_printed_once(watched, capsys):
    for worker in watched._workers.values():
        worker.complaints = [Problem("no such setting", "_config.yml", 3)]
    see(watched)
    assert capsys.readouterr().err == "_config.yml:3: no such setting\n"
    assert [*watched.said[-1][0].values()] == [["_config.yml:3: no such setting"]] * 2


def test_an_error_that_nobody_foresaw_is_one_line_and_stops_nothing(watched, monkeypatch, capsys):
    def slip(files):
        raise KeyError("a slip")

    with monkeypatch.context() as patched:
        patched.setattr(watched, "_see", slip)
        see(watched, saved("ko", prose="Other."))
    (line,) = watched.said[-1][0]["ko"]
    happened = "something unexpected happened: KeyError: 'a slip'"
    assert line == f"{happened} (traceback: _build/traceback.log)"
    assert capsys.readouterr().err == f"{line}\n"
    see(watched, saved("ko", prose="Another."))
    assert watched.said[-1][0]["ko"] == []


def test_what_a_cell_failed_with_stands_in_the_page(book, monkeypatch, capsys):
    failed = "book/en/index.md:17: the cell that starts here failed: ValueError: no"

    class Ended:
        returncode = 1

        async def communicate(self) -> tuple[bytes, bytes]:
            return b"", f"{failed}\n".encode()

    async def run(*_: object, **__: object) -> Ended:
        return Ended()

    monkeypatch.setattr(preview, "Worker", FakeWorker)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", run)
    said: list[dict[str, list[str]]] = []
    found = changes.Changes(lambda says, built: said.append(says))

    async def save() -> None:
        await found.start()
        write(Page("en", "index"), "raise ValueError('no')")
        await found.see({Page("en", "index").source})
        await asyncio.gather(*found._runs.values())

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, save()).result()
    assert said[-1] == {"ko": [], "en": [failed]}
    assert capsys.readouterr().out.count(failed) == 1


def test_one_page_says_what_is_wrong_with_it_and_beside_the_pages(book, monkeypatch, capsys):
    class Worker(FakeWorker):
        def answer(self) -> list[Problem]:
            return [
                Problem("undefined label", "book/ko/index.md", 9),
                Problem("undefined label", "book/ko/other.md", 12),
                Problem("no such setting", "_config.yml", 3),
            ]

    monkeypatch.setattr(preview, "Worker", Worker)
    monkeypatch.setattr(latest, "run", lambda pages: [])
    assert make_page.main(["index", "ko"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "_config.yml:3: no such setting",
        "book/ko/index.md:9: undefined label",
        "2 problems in 2 files",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_ends_a_preview_with_one_line_that_says_what_is_kept(tmp_path):
    book = make_book(tmp_path)
    book.write("import time\ntime.sleep(600)")
    with subprocess.Popen(
        [sys.executable, "-m", "bookwright", "page", "index"],
        cwd=book.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        for line in process.stdout:
            if "index ..." in line:
                break
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it, to all in it
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    lines = [line for line in said.splitlines() if line]
    assert lines == ["stopped; what has run is kept, and the same command goes on from there"]


# The process that builds

PREVIEWED = """
import re
from pathlib import Path
from bookwright.preview import worker as preview

class Book(preview.Book):
    def __init__(self, language):
        super().__init__(language)
        self.app.connect("doctree-resolved", fail)

def fail(app, doctree, page):
    if "FAIL" in Path("book/en", f"{page}.md").read_text():
        raise KeyError("a slip of an extension")

class Connection:
    def send(self, message):
        print(*message[1])
        page = Path("_build/preview/en/html/second.html")
        if page.exists():
            print(re.findall(r'section-number">([0-9.]+)', page.read_text()))

    def recv(self):
        if not changes:
            raise EOFError
        page = Path("book/en/second.md")
        page.write_text(page.read_text() + changes.pop(0))
        return True

preview.Book = Book
changes = ["", "More prose.\\n", "And more.\\n", "FAIL\\n"]
if __name__ == "__main__":
    preview._work("en", Connection())
"""


def test_a_book_built_again_keeps_its_numbers_and_a_failure_names_its_page(tmp_path):
    book = make_book(tmp_path)
    for name in ("first", "second"):
        text = f"{HEADER}# The {name} chapter\n\n## A section\n\nProse.\n\n"
        book.page("en", name).write_text(text)
    (book.folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n  - numbered: true\n    chapters:\n"
        "      - file: first\n      - file: second\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", PREVIEWED],
        cwd=book.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    numbers = re.findall(r"\[.*\]", done.stdout)
    assert len(numbers) == 4
    assert set(numbers) == {"['2.', '2.1.', '1.']"}  # the last one in the link back
    happened = "something unexpected happened: KeyError: 'a slip of an extension'"
    kept_in = "(traceback: _build/traceback.log)"
    assert f"book/en/second.md: {happened} {kept_in}" in done.stdout
    kept = (book.folder / "_build" / "traceback.log").read_text(encoding="utf-8")
    assert "in fail\n" in kept


# The server itself


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(address: str, text: str, seconds: float) -> tuple[str, float]:
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        try:
            with urlopen(address) as answer:
                page = answer.read().decode()
            if text in page:
                return page, time.perf_counter() - start
        except URLError:
            pass
        time.sleep(0.05)
    pytest.fail(f"{address} did not show {text!r} within {seconds} s")


def test_a_saved_page_is_served_without_running_anything(tmp_path):
    book, port = make_book(tmp_path), free_port()
    command = [sys.executable, "-m", "bookwright", "serve", str(port)]
    server = subprocess.Popen(
        command,
        cwd=book.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        address = f"http://127.0.0.1:{port}/en/index.html"
        page, _ = wait_for(address, "Prose.", 120)
        assert page.count('src="/preview.js"') == 1
        book.write("1 + 1", prose="Other words.")
        wait_for(address, "Other words.", 30)
        again = subprocess.run(command, cwd=book.folder, capture_output=True, text=True)
        assert again.returncode == 1
        assert f"port {port} cannot be used" in again.stderr
    finally:
        server.terminate()
        output, _ = server.communicate()
    assert "ran in" not in output
    assert re.search(r"index\.md: .+ in [\d.]+ s", output)
    assert not (book.folder / "_build" / "html").exists(), "the site of `make book` is left alone"


# What the server answers, to whom


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Asks the server for an address as it is, without a browser's tidying; status and text."""
    monkeypatch.setattr(places, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(places, "SITE", tmp_path / "_build" / "html")
    monkeypatch.setattr(preview, "FOLDER", tmp_path / "_build" / "preview")
    monkeypatch.setattr(pages, "page_names", lambda: ["index"])
    (tmp_path / "larger disk").mkdir()
    (tmp_path / "_build").symlink_to("larger disk")  # as people do who lack room
    for place, text in (
        ("secret.txt", "secret"),
        ("secret.html", "secret"),
        ("_build/cache/run.json", "kept"),
        ("_build/html/en/index.html", "of the site"),
        ("_build/html/en/only.html", "of the site alone"),
        ("_build/html/plain.txt", "plain"),
        ("_build/preview/en/html/index.html", "of the preview"),
        ("_build/preview/en/html/plain.txt", "plain, too"),
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    started, found = threading.Event(), {}

    def run() -> None:
        async def serve() -> None:
            answers = HTTPServer(server.application())
            answers.listen(found["port"], "127.0.0.1")
            found["loop"], found["end"] = IOLoop.current(), asyncio.Event()
            started.set()
            await found["end"].wait()
            answers.stop()
            await answers.close_all_connections()

        asyncio.run(serve())

    found["port"] = free_port()
    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(60)

    def ask(address: str, host: str = "127.0.0.1") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", found["port"], timeout=60)
        connection.putrequest("GET", address, skip_host=True)
        connection.putheader("Host", host.replace("PORT", str(found["port"])))
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    yield ask
    found["loop"].add_callback(found["end"].set)
    thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost:PORT", "127.0.0.1:PORT"])
def test_the_preview_answers_by_its_own_names(served, host):
    assert served("/en/index.html", host) == (200, "of the preview")
    assert served("/en/only.html", host) == (200, "of the site alone")
    assert served("/plain.txt", host) == (200, "plain")
    assert served("/en/plain.txt", host) == (200, "plain, too")
    assert served("/preview.js", host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:PORT",
        "localhost.evil.example",
        "evil-localhost",
        "127.0.0.1.evil.example",
        "127.0.0.10",
        "0.0.0.0:PORT",
        "[::1]:PORT",
    ],
)
def test_a_foreign_name_that_leads_to_the_preview_is_refused(served, host):
    for address in ("/", "/en/index.html", "/plain.txt", "/preview.js", "/preview-events"):
        assert served(address, host)[0] == 403


@pytest.mark.parametrize("up", ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", ".%2e%2F", "x/../../"])
def test_no_address_leads_out_of_what_is_shown(served, up):
    for start in ("/", "/en/", "/ko/"):
        for target in ("secret.txt", "secret.html", "_build/cache/run.json", "cache/run.json"):
            for depth in range(1, 6):
                status, text = served(start + up * depth + target)
                assert status in (403, 404)
                assert "secret" not in text
                assert "kept" not in text


@pytest.mark.parametrize(
    "address",
    [
        *("//etc/hostname", "/%2fetc%2fhostname", "/a%00b", "/en/%00.html"),
        *("/" + "a" * 300, "/en/" + "a" * 300 + ".html", "/en/" + "a/" * 3000 + ".html"),
    ],
)
def test_an_address_that_is_no_place_in_the_book_is_refused(served, address):
    assert served(address)[0] in (403, 404)


@pytest.mark.parametrize("name", ["link.txt", "en/link.html", "en/folder/secret.html"])
def test_a_link_that_leads_out_of_what_is_shown_is_not_followed(served, tmp_path, name):
    for top in (tmp_path / "_build" / "html", tmp_path / "_build" / "preview" / "en" / "html"):
        (top / "en").mkdir(exist_ok=True)
        (top / "en" / "folder").symlink_to(tmp_path)
        (top / "link.txt").symlink_to(tmp_path / "secret.txt")
        (top / "en" / "link.html").symlink_to(tmp_path / "secret.html")
    assert served(f"/{name}")[0] == 403


def test_links_in_a_circle_lead_nowhere(served, tmp_path):
    (tmp_path / "_build" / "html" / "round.txt").symlink_to("round.txt")
    assert served("/round.txt")[0] in (403, 404)
