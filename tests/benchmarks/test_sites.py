"""What the sides are given, what is counted on them, and how it is told."""

from __future__ import annotations

import gzip
import json
import re
import statistics
import urllib.error
import urllib.request

import pytest
import yaml
from bs4 import BeautifulSoup

from benchmarks import results, sites
from benchmarks.programs import search, sources
from benchmarks.server import Line, served
from bookwright import book

DRAWN = """<article><figure id="fig-a"><a href="_images/abc.svg">
<img src="_images/abc.svg" alt="Two lines that don't meet."></a></figure></article>"""
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": ["install()"], "metadata": {}, "outputs": []},
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": [
                "# A page\n\nSee [the other](other.ipynb) and <a href='x'>.\n\n",
                "**Fig. 1.** What is to be seen.\n\n<details>\n<summary>Description</summary>\n\n",
                "Two lines that don&#x27;t meet.\n\n</details>\n\n",
                "<details>\n<summary>More</summary>\n\nIt goes on.\n\n</details>",
            ],
        },
        {
            "cell_type": "code",
            "source": ["print(1)"],
            "metadata": {},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
        },
        {"cell_type": "code", "source": ["unseen()"], "metadata": {"tags": ["remove-cell"]}},
        {
            "cell_type": "code",
            "source": ["folded()"],
            "metadata": {"tags": ["hide-input", "remove-output"]},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["elsewhere\n"]}],
        },
    ]
}


def test_a_page_becomes_markdown_with_its_drawing_and_its_outputs():
    text = sources.as_markdown(NOTEBOOK, sources.drawings(DRAWN), "Code", '<details markdown="1">')
    assert "![Two lines that don't meet.](figures/abc.svg)\n\n**Fig. 1.** What is to" in text
    assert "[the other](other.md)" in text
    assert "```python\nprint(1)\n```\n\n```text\n1\n```" in text
    folds = re.findall('<details markdown="1">\n<summary>(.*?)</summary>', text)
    assert folds == ["More", "Code"]  # the drawing's description has become its text
    assert not re.search("install|unseen|elsewhere", text)


