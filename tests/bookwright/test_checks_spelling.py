"""Spelling in both languages."""

from __future__ import annotations

import pytest

from bookwright.book import HEADER
from bookwright.checks import all as checks
from bookwright.checks import spelling
from tests.helpers import said


@pytest.fixture
def written(tmp_path):
    """Writes a page of a tiny project and says what is misspelt in it."""

    def look(text: str, name: str = "book/ko/page.md") -> list[str]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return said(spelling.misspelt(tmp_path))

    return look


# Pieced together, so that the check of this very file finds nothing.
@pytest.mark.parametrize(
    "text",
    ["이렇게 하면 되" + "요.", "모델이 됬" + "습니다.", "에폭" + "마다 잽니다.", "몇일" + " 동안"],
)
def test_a_misspelt_korean_word_is_found_whatever_follows_it(written, text):
    [problem] = written(text)
    assert problem.startswith("book/ko/page.md:1: ")
    assert "is not written here: write " in problem


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_misspelt_english_word_is_found_on_either_page(written, language):
    page = f"book/{language}/page.md"
    wrong = "t" + "eh"
    assert written(f"One\nmeasures {wrong} loss.", page) == [
        f"{page}:2: {wrong!r} is misspelt: the was meant"
    ]


def test_right_words_pass(written):
    assert not written("에포크마다 손실을 재면 됩니다. 며칠 동안 돼요. The loss falls.")


def test_a_korean_name_outside_the_korean_pages_is_not_sought(written):
    assert not written("에폭" + "은 에포크의 다른 이름", "book/en/page.md")


@pytest.fixture
def listed(monkeypatch, tmp_path):
    """A list of our own: a word, one of two parts, and compounds that stay."""
    (tmp_path / "lists").mkdir()
    entries = "# words\n종이말->말\n짝 지은 말->짝말\n종이말오차\n큰 종이말\n"
    (tmp_path / "lists" / "ko.txt").write_text(entries, encoding="utf-8")
    monkeypatch.setattr(spelling, "WORDS", tmp_path / "lists")
    spelling._listed.cache_clear()
    yield
    spelling._listed.cache_clear()


def found(where: str, word: str = "종이말", instead: str = "말") -> str:
    """What is said of a word."""
    return f"{where}: {word!r} is not written here: write {instead}"


@pytest.mark.parametrize("after", ["", "을", "에서는", "마다", "입니다", "(term)"])
def test_a_listed_word_is_found_with_any_particle_behind_it(written, listed, after):
    assert written(f"한 줄.\n\n여기 종이말{after} 둡니다.") == [found("book/ko/page.md:3")]


def test_a_word_of_two_parts_is_found_across_the_end_of_a_line(written, listed):
    assert written("한 줄과 짝\n지은 말입니다.") == [
        found("book/ko/page.md:1", "짝 지은 말", "짝말")
    ]


@pytest.mark.parametrize("stays", ["종이말오차", "큰 종이말", "큰\n종이말"])
def test_a_compound_that_stays_is_not_found(written, listed, stays):
    assert written(f"여기 {stays}에서") == []


@pytest.mark.parametrize(
    "text",
    [
        "# 종이말",
        "**종이말**을",
        "종**이말**을",
        "[종이말](other.md)",
        "{term}`종이말 <paper>`",
        "{ref}`종이말은 <there>`",
        "| 종이말 |\n|---|\n| 하나 |",
        ":::{exercise} 종이말\n:::",
        ":::{dropdown} 하나\n종이말\n:::",
        "```{glue:figure} fig\n:alt: 종이말\n```",
        "```{code-cell} ipython3\n:mystnb: {code_prompt_show: 종이말}\npass\n```",
        "```{code-cell} ipython3\nsay = {'en': 'word', 'ko': '종이말'}\n```",
    ],
)
def test_a_listed_word_is_found_wherever_a_reader_meets_it(written, listed, text):
    [problem] = written(HEADER + "\n" + text)
    assert problem.startswith("book/ko/page.md:") and "'종이말' is not written here" in problem


@pytest.mark.parametrize(
    "text",
    [
        "[종이말이라는 말]{.quoted}",
        "> 종이말",
        "`종이말`",
        "[말](종이말.md)",
        "[말](https://example.org/종이말)",
        "(종이말)=\n# 말",
        "```\n종이말\n```",
        "```{code-cell} ipython3\nquery = '종이말'\n```",
    ],
)
def test_what_is_quoted_and_what_nobody_reads_is_not_looked_at(written, listed, text):
    assert written(HEADER + "\n" + text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CONTRIBUTING.ko.md", "\n종이말"),
        ("book/templates/page.ko.md", "\n종이말"),
        ("book/glossary.yml", "- en: word\n  ko: 종이말\n  also: [종이말]"),
        ("lessons_src/texts.yml", "- en: word\n  ko: [말, {of: 종이말}]"),
        ("lessons_src/texts.json", '{"en": "word",\n"ko": "종이말"}'),
        ("book/_ext/texts.py", "A = {\n'ko': ('말', '종이말')}"),
        ("lessons_src/texts.py", "say(en='word',\nko=f'{1}는 종이말')"),
        ("bookwright/locale/ko/words.yml", "one: 말\ntwo: 종이말"),
        ("bookwright/locale/ko/sphinx.po", "\nmsgstr: 종이말"),
        (".github/ISSUE_TEMPLATE/form.yml", "a: word\nb: word · 종이말"),
    ],
)
def test_a_listed_word_is_found_beside_the_pages(written, listed, name, text):
    assert written(text, name) == [found(f"{name}:2")]


def test_the_checks_of_a_chapter_and_of_the_book_name_a_listed_word(written, listed, tmp_path):
    written(HEADER + "종이말", "book/ko/one.md")
    on_page, beside = found("book/ko/one.md:" + str(HEADER.count("\n") + 1)), found("README.md:1")
    assert on_page in said(checks.page_problems("one", tmp_path / "book"))
    written("종이말", "README.md")
    problems = said(checks.all_problems(["one"], tmp_path / "book"))
    assert [x for x in problems if "is not written here" in x] == [on_page, beside]


def test_each_word_of_the_book_s_list_is_found_and_no_compound_that_stays():
    listed = spelling.Listed(spelling.WORDS / "ko.txt")
    lines = (spelling.WORDS / "ko.txt").read_text("utf-8").splitlines()
    for entry, *right in [x.split("->") for x in lines if x and not x.startswith("#")]:
        problems = said(listed.found(f"이 {entry}에서는", "page.md", 1))
        assert len(problems) == len(right), entry
        for each in right:  # what is to be written may be written
            assert not said(listed.found(each, "page.md", 1)), each


def test_the_project_is_spelt_right():
    assert said(spelling.misspelt()) == []
