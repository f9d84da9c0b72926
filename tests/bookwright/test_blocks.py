"""Blocks of pages: each is named once, and search, comparison, print and merging treat it alike."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from lxml import html

import bookwright
from bookwright import blocks
from bookwright.pdf import document
from bookwright.search import index
from bookwright.side_by_side.landmarks import landmark
from bookwright.site import changed

PAGE = "<article><section id='s'><h1>Title</h1><p>Prose.</p>{}</section></article>"
SOURCES = [
    path
    for path in sorted(Path(bookwright.__file__).parent.rglob("*.py"))
    if path.name != "blocks.py"
]


@pytest.mark.parametrize("block", blocks.ALL, ids=lambda block: block.name)
def test_a_class_is_written_in_one_place(block):
    name = re.escape(block.name)
    written = re.compile(rf'class(?:es)?=\[?["\']{name}["\' ]|["\', ]\.{name}[,"\' ]')
    found = [path.name for path in SOURCES if written.search(path.read_text(encoding="utf-8"))]
    assert found == [], f"take the class from blocks, not {block.name!r}"


@pytest.mark.parametrize("block", blocks.ALL, ids=lambda block: block.name)
def test_a_search_finds_the_words_of_a_block_as_it_says(block):
    page = PAGE.format(f'<p class="{block.name}">Needle</p>')
    (section,) = index.sections(page, "page")
    assert ("Needle" in section.text) == block.searched


@pytest.mark.parametrize("block", blocks.ALL, ids=lambda block: block.name)
def test_other_words_of_a_block_change_the_page_as_it_says(block):
    old, new = (PAGE.format(f'<p class="{block.name}">{word}</p>') for word in ("One", "Two"))
    assert bool(changed.page_changes(old, new, "page")) == block.compared


@pytest.mark.parametrize("block", blocks.ALL, ids=lambda block: block.name)
def test_a_folded_block_is_on_paper_as_it_says(block):
    page = PAGE.format(f'<details class="{block.name}"><summary>More</summary>Needle</details>')
    on_paper = BeautifulSoup(document.chapter(page, "page", ["index"], "en", None).html, "lxml")
    details = on_paper.find("details")
    assert (details is not None and "open" in details.attrs) == (block.on_paper == "open")


def test_no_block_that_is_left_out_is_on_paper_even_unfolded():
    left_out = [block for block in blocks.ALL if block.on_paper == "left out"]
    for block in left_out:
        page = PAGE.format(f'<p class="{block.name}">Needle</p>')
        assert "Needle" not in document.chapter(page, "page", ["index"], "en", None).html
    assert left_out == [blocks.FIGURE_DATA, blocks.LIVE, blocks.LAB]


@pytest.mark.parametrize("block", blocks.ALL, ids=lambda block: block.name)
def test_a_block_side_by_side_is_told_from_others_as_it_says(block):
    mark = landmark(html.fromstring(f'<div class="{block.name}" id="one"><p>Text</p></div>'))
    once = (block.name, "")
    expected = {"shared": once, "linked": once, "same": (block.name, "one")}
    assert tuple(mark) == expected.get(block.side_by_side, (f"div.{block.name}", ""))


def test_what_is_left_out_of_search_and_of_comparisons_is_what_runs_and_themes_write():
    marks = {".headerlink", ".section-number", "nav", "script", "noscript", "style", "button"}
    runs = {".run-info", ".claim-evidence", ".claim-open", ".live"}
    assert set(changed._VOLATILE.split(", ")) == marks | runs
    more = {".claim-measured", ".figure-data", ".newer", ".moved", ".cell_output", "div.math"}
    assert set(index.NOT_TEXT.split(", ")) == marks | runs | more
