"""Faults planted into a small book: what people read then, and that nothing is lost.

A folder beside this file is a case. Its files take the place of the book's of these names, without
`.txt`; `page.txt` is a page in every language, with a header unless it brings one. `fault.yml` has
the lines that are to be read (`says`), the exit status (`status`, 1 if it says nothing) and the
command (`command`, `book`). Where nothing is at fault, whatever once came of it, `shows` has what
the built page holds.
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
from tests.helpers import PAGE, Book, make_book

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


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """That book; nobody changes it."""
    return healthy_book(tmp_path_factory.mktemp("healthy"))


def files(folder: Path) -> dict[str, str]:
    """Hashes of all files below a folder, by their paths."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plant(case: Path, book: Book) -> None:
    """Puts the files of a case into a book."""
    for file in case.iterdir():
        if file.name == "page.txt":
            text = file.read_bytes()
            bare = not text or text.lstrip(b"\xef\xbb\xbf").startswith(b"---")
            for language in LANGUAGES:
                book.page(language, "probe").write_bytes(text if bare else HEADER.encode() + text)
            if not (case / "_toc.yml.txt").exists():
                book.contents("index", "other", "probe")
                config = book.folder / "_config.yml"
                named = config.read_text("utf-8").replace("- other\n", "- other\n  - probe\n")
                config.write_text(named, encoding="utf-8")
        elif file.name != "fault.yml":
            name = file.name.removesuffix(".txt")
            inside = "book" if name in ("glossary.yml", "references.bib") else "."
            shutil.copy(file, book.folder / inside / name)
        if file.name == "references.bib.txt":
            with (book.folder / "_config.yml").open("a", encoding="utf-8") as config:
                config.write("bibtex_bibfiles: [../references.bib]\n")


def expected(case: Path) -> dict[str, Any]:
    """What `fault.yml` says, with what it leaves out."""
    return {"status": 1, "command": "book", "says": [], "shows": []} | yaml.safe_load(
        (case / "fault.yml").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_is_said_in_one_line_and_loses_nothing(case, healthy, tmp_path):
    book, wanted = Book(tmp_path / "book"), expected(case)
    shutil.copytree(healthy.folder, book.folder, symlinks=True)
    plant(case, book)
    parts = ["book", "_build/cache/runs"] + ["_build/html"] * bool(wanted["status"])
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
    for language in LANGUAGES if wanted["shows"] else ():
        page = (book.folder / "_build" / "html" / language / "probe.html").read_text("utf-8")
        for what in wanted["shows"]:
            assert what in page
    assert seconds < MOST_SECONDS, f"{seconds:.0f} s"
