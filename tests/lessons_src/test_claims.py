"""Claims: each kind leaves its evidence; a false one stops nothing and says what was measured."""

import datetime
import math
import types
import unicodedata

import numpy as np
import pytest

from lessons_src import claims

pytestmark = pytest.mark.usefixtures("published")

SEEDS = [0, 1, 2]
REASON = {"en": "The sentence is about tenths.", "ko": "문장이 십분의 일을 다룹니다."}


@pytest.fixture(autouse=True)
def standard_data(monkeypatch):
    """The data are those of the claims, whatever an earlier test said."""
    monkeypatch.setattr(claims, "_other_data", ())


def dataset(*differences):
    return types.SimpleNamespace(differences=differences)


# The table of margins


@pytest.mark.parametrize("of", claims.margins())
def test_a_row_of_the_table_has_a_margin_a_day_and_a_reason_in_both_languages(of):
    row = claims.margins()[of]
    assert set(row) == {"margin", "unit", "set", "name", "reason"}
    assert row["margin"] > 0
    assert datetime.date.fromisoformat(row["set"]).isoformat() == row["set"]
    for texts in (row["name"], row["reason"]):
        assert set(texts) == {"en", "ko"}
        assert all(texts.values())


def test_the_margins_are_what_their_reasons_say():
    margin = {of: row["margin"] for of, row in claims.margins().items()}
    assert margin["log ratio"] == pytest.approx(math.log(1.1), abs=1e-4)  # a tenth larger
    assert math.exp(margin["loss"]) == pytest.approx(1.02, abs=1e-3)  # 2 percent of probability
    # Twenty seeds that agree, for each of fifty claims at once, at half of 5 percent.
    assert margin["share of seeds"] ** 20 < 0.025 / 50 < (margin["share of seeds"] + 0.05) ** 20


# An identity


def test_an_identity_leaves_its_values_its_tolerance_and_that_it_held(published):
    claims.identity("equal", [1e-13, -2e-13, 0.0], within=1e-12, seeds=[4, 5, 6])
    assert published == {
        "claim:equal": {
            "kind": "identity",
            "values": [1e-13, -2e-13, 0.0],
            "seeds": [4, 5, 6],
            "sampling": None,
            "bound": {"above": -1e-12, "below": 1e-12},
            "margin": None,
            "held": True,
            "counts": True,
        }
    }


@pytest.mark.parametrize(
    ("differences", "within", "holds"),
    [
        ([0.5, -0.5], 0.5, True),  # the tolerance is a bound of rounding, which may be reached
        ([0.5, -0.6], 0.5, False),
        ([0.6, 0.0], 0.5, False),
        ([0.0, -0.0], 0, True),
        ([0.0, 5e-324], 0, False),
    ],
)
def test_an_identity_holds_where_no_difference_is_beyond_its_tolerance(
    published, differences, within, holds
):
    claims.identity("equal", differences, within=within)
    assert published["claim:equal"]["held"] is holds
    assert published["claim:equal"]["seeds"] is None


@pytest.mark.parametrize("within", [0, 0.0])
def test_a_tolerance_of_nothing_is_shown_without_a_sign(published, within):
    claims.identity("equal", [0.0], within=within)
    bound = published["claim:equal"]["bound"]
    assert [f"{limit:g}" for limit in bound.values()] == ["0", "0"]


# A fact


@pytest.mark.parametrize(
    ("values", "bounds", "holds"),
    [
        (46, {"above": 45}, True),
        (45, {"above": 45}, False),
        (44.9, {"below": 45}, True),
        (45, {"below": 45}, False),
        ([2, 3, 4], {"above": 1, "below": 5}, True),
        ([2, 3, 5], {"above": 1, "below": 5}, False),
        ([1, 3, 4], {"above": 1, "below": 5}, False),
        (True, {}, True),
        (False, {}, False),
        ([True, True], {}, True),
        (np.array([True, False]), {}, False),
        (np.bool_(True), {}, True),
    ],
    ids=str,
)
def test_a_fact_is_decided_by_its_bounds_which_are_strict_or_by_its_truth(
    published, values, bounds, holds
):
    claims.fact("count", values, **bounds)
    evidence = published["claim:count"]
    assert (evidence["kind"], evidence["held"]) == ("fact", holds)
    assert evidence["values"] == [float(value) for value in np.atleast_1d(values)]
    assert (evidence["seeds"], evidence["margin"]) == (None, None)


@pytest.mark.parametrize("values", [1, 0.0, [1, 0]])
def test_a_number_without_a_bound_is_no_fact(published, values):
    with pytest.raises(ValueError, match="claim 'count': expected above=, below= or True"):
        claims.fact("count", values)
    assert not published


