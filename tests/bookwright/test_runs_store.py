"""Kept runs and the cache that Sphinx reads: what is damaged is made again, and no run is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_output

from bookwright import book as pages
from bookwright.book import HEADER, Page
from bookwright.runs import shown, store, used
from tests.helpers import CELL

PAGE = Page("en", "index")


@pytest.fixture
def kept(tmp_path, monkeypatch) -> store.Run:
    """A run of the one page of a book, as the cache of a build shows it."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(store, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(store, "SHOWN", tmp_path / "cache" / "shown")
    monkeypatch.setattr(used, "stale", lambda record, settings: None)
    PAGE.source.parent.mkdir(parents=True)
    PAGE.source.write_text(f"{HEADER}# Title\n\n{CELL % '6 * 7'}", encoding="utf-8")
    notebook = store.read_page(PAGE)
    notebook.cells[-1].outputs = [new_output("stream", text="42")]
    record = {"page": "index", "settings": used.own_settings().plain(), "used": "this"}
    run = store.save(store.cells_hash(notebook), notebook, record)
    show(run)
    return run


def show(run: store.Run | None) -> str:
    """Shows a run, and what the build then finds."""
    with shown.opened(store.SHOWN) as cache:
        shown.show(PAGE, run, cache)
        found = cache.match_cache_notebook(store.read_page(PAGE))
        return cache.get_cache_bundle(found.pk).nb.cells[0].outputs[0].text


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def overwrite(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


HARMS = [cut_short, empty, overwrite]


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_database_is_made_again_and_said_so_once(kept, harm, capsys):
    harm(store.SHOWN / "global.db")
    assert show(kept) == "42"
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert f"{store.SHOWN} was damaged" in said
    assert "no run is lost" in said
    assert kept.path.exists()
    assert show(kept) == "42"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("harm", [*HARMS, Path.unlink, lambda path: path.write_text('"words"')])
def test_a_damaged_notebook_in_it_is_written_again(kept, harm, capsys):
    [notebook] = store.SHOWN.rglob("*.ipynb")
    harm(notebook)
    assert show(kept) == "42"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_run_is_thrown_away(kept, harm):
    harm(kept.path)
    assert store.of_page(PAGE) is None
    assert not kept.path.exists()


@pytest.mark.parametrize("harm", HARMS)
def test_a_preview_shows_no_damaged_run(kept, harm):
    cells = store.cells_hash(store.read_page(PAGE))
    assert store.latest(cells).notebook().cells
    harm(kept.path)
    assert store.latest(cells) is None


def test_a_database_that_is_in_use_is_not_taken_for_damaged(kept, capsys):
    with shown.opened(store.SHOWN) as cache, cache.db.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        assert shown._damage(store.SHOWN / "global.db") is None
        connection.exec_driver_sql("COMMIT")
    assert show(kept) == "42"
    assert capsys.readouterr().out == ""


def test_what_is_shown_already_is_read_once_and_by_its_code_alone(kept, monkeypatch):
    monkeypatch.setattr(shown.store, "read_page", lambda page: pytest.fail("read as a whole"))
    read: list[str] = []
    real = store._read
    monkeypatch.setattr(store, "_read", lambda *given: read.append(given[1]) or real(*given))
    store._code_of.cache_clear()
    with shown.opened(store.SHOWN) as cache:
        for _ in range(2):
            shown.show(PAGE, kept, cache)
            assert store.code_of(PAGE).cells == kept.path.parent.name
    assert read == [PAGE.where]
