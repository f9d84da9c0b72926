"""The commands that everybody knows who knows Jupyter Book and pytest do here what they promise."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookwright.book import HEADER
from tests.conftest import ROOT
from tests.helpers import CELL, FIRST_LINE, Book, make_book

OPTIONS = ("--config", "_config.yml", "--toc", "_toc.yml")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return make_book(tmp_path)


def stock(book: Book, *command: str) -> tuple[int, str]:
    """Runs a program of the activated environment in the book's folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=book.folder,
        env=os.environ | {"PATH": path, "BOOK_NO_PDF": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def runs(book: Book) -> list[Path]:
    return list((book.folder / "_build" / "cache" / "runs").glob("*/*.json"))


@pytest.mark.parametrize("source", [["."], ["book", *OPTIONS]])
def test_a_folder_that_is_no_language_is_told_which_commands_build_the_book(book, source):
    status, output = stock(book, "jupyter-book", "build", *source)
    assert status == 1
    assert "Traceback" not in output
    assert len(output.splitlines()) < 12
    commands = output.splitlines()[-1].partition(": ")[2].split(" && ")
    assert [shlex.split(command)[2] for command in commands] == ["book/ko", "book/en"]
    assert runs(book) == [], "nothing was built, so nothing had to run"


def test_those_commands_build_both_languages_and_run_each_page_once(book):
    book.write("print('six times seven is', 6 * 7)")
    _, output = stock(book, "jupyter-book", "build", ".")
    korean, english = output.splitlines()[-1].partition(": ")[2].split(" && ")

    status, output = stock(book, *shlex.split(english))
    assert status == 0, output
    assert output.count("ran in") == 1
    assert "six times seven is 42" in book.built("en/index.html")
    front = book.built("index.html")
    assert 'href="en/index.html"' in front
    assert 'href="ko/index.html"' not in front, "it is not there yet"

    status, output = stock(book, *shlex.split(korean))
    assert status == 0, output
    assert "ran in" not in output
    assert "six times seven is 42" in book.built("ko/index.html")
    assert 'lang="en"' in book.built("en/index.html"), "the other language is still there"
    front = book.built("index.html")
    assert all(f'href="{language}/index.html"' in front for language in ("ko", "en"))

    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert "1 of 1 pages: reused an earlier run" in output
    log = (book.folder / "_build" / "en.log").read_text(encoding="utf-8")
    assert "no valid run" not in log, "a build that is handed its runs looks for none"


def test_a_stock_build_goes_where_it_is_sent_with_the_runs_that_are_kept(book):
    book.write("print('six times seven is', 6 * 7)")
    assert book.run()[0] == 0
    command = ["jupyter-book", "build", "book/en", *OPTIONS, "--path-output", "elsewhere"]
    status, output = stock(book, *command)
    assert status == 0, output
    assert "ran in" not in output
    assert len(runs(book)) == 1
    built = book.folder / "elsewhere" / "_build" / "html" / "index.html"
    assert "six times seven is 42" in built.read_text(encoding="utf-8")
    assert not (book.folder / "_build" / "html" / "index.html").exists()


def test_a_stock_build_stops_at_a_cell_that_fails_and_names_it(book):
    book.write("x = 1\nx / 0")
    status, output = stock(book, "jupyter-book", "build", "book/en", *OPTIONS)
    assert status == 1
    last = output.splitlines()[-1]
    assert f"book/en/index.md:{FIRST_LINE}: " in last
    assert "ZeroDivisionError" in last
    assert "Traceback (most recent call last)" not in output


def test_a_stock_build_outside_a_book_says_so_in_one_line(book, tmp_path_factory):
    files = [str(book.folder / name) for name in ("book/en", "_config.yml", "_toc.yml")]
    command = ["jupyter-book", "build", files[0], "--config", files[1], "--toc", files[2]]
    status, output = stock(Book(tmp_path_factory.mktemp("no-book")), *command)
    assert status == 1
    assert "is no book" in output.splitlines()[-1]
    assert "Traceback" not in output


def test_nbmake_fails_a_page_with_the_place_of_the_cell(book):
    book.write("x = 1\nx / 0")
    status, output = stock(book, "pytest", "--nbmake", "book/en/index.md")
    assert status == 1
    assert f"book/en/index.md:{FIRST_LINE}: the cell that starts here failed" in output
    assert "book/ko" not in output, "only the page that was named"
    assert "ZeroDivisionError: division by zero" in output
    assert "----> 2 x / 0" in output, "as nbmake shows a notebook's cell"
    assert "INTERNAL ERROR" not in output
    assert "1 failed" in output


def test_what_nbmake_ran_the_book_reuses_and_the_other_way_round(book):
    status, output = stock(book, "pytest", "--nbmake", "book/en/index.md")
    assert status == 0, output
    assert "1 passed" in output
    status, output = book.run()
    assert status == 0, output
    assert "ran in" not in output
    book.write("2 + 2")
    assert "ran in" in book.run()[1]
    before = runs(book)
    status, output = stock(book, "pytest", "--nbmake", "book")
    assert status == 0, output
    assert "2 passed" in output, "both languages"
    assert runs(book) == before


def test_nbmake_on_two_processes_runs_the_same_cells_once(book):
    book.write("import time\ntime.sleep(2)")
    status, output = stock(book, "pytest", "--nbmake", "book", "-n", "2", "-rP")
    assert status == 0, output
    assert "2 passed" in output
    assert output.count("ran in") == 1


def test_nbmake_collects_pages_alone_and_only_where_it_is_asked_for(book):
    copy = book.folder / "book" / "en" / "_build" / "html" / "_sources" / "index.md"
    copy.parent.mkdir(parents=True)
    shutil.copy(book.folder / "book" / "en" / "index.md", copy)
    (book.folder / "book" / "notes.md").write_text(HEADER + CELL % "1 / 0", encoding="utf-8")
    status, output = stock(book, "pytest", "--nbmake", "--collect-only", "-q", "book")
    assert status == 0, output
    found = [line for line in output.splitlines() if "::" in line]
    assert found == ["book/en/index.md::index.md", "book/ko/index.md::index.md"]
    assert stock(book, "pytest", "book/en/index.md")[0] != 0


def test_nbmake_tells_of_data_that_cannot_be_had_without_a_traceback(book, monkeypatch):
    book.write("from lessons_src import data\ndata.load_reuters()")
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    monkeypatch.setenv("LESSONS_DATA_DIR", str(book.folder / "nothing"))
    monkeypatch.setenv("HOME", str(book.folder))  # where Keras would have a copy
    status, output = stock(book, "pytest", "--nbmake", "book/en/index.md")
    assert status == 1
    assert "LESSONS_DATA_DIR" in output
    assert "Traceback" not in output
    assert "INTERNAL ERROR" not in output


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A book with one test that needs no site, and fifty that do."""
    book = make_book(tmp_path_factory.mktemp("tested"))
    for name in ("__init__.py", "conftest.py", "site/__init__.py", "site/conftest.py"):
        (book.folder / "tests" / "site").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, book.folder / "tests" / name)
    (book.folder / "tests" / "test_plain.py").write_text("def test_needs_none(): pass\n")
    (book.folder / "tests" / "site" / "test_built.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(50))\n"
        "def test_needs_one(site, n): assert (site / 'build.json').exists()\n"
    )
    return book


@pytest.mark.parametrize("options", [[], ["tests", "-n", "2"]], ids=" ".join)
def test_without_a_site_pytest_runs_the_rest_and_says_once_what_it_left_out(tested, options):
    status, output = stock(tested, "pytest", *options)
    assert status == 0, output
    assert "1 passed, 1 skipped" in output
    assert output.count("there is no built site") == 1
    assert "make book" in output


@pytest.mark.parametrize("asked", [["tests/site", "-n", "2"], ["tests/site/test_built.py"]])
def test_who_asks_for_the_tests_of_a_site_is_told_that_there_is_none(tested, asked):
    status, output = stock(tested, "pytest", *asked)
    assert status != 0
    assert output.split("\n", 1)[0] == "ERROR: there is no built site: `make book` builds it"
    assert len(output.splitlines()) <= 2


def test_who_leaves_the_tests_of_a_site_out_is_told_nothing(tested):
    status, output = stock(tested, "pytest", "--ignore=tests/site")
    assert status == 0, output
    assert "site" not in output.partition("collected")[2]


def test_with_a_site_its_tests_run(tested):
    site = tested.folder / "_build" / "html"
    site.mkdir(parents=True)
    try:
        (site / "index.html").touch()  # Jupyter Book alone writes that much
        assert "1 passed, 1 skipped" in stock(tested, "pytest")[1]
        (site / "build.json").touch()
        status, output = stock(tested, "pytest")
        assert status == 0, output
        assert "51 passed" in output
    finally:
        shutil.rmtree(site)
