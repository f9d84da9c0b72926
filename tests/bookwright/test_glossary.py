"""The glossary: what its entries hold, and where something is wrong with one."""

from __future__ import annotations

import pytest

from bookwright import book, glossary
from bookwright.problems import ProblemError
from tests.helpers import said

LOSS = """- en: loss
  ko: 손실
  also: [비용]
  means:
    en: How wrong it is.
    ko: 틀린 정도입니다.
"""
COST = """- en: cost
  ko: 값
  means: {en: So., ko: 그것입니다.}
"""


@pytest.fixture
def wrong(tmp_path, monkeypatch):
    """Reads a glossary; what is wrong with it."""
    monkeypatch.setattr(book, "LANGUAGES", ("ko", "en"))

    def read(text: str) -> list[str]:
        (tmp_path / "glossary.yml").write_text(text, encoding="utf-8")
        try:
            glossary.document(tmp_path / "glossary.yml")
        except ProblemError as error:
            return said(error.problems)
        return []

    return read


def test_a_glossary_may_be_whole_or_without_entries_or_missing(wrong, tmp_path):
    assert wrong(LOSS + COST) == wrong("# None yet.\n") == wrong("[]") == []
    assert glossary.entries(tmp_path / "none.yml") == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [("cost", "loss", "loss"), ("값", "손실", "손실"), ("값", "비용", "비용")],
)
def test_a_name_that_two_entries_have_is_named_with_both_lines(wrong, old, new, name):
    assert wrong(LOSS + COST.replace(old, new)) == [
        f"book/glossary.yml:7:3: {name!r} names an entry already, in line 1: each is there once"
    ]


def test_an_entry_that_is_there_twice_is_named_by_all_of_its_names(wrong):
    found = wrong(LOSS + COST + LOSS)
    assert len(found) == 3
    for problem in found:
        assert problem.startswith("book/glossary.yml:10:3: '")
        assert problem.endswith(" names an entry already, in line 1: each is there once")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  ko: 값\n", "", ":7:3: the entry lacks `ko: ...`"),
        ("ko: 값", "ko:", ":8:6: ko: expected a name, got None"),
        ("en: So., ", "", ":9:10: means lacks `en: ...`"),
        ("So.", "[so]", ":9:15: means.en: expected a sentence, got ['so']"),
        ("  ko: 값\n", "  ko: 값\n  also: 값\n", ":9:9: also: expected a list of names, got '값'"),
        (
            "  ko: 값\n",
            "  ko: 값\n  alzo: [a]\n",
            ":9:3: the entry has no setting 'alzo': did you me",
        ),
        (COST, "- cost\n", ":7:3: the entry: expected names by language, `also` and `means`, got"),
        (LOSS + COST, "a: b\n", ":1:1: the file: expected a list of entries, got {'a': 'b'}"),
        ("ko: 값", "ko: a: b", ":8:8: is not YAML: mapping values are not allowed here"),
        (LOSS + COST, "", ": is empty: "),
    ],
)
def test_what_is_wrong_with_an_entry_is_named_with_its_place(wrong, old, new, problem):
    assert (LOSS + COST).count(old) == 1
    (found,) = wrong((LOSS + COST).replace(old, new))
    assert found.startswith(f"book/glossary.yml{problem}")


def test_a_glossary_may_speak_other_languages_than_the_book(wrong):
    french = LOSS.replace("  also", "  fr: perte\n  also").replace("    en", "    fr: Oui.\n    en")
    assert french.count("fr:") == 2
    assert wrong(french) == []
