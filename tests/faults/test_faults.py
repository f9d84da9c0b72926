"""Faults planted into a small book: what people read then, and that nothing is lost.

A folder beside this file is a case. Its files take the place of the book's of these names, without
`.txt`; `page.txt` is a page in every language, with a header unless it brings one. `fault.yml` has
the lines that are to be read (`says`), the exit status (`status`, 1 if it says nothing) and the
command (`command`, `book`). Where nothing is at fault, whatever once came of it (`status: 0`),
`shows` has what the built page holds; all these are pages of one book.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookwright.book import HEADER
from tests.helpers import PAGE, Book, append, made_once, make_book

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/fault.yml"))
LANGUAGES = ("en", "ko")
MOST_SECONDS = 120  # of a loaded machine; a case takes a few
OTHER = HEADER + "# Another page\n\nProse.\n"


# A helper package that brings nothing along: neither the time that ours takes, nor what its pages
# have to have.
PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "plain"
version = "1.0"
dependencies = ["ipython"]

[tool.setuptools]
packages = ["plain"]
"""


def healthy_book(folder: Path) -> Book:
    """A book that builds, with its site."""
    (folder / "helper" / "plain").mkdir(parents=True)
    (folder / "helper" / "plain" / "__init__.py").write_text('"""Nothing."""\n')
    for name, text in {
        "pyproject.toml": PROJECT,
        "README.md": "# Plain\n",
        "LICENSE": "Free\n",
    }.items():
        (folder / "helper" / name).write_text(text)
    said = {
        "languages": list(LANGUAGES),
        "title": dict.fromkeys(LANGUAGES, "A plain book"),
        "helper": "plain",
        "beside": ["index", "other"],
    }
    pages = {"index": PAGE % "1 + 1", "other": OTHER}
    sources = {name: dict.fromkeys(LANGUAGES, text) for name, text in pages.items()}
    book = make_book(folder / "book", sources, said=said, project=folder / "helper")
    status, told = book.run("book")
    assert status == 0, told
    return book


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A book that builds, with its site."""
    folder = made_once("healthy", healthy_book, tmp_path_factory)
    return Book(folder / "book")


@pytest.fixture(scope="session")
def faultless(healthy: Book, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """That book with every case at which nothing is at fault, built again."""

    def make(folder: Path) -> None:
        shutil.copytree(healthy.folder, folder, symlinks=True)
        for case in FAULTLESS:
            plant(case, Book(folder), case.name)
        sources = files(folder / "book")
        status, told = Book(folder).run("book", CI="")
        assert status == 0, told
        assert "Traceback" not in told
        assert files(folder / "book") == sources

    return Book(made_once("faultless", make, tmp_path_factory))


def files(folder: Path) -> dict[str, str]:
    """Hashes of all files below a folder, by their paths."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plant(case: Path, book: Book, name: str = "probe") -> None:
    """Puts the files of a case into a book; its page gets a name."""
    for file in case.iterdir():
        if file.name == "page.txt":
            text = file.read_bytes()
            bare = not text or text.lstrip(b"\xef\xbb\xbf").startswith(b"---")
            for language in LANGUAGES:
                book.page(language, name).write_bytes(text if bare else HEADER.encode() + text)
            if not (case / "_toc.yml.txt").exists():
                append(book.folder / "_toc.yml", f"  - file: {name}\n")
                config = book.folder / "_config.yml"
                named = config.read_text("utf-8").replace("- other\n", f"- other\n  - {name}\n")
                config.write_text(named, encoding="utf-8")
        elif file.name != "fault.yml":
            name_there = file.name.removesuffix(".txt")
            inside = "book" if name_there in ("glossary.yml", "references.bib") else "."
            shutil.copy(file, book.folder / inside / name_there)
        if file.name == "references.bib.txt":
            append(book.folder / "_config.yml", "bibtex_bibfiles: [../references.bib]\n")


def expected(case: Path) -> dict[str, Any]:
    """What `fault.yml` says, with what it leaves out."""
    return {"status": 1, "command": "book", "says": [], "shows": []} | yaml.safe_load(
        (case / "fault.yml").read_text(encoding="utf-8")
    )


FAULTLESS = [case for case in CASES if expected(case)["status"] == 0]
FAULTS = [case for case in CASES if case not in FAULTLESS]


@pytest.mark.parametrize("case", FAULTLESS, ids=lambda case: case.name)
def test_where_nothing_is_at_fault_readers_see_what_was_written(case, faultless):
    for language in LANGUAGES:
        page = faultless.built(f"{language}/{case.name}.html")
        for what in expected(case)["shows"]:
            assert what in page


@pytest.mark.parametrize(
    "case", [c for c in CASES if c not in FAULTLESS], ids=lambda case: case.name
)
def test_a_fault_is_said_in_one_line_and_loses_nothing(case, healthy, tmp_path):
    book, wanted = Book(tmp_path / "book"), expected(case)
    shutil.copytree(healthy.folder, book.folder, symlinks=True)
    plant(case, book)
    parts = ("book", "_build/cache/runs", "_build/html")
    kept = {part: files(book.folder / part) for part in parts}
    start = time.monotonic()
    status, said = book.run(*wanted["command"].split(), CI="")
    seconds = time.monotonic() - start
    assert status == wanted["status"], said
    for line in wanted["says"]:
        assert line in said.splitlines(), said
    assert "Traceback" not in said
    # The others are progress, and what a draft lacks.
    assert len(said.splitlines()) <= len(wanted["says"]) + 20, said
    for part, before in kept.items():
        after = files(book.folder / part)
        assert before.items() <= after.items(), part
    assert seconds < MOST_SECONDS, f"{seconds:.0f} s"
