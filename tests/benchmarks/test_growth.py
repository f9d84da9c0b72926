"""What must not get slower, bigger or forgetful with the number of chapters."""

from __future__ import annotations

import pytest

from benchmarks import growth, growth_book
from bookwright.checks import all
from bookwright.source import facts as page_facts


def test_a_generated_book_passes_the_checks(tmp_path):
    growth_book.write(tmp_path / "book", 5)
    names = ["index", *(f"chapter{number}" for number in range(1, 5))]
    assert all.all_problems(names, tmp_path / "book" / "book") == []
    assert growth.run(tmp_path / "book", "bookwright", "checks").memory > 0
    growth_book.change(tmp_path / "book", 2)
    changed = [
        path.name
        for path in (tmp_path / "book" / "book" / "ko").glob("*.md")
        if "+ 0.6" in path.read_text("utf-8")
    ]
    assert changed == ["chapter2.md"]


def test_a_page_is_read_once_for_all_checks(tmp_path, monkeypatch):
    growth_book.write(tmp_path / "book", 3)
    read = []
    original = page_facts.read_myst_markdown_notebook

    def reading(text: str, **options: object) -> object:
        read.append(text)
        return original(text, **options)

    monkeypatch.setattr(page_facts, "read_myst_markdown_notebook", reading)
    page_facts.facts.cache_clear()
    page_facts._cells.cache_clear()
    all.all_problems(["index", "chapter1", "chapter2"], tmp_path / "book" / "book")
    assert len(read) == 6


def test_a_failed_build_ends_the_measurement_with_its_reason(tmp_path):
    growth_book.write(tmp_path / "book", 2)
    (tmp_path / "book" / "book" / "en" / "chapter1.md").unlink()
    with pytest.raises(RuntimeError, match=r"book/en/chapter1\.md: is missing"):
        growth.run(tmp_path / "book", "bookwright", "checks")


def test_the_table_has_a_column_for_each_book_and_a_dash_for_what_was_not_measured():
    one = {
        "chapters": 10,
        "seconds": {"site built": 20.0},
        "memory": 2e8,
        "html": 1e6,
        "middle page": 3e4,
        "search index": 4e5,
        "search words": 5e3,
        "bytes of a query": 1e5,
    }
    two = {**one, "chapters": 100, "seconds": {"checks": 5.0, "site built": 200.0}}
    lines = growth.table([one, two]).splitlines()
    assert lines[0] == "|  | 10 chapters | 100 chapters |"
    assert "| checks, s | – | 5.0 |" in lines
    assert "| site built, s for each chapter | 2.000 | 2.000 |" in lines
