"""What a chapter that is no draft still has to have."""

from __future__ import annotations

import re
import shutil

import pytest

from bookwright.book import HEADER
from bookwright.checks import ready
from tests.conftest import ROOT
from tests.helpers import append, said

FINISHED = {
    "claims": (":::{claim} c%d\nTrue.\n:::\n\n", 2),
    "exercises": (
        ":::{exercise} One\n:label: e%d\nDo.\n:::\n\n:::{dropdown} Hint\nSo.\n:::\n\n",
        3,
    ),
}


def chapter(**changed: tuple[str, int]) -> str:
    parts = "".join(
        "".join(text % number for number in range(count))
        for text, count in (FINISHED | changed).values()
    )
    return (
        f"{HEADER}# Title\n\n{{term}}`loss` {{footcite:p}}`he2015delving`\n\n"
        ":::{admonition} What you need\nTime.\n:::\n\n$$\nx\n$$ (eq-a)\n\n"
        "```{glue:figure} f\n:alt: A line that falls from left to right.\n\nCaption.\n```\n\n"
        f"{parts}```{{footbibliography}}\n```\n"
    )


@pytest.fixture
def finished(tmp_path):
    korean = {
        "# Title": "# 제목",
        "What you need": "준비",
        "A line that falls from left to right.": "왼쪽에서 오른쪽으로 가며 낮아지는 선 하나.",
    }
    for language, words in (("ko", korean), ("en", {})):
        folder = tmp_path / "book" / language
        folder.mkdir(parents=True)
        text = chapter()
        for english, translated in words.items():
            assert english in text
            text = text.replace(english, translated)
        (folder / "attention.md").write_text(text, "utf-8")
        (folder / "index.md").write_text("[Attention](attention.md)")
    shutil.copy(ROOT / "book" / "chapter.yml", tmp_path / "book")
    shutil.copytree(ROOT / "book" / "templates", tmp_path / "book" / "templates")
    for name in ("lessons_src/chapters/attention.py", "tests/chapters/test_attention.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("# code\n")
    return tmp_path


def test_a_finished_chapter_lacks_nothing(finished):
    assert ready.problems("attention", finished) == (False, [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":::{claim} c1", ":::{note} c1", "1 claims, at least 2 needed"),
        (":::{exercise} One\n:label: e2", ":::{note}\n", "2 exercises, at least 3 needed"),
        (":::{dropdown} Hint", ":::{note} Hint", "0 hints, at least 3 needed"),
        ("{footcite:p}`he2015delving`", "", "0 citations, at least 1 needed"),
        (":alt: 왼쪽에서 오른쪽으로 가며 낮아지는 선 하나.", ":alt: plot", "has no :alt:"),
        ("준비", "[준비]{.placeholder}", "a placeholder: 준비"),
        ("# 제목", "# A narrow valley", "this heading is not in Korean"),
        ("준비", "What you need", "this title is not in Korean"),
        ("{exercise} One", "{exercise} One small step", "this title is not in Korean"),
        (
            ":alt: 왼쪽에서 오른쪽으로 가며 낮아지는 선 하나.",
            ":alt: One line that falls from left to right.",
            "this alternative text is not in Korean",
        ),
        (
            "Caption.",
            "Nobody has yet translated this paragraph into the other language.",
            "this paragraph is not in Korean",
        ),
    ],
)
def test_what_a_chapter_lacks_is_named_with_its_place(finished, old, new, message):
    path = finished / "book" / "ko" / "attention.md"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    _, found = ready.problems("attention", finished)
    place = "book/ko/attention.md"
    assert any(message in each.what and each.file == place for each in found), found


def test_a_korean_paragraph_on_an_english_page_is_named(finished):
    path = finished / "book" / "en" / "attention.md"
    path.write_text(path.read_text("utf-8").replace("Caption.", "그림의 설명입니다."), "utf-8")
    (problem,) = ready.missing("attention", finished)
    assert "this paragraph is not in English" in problem.what


def test_a_page_that_takes_longer_than_the_book_wants_is_named(finished):
    """In English by its words, and by the minutes in both."""
    prose = {"ko": "새 글입니다. " * 5_000, "en": "More words. " * 6_100}
    for language, text in prose.items():
        append(finished / "book" / language / "attention.md", f"\n{text}\n")
    found = [str(each) for each in ready.missing("attention", finished)]
    assert [each.split(":")[0] for each in found] == ["book/ko/attention.md"] + [
        "book/en/attention.md"
    ] * 2
    assert re.search(r"takes 6\d minutes to read, at most 60: divide it", found[0])
    assert re.search(r"takes 6\d minutes to read, at most 60: divide it", found[1])
    assert re.search(r"has 12,\d\d\d words, at most 5,500: divide it", found[2])


def test_a_chapter_without_a_module_or_a_test_is_named(finished):
    for name in ("lessons_src/chapters/attention.py", "tests/chapters/test_attention.py"):
        (finished / name).unlink()
        (problem,) = [each for each in ready.missing("attention", finished) if each.file == name]
        assert "is missing: a chapter has a module and a test" in problem.what


def test_a_book_that_says_nothing_of_its_chapters_asks_for_no_parts(finished):
    (finished / "book" / "chapter.yml").unlink()
    for language in ("ko", "en"):
        page = finished / "book" / language / "attention.md"
        page.write_text(HEADER + {"ko": "# 제목\n", "en": "# Title\n"}[language], "utf-8")
    assert ready.missing("attention", finished) == []


def test_names_make_no_heading_english(finished):
    path = finished / "book" / "ko" / "attention.md"
    path.write_text(path.read_text("utf-8").replace("# 제목", "# LSTM, GRU, Keras"), "utf-8")
    assert ready.missing("attention", finished) == []


def test_the_word_draft_is_what_goes_last(finished):
    path = finished / "book" / "ko" / "attention.md"
    path.write_text(path.read_text("utf-8").replace("---\n\n", "draft: true\n---\n\n", 1), "utf-8")
    draft, found = ready.problems("attention", finished)
    assert draft
    last = "book/ko/attention.md: when nothing else is missing, delete `draft: true`"
    assert said(found) == [last]