# An effect and an equivalence, which a run does not decide


@pytest.mark.parametrize("of", ["accuracy", "loss", "log ratio", "share", "epochs"])
def test_an_effect_is_to_be_above_the_margin_of_its_quantity(published, of):
    claims.effect("better", [0.1, 0.2, 0.3], seeds=SEEDS, of=of)
    row, evidence = claims.margins()[of], published["claim:better"]
    assert evidence["kind"] == "effect"
    assert evidence["values"] == [0.1, 0.2, 0.3]
    assert evidence["bound"] == {"above": row["margin"], "below": None}
    assert evidence["margin"] == {
        "of": of,
        "value": row["margin"],
        "set": row["set"],
        "name": row["name"],
        "reason": row["reason"],
        "because": None,
    }


def test_an_equivalence_is_to_be_within_the_margin_on_both_sides(published):
    claims.equivalence("same", [0.1, -0.2, 0.1], seeds=SEEDS, of="loss")
    evidence, size = published["claim:same"], claims.margins()["loss"]["margin"]
    assert evidence["kind"] == "equivalence"
    assert evidence["values"] == [0.1, -0.2, 0.1], "with their signs"
    assert evidence["bound"] == {"above": -size, "below": size}
    assert evidence["margin"]["of"] == "loss"


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]])
def test_three_seeds_decide_no_effect_and_no_equivalence_and_print_nothing(
    published, capsys, values
):
    claims.effect("better", values, seeds=SEEDS, of="accuracy")
    claims.equivalence("same", values, seeds=SEEDS, of="accuracy")
    assert [evidence["held"] for evidence in published.values()] == [None, None]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "bounds", [{"above": 0.5}, {"below": 0.5}, {"above": 0.5, "below": 0.75}], ids=str
)
def test_a_number_that_the_sentence_names_is_the_bound_and_no_margin_of_the_table(
    published, bounds
):
    claims.effect("half", [0.6, 0.7, 0.8], seeds=SEEDS, **bounds)
    evidence = published["claim:half"]
    assert evidence["bound"] == {"above": None, "below": None} | bounds
    assert (evidence["margin"]["of"], evidence["margin"]["set"]) == (None, None)
    claims.equivalence("near", [0.6, 0.7, 0.8], seeds=SEEDS, within=0.5)
    assert published["claim:near"]["bound"] == {"above": -0.5, "below": 0.5}
    assert published["claim:near"]["margin"]["of"] is None


def test_who_departs_from_the_table_says_why_in_each_language(published):
    claims.effect("better", [1, 2, 3], seeds=SEEDS, of="share", above=0.1, because=REASON)
    claims.equivalence("same", [1, 2, 3], seeds=SEEDS, of="share", within=0.2, because=REASON)
    better, same = published.values()
    assert better["bound"] == {"above": 0.1, "below": None}
    assert same["bound"] == {"above": -0.2, "below": 0.2}
    for evidence, value in ((better, 0.1), (same, 0.2)):
        row = claims.margins()["share"]
        assert evidence["margin"]["value"] == value
        assert evidence["margin"]["because"] == REASON
        assert evidence["margin"]["set"] == row["set"]


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("effect", {}, "expected of=, above= or below=, got none"),
        ("effect", {"of": "beauty"}, "expected of= one of accuracy, loss, .*, got 'beauty'"),
        ("effect", {"of": "loss", "above": 0.5}, "and because= go together"),
        ("effect", {"of": "loss", "because": REASON}, "and because= go together"),
        ("effect", {"above": 0.5, "because": REASON}, "and because= go together"),
        ("effect", {"below": 0.5, "because": REASON}, "and because= go together"),
        (
            "effect",
            {"of": "loss", "above": 0.5, "because": {"en": "So."}},
            "expected because= in en, ko, got {'en': 'So.'}",
        ),
        ("equivalence", {}, "expected of= or within=, got none"),
        ("equivalence", {"of": "beauty"}, "expected of= one of"),
        ("equivalence", {"of": "loss", "within": 0.5}, "and because= go together"),
        ("equivalence", {"within": 0.5, "because": REASON}, "and because= go together"),
        ("every_seed", {}, "expected a bound, above= or below=, got none"),
    ],
)
def test_a_claim_without_a_bound_or_beside_the_table_without_a_reason_is_refused(
    published, kind, settings, message
):
    with pytest.raises(ValueError, match=f"claim 'x': .*{message}"):
        getattr(claims, kind)("x", [1, 2, 3], seeds=SEEDS, **settings)
    assert not published


# What is true of every seed