def test_a_notebook_keeps_what_a_page_shows_and_is_the_same_each_time():
    made = sources.as_notebook(NOTEBOOK, sources.drawings(DRAWN))
    assert made == sources.as_notebook(NOTEBOOK, sources.drawings(DRAWN))
    cells = json.loads(made)["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "code"]
    assert cells[1]["outputs"][0]["text"] == ["1\n"]
    assert (cells[2]["metadata"], cells[2]["outputs"]) == ({"tags": ["hide-input"]}, [])


def test_fences_are_longer_than_those_in_what_was_printed():
    said = {"cell_type": "code", "source": ["f()"], "metadata": {}, "outputs": [{"text": "```x"}]}
    told = sources.as_markdown({"cells": [NOTEBOOK["cells"][0], said]}, {}, "")
    assert "````text\n```x\n````" in told


def test_answers_are_counted_as_sent(tmp_path):
    text, picture = b"word " * 1000, bytes(range(256))
    (tmp_path / "index.html").write_bytes(text)
    (tmp_path / "a.png").write_bytes(picture)
    with served(tmp_path, Line(0, 1e9)) as site:
        with urllib.request.urlopen(f"{site.address}/?q=1") as answer:
            assert gzip.decompress(answer.read()) == text
        with urllib.request.urlopen(f"{site.address}/a.png") as answer:
            assert answer.read() == picture
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{site.address}/none.html")
    assert [(sent.path, sent.size) for sent in site.sent] == [
        ("/", len(gzip.compress(text, mtime=0))),
        ("/a.png", 256),
        ("/none.html", 0),
    ]


# A section around its heading, a target before it, a term in it: each side has its own way.
PAGE = BeautifulSoup(
    """<main><section id="page"><h1>1. The page<a class="headerlink">¶</a></h1>
    <span id="label"></span><section id="one"><span id="target"></span><h2>1.1. One #</h2>
    <dl><dt id="term">Term</dt></dl></section></section>
    <h2 id="two">두 번째</h2><p id="p"></p></main>""",
    "html.parser",
)


@pytest.mark.parametrize(
    ("place", "heading"),
    [
        ("", "1Thepage"),
        ("page", "1Thepage"),
        ("nowhere", "1Thepage"),
        ("one", "11One"),
        ("target", "11One"),
        ("term", "11One"),
        ("two", "두번째"),
        ("p", "두번째"),
    ],
)
def test_a_place_has_the_heading_of_its_section(place, heading):
    assert search.heading(PAGE, place) == heading


def test_the_first_result_that_answers_counts():
    found = [
        search.Found("other", "One"),
        search.Found("page", "11Two"),
        search.Found("page", "12One"),
    ]
    assert search.ranks(found, {"page": ["One"]}) == (2, 3)
    assert search.ranks(found, {"page": []}) == (2, 2)  # the whole page answers
    assert search.ranks(found, {"page": ["Three"]}) == (2, 0)
    assert search.ranks(found, {"third": ["One"]}) == (0, 0)
    assert search.ranks([], {"page": ["One"]}) == (0, 0)


def test_there_are_fifty_queries_in_each_language_and_sections_that_answer_them():
    asked = yaml.safe_load(search.QUERIES.read_text("utf-8"))
    assert {language: len(queries) for language, queries in asked.items()} == {"ko": 50, "en": 50}
    for language, queries in asked.items():
        assert len({each["query"] for each in queries}) == 50
        for each in queries:
            for name, wanted in each["find"].items():
                text = book.Page(language, name).source.read_text("utf-8")
                heads = set(re.findall("^#+ (.*)$", text, re.MULTILINE))
                assert set(wanted) <= heads, each["query"]


RUNS = {
    "holds": {"words": 100, "labs": 3, "missing": 0},
    "costs": {"bytes": 200, "requests": 4, "shift": 0},
    "finds": {"page within 1": 40, "not found": ["lasso"]},
}


@pytest.mark.parametrize("what", RUNS)
def test_a_table_has_a_column_for_each_side(what):
    ours = RUNS[what]
    theirs = {**ours, "labs": 0, "bytes": 400, "not found": []}
    theirs = {name: value for name, value in theirs.items() if name in ours}
    runs = {"book": [ours, ours], "furo": [theirs, theirs]}
    told = sites.table({f"en: the page {what}": {"sides": ["book", "furo"], "runs": runs}})
    assert "this book | Furo with MathJax" in told
    assert ("Furo with MathJax leaves out: labs." in told) == (what == "holds")
    assert ("No page found within 10 by this book: lasso." in told) == (what == "finds")
    assert ("| bytes | 200 | 400 | 0.50 (0.50 to 0.50) |" in told) == (what == "costs")


def test_a_side_that_is_not_measured_yet_is_no_table():
    told = sites.table({"x": {"sides": ["book", "furo"], "runs": {"book": [RUNS["costs"]]}}})
    assert told == "x: not measured on all sides yet"


def medians(case, number):
    runs = case["runs"].items()
    return {side: statistics.median(run[number] for run in found) for side, found in runs}


def ours_and_others(case, number):
    found = medians(case, number)
    return found.pop("book"), [*found.values()]


@pytest.mark.parametrize("language", book.LANGUAGES)
def test_what_the_document_says_of_bytes_and_hits_is_so(language):
    measured = results.read()["sites"]["cases"]
    holds, costs, finds, asked = (
        measured[f"{language}: {name}"]
        for name in ("the page holds", "the page costs", "search finds", "search costs")
    )
    for case, number in (
        (costs, "bytes"),
        (costs, "requests"),
        (holds, "bytes with all figures"),
        (holds, "requests with all figures"),
    ):
        ours, others = ours_and_others(case, number)
        assert ours < min(others), number
    for number in ("page within 1", "page within 3", "section within 1", "section within 3"):
        ours, others = ours_and_others(finds, number)
        assert ours > max(others), number
    loaded = medians(asked, "before any query, bytes")
    assert loaded["mkdocs-material"] > medians(costs, "bytes")["book"]
    ours, others = ours_and_others(asked, "tenth query, bytes")
    assert ours > max(others)


def test_each_side_shows_the_same_page():
    for language in book.LANGUAGES:
        case = results.read()["sites"]["cases"][f"{language}: the page holds"]
        for number in ("formulas drawn", "figures", "figures with a text", "tables"):
            assert len(set(medians(case, number).values())) == 1, number
        assert set(medians(case, "formulas left as source").values()) == {0}
        prose = medians(case, "words of prose")
        assert min(prose.values()) > 0.95 * max(prose.values())
