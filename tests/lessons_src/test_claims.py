"""Claims: each leaves its evidence; a false one stops nothing and says what was measured."""

import json
import math
import types
import unicodedata

import nbformat
import numpy as np
import pytest

from bookwright.claims import collect as claims_tool
from lessons_src import claims

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(autouse=True)
def standard_data(monkeypatch):
    """The data are those of the claims, whatever an earlier test said."""
    monkeypatch.setattr(claims, "_other_data", ())


def dataset(*differences):
    return types.SimpleNamespace(differences=differences)


def test_a_claim_that_holds_leaves_its_evidence(published):
    claims.check("faster", [1.0, 2.0, 6.0], seeds=[0, 1, 2], above=0.5)
    assert published == {
        "claim:faster": {
            "values": [1.0, 2.0, 6.0],
            "mean": pytest.approx(3.0),
            "spread": pytest.approx(math.sqrt((4 + 1 + 9) / 2)),
            "seeds": [0, 1, 2],
            "bound": {"above": 0.5, "below": None, "of": "every value"},
            "held": True,
            "counts": True,
        }
    }


def test_the_evidence_of_numpy_values_is_plain(published):
    claims.check("x", np.float32([1, 2, 3]), seeds=list(np.arange(3)), above=np.float64(0))
    evidence = published["claim:x"]
    assert all(type(value) is float for value in evidence["values"])
    assert all(type(seed) is int for seed in evidence["seeds"])


def test_a_claim_that_holds_prints_nothing(capsys):
    claims.check("faster", [1.0, 2.0, 6.0], seeds=[0, 1, 2], above=0.5)
    assert capsys.readouterr().out == ""


def test_a_false_claim_leaves_its_evidence_and_prints_it_in_both_languages(published, capsys):
    claims.check("faster", [0.25, -0.125, 0.5], seeds=[4, 5, 6], above=0.05)
    evidence = published["claim:faster"]
    assert (evidence["held"], evidence["counts"]) == (False, True)
    assert evidence["values"] == [0.25, -0.125, 0.5]
    printed = capsys.readouterr().out
    for part in (
        *("claim 'faster' does not hold in this run", "이번 실행에서는 성립하지 않습니다"),
        *("every value / 모든 값 > 0.05", "측정값: 0.25, -0.125, 0.5", "mean / 평균: 0.208333"),
        *("standard deviation / 표준편차: 0.315", "seeds / 시드: 4, 5, 6"),
    ):
        assert part in printed
    assert "other data" not in printed


def test_a_false_claim_above_its_bound_on_the_mean_says_which(capsys):
    claims.check("x", [0.5, 0.25, 3], seeds=[0, 1, 2], above=0, below=1, mean=True)
    assert "mean / 평균 > 0, < 1" in capsys.readouterr().out


def test_a_count_has_neither_seeds_nor_spread_to_print(capsys):
    claims.check("size", [19], above=20)
    printed = capsys.readouterr().out
    assert "19" in printed
    assert not {"seeds", "mean", "deviation"} & set(printed.replace(":", " ").split())


def test_what_is_printed_of_a_false_claim_fits_the_box_of_an_output(capsys):
    claims.on(dataset("split: " + "other texts in the test half than in Keras' file, " * 3))
    values = list(np.linspace(-1e-5, 1, 60))
    claims.check("a-claim-with-a-very-long-name-" * 2, values, seeds=range(60), above=0)
    printed = capsys.readouterr().out
    wide = {"W", "F"}
    for line in printed.splitlines():
        assert sum(2 if unicodedata.east_asian_width(x) in wide else 1 for x in line) <= 80, line
    for value in values:
        assert f"{value:.6g}" in printed.replace(",", " ").split(), "no value is cut in two"


@pytest.mark.parametrize(
    ("values", "bounds", "holds"),
    [
        ([2, 3, 4], {"above": 1, "below": 5}, True),
        ([2, 3, 5], {"above": 1, "below": 5}, False),
        ([1, 3, 4], {"above": 1, "below": 5}, False),
        ([2, 3, 4], {"above": 2}, False),
        ([2, 3, 4], {"below": 4}, False),
        ([-1, 3, 4], {"above": 1, "mean": True}, True),
        ([-1, 1, 1], {"above": 1, "mean": True}, False),
        ([-1, 3, 9], {"below": 3, "mean": True}, False),
        ([-1, 3, 6], {"below": 3, "mean": True}, True),
    ],
    ids=str,
)
def test_bounds_are_strict_and_are_those_of_every_value_unless_of_the_mean(
    published, values, bounds, holds
):
    claims.check("x", values, seeds=[0, 1, 2], **bounds)
    assert published["claim:x"]["held"] is holds


def test_a_claim_on_the_mean_says_so_in_its_evidence(published):
    claims.check("x", [-1, 3, 4], seeds=[0, 1, 2], above=1, mean=True)
    assert published["claim:x"]["bound"]["of"] == "mean"


@pytest.mark.parametrize(
    ("offset", "expected"), [(None, [0, 1, 2]), ("", [0, 1, 2]), ("100", [100, 101, 102])]
)
def test_the_seeds_of_a_page_move_together_with_the_offset_of_the_run(
    monkeypatch, offset, expected
):
    monkeypatch.delenv("BOOK_SEED_OFFSET", raising=False)
    if offset is not None:
        monkeypatch.setenv("BOOK_SEED_OFFSET", offset)
    assert claims.seeds(3) == expected


