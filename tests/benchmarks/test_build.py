"""Generated books, what must not grow with the number of chapters, and the tables of the build."""

from __future__ import annotations

import itertools
import re

import pytest

from benchmarks import build, growth_book, results
from bookwright import book as settings
from bookwright.checks import all
from bookwright.source import facts as page_facts


def contents(folder) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def test_a_generated_book_passes_the_checks_and_its_changes_change_what_they_name(tmp_path):
    folder = tmp_path / "book"
    growth_book.write(folder, 4)
    names = ["index", "chapter1", "chapter2", "chapter3"]
    assert settings.page_names(folder / "_toc.yml") == names
    assert all.all_problems(names, folder / "book") == []
    seen = [contents(folder)]
    for change in (
        lambda: growth_book.change_prose(folder, 1),
        lambda: growth_book.change_module(folder),
        lambda: growth_book.change_chapters(folder, 4),
        lambda: growth_book.change_chapters(folder, 4),
    ):
        change()
        seen.append(contents(folder))
    assert [changed(*two) for two in itertools.pairwise(seen)] == [
        ["book/en/chapter1.md", "book/ko/chapter1.md"],
        ["lessons_src/chapters/growing.py"],
        ["_toc.yml", "book/en/chapter4.md", "book/ko/chapter4.md"],
        [
            "_toc.yml",
            *(f"book/{each}/chapter{k}.md" for each in ("en", "ko") for k in (4, 5)),
        ],
    ]
    assert settings.page_names(folder / "_toc.yml") == [*names, "chapter5"]
    assert all.all_problems([*names, "chapter5"], folder / "book") == []


def test_only_the_cells_in_the_middle_use_the_module(tmp_path):
    growth_book.write(tmp_path / "book", 5)
    pages = (tmp_path / "book" / "book").rglob("*.md")
    using = sorted(path.name for path in pages if "growing" in path.read_text("utf-8"))
    assert using == ["chapter2.md", "chapter2.md"]


def test_stock_jupyter_book_gets_the_same_words_cells_and_contents(tmp_path):
    ours, stock = tmp_path / "ours", tmp_path / "stock"
    growth_book.write(ours, 3)
    growth_book.write_stock(stock, ours)
    assert (stock / "_toc.yml").read_text() == (ours / "_toc.yml").read_text()
    for path in (ours / "book").rglob("*.md"):
        text, theirs = (each.read_text("utf-8") for each in (path, stock / path.relative_to(ours)))
        assert page_facts.facts(theirs).cells == page_facts.facts(text).cells
        assert page_facts.facts(theirs).headings == page_facts.facts(text).headings
        known = {line for line in text.splitlines() if not re.search(r"claim|run-info", line)}
        assert known <= {*theirs.splitlines()}
        assert "{claim}" not in theirs
    assert "bookwright" not in (stock / "_config.yml").read_text()


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


def made(cpu: list[float], memory: float) -> list[results.Run]:
    return [{"wall": 1.0, "cpu": each, "memory": memory} for each in cpu]


def test_the_exponent_of_powers_is_their_power():
    assert build.exponent([10, 100, 1000], [3, 30, 300]) == pytest.approx(1)
    assert build.exponent([10, 100, 1000], [5, 500, 50_000]) == pytest.approx(2)
    assert build.exponent([100, 1000], [7, 7]) == pytest.approx(0)


def test_the_table_has_a_row_for_each_state_and_names_how_it_grows():
    cases = {
        "100 chapters, from nothing": {
            "bytes": {"pages": 2000},
            "runs": {"book": made([20.0], 3e8), "stock": made([100.0], 2e8)},
        },
        "10 chapters, from nothing": {
            "bytes": {"pages": 200},
            "runs": {"book": made([2.0, 4.0, 2.0], 3e8), "stock": made([2.0, 2.0, 2.0], 2e8)},
        },
        "10 chapters, a module": {"runs": {"book": made([5.0], 3e8)}},
    }
    lines = build.table(cases).splitlines()
    first = "| 10 chapters, from nothing | 2 (2 to 4) | 2 | 1.00 (1.00 to 2.00) | 300 | 200 |"
    assert lines[2] == f"{first} 1.50 (1.50 to 1.50) |"
    assert lines[3] == "| 10 chapters, a module | 5 | – | – | 300 | – | – |"
    assert lines[-5:] == [
        "| from nothing: book, seconds | 1.00 | 1.00 |",
        "| from nothing: book, memory | 0.00 | 0.00 |",
        "| from nothing: stock, seconds | 1.70 | 1.70 |",
        "| from nothing: stock, memory | 0.00 | 0.00 |",
        "| book, bytes of pages | 1.00 | 1.00 |",
    ]
