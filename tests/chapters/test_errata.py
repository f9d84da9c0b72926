"""The errata page counts its entries in a cell; the headings have to say the same."""

from __future__ import annotations

import re

import pytest

from bookwright.source.facts import facts
from lessons_src.reproduction import statements
from tests.conftest import ROOT

KINDS = {
    "ko": {
        "식": "formula",
        "코드": "code",
        "데이터": "data",
        "방법": "method",
        "부정확": "imprecise",
        "낡은 코드": "outdated",
        "오기": "slip",
        "용어": "term",
    },
    "en": {
        name: name.lower()
        for name in (
            "Formula",
            "Code",
            "Data",
            "Method",
            "Imprecise",
            "Outdated",
            "Slip",
            "Term",
        )
    },
}
LEADS = {"ko": ["자료의 설명", "사실", "근거"], "en": ["Says", "Is", "Shown by"]}
ALL_HOLD = {claim: "holds" for entry in statements.entries() for claim in entry.get("claims", ())}
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
        judged = kind == f"{{judged}}`erratum {label}`"
        said[label] = " ".join(["judged" if judged else KINDS[language][kind], *sources])
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
    assert kinds == {"judged", *KINDS["en"].values()}


def test_whether_a_sentence_is_true_is_never_typed(counted):
    treated = {entry["erratum"] for entry in statements.entries() if "erratum" in entry}
    judged = {label for label, mistake in counted.items() if mistake.startswith("judged ")}
    assert treated <= set(counted)
    assert judged <= treated
    # A typed kind that says something of a sentence's truth would be a second verdict.
    assert not [label for label in treated if counted[label].startswith("imprecise ")]


def test_no_entry_is_about_sentences_that_hold(counted):
    for label, mistake in counted.items():
        if mistake.startswith("judged "):
            of = [entry for entry in statements.entries() if entry.get("erratum") == label]
            verdicts = [statements.verdict_of(entry, ALL_HOLD) for entry in of]
            assert statements.erratum_kind(verdicts) in ("statement", "part"), label
