"""A full disk, wherever a build meets it: one line, and with room the next command goes on."""

from __future__ import annotations

import pytest

from bookwright.reader import wheel
from tests.helpers import Book, make_book
from tests.machines.conftest import Disk

pytestmark = pytest.mark.machines
LAST = "the last good site"
PLENTY = 500_000  # KiB


@pytest.fixture
def book(tmp_path) -> Book:
    return make_book(tmp_path / "book")


def lines(said: str) -> list[str]:
    """What is said of a full disk."""
    assert "Traceback" not in said
    return [line for line in said.splitlines() if "no room is left on the disk" in line]


@pytest.mark.parametrize("size", [300, 600, 1200, 2000, 3000, 4000])
def test_a_build_without_room_says_so_in_one_line_and_loses_nothing(book, disk: Disk, size):
    build = book.folder / "_build"
    disk(build, size)
    site = build / "html" / "index.html"
    site.parent.mkdir()
    site.write_text(LAST)
    status, said = book.run("book", "--unchecked")
    assert status == 1
    assert len(lines(said)) == 1, said
    assert site.read_text() == LAST
    ran = "ran in" in said
    disk(build, PLENTY)
    status, said = book.run("book", "--unchecked")
    assert status == 0, said
    assert ("ran in" in said) != ran, "what has run is kept"
    assert site.read_text() != LAST


def test_a_page_without_room_for_temporary_files_says_so_in_one_line(book, disk: Disk, tmp_path):
    wheel.made()
    for size in (100, 700):
        disk(tmp_path / "temporary", size)
        status, said = book.run("page", "index", TMPDIR=str(tmp_path / "temporary"))
        assert status == 1
        assert len(lines(said)) == 1, said
    disk(tmp_path / "temporary", PLENTY)
    status, said = book.run("page", "index", TMPDIR=str(tmp_path / "temporary"))
    assert status == 0, said