@pytest.mark.parametrize(
    ("values", "bounds", "holds"),
    [
        ([2, 3, 4], {"above": 1, "below": 5}, True),
        ([2, 3, 5], {"above": 1, "below": 5}, False),
        ([1, 3, 4], {"above": 1, "below": 5}, False),
        ([2, 3, 4], {"above": 2}, False),
        ([2, 3, 4], {"below": 4}, False),
    ],
    ids=str,
)
def test_one_seed_that_is_not_beyond_the_bound_makes_it_false_of_every_seed(
    published, values, bounds, holds
):
    claims.every_seed("each", values, seeds=SEEDS, **bounds)
    evidence = published["claim:each"]
    assert (evidence["kind"], evidence["held"]) == ("every seed", holds)
    assert evidence["margin"]["of"] == "share of seeds"
    assert evidence["margin"]["value"] == claims.margins()["share of seeds"]["margin"]


# Values and seeds


@pytest.mark.parametrize(
    ("values", "seeds", "message"),
    [
        ([1, 2], [0, 1], r"at least 3 seeds, each once, got \[0, 1\]"),
        ([1, 2, 3], [0, 1, 1], r"at least 3 seeds, each once, got \[0, 1, 1\]"),
        ([1, 2, 3, 4, 5, 6], SEEDS * 2, "at least 3 seeds, each once"),  # two conditions
        ([1, 2], SEEDS, "got 2 values for 3 seeds"),
        ([1, 2, 3, 4], SEEDS, "got 4 values for 3 seeds"),
        ([[1, 2, 3], [4, 5, 6]], SEEDS, "got 2 values for 3 seeds"),
        ([1, math.nan, 3], SEEDS, "finite values"),
        ([1, math.inf, 3], SEEDS, "finite values"),
        ([], [], r"finite values, got \[\]"),
        (3.0, SEEDS, "finite values, got 3.0"),
        ([[[1, 2]], [[3, 4]], [[5, 6]]], SEEDS, "finite values"),
    ],
)
@pytest.mark.parametrize("kind", ["identity", "effect", "equivalence", "every_seed"])
def test_values_that_do_not_pair_up_with_seeds_are_refused(published, kind, values, seeds, message):
    bound = {"effect": "above", "every_seed": "above"}.get(kind, "within")
    with pytest.raises(ValueError, match=f"claim 'x': .*({message}|one value a seed)"):
        getattr(claims, kind)("x", values, seeds=seeds, **{bound: 1})
    assert not published


def test_only_a_mean_over_seeds_takes_scores_by_sample(published):
    scores = np.arange(12.0).reshape(3, 4)
    for kind, bound in (("identity", "within"), ("every_seed", "above")):
        with pytest.raises(ValueError, match=r"one value a seed or case, got the shape \(3, 4\)"):
            getattr(claims, kind)("x", scores, seeds=SEEDS, **{bound: 1})
    with pytest.raises(ValueError, match="one value a seed or case"):
        claims.fact("x", scores, above=1)
    with pytest.raises(ValueError, match=r"at least 2 samples, got the shape \(3, 1\)"):
        claims.effect("x", scores[:, :1], seeds=SEEDS, above=1)
    assert not published


def test_the_evidence_of_numpy_values_is_plain(published):
    values, seeds = np.float32([1, 2, 3]), list(np.arange(3))
    claims.effect("mean", values, seeds=seeds, above=np.float64(0))
    claims.every_seed("each", values, seeds=seeds, above=0)
    claims.fact("count", np.int64(3), above=2)
    for evidence in published.values():
        assert all(type(value) is float for value in evidence["values"])
        assert all(type(seed) is int for seed in evidence["seeds"] or ())


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


# Scores on a finite set


def sampling(published, scores):
    claims.effect("better", scores, seeds=list(range(len(scores))), of="accuracy")
    return published["claim:better"]


def test_scores_by_sample_are_kept_as_their_means(published):
    scores = np.random.default_rng(0).normal(0.3, 1, (4, 50))
    evidence = sampling(published, scores)
    assert evidence["values"] == pytest.approx(scores.mean(axis=1))
    assert evidence["sampling"]["n_samples"] == 50
    groups = np.array(evidence["sampling"]["groups"])
    assert groups.shape == (4, 50), "each sample is a group where there are few"
    by_first = groups[:, np.argsort(groups[0])]  # what is one sample for a seed is one for all
    assert by_first == pytest.approx(scores[:, np.argsort(scores[0])], rel=1e-5)


