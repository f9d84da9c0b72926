"""The site: built whole or not at all, with nothing of earlier builds, and its sitemap."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bookwright.book import LANGUAGES
from bookwright.problems import Problem, ProblemError
from bookwright.side_by_side import build as side_by_side
from bookwright.site import build, command, language
from bookwright.site.sitemap import sitemap
from tests.bookwright.conftest import write_whole_page
from tests.helpers import make_book, said


def test_a_second_build_runs_no_page(whole):
    status, output = whole.run("book", "--unchecked")
    assert status == 0, output
    assert "ran in" not in output


def test_a_warning_of_the_build_is_an_error_and_keeps_the_last_site(tmp_path):
    book = make_book(tmp_path)
    write_whole_page(book)
    path = book.page("en")
    path.write_text(path.read_text() + "\n[nowhere](no-such-page.md)\n")
    last = book.folder / "_build" / "html" / "index.html"
    last.parent.mkdir(parents=True)
    last.write_text("the last good site")
    status, output = book.run("book", "--unchecked")
    assert status == 1
    assert re.search(r"^book/en/index\.md:\d+: .*no-such-page\.md", output, re.MULTILINE), output
    assert last.read_text() == "the last good site"
    status, output = book.run("book", "--unchecked")
    assert status == 1, "the warning must not vanish in the second, incremental build"


def test_what_is_wrong_with_a_language_reaches_the_process_that_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(language, "BUILD", tmp_path)
    monkeypatch.setattr(language.child, "end_with_parent", lambda: None)
    found = [Problem("undefined label", "book/en/a.md", 3), Problem("wrong", "b", 1, 2, "a cause")]
    monkeypatch.setattr(language, "_build", lambda each: [*found, found[0]])
    assert language.main(["en"]) == 1
    assert language.read("en") == found
    assert language.read("ko") == [], "it was never built"
    monkeypatch.setattr(language, "_build", lambda each: [])
    assert language.main(["en"]) == 0
    assert language.read("en") == []


def test_a_build_that_is_ended_leaves_nothing_of_what_was_wrong_before(tmp_path, monkeypatch):
    def end(each: str) -> list[Problem]:
        raise SystemExit(9)

    monkeypatch.setattr(language, "BUILD", tmp_path)
    monkeypatch.setattr(language.child, "end_with_parent", lambda: None)
    monkeypatch.setattr(language, "_build", lambda each: [Problem("wrong")])
    language.main(["en"])
    monkeypatch.setattr(language, "_build", end)
    with pytest.raises(SystemExit):
        language.main(["en"])
    assert language.read("en") == []


def test_a_build_that_said_nothing_is_said_to_have_been_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(language, "BUILD", tmp_path)
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    monkeypatch.setattr(language, "_COMMAND", killed)
    with pytest.raises(ProblemError) as caught:
        build._build_languages()
    assert said(caught.value.problems) == [
        f"the build of {each} was ended: _build/{each}.log says more" for each in LANGUAGES
    ]


def test_what_an_earlier_build_left_is_not_published(tmp_path):
    shown = '<img src="_images/new.svg"><a href="figures/rnn-a.csv">CSV</a>'
    shown += '<div class="live" data-page="live/rnn.json?v=1"></div>'
    files = {"rnn.html": shown, "gone.html": '<img src="_images/old.svg">', "sub/gone.html": ""}
    files |= {"_images/new.svg": "", "_images/old.svg": "", "figures/rnn-a.csv": ""}
    files |= {"figures/rnn-b.csv": "", "_static/site.css": ""}
    files |= {"live/rnn.json": "", "live/gone.json": ""}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    build.drop_stale(tmp_path, {"rnn"})
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    kept = {"rnn.html", "_images/new.svg", "figures/rnn-a.csv", "live/rnn.json"}
    assert left == kept | {"_static/site.css"}


def test_a_build_that_finds_them_different_says_so_and_keeps_the_last_site(
    tmp_path, monkeypatch, capsys
):
    class Built:
        def wait(self) -> int:
            return 0

    @contextlib.contextmanager
    def built(each: str) -> Iterator[Built]:
        (tmp_path / f"{each}.log").touch()
        yield Built()

    def refuse(site: Path) -> None:
        raise side_by_side.Mismatch("book/ko/rnn.md and book/en/rnn.md cannot be set side by side")

    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "SITE", tmp_path / "html")
    monkeypatch.setattr(build.runs, "run_pages", lambda: 0)
    monkeypatch.setattr(build.runs, "show", lambda pages: None)
    monkeypatch.setattr(language, "BUILD", tmp_path)
    monkeypatch.setattr(language, "building", built)
    monkeypatch.setattr(build, "assemble", refuse)
    (tmp_path / "html").mkdir()
    assert command.main(["--unchecked"]) == 1
    assert "cannot be set side by side" in capsys.readouterr().err
    assert (tmp_path / "html").exists()


NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def test_every_page_is_there_with_its_alternates():
    root = ElementTree.fromstring(sitemap("https://book.test/", ["index", "rnn"], ["ko", "en"]))
    places = [url.findtext("s:loc", namespaces=NAMES) for url in root.findall("s:url", NAMES)]
    assert places == [
        "https://book.test/ko/index.html",
        "https://book.test/en/index.html",
        "https://book.test/ko/rnn.html",
        "https://book.test/en/rnn.html",
    ]
    for url in root.findall("s:url", NAMES):
        links = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", NAMES)}
        name = url.findtext("s:loc", namespaces=NAMES).rpartition("/")[2]
        assert links == {lang: f"https://book.test/{lang}/{name}" for lang in ("ko", "en")}
