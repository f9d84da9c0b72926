"""Builds that are killed at any moment, and two at once: the next one gives the same site."""

from __future__ import annotations

import contextlib
import re
import signal
import time

import psutil
import pytest

from tests.helpers import Book, make_book

pytestmark = pytest.mark.machines
WITH_PDF = {"BOOK_NO_PDF": "0"}
# What a build says when it comes to each of its stages.
STAGES = ("[1/1] index", "building ko", "building en", "printing the PDFs", "printed in")


@pytest.fixture
def book(tmp_path) -> Book:
    found = make_book(tmp_path / "book")
    found.write("print('six times seven is', 6 * 7)")
    return found


def site(book: Book) -> dict[str, str]:
    """The pages of a site, without what each build has of its own; and its other files' names."""
    folder, found = book.folder / "_build" / "html", {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8")
            found[name] = re.sub(r"\d{4}-\d\d-\d\d|[\d.]+ (?:s|MB|GB|초)\b", "", text)
        elif not name.startswith("pagefind/"):  # those names follow from the contents
            found[name] = "empty" if path.stat().st_size == 0 else "there"
    return found


def build(book: Book) -> str:
    status, said = book.run("book", "--unchecked", **WITH_PDF)
    assert status == 0, said
    return said


def end(book: Book, stage: str, number: int, seconds: float) -> None:
    """Starts a build, and ends it some seconds after it has come to a stage."""
    with book.running("book", "--unchecked", **WITH_PDF) as process:
        for line in process.stdout:
            if stage in line:
                time.sleep(seconds)
                break
        started = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        said, _ = process.communicate()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert alive == [], "what it started ends with it"
    if number == signal.SIGINT and process.returncode:
        assert "Traceback" not in said
    if number == signal.SIGINT and process.returncode and "Done in" not in said:
        assert said.count("what has run is kept, and the same command goes on from there") == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_whenever_a_build_ends_the_next_one_gives_the_same_site(book, number):
    build(book)
    expected = site(book)
    changed = book.page("en").read_text(encoding="utf-8")
    for stage in STAGES:
        for seconds in (0.0, 1.0):
            before = site(book)
            book.page("en").write_text(f"{changed}\nOther prose.\n", encoding="utf-8")
            end(book, stage, number, seconds)
            now = site(book)
            assert now == before or "Other prose." in now["en/index.html"], (stage, seconds)
            book.page("en").write_text(changed, encoding="utf-8")
            build(book)
            assert site(book) == expected, (stage, seconds)


def test_two_builds_and_a_preview_at_once_are_all_whole(book):
    commands = (["book", "--unchecked"], ["book", "--unchecked"], ["page", "index"])
    with contextlib.ExitStack() as running:
        processes = [running.enter_context(book.running(*command)) for command in commands]
        said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    waited = ["another command is making book; waiting ..." in each for each in said[:2]]
    assert sorted(waited) == [False, True]
    together = site(book)
    book.run("book", "--unchecked")
    assert site(book) == together
