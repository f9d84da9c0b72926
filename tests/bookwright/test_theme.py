"""What every page has around its text: its language, its menu, the glossary, formulas."""

from __future__ import annotations

import re

import tinycss2
from bs4 import BeautifulSoup

from bookwright.markup import POLICY
from bookwright.publication import Publication, publication
from bookwright.theme import assets
from bookwright.theme.page_menu import entries

NOWHERE = Publication(None, "main", None, "gh-pages")


def test_without_a_repository_the_menu_has_no_link_that_needs_one():
    kinds = [entry["address"] for entry in entries("rnn", "ko", NOWHERE)]
    assert kinds == [
        "notebooks/rnn.ipynb",
        "notebooks/lessons-ko.zip",
        "executable-deep-learning-ko.pdf",
        "_sources/rnn.md",
    ]


def test_a_page_with_solutions_leads_to_itself_and_its_notebook_without_them():
    found = entries("rnn", "ko", NOWHERE, solutions=True)
    assert [entry["address"] for entry in found[:3]] == [
        "notebooks/rnn.ipynb",
        "notebooks/rnn-without-solutions.ipynb",
        "?solutions=off",
    ]


def test_where_any_page_has_solutions_each_leads_to_the_zip_without_them():
    found = [entry["address"] for entry in entries("index", "ko", NOWHERE, any_solutions=True)]
    assert found[1:3] == [
        "notebooks/lessons-ko.zip",
        "notebooks/lessons-ko-without-solutions.zip",
    ]


def test_the_menu_follows_the_repository_of_the_build():
    environment = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "ada/lessons"}
    config = {"notebooks": {"site_branch": "gh-pages"}, "repository": {"branch": "trunk"}}
    known = publication(config, environment)
    found = [entry["address"] for entry in entries("rnn", "en", known)]
    assert found[3:] == [
        "https://colab.research.google.com/github/ada/lessons/blob/gh-pages/en/notebooks/rnn.ipynb",
        "https://mybinder.org/v2/gh/ada/lessons/gh-pages"
        "?urlpath=lab%2Ftree%2Fen%2Fnotebooks%2Frnn.ipynb",
        "https://github.com/ada/lessons/blob/trunk/book/en/rnn.md",
        "https://github.com/ada/lessons/edit/trunk/book/en/rnn.md",
        "https://github.com/ada/lessons/issues/new?template=mistake.yml&page=en%2Frnn&commit=",
    ]


def test_each_build_speaks_its_language(whole):
    for language in ("ko", "en"):
        assert re.search(rf'<html [^>]*lang="{language}"', whole.built(f"{language}/index.html"))
    assert "본문으로 건너뛰기" in whole.built("ko/index.html")
    assert "Skip to the content" not in whole.built("ko/index.html")
    assert "Skip to the content" in whole.built("en/index.html")


def test_the_glossary_has_every_name_of_a_term_and_both_sentences(whole):
    for language, first in (("ko", "손실"), ("en", "loss")):
        entry = re.search(
            r'<dl class="glossary">.*?</dl>', whole.built(f"{language}/index.html"), re.S
        )
        assert entry is not None
        names = re.findall(r"<dt[^>]*>([^<]+)<", entry[0])
        assert names[0] == first
        assert sorted(names) == ["loss", "비용", "손실"]
        other = {"ko": '<span lang="en">How wrong', "en": '<span lang="ko">틀린 정도'}
        assert other[language] in entry[0]


def test_a_term_links_to_its_entry_from_either_language(whole):
    for language, shown in (("ko", "손실"), ("en", "loss")):
        link = re.search(
            rf'href="#(term-[\w-]+)"><span[^>]*>{shown}<', whole.built(f"{language}/index.html")
        )
        assert link is not None
        assert f'<dt id="{link[1]}">' in whole.built(f"{language}/index.html")


def test_formulas_are_mathml_and_equations_are_numbered(whole):
    text = whole.built("en/index.html")
    assert "<math" in text
    assert "<msup>" in text
    assert "MathJax" not in text
    assert '<span class="eqno">(1)' in text


def test_a_page_begins_with_its_policy_and_asks_for_no_other_page(whole):
    for name in ("index.html", "ko/index.html", "en/genindex.html", "en/both/index.html"):
        head = BeautifulSoup(whole.built(name), "html.parser").head
        policy = head.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
        before = [tag for tag in policy.find_previous_siblings() if "charset" not in tag.attrs]
        assert before == [], name
        assert policy["content"] == POLICY
        assert not head.find_all("link", rel=["next", "prefetch", "preload"])
    assert "worker-src 'none'" in POLICY


def test_scripts_leave_out_the_lines_that_only_their_authors_read():
    script = 'a = "//b"; // c\n  // Why.\nd();\n'
    assert assets.without_line_comments(script) == 'a = "//b"; // c\nd();\n'


def test_styles_of_components_that_no_page_has_are_left_out():
    style = """
      .sd-card, .sd-tab-set > .sd-card, p { margin: 0 }
      .sd-tab-set { color: red }
      @media print { .sd-tab-set { color: blue } a { color: green } }
      @font-face { font-family: "Book"; src: url("book.woff2") }
      @keyframes turn { 0% { opacity: 0 } to { opacity: 1 } }
      :root { --sd-color-tabs: red }
    """
    rules = tinycss2.parse_stylesheet(style, skip_whitespace=True)
    left = tinycss2.serialize(assets._of_used(rules, {"sd-card"}))
    assert re.sub(r"\s+", " ", left).split("{", 1)[0].strip() == ".sd-card, p"
    assert "sd-tab-set" not in left
    for kept in ("a { color: green }", "font-family", "0% { opacity: 0 }", "--sd-color-tabs"):
        assert kept in left


def test_scripts_are_served_without_what_only_their_authors_read():
    script = "a(); // stays\n  // goes\n//goes\nconst b = 'http://x';\n"
    assert assets.without_line_comments(script) == "a(); // stays\nconst b = 'http://x';\n"