@pytest.mark.parametrize(
    ("n_seeds", "offset"), [(0, "0"), (-1, "0"), (3, "-1"), (3, "x"), (3, "1.5")]
)
def test_what_gives_no_seeds_is_refused_with_what_was_expected(monkeypatch, n_seeds, offset):
    monkeypatch.setenv("BOOK_SEED_OFFSET", offset)
    with pytest.raises(ValueError, match="expected"):
        claims.seeds(n_seeds)


def test_a_count_needs_no_seeds(published):
    claims.check("size", [21.5], above=20)
    assert published["claim:size"]["seeds"] is None
    assert published["claim:size"]["spread"] == 0


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        ([1, 2, 3], {"seeds": [0, 1, 2]}, "expected a bound, above= or below=, got none"),
        ([1, 2], {"seeds": [0, 1], "above": 0}, r"at least 3 different seeds, got \[0, 1\]"),
        ([1, 2, 3], {"seeds": [0, 1, 1], "above": 0}, "at least 3 different seeds"),
        ([1, 2], {"seeds": [0, 1, 2], "above": 0}, "got 2 values for 3 seeds"),
        ([1, 2, 3, 4], {"seeds": [0, 1, 2], "above": 0}, "got 4 values for 3 seeds"),
        ([1, math.nan, 3], {"seeds": [0, 1, 2], "above": 0}, "finite values"),
        ([1, math.inf, 3], {"seeds": [0, 1, 2], "above": 0}, "finite values"),
        ([], {"above": 0}, r"finite values, got \[\]"),
        ([[1, 2, 3]], {"above": 0}, "list of finite values"),
        (3.0, {"above": 0}, "list of finite values, got 3.0"),
    ],
)
def test_a_check_that_could_not_decide_is_refused(published, values, settings, message):
    with pytest.raises(ValueError, match=f"claim 'x': .*{message}"):
        claims.check("x", values, **settings)
    assert not published


def test_a_claim_that_is_false_on_other_data_says_so_and_does_not_count(published, capsys):
    claims.on(dataset("classes: 52 topics instead of 46"))
    claims.check("x", [1, 2, 3], seeds=[0, 1, 2], above=2.5)
    assert (published["claim:x"]["held"], published["claim:x"]["counts"]) == (False, False)
    printed = capsys.readouterr().out
    for part in ("claim 'x' does not hold", "on other data", "다른 데이터", "52 topics instead"):
        assert part in printed


def test_the_same_texts_in_another_order_are_the_same_data(published):
    claims.on(dataset("classes: others"))
    claims.on(dataset("order: the same reviews as Keras' file has, in another order"))
    claims.check("x", [1, 2, 3], seeds=[0, 1, 2], above=2.5)
    assert published["claim:x"]["counts"] is True


def entry(claim, held, counts=True, **changes):
    """A claim as `/claims.json` has it."""
    evidence = {"values": [0.25, 0.5, -0.3], "mean": 0.15, "spread": 0.409268, "seeds": [0, 1, 2]}
    bound = {"above": 0.05, "below": None, "of": "every value"}
    found = {"id": claim, "chapter": "rnn", "held": held, "counts": counts, "bound": bound}
    return found | evidence | changes


def test_only_a_false_claim_on_the_data_it_is_about_has_fallen():
    found = [entry("a", True), entry("b", False), entry("c", False, False), entry("d", True, False)]
    assert [claim["id"] for claim in claims_tool.fallen(found)] == ["b"]


def test_of_claims_that_all_hold_nothing_is_told():
    assert claims_tool.told([entry("a", True), entry("d", True, counts=False)]) == ""
    assert claims_tool.told([]) == ""


def test_each_false_claim_is_told_in_one_line_and_those_on_other_data_apart():
    other = entry("c", False, False, seeds=None, bound={"above": 0, "below": 1, "of": "mean"})
    told = claims_tool.told([entry("a", True), entry("b", False), other])
    first, b, advice, second, c = told.splitlines()
    assert "do not hold in this run" in first
    assert b == (
        "  b (rnn): expected every value above 0.05, measured 0.25, 0.5, -0.3; "
        "mean 0.15, standard deviation 0.409, seeds 0, 1, 2"
    )
    assert "both languages" in advice
    assert "never the bound" in advice
    assert "fails nothing" in second
    assert c.startswith("  c (rnn): expected the mean above 0 and below 1, measured 0.25")
    assert "seeds" not in c


def test_a_notebook_gives_back_the_claims_that_its_cells_measured():
    evidence = {"values": [1.0], "held": False, "counts": True}
    prefix = "application/papermill.record/"
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {f"{prefix}text/plain": json.dumps(value)},
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
        )
        for name, value in (("claim:x", evidence), ("loss", 0.5), ("claim:y", {"held": True}))
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    assert claims_tool.of_notebook(notebook) == [{"id": "x"} | evidence, {"id": "y", "held": True}]


@pytest.mark.parametrize(
    ("english", "message"),
    [
        ([entry("b", True)], "in one language only: a, b"),
        ([entry("a", True, values=[0.25, 0.5, 0.7])], "'a' has other evidence in ko than in en"),
    ],
)
def test_two_languages_that_do_not_claim_the_same_are_told_apart(tmp_path, english, message):
    for language, found in (("ko", [entry("a", True)]), ("en", english)):
        path = tmp_path / language / "claims.json"
        path.parent.mkdir()
        path.write_text(json.dumps([{"sentence": "", **claim} for claim in found]))
    with pytest.raises(claims_tool.ClaimsDiffer, match=message):
        claims_tool.collect(tmp_path)
