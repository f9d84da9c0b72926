"""What the sources say: every verdict follows from what was measured, by rules tested here."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats

from bookwright import book
from bookwright.source.facts import facts
from lessons_src import claims
from lessons_src.reproduction import results, statements
from lessons_src.reproduction.comparison import confidence_interval

FOUND = ("holds", "fails", "undecided")


class AllHold(dict):
    """A book in which every claim holds."""

    def get(self, claim, default=None):
        return "holds"


def one_sided(values, limit, side):
    """Whether SciPy's test finds the mean on that side of the limit, at 2.5 %."""
    return scipy.stats.ttest_1samp(values, limit, alternative=side).pvalue < 0.025


def reference(values, margin, kind):
    """The rules, told by tests of hypotheses and not by an interval."""
    above, below = one_sided(values, margin, "greater"), one_sided(values, margin, "less")
    if kind == "more":
        return "held" if above else "not-held" if below else "undecided"
    alike = below and one_sided(values, -margin, "greater")
    differ = above or one_sided(values, -margin, "less")
    held, not_held = (alike, differ) if kind == "alike" else (differ, alike)
    return "held" if held else "not-held" if not_held else "undecided"


@pytest.mark.parametrize("kind", statements.KINDS)
def test_differences_decide_as_one_sided_tests_do(kind):
    rng, margin, seen = np.random.default_rng(0), 0.02, set()
    for _ in range(600):
        values = rng.normal(rng.uniform(-0.06, 0.06), rng.choice([0.004, 0.02]), size=5)
        verdict = statements.decide(values, margin, kind)
        assert verdict == reference(values, margin, kind)
        seen.add(verdict)
    assert seen == {"held", "not-held", "undecided"}


def test_a_difference_too_small_to_matter_does_not_hold_and_one_across_the_margin_is_open():
    values = np.array([0.9, 1.0, 1.1, 1.0, 1.05])
    assert statements.decide(values) == "held"
    assert statements.decide(values, margin=1.5) == "not-held"
    assert statements.decide(values, margin=1.0) == "undecided"


def test_a_wrong_verdict_at_the_margin_comes_in_25_of_1000_cases():
    rng = np.random.default_rng(1)
    verdicts = [statements.decide(v, 0.02) for v in rng.normal(0.02, 0.01, size=(4000, 5))]
    for verdict in ("held", "not-held"):
        assert verdicts.count(verdict) / len(verdicts) == pytest.approx(0.025, abs=0.008)


@pytest.mark.parametrize("n_claims", [1, 2, 3])
def test_claims_decide_if_all_hold_and_one_against_refutes(n_claims):
    names = [f"claim-{number}" for number in range(n_claims)]
    for directions in itertools.product(statements.DIRECTIONS, repeat=n_claims):
        entry = {"claims": dict(zip(names, directions, strict=True))}
        for found in itertools.product((*FOUND, None), repeat=n_claims):
            known = {n: f for n, f in zip(names, found, strict=True) if f is not None}
            if found.count("holds") < n_claims:  # one fails, is open, or is in no page
                expected = "undecided"
            else:
                expected = "held" if directions.count("for") == n_claims else "not-held"
            assert statements.verdict_of(entry, known) == expected


def test_what_nothing_decides_was_not_measured():
    assert statements.verdict_of({"beside": ["some-claim"]}, AllHold()) == "not-measured"


@pytest.mark.parametrize("n_statements", [1, 2, 3])
def test_the_kind_of_an_erratum_follows_from_its_statements(n_statements):
    for verdicts in itertools.product(statements.VERDICTS, repeat=n_statements):
        refuted, borne_out = (verdicts.count(name) for name in ("not-held", "held"))
        expected = "open"
        if borne_out == n_statements:
            expected = "held"
        elif refuted:
            expected = "part" if borne_out else "statement"
        assert statements.erratum_kind(verdicts) == expected


def test_no_verdict_is_typed_and_one_thing_decides_each_statement():
    known = {*("id", "sources", "place", "says", "note", "erratum", "beside"), "claims"}
    known |= {"measure", "compare", "kind", "of", "within"}
    for entry in statements.entries():
        assert set(entry) <= known, entry["id"]
        assert len({"claims", "measure", "compare"} & set(entry)) <= 1, entry["id"]
        assert set(entry.get("claims", {"": "for"}).values()) <= set(statements.DIRECTIONS)
        for asked in (entry, entry.get("compare", {})):
            assert asked.get("kind", "more") in statements.KINDS
            assert asked.get("of", "loss") in claims.margins()


def test_a_margin_is_the_one_of_the_book_unless_the_statement_names_a_number():
    for entry in statements.entries():
        if not {"measure", "compare"} & set(entry):
            continue
        _, margin, kind = statements.differences(entry, "keras2")
        asked = entry.get("compare", entry)
        if "within" in asked:
            assert (margin, kind) == (asked["within"], "alike")
        else:
            assert margin in {0.0} | {row["margin"] for row in claims.margins().values()}
            assert margin > 0 or kind == "more", entry["id"]


def test_every_statement_is_told_in_both_languages_and_named_once():
    found = statements.judged({})
    assert len({one.id for one in found}) == len(found) > 90
    for one in found:
        for texts in (one.says, one.note):
            assert set(texts) == {"ko", "en"}
            assert any("가" <= letter <= "힣" for letter in texts["ko"])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_claim_that_a_statement_names_is_on_a_page(language):
    of_pages = {
        claim.what
        for path in (book.ROOT / "book" / language).glob("*.md")
        for claim in facts(path.read_text(encoding="utf-8")).claims
    }
    for one in statements.judged({}):
        assert {*one.claims, *one.beside} <= of_pages, one.id


def test_a_comparison_takes_the_same_seeds_apart():
    compare = {"run": "000-normal", "minus": "000-default", "metric": "loss", "at": [1, 5]}
    values, margin, kind = statements.differences({"compare": compare}, "keras3")
    ours, default = (
        np.array([curve[:5].mean() for curve in results.curves(run, "loss")])
        for run in ("000-normal", "000-default")
    )
    np.testing.assert_allclose(values, ours - default)
    assert (margin, kind) == (claims.margins()["loss"]["margin"], "more")
    verdict = statements.verdict_of({"compare": compare}, {})
    low, high = confidence_interval(statements.differences({"compare": compare}, "keras2")[0])
    assert verdict == ("held" if low > margin else "not-held" if high < margin else "undecided")
