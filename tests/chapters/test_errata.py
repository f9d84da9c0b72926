"""The errata page counts its entries in a cell; the headings have to say the same."""

from __future__ import annotations

import re

import pytest

from bookwright.source.facts import facts
from tests.conftest import ROOT

KINDS = {
    "ko": {
        "식": "formula",
        "코드": "code",
        "데이터": "data",
        "서술": "statement",
        "방법": "method",
        "부정확": "imprecise",
        "낡은 코드": "outdated",
        "오기": "slip",
    },
    "en": {
        name: name.lower()
        for name in (
            "Formula",
            "Code",
            "Data",
            "Statement",
            "Method",
            "Imprecise",
            "Outdated",
            "Slip",
        )
    },
}
LEADS = {"ko": ["원문", "사실", "근거"], "en": ["Says", "Is", "Shown by"]}
SOURCES = {"000", "001", "002", "003", "004"}


def page(language: str) -> str:
    return (ROOT / "book" / language / "errata.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def counted() -> dict[str, str]:
    """What the page's own cell counts: label, then kind and sources."""
    cell = next(c for c in facts(page("en")).cells if c.source.startswith("MISTAKES"))
    namespace: dict = {}
    exec(cell.source, namespace)
    return namespace["MISTAKES"]


def entries(language: str) -> dict[str, tuple[str, str]]:
    """Label of each entry, the line below its heading, and the text up to the next heading."""
    found = re.findall(
        r"^\(errata-([\w-]+)\)=\n### [^\n]+\n\n([^\n]+)\n\n(.*?)(?=^\(errata-|^## )",
        page(language),
        re.MULTILINE | re.DOTALL,
    )
    return {label: (line, body) for label, line, body in found}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_counted_is_what_the_headings_say(counted, language):
    said = {}
    for label, (line, _) in entries(language).items():
        kind, _, places = line.partition(" · ")
        sources = sorted(SOURCES & set(re.findall(r"\b\d{3}\b", places)))
        said[label] = " ".join([KINDS[language][kind], *sources])
    assert said == counted
    assert len(said) == page(language).count("\n### "), "an entry has no label or no kind"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_entry_says_what_the_source_says_what_is_true_and_what_shows_it(language):
    for label, (_, body) in entries(language).items():
        leads = re.findall(r"^- \*\*([^*]+)\*\*: \S", body, re.MULTILINE)
        assert leads[:3] == LEADS[language], label


def test_every_source_and_every_kind_has_an_entry(counted):
    kinds, sources = set(), set()
    for mistake in counted.values():
        kind, *named = mistake.split()
        kinds.add(kind)
        sources.update(named)
    assert sources == SOURCES
    assert kinds == set(KINDS["en"].values())