@pytest.mark.parametrize("n_samples", [200, 1000, 2246])
def test_groups_are_disjoint_have_the_mean_of_all_and_fit_a_record(published, n_samples):
    scores = np.tile(np.arange(n_samples), (3, 1))
    groups = np.array(sampling(published, scores)["sampling"]["groups"])
    assert groups.shape == (3, 200)
    sizes = np.full(200, n_samples // 200) + (np.arange(200) < n_samples % 200)
    assert (groups * sizes).sum(axis=1) == pytest.approx(scores.sum(axis=1), rel=1e-5)


@pytest.mark.parametrize("order", ["drawn", "sorted", "periodic"])
def test_the_spread_of_groups_is_that_of_samples_in_whatever_order(published, order):
    score = np.random.default_rng(1).exponential(1, 4000)
    if order != "drawn":
        score = np.sort(score)
    if order == "periodic":  # every 200th sample is like the next one
        score = score.reshape(200, 20).T.ravel()
    groups = np.array(sampling(published, np.tile(score, (3, 1)))["sampling"]["groups"])
    variance = groups.var(axis=1, ddof=1) / 200
    assert variance == pytest.approx(score.var(ddof=1) / 4000, rel=0.3)  # 3 standard errors


def test_every_run_groups_the_samples_alike(published):
    scores = np.random.default_rng(2).normal(size=(3, 1000))
    first, second = (sampling(published, scores)["sampling"]["groups"] for _ in range(2))
    assert first == second


def test_a_value_a_seed_says_nothing_about_samples(published):
    assert sampling(published, np.array([0.1, 0.2, 0.3]))["sampling"] is None


# What is printed


def test_what_holds_prints_nothing(capsys):
    claims.identity("a", [0.0], within=0)
    claims.fact("b", True)
    claims.every_seed("c", [1, 2, 3], seeds=SEEDS, above=0.5)
    assert capsys.readouterr().out == ""


def test_a_false_claim_prints_what_was_measured_in_both_languages(published, capsys):
    claims.every_seed("faster", [0.25, -0.125, 0.5], seeds=[4, 5, 6], above=0.05, below=1)
    evidence = published["claim:faster"]
    assert (evidence["held"], evidence["counts"]) == (False, True)
    printed = capsys.readouterr().out
    for part in (
        *("claim 'faster' does not hold in this run", "이번 실행에서는 성립하지 않습니다"),
        *("every value / 모든 값 > 0.05, < 1", "측정값: 0.25, -0.125, 0.5"),
        "seeds / 시드: 4, 5, 6",
    ):
        assert part in printed
    assert "other data" not in printed


def test_a_false_count_has_no_seeds_to_print(capsys):
    claims.fact("size", [19], above=20)
    printed = capsys.readouterr().out
    assert "19" in printed
    assert "> 20" in printed
    assert "seeds" not in printed


@pytest.mark.parametrize(("within", "said"), [(0, "|x| <= 0"), (1e-12, "|x| <= 1e-12")])
def test_a_false_identity_prints_how_far_its_sides_may_be_apart(capsys, within, said):
    claims.identity("equal", [0.5], within=within)
    printed = capsys.readouterr().out
    assert said in printed
    assert ">" not in printed


def test_what_is_printed_of_a_false_claim_fits_the_box_of_an_output(capsys):
    claims.on(dataset("split: " + "other texts in the test half than in Keras' file, " * 3))
    values = list(np.linspace(-1e-5, 1, 60))
    claims.every_seed("a-claim-with-a-very-long-name-" * 2, values, seeds=range(60), above=0)
    printed = capsys.readouterr().out
    wide = {"W", "F"}
    for line in printed.splitlines():
        assert sum(2 if unicodedata.east_asian_width(x) in wide else 1 for x in line) <= 80, line
    for value in values:
        assert f"{value:.6g}" in printed.replace(",", " ").split(), "no value is cut in two"


# Other data


def test_a_claim_that_is_false_on_other_data_says_so_and_does_not_count(published, capsys):
    claims.on(dataset("classes: 52 topics instead of 46"))
    claims.fact("x", [1, 2, 3], above=2.5)
    assert (published["claim:x"]["held"], published["claim:x"]["counts"]) == (False, False)
    printed = capsys.readouterr().out
    for part in ("claim 'x' does not hold", "on other data", "다른 데이터", "52 topics instead"):
        assert part in printed


@pytest.mark.parametrize("kind", ["effect", "equivalence"])
def test_what_a_pool_decides_does_not_count_on_other_data_either(published, kind):
    claims.on(dataset("classes: 52 topics instead of 46"))
    getattr(claims, kind)("x", [1, 2, 3], seeds=SEEDS, of="loss")
    assert (published["claim:x"]["held"], published["claim:x"]["counts"]) == (None, False)


def test_the_same_texts_in_another_order_are_the_same_data(published):
    claims.on(dataset("classes: others"))
    claims.on(dataset("order: the same reviews as Keras' file has, in another order"))
    claims.fact("x", [1, 2, 3], above=2.5)
    assert published["claim:x"]["counts"] is True
