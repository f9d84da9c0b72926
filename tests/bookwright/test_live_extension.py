"""What a build does about live cells: with the files for browsers, without them, without cells."""

from __future__ import annotations

import pytest

from bookwright.live import extension, files
from bookwright.site import build
from tests import helpers_live as live
from tests.helpers import FIRST_LINE, make_book


def test_without_the_files_the_site_has_no_buttons(tmp_path):
    book = make_book(tmp_path, {"index": dict.fromkeys(("ko", "en"), live.simple("1 + 1"))})
    status, said = book.run("book", "--unchecked", BOOK_NO_LIVE="1")
    assert status == 0, said
    text = book.built("en/index.html")
    assert 'class="live"' not in text
    assert "worker-src 'none'" in text
    assert not (tmp_path / "_build" / "html" / "live").exists()


def test_it_says_in_one_line_why_there_are_no_buttons(monkeypatch, capsys):
    monkeypatch.setenv("BOOK_NO_PDF", "1")
    monkeypatch.delenv("BOOK_NO_LIVE", raising=False)
    monkeypatch.setattr(build.needs, "any_live", lambda: True)
    monkeypatch.setattr(build.live, "fetch", lambda: "here: not set; there: out of reach")
    build._look_ahead(preview=False)
    assert capsys.readouterr().out.splitlines() == [
        "live cells get no run buttons, for Pyodide is not to be had: "
        "here: not set; there: out of reach"
    ]


def test_a_book_without_live_cells_asks_no_origin(monkeypatch, capsys):
    monkeypatch.setenv("BOOK_NO_PDF", "1")
    monkeypatch.setattr(build.needs, "any_live", lambda: False)
    monkeypatch.setattr(build.live, "fetch", lambda: pytest.fail("asked"))
    build._look_ahead(preview=False)
    assert capsys.readouterr().out == ""


def test_a_live_cell_that_needs_keras_stops_the_build_with_its_line(tmp_path):
    text = live.simple("import keras\nkeras.Input((1,))")
    book = make_book(tmp_path, {"index": dict.fromkeys(("ko", "en"), text)})
    status, said = book.run("checks")
    assert status == 1
    places = [f"book/{language}/index.md:{FIRST_LINE + 1}" for language in ("en", "ko")]
    assert f"{', '.join(places)}: `keras` takes keras, which browsers do not have: take" in said


def test_the_box_says_what_its_script_needs_in_the_words_of_the_page():
    words = {
        "open": "Run ({} MB)",
        "server": 'a "server"',
        "failed": "failed",
        "ended": "ended",
    }
    html = extension.box(words, 3, "live/a.json?v=1")
    assert 'data-cell="3" data-page="live/a.json?v=1" data-server="a &quot;server&quot;"' in html
    assert '<button type="button" hidden>Run (8.8 MB)</button>' in html


def test_pages_show_buttons_only_if_all_files_are_here(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "KEPT", tmp_path)
    monkeypatch.delenv("BOOK_NO_LIVE", raising=False)
    assert extension.shown() == ""
    monkeypatch.setattr(files.Runtime, "missing", lambda self: set())
    assert extension.shown() == f"../live/{files.runtime().digest}/"
    monkeypatch.setenv("BOOK_NO_LIVE", "1")
    assert extension.shown() == ""
