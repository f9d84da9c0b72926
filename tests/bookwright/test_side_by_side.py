"""Pages with both languages' text, made of small pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from bookwright.side_by_side import build as side_by_side

FRAME = """<!doctype html><html class="no-js" lang="{language}" data-content_root="./"><head>
<meta charset="utf-8"><link rel="alternate" hreflang="en" href="../en/rnn.html">
<link rel="canonical" href="https://example.org/{language}/rnn.html">
<link rel="stylesheet" href="_static/site.css?v=1"><title>{language}</title></head><body>
<a class="side-by-side" href="both/rnn.html" title="both" aria-label="both" data-alone="alone">x</a>
<a class="language-switch" href="../{other}/rnn.html">y</a>
<article><section id="id1"><span id="section-0"></span><h1>{title}<a class="headerlink"
 href="#id1">#</a></h1>{text}</section></article></body></html>"""

CELL = '<div class="cell docutils"><div class="cell_input"><pre>print(1)</pre></div></div>'
FIGURE = """<figure id="fig-a"><img src="_images/a.svg" alt="{}"><figcaption><p>{}</p></figcaption>
</figure>"""

Merge = Callable[..., Tag]


@pytest.fixture
def merge(tmp_path: Path) -> Merge:
    """Merges a Korean and an English page, and a second pair of pages if they are given."""

    def merged(korean: str, english: str, interface: str = "ko", **others: tuple[str, str]) -> Tag:
        texts = {"rnn": (korean, english), **others}
        for number, (language, other) in enumerate((("ko", "en"), ("en", "ko"))):
            (tmp_path / language).mkdir()
            title = {"ko": "순환 신경망", "en": "Recurrent networks"}[language]
            for name, pair in texts.items():
                page = FRAME.format(language=language, other=other, title=title, text=pair[number])
                (tmp_path / language / f"{name}.html").write_text(page, encoding="utf-8")
        side_by_side.build(tmp_path, list(texts), ("ko", "en"))
        path = tmp_path / interface / "both" / "rnn.html"
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    return merged


def columns(page: Tag) -> list[list[tuple[str, str]]]:
    """Each row's columns: language and text."""
    return [
        [
            (column["lang"], " ".join(column.get_text().split()))
            for column in row.select(":scope > *")
        ]
        for row in page.select("div.pair")
    ]


def test_prose_stands_in_two_columns_and_code_between_them_once(merge):
    page = merge(f"<p>하나</p>{CELL}<p>둘</p>", f"<p>one</p>{CELL}<p>two</p>")
    assert columns(page) == [[("ko", "하나"), ("en", "one")], [("ko", "둘"), ("en", "two")]]
    assert len(page.select(".cell")) == 1
    first, second = page.select("div.pair")
    assert first.find_next("pre").find_next("div", class_="pair") is second


def test_the_language_of_the_interface_is_on_the_left(merge):
    page = merge("<p>하나</p>", "<p>one</p>", interface="en")
    assert columns(page) == [[("en", "one"), ("ko", "하나")]]
    assert page.html["lang"] == "en"


def test_a_paragraph_stands_beside_its_translation_only_where_both_divide_the_text_alike(merge):
    page = merge(
        "<p>하나</p><p>둘</p>" + CELL + "<p>셋 넷</p>",
        "<p>one</p><p>two</p>" + CELL + "<p>three</p><p>four</p>",
    )
    assert columns(page) == [
        [("ko", "하나"), ("en", "one")],
        [("ko", "둘"), ("en", "two")],
        [("ko", "셋 넷"), ("en", "threefour")],
    ]


def test_prose_that_one_language_lacks_leaves_its_column_empty(merge):
    page = merge(CELL, f"<p>one</p>{CELL}<p>two</p>")
    assert columns(page) == [[("ko", ""), ("en", "one")], [("ko", ""), ("en", "two")]]
    assert page.select("div.pair")[0].find_next(class_="cell") is not None


def test_both_headings_are_one(merge):
    page = merge("", "")
    assert len(page.select("h1")) == 1
    spoken = [(part["lang"], part.get_text()) for part in page.select("h1 > span")]
    assert spoken == [("ko", "순환 신경망#"), ("en", "Recurrent networks")]


def test_a_figure_has_one_image_and_both_captions(merge):
    page = merge(FIGURE.format("곡선", "손실"), FIGURE.format("a curve", "The loss"))
    assert [image["alt"] for image in page.select("figure img")] == ["곡선"]
    assert columns(page) == [[("ko", "손실"), ("en", "The loss")]]
    assert len(page.select("figcaption")) == 1


@pytest.mark.parametrize(("end", "times"), [(".", 1), ("+1", 2)])
def test_a_formula_stands_once_unless_it_differs_by_more_than_a_full_stop(merge, end, times):
    formula = '<div class="math"><math><mi>x</mi><mo>{}</mo></math></div>'
    page = merge(formula.format(""), formula.format(end))
    assert len(page.select("math")) == times


