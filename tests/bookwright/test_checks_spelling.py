"""Spelling in both languages."""

from __future__ import annotations

import pytest

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
    assert "is misspelt" in problem


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


def test_the_project_is_spelt_right():
    assert said(spelling.misspelt()) == []
