"""Joining the pages of one language: links, what is unfolded, where the answers stand."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup

from bookwright.pdf import document as whole_book
from bookwright.pdf import print
from bookwright.places import pdf_name

NAMES = ["index", "one", "two"]
PAGE = """<html><body><header>Menu</header><article role="main"><section id="top">
<h1><span class="section-number">1. </span>First<a class="headerlink" href="#top">#</a></h1>
<p>See <a href="#here">here</a>, <a href="two.html">two</a>, <a href="two.html#there">there</a>,
<a href="notebooks/one.ipynb">the notebook</a>, <a href="../en/one.html">English</a>,
<a class="reference external" href="https://example.org/a">away</a>,
<a class="reference external" href="two.html#there">a claim</a>.</p>
<p class="site-only">Press the button.</p>
<section id="here"><span id="section-1"></span>
<h2>Second<a class="headerlink" href="#here">#</a></h2>
<table aria-labelledby="here"><tr><td>1</td></tr></table>
<img alt="a" loading="lazy" src="_images/a.svg">
<details class="claim-evidence"><summary>evidence</summary><table></table></details>
<details class="figure-data"><summary>data</summary><table></table></details>
<div class="cell tag_hide-output"><details class="admonition hide"><summary>Show</summary>
<p>folded output</p></details></div>
</section><section id="practice"><h2>Exercises</h2>
<div class="exercise admonition" id="ex-a"><p class="admonition-title">Exercise 1.1 (A)</p></div>
<details class="sd-dropdown"><summary>Hint</summary><div><p>hint A</p></div></details>
<div class="cell tag_exercise"><pre>stub A</pre></div>
<div class="cell tag_solution"><details class="admonition hide"><summary>Show</summary>
<pre>solution A</pre></details></div>
<div class="exercise admonition" id="ex-b"><p class="admonition-title">Exercise 1.2 (B)</p></div>
<div class="cell tag_exercise"><pre>stub B</pre></div>
<div class="cell tag_solution"><pre>solution B</pre></div>
</section></section></article></body></html>"""


DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>'


def joined(root: str | None = None) -> BeautifulSoup:
    part = whole_book.chapter(PAGE, "one", NAMES, "en", root)
    return BeautifulSoup(part.html, "html.parser")


def addresses(soup: BeautifulSoup) -> dict[str, str]:
    return {link.get_text(): link["href"] for link in soup.find_all("a")}


def test_links_between_pages_become_links_inside_the_document():
    found = addresses(joined())
    assert found["here"] == "#one--here"
    assert found["two"] == "#two"
    assert found["there"] == found["a claim"] == "#two--there"
    assert found["away"] == "https://example.org/a"
    soup = joined()
    assert soup.find("article")["id"] == "one"
    assert soup.find(id="one--section-1") is not None
    assert soup.find(attrs={"aria-labelledby": True})["aria-labelledby"] == "one--here"


def test_what_is_no_page_is_linked_on_the_published_site_only():
    assert "the notebook" not in addresses(joined())
    assert "the notebook" in joined().get_text()
    found = addresses(joined("https://book.test/ko/"))
    assert found["the notebook"] == "https://book.test/ko/notebooks/one.ipynb"
    assert found["English"] == "https://book.test/en/one.html"


def test_the_chapter_knows_its_title_and_sections():
    part = whole_book.chapter(PAGE, "one", NAMES, "en", None)
    assert part.title == "1. First"
    assert part.sections == [
        ("one--here", "Second"),
        ("one--practice", "Exercises"),
        ("one--answers", "Hints and solutions"),
    ]


def test_the_front_page_is_not_a_second_title_page():
    assert whole_book.chapter(PAGE, "index", NAMES, "ko", None).title == "이 책에 대하여"


def test_evidence_and_folded_cells_are_open_and_other_folds_left_out():
    soup = joined()
    assert soup.select_one("details.claim-evidence").has_attr("open")
    assert "folded output" in soup.get_text()
    assert soup.select("details.hide, summary:-soup-contains(Show)") == []
    assert soup.select(".figure-data") == []
    assert "Press the button" not in soup.get_text()
    assert soup.find("img").get("loading") is None, "what is not in sight would not be printed"


def test_hints_and_solutions_stand_at_the_chapters_end_with_links_both_ways():
    soup = joined()
    answers = soup.find(id="one--answers")
    assert [" ".join(a.get_text().split()) for a in answers.select(".answer")] == [
        "Exercise 1.1 (A)hint A solution A",
        "Exercise 1.2 (B)solution B",
    ]
    assert [a["href"] for a in answers.select(".answer-title a")] == ["#one--ex-a", "#one--ex-b"]
    before = soup.find(id="one--practice")
    assert "solution" not in before.get_text().replace("Hints and solutions", "")
    assert "hint" not in before.get_text()
    places = [a["href"] for a in before.select(".see-answer a")]
    assert places == ["#one--ex-a--answer", "#one--ex-b--answer"]
    assert all(soup.find(id=place[1:]) is not None for place in places)
    assert before.select_one(".see-answer").find_previous_sibling().get_text() == "stub A"


def test_a_page_without_an_article_is_named():
    with pytest.raises(ValueError, match=r"ko/one\.html has no article"):
        whole_book.chapter("<html></html>", "one", NAMES, "ko", None)


def test_a_link_without_a_place_is_found():
    html = '<p id="a"><a href="#a">a</a> <a href="#b">b</a> <a href="https://c.test/#c">c</a></p>'
    assert whole_book.lost_links(html) == ["b"]


def site(folder, monkeypatch, text: str):
    monkeypatch.setattr(whole_book.book, "page_names", lambda: ["index"])
    (folder / "ko").mkdir()
    (folder / "ko" / "index.html").write_text(text, encoding="utf-8")
    record = {"versions": {"numpy": "2.0"}, "pages": {"ko/index": {"date": "2026-01-02"}}}
    (folder / "build.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_the_document_says_what_it_was_made_of(tmp_path, monkeypatch):
    text = PAGE.replace('href="two.html', 'href="#here" data-x="')
    html = whole_book.document(site(tmp_path, monkeypatch, text), "ko")
    soup = BeautifulSoup(html, "html.parser")
    assert soup.html["lang"] == "ko"
    assert "2026-01-02에 실행" in soup.select_one(".title-page").get_text()
    assert "numpy 2.0" in soup.select_one(".title-page").get_text()
    contents = [a["href"] for a in soup.select(".book-contents a")]
    assert contents == ["#index", "#index--here", "#index--practice", "#index--answers"]
    assert 'content: "이 책에 대하여"' in html, "the head of each page"


RUNS = """<script>document.title = "ran"</script><iframe src="other.txt"></iframe>
<svg onload="document.title = 'ran'"></svg><img src="_images/a.svg" onload="document.title = 'ran'">
<p style="color: rgb(1, 2, 3)">text</p></article>"""


def test_what_a_page_brings_along_runs_nothing_while_it_is_printed(tmp_path, monkeypatch, browser):
    text = PAGE.replace('href="two.html', 'href="#here" data-x="')
    folder = site(tmp_path, monkeypatch, text) / "ko"
    for name in ("_static/site.css", "_images/a.svg", "other.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(DRAWING if name.endswith("svg") else "p { margin: 7px }")
    html = whole_book.document(folder.parent, "ko").replace("</article>", RUNS)
    (folder / "whole-book.html").write_text(html, encoding="utf-8")
    page, blocked = browser.new_page(), []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto((folder / "whole-book.html").as_uri())
    assert page.title() != "ran"
    assert [said for said in blocked if "Framing" in said], blocked
    assert page.evaluate("[...document.images].map((image) => image.naturalWidth)") == [10, 10]
    style = "const style = getComputedStyle([...document.querySelectorAll('p')].at(-1));"
    assert page.evaluate(f"() => {{ {style} return style.color + style.marginTop; }}") == (
        "rgb(1, 2, 3)7px"
    )
    page.close()


def test_a_broken_link_stops_the_build_and_is_named(tmp_path, monkeypatch):
    text = PAGE.replace('href="#here"', 'href="#gone"')
    with pytest.raises(ValueError, match=r"ko: links of the PDF lead nowhere: .*index--gone"):
        whole_book.document(site(tmp_path, monkeypatch, text), "ko")


def test_a_title_cannot_leave_its_style_rule():
    assert whole_book._css_string('a "b" \\ </style>') == r'"a \"b\" \\ \3c /style>"'


@pytest.fixture
def printings(tmp_path, monkeypatch):
    """How often which languages were printed, without a browser."""
    found = []

    def printed(site, language):
        found.append(language)
        return b"%PDF"

    monkeypatch.setattr(print, "_print_language", printed)
    monkeypatch.setattr(print, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(print.book, "LANGUAGES", ("ko",))
    return found


def test_only_what_has_changed_is_printed_again(tmp_path, monkeypatch, printings):
    text = PAGE.replace('href="two.html', 'href="#here" data-x="')
    folder = site(tmp_path, monkeypatch, text)
    (folder / "ko" / "_static").mkdir()
    (folder / "ko" / "_static" / "site.css").write_text("")
    made = folder / "ko" / pdf_name("ko")
    print.make(folder)
    made.unlink()
    print.make(folder)
    assert printings == ["ko"]
    assert made.exists()
    (folder / "ko" / "_static" / "site.css").write_text("p { color: red }")
    print.make(folder, preview=True)
    assert len(printings) == 1, "a preview does not wait for a PDF"
    print.make(folder)
    (folder / "ko" / "index.html").write_text(text.replace("Second", "Third"))
    print.make(folder)
    assert len(printings) == 3
    assert len(list(print.KEPT.iterdir())) == 1, "the old ones are not kept"


def test_without_pdfs_no_page_links_to_one(whole):
    for language in ("ko", "en"):
        assert "on paper" in whole.built(f"{language}/index.html")
        assert ".pdf" not in whole.built(f"{language}/index.html")