def test_a_claim_has_both_sentences_and_one_link_to_its_evidence(merge):
    evidence = '<details class="claim-evidence"><summary>{}</summary>table</details>'
    claim = f'<div class="claim" id="claim-a"><p>{{}}</p>{evidence}</div>'
    page = merge(claim.format("빠릅니다", "근거"), claim.format("faster", "evidence"))
    assert columns(page) == [[("ko", "빠릅니다"), ("en", "faster")]]
    (link,) = page.select(".claim-evidence")
    assert (link.name, link.get_text()) == ("a", "근거")
    assert link["href"].endswith(".html#claim-a")
    assert link["href"].startswith("../")
    assert len(page.select("#claim-a")) == 1


def test_a_table_says_both_only_where_its_cells_differ(merge):
    table = '<div class="table-wrapper"><table><tr><th>{}</th><td>0.5</td></tr></table></div>'
    page = merge(table.format("손실"), table.format("loss"))
    assert [each.get_text() for each in page.select("th > div")] == ["손실", "loss"]
    assert page.select_one("td").get_text() == "0.5"


def test_what_is_the_same_in_both_languages_stands_once(merge):
    note = '<aside class="footnote" id="foot"><p>Elman 1990</p></aside>'
    page = merge(note + "<p>글</p>", note + '<p><a href="#foot">1</a></p>')
    assert len(page.select("aside")) == 1
    assert page.select_one('[lang="en"] a')["href"] == "#foot"


def test_every_id_is_there_once_and_links_lead_to_the_same_as_before(merge):
    korean = (
        '<section id="cell"><span id="section-1"></span><h2>셀</h2>'
        '<p id="id3"><a href="#id3">ㄱ</a></p></section>'
    )
    english = (
        '<section id="the-cell"><span id="section-1"></span><h2>The cell</h2>'
        '<p id="id3"><a href="#id3">a</a> <a href="#the-cell">b</a> '
        '<a href="glossary.html#term-1">c</a></p></section>'
    )
    words = ('<p><span id="term-1"></span>낱말</p>', '<p><span id="term-1">word</span></p>')
    page = merge(korean, english, glossary=words)
    ids = [node["id"] for node in page.select("[id]")]
    assert sorted(ids) == sorted(set(ids))
    assert page.select_one('p[lang="ko"] a')["href"] == "#id3"
    links = [link["href"] for link in page.select('p[lang="en"] a')]
    assert links == ["#en-id3", "#cell", "glossary.html#en-term-1"]
    assert page.select_one("#en-id3")["lang"] == "en"


def test_links_to_pages_stay_side_by_side_and_files_are_found(merge):
    page = merge(
        '<p><a href="rnn.html">쪽</a> <a href="notebooks/rnn.ipynb">노트북</a></p>',
        '<p><a href="rnn.html">page</a> <a href="notebooks/rnn.ipynb">notebook</a></p>',
    )
    links = {link.get_text(): link["href"] for link in page.select("p a")}
    assert links == {
        "쪽": "rnn.html",
        "노트북": "../notebooks/rnn.ipynb",
        "page": "rnn.html",
        "notebook": "../../en/notebooks/rnn.ipynb",
    }
    assert page.select_one("link[rel=stylesheet]")["href"] == "../_static/site.css?v=1"
    assert page.html["data-content_root"] == "../"


def test_the_header_leads_back_and_to_the_other_interface(merge):
    page = merge("", "")
    assert page.select_one(".side-by-side")["href"] == "../rnn.html"
    assert page.select_one(".side-by-side")["aria-label"] == "alone"
    assert page.select_one(".language-switch")["href"] == "../../en/both/rnn.html"


def test_search_engines_are_led_to_the_page_in_one_language(merge):
    page = merge("", "")
    assert page.select_one("meta[name=robots]")["content"] == "noindex"
    assert page.select_one("link[rel=canonical]")["href"] == "https://example.org/ko/rnn.html"
    assert page.select("link[rel=alternate]") == []


@pytest.mark.parametrize(
    ("korean", "english", "difference"),
    [
        (CELL, "", r"ko has the code cell 'print\(1\)' where en has nothing more"),
        (
            CELL,
            FIGURE.format("", ""),
            r"the code cell 'print\(1\)' where en has the figure 'fig-a'",
        ),
        ("", "<section><h2>More</h2></section>", "ko has nothing more where en has a section"),
    ],
)
def test_pages_that_are_not_built_alike_are_refused_by_name_and_section(
    merge, korean, english, difference
):
    files = r"book/ko/rnn\.md and book/en/rnn\.md cannot be set side by side: in “순환 신경망” "
    with pytest.raises(side_by_side.Mismatch, match=files + f".*{difference}"):
        merge(korean, english)


def test_a_page_waits_only_for_the_pages_to_which_it_leads(merge, tmp_path):
    def pair(text: str) -> tuple[str, str]:
        return f"<p>글 {text}</p>", f"<p>text {text}</p>"

    forward = pair('<a href="lstm.html#id1">later</a>')
    others = {"alone": pair(""), "back": pair('<a href="rnn.html#id1">1</a>'), "lstm": pair("")}
    page = merge(*forward, **others)
    for language in ("ko", "en"):
        (tmp_path / language / "both" / "rnn.html").unlink()
    names = ["rnn", *others]
    ready = [name for name, _ in side_by_side.merged(tmp_path, names, "ko", "en")]
    assert ready == ["alone", "back", "rnn", "lstm"]
    assert [link["href"] for link in page.select("div.pair a[href*=lstm]")] == ["lstm.html#id1"] * 2
