"""Who decides a claim, and how often wrongly: against SciPy, brute force and simulated pools."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from bookwright.claims import judge, pool
from tests.bookwright.conftest import ABOVE, measured, ran

BOTH = {"above": -0.1, "below": 0.1}
CODES = {"one": "c0de"}
MARGIN = {
    **{"of": "share", "value": 0.1, "set": "2026-01-02"},
    **{"name": {}, "reason": {}, "because": None},
}


def drawn(n_seeds: int, mean: float = 0.0, spread: float = 1.0, seed: int = 0) -> np.ndarray:
    """Values with just this mean and standard deviation."""
    values = np.random.default_rng(seed).normal(size=n_seeds)
    return mean + spread * (values - values.mean()) / values.std(ddof=1)


# The mean and its error


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("n_seeds", [3, 20, 80])
def test_without_samples_the_interval_is_students(n_seeds, level):
    values = drawn(n_seeds, 0.3, 2)
    found = judge.estimate(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(level)
    assert found.mean == pytest.approx(values.mean())
    assert found.freedom == n_seeds - 1
    assert found.interval(level) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("bound", [-0.5, 0.0, 0.4])
def test_the_p_value_above_a_bound_is_students(bound):
    values = drawn(20, 0.3, 1)
    expected = stats.ttest_1samp(values, bound, alternative="greater").pvalue
    assert judge.estimate(values).above(bound) == pytest.approx(expected)


def test_where_seeds_vary_and_are_many_the_interval_is_that_of_the_bootstrap():
    values = np.random.default_rng(3).exponential(size=160)
    expected = stats.bootstrap((values,), np.mean, rng=np.random.default_rng(4)).confidence_interval
    found = judge.estimate(values).interval()
    assert found == pytest.approx(tuple(expected), abs=0.2 * (expected.high - expected.low))


def by_sample(scores: np.ndarray) -> judge.Estimate:
    """What a pool keeps of scores, where each sample is a group, and what follows from that."""
    variances = scores.var(axis=1, ddof=1) / scores.shape[1]
    return judge.estimate(scores.mean(axis=1), variances, scores.sum(axis=0))


def table(rng, n_seeds, n_samples, of_seed, of_sample, of_both) -> np.ndarray:
    """Scores around 0 whose seeds, samples and pairs of both differ by these deviations."""
    return (
        of_seed * rng.normal(size=(n_seeds, 1))
        + of_sample * rng.normal(size=(1, n_samples))
        + of_both * rng.normal(size=(n_seeds, n_samples))
    )


def test_with_samples_the_error_follows_from_the_three_mean_squares():
    scores = table(np.random.default_rng(5), 6, 9, 0.5, 0.7, 1.0) + 0.25
    whole, seeds, samples = scores.mean(), scores.mean(axis=1), scores.mean(axis=0)
    of_seeds = sum(9 * (mean - whole) ** 2 for mean in seeds) / 5
    of_samples = sum(6 * (mean - whole) ** 2 for mean in samples) / 8
    rest = sum(
        (scores[i, j] - seeds[i] - samples[j] + whole) ** 2
        for i, j in itertools.product(range(6), range(9))
    )
    of_both = rest / (5 * 8)
    found = by_sample(scores)
    assert found.mean == pytest.approx(whole)
    assert found.error**2 == pytest.approx((of_seeds + of_samples - of_both) / (6 * 9))
    lost = of_seeds**2 / 5 + of_samples**2 / 8 + of_both**2 / 40
    assert found.freedom == pytest.approx((of_seeds + of_samples - of_both) ** 2 / lost)


@pytest.mark.parametrize(
    "deviations",
    [
        (1, 0, 0),  # all depends on the seed
        (0, 1, 0),  # or on which texts the set holds
        (0, 0, 1),
        (0.1, 1, 1),
        (0.22, 1, 1),
        (0.07, 0.2, 1),
        (0.02, 1, 1),
        (0.3, 1, 3),
    ],
    ids=str,
)
@pytest.mark.parametrize("n_seeds", [20, 40])
def test_95_of_100_intervals_hold_the_mean_over_seeds_and_samples(n_seeds, deviations):
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(1000):
        low, high = by_sample(table(rng, n_seeds, 100, *deviations)).interval()
        hits += low < 0 < high
    # 1000 draws have a standard error of 0.7 percent; where neither matters it is too cautious.
    assert 0.925 < hits / 1000 < 0.985


def test_to_forget_the_samples_would_be_wrong_far_more_often():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(300):
        low, high = judge.estimate(table(rng, 20, 100, 0.1, 1, 1).mean(axis=1)).interval()
        hits += low < 0 < high
    assert hits / 300 < 0.8


@pytest.mark.parametrize("scores", [np.full(20, 0.25), np.full((20, 10), 0.25)], ids=str)
def test_values_that_do_not_vary_have_no_error(scores):
    found = judge.estimate(scores) if scores.ndim == 1 else by_sample(scores)
    assert found.interval() == pytest.approx((0.25, 0.25))
    assert (found.above(0.2), found.above(0.25), found.above(0.3)) == (0, 1, 1)


# The test of each kind


def p_value(kind, bound, values, share=0.9) -> float:
    rule = {"kind": kind, "bound": bound, "margin": {"of": "share", "value": share}}
    return judge.p_value(rule, values, judge.estimate(values))


@pytest.mark.parametrize("mean", [-0.2, 0.0, 0.06, 0.2])
def test_an_effect_takes_one_test_and_an_equivalence_both(mean):
    values = drawn(20, mean, 0.1)
    greater = stats.ttest_1samp(values, -0.1, alternative="greater").pvalue
    less = stats.ttest_1samp(values, 0.1, alternative="less").pvalue
    assert p_value("equivalence", BOTH, values) == pytest.approx(max(greater, less))
    assert p_value("effect", {"above": -0.1, "below": None}, values) == pytest.approx(greater)
    assert p_value("effect", {"above": None, "below": 0.1}, values) == pytest.approx(less)
    assert p_value("effect", BOTH, values) == pytest.approx(max(greater, less))


@pytest.mark.parametrize("mean", [0.03, 0.05, 0.06, 0.07, 0.09])
def test_an_equivalence_is_carried_where_the_90_percent_interval_is_within(mean):
    values = drawn(20, mean, 0.1)
    low, high = judge.estimate(values).interval(0.9)
    assert (p_value("equivalence", BOTH, values) < 0.05) == (low > -0.1 and high < 0.1)


def test_every_seed_is_a_binomial_test_of_the_share_of_seeds():
    values = np.linspace(0.2, 0.4, 20)
    expected = stats.binomtest(20, 20, 0.9, alternative="greater").pvalue
    assert p_value("every seed", ABOVE, values) == pytest.approx(expected)
    assert p_value("every seed", {"above": 0.2, "below": None}, values) == 1.0, "bounds are strict"
    assert p_value("every seed", {"above": None, "below": 0.4}, values) == 1.0


def closed(p_values: list[float]) -> list[float]:
    """Bonferroni's test of every set of hypotheses: each falls with all sets that it is in."""
    n = len(p_values)
    sets = [s for k in range(1, n + 1) for s in itertools.combinations(range(n), k)]
    return [
        max(min(1.0, len(s) * min(p_values[i] for i in s)) for s in sets if number in s)
        for number in range(n)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_adjusted_p_values_are_those_of_the_closed_test_that_holm_shortens(seed):
    p_values = (np.random.default_rng(seed).random(6) ** 4).tolist()
    assert judge.holm(p_values, 6) == pytest.approx(closed(p_values))
    assert judge.holm(p_values[:4], 6) == pytest.approx(closed([*p_values[:4], 1.0, 1.0])[:4])


def test_adjusted_p_values_of_an_example_by_hand():
    # 4 x 0.005; 3 x 0.01; 2 x 0.03, which then holds for 0.04, too.
    assert judge.holm([0.01, 0.04, 0.03, 0.005], 4) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert judge.holm([], 4) == []


def test_equal_p_values_are_adjusted_alike():
    assert judge.holm([0.01, 0.01], 2) == pytest.approx([0.02, 0.02])
    assert judge.holm([0.7, 0.8], 2) == [1.0, 1.0]


def test_the_looks_share_the_level():
    weights = [judge.weight(n) for n in pool.sizes()]
    assert weights[:3] == [0.5, 0.25, 0.125]
    assert sum(weights) <= 1


def test_without_an_effect_looking_three_times_carries_in_less_than_5_of_100_pools():
    rng = np.random.default_rng(8)
    carried = 0
    for _ in range(3000):
        values = 0.1 + rng.normal(size=80)  # a mean of just the margin, which is no effect
        looks = ((n, p_value("effect", ABOVE, values[:n])) for n in (20, 40, 80))
        carried += any(p / judge.weight(n) <= judge.LEVEL for n, p in looks)
    # 4.4 percent at most, less since the looks share their seeds; and no test that never carries.
    assert 0.02 < carried / 3000 < 0.05


def test_to_take_the_whole_level_at_each_look_would_carry_more_often():
    rng = np.random.default_rng(8)
    carried = 0
    for _ in range(2000):
        values = 0.1 + rng.normal(size=80)
        carried += any(p_value("effect", ABOVE, values[:n]) <= 0.05 for n in (20, 40, 80))
    assert carried / 2000 > 0.07


@pytest.mark.parametrize("n_claims", [1, 50])
@pytest.mark.parametrize("n_seeds", [20, 40, 80])
def test_the_proven_share_is_the_bound_of_clopper_and_pearson(n_seeds, n_claims):
    level = 1 - judge.LEVEL * judge.weight(n_seeds) / n_claims
    test = stats.binomtest(n_seeds, n_seeds, alternative="greater")
    assert judge.proven(n_seeds, n_claims) == pytest.approx(
        test.proportion_ci(level, method="exact").low
    )


def test_where_one_seed_fails_no_share_is_proven_and_else_p_and_share_agree():
    entry = {"seeds": list(range(20)), "variances": [], "sums": []}
    for lowest, share in itertools.product((0.05, 0.2), (0.5, 0.83, 0.84, 0.9)):
        values = np.linspace(lowest, 0.4, 20).tolist()
        rule = {"kind": "every seed", "bound": ABOVE, "margin": {"value": share}}
        found = judge._pooled(entry | {"values": values}, rule, 1)
        assert found["proven"] == (judge.proven(20, 1) if lowest > 0.1 else 0)
        assert (found["p"] <= judge.LEVEL) == (found["proven"] >= share)


# What a further run is expected to give


@pytest.mark.parametrize("n_claims", [1, 5, 200])
def test_one_seed_at_the_end_of_its_interval_has_the_p_value_of_two_samples(n_claims):
    values = drawn(20, 0.4, 0.3)
    for end in judge.predicted(values, 1, n_claims):
        expected = stats.ttest_ind(values, [end]).pvalue
        assert expected == pytest.approx(0.01 / n_claims)


@pytest.mark.parametrize("n_seeds", [3, 5])
def test_all_claims_of_a_run_lie_where_they_should_in_99_of_100_runs(n_seeds):
    rng = np.random.default_rng(9)
    inside = 0
    for _ in range(600):
        inside += all(
            low < rng.normal(size=n_seeds).mean() < high
            for low, high in (judge.predicted(rng.normal(size=20), n_seeds, 5) for _ in range(5))
        )
    assert 0.98 < inside / 600 <= 1  # 0.4 percent of standard error


def test_values_that_do_not_vary_are_expected_again_to_the_records_precision():
    low, high = judge.predicted([1234.5] * 20, 3, 10)
    assert low < 1234.5 < high
    assert high - low < 0.01


# The verdict


def fill(values, *, claim="one", kind="effect", first=1000, code="c0de", name="rnn", **changes):
    """Adds a run to the pool of a page."""
    entry = measured(claim, kind, values, first, **changes)
    pool.add(name, [entry], {claim: code}, ran(first, len(values)))


def decide(*claims, codes=CODES):
    """The claims of a page's run, decided."""
    return judge.judged(claims, "rnn", codes)


RUN = [0.3, 0.31, 0.29]
CARRIED = drawn(20, 0.3, 0.02)


def test_without_a_pool_nothing_is_decided(pools):
    [found] = decide(measured("one", "effect", RUN))
    assert (found["held"], found["why"]) == (None, "missing")
    assert found["pool"] == {"state": "missing"}


def test_a_pool_of_fewer_seeds_than_the_first_size_decides_nothing(pools):
    fill(CARRIED[:19])
    [found] = decide(measured("one", "effect", RUN))
    assert (found["held"], found["why"]) == (None, "short")
    assert found["pool"]["waiting"] == 19
    assert "mean" not in found["pool"], "nobody looks before the size is full"


def test_a_pool_of_other_code_decides_nothing_and_is_shown_with_its_date(pools):
    fill(CARRIED)
    [found] = decide(measured("one", "effect", RUN), codes={"one": "0ther"})
    assert (found["held"], found["why"]) == (None, "earlier")
    assert found["pool"]["measured"] == "2026-02-03"
    assert found["pool"]["mean"] == pytest.approx(0.3)
    assert "adjusted" not in found["pool"]


def test_a_pool_that_carries_the_sentence_decides_it_and_shows_with_what(pools):
    fill(CARRIED)
    [found] = decide(measured("one", "effect", RUN))
    assert (found["held"], found["why"]) == (True, None)
    shown = found["pool"]
    assert (shown["state"], shown["n"], shown["changed"]) == ("decides", 20, False)
    assert shown["seeds"] == list(range(1000, 1020))
    p = stats.ttest_1samp(CARRIED, 0.1, alternative="greater").pvalue
    assert shown["p"] == pytest.approx(2 * p, rel=1e-3), "half of the level is for 20 seeds"
    assert shown["adjusted"] == shown["p"]
    assert shown["interval"] == pytest.approx(
        tuple(stats.ttest_1samp(CARRIED, 0).confidence_interval(0.95)), rel=1e-5
    )
    assert shown["where"] == [{"machine": "A chip", "versions": {"keras": "3"}}]


@pytest.mark.parametrize(
    ("kind", "mean", "spread", "why"),
    [
        ("effect", 0.12, 0.1, "pool"),  # beyond the margin, but not by enough
        ("effect", 0.0, 0.02, "pool"),  # no effect is not the opposite
        ("effect", -0.05, 0.02, "pool"),  # nor one that doesn't matter
        ("effect", -0.12, 0.1, "pool"),
        ("effect", -0.3, 0.02, "opposite"),
        ("equivalence", 0.09, 0.1, "pool"),
        ("equivalence", 0.0, 1.0, "pool"),  # too uncertain to be the same
        ("equivalence", 0.3, 0.02, "opposite"),
        ("equivalence", -0.3, 0.02, "opposite"),
        ("effect", 0.3, 0.02, None),
        ("equivalence", 0.0, 0.02, None),
    ],
)
def test_why_a_pool_does_not_carry_a_sentence(pools, kind, mean, spread, why):
    fill(drawn(20, mean, spread), kind=kind)
    [found] = decide(measured("one", kind, [mean - 0.01, mean, mean + 0.01]))
    assert (found["held"], found["why"]) == (why is None, why)


def test_what_is_beyond_a_number_of_the_sentence_has_no_opposite(pools):
    margin = dict.fromkeys(("of", "value", "set", "name", "reason", "because"))
    rule = {"bound": {"above": 0.5, "below": None}, "margin": margin}
    fill(drawn(20, -0.9, 0.02), **rule)
    [found] = decide(measured("one", "effect", [-0.9, -0.9, -0.9], **rule))
    assert found["why"] == "pool"


def test_a_run_outside_of_what_its_pool_lets_expect_does_not_hold(pools):
    fill(CARRIED)
    for shift, expected in ((0.0, (True, None)), (0.2, (False, "outside"))):
        [found] = decide(measured("one", "effect", np.add(RUN, shift)))
        assert (found["held"], found["why"]) == expected
        low, high = found["pool"]["predicted"]
        assert (low < 0.3 + shift < high) == found["held"]


def test_a_run_is_expected_within_an_interval_for_all_claims_of_all_pools(pools):
    fill(CARRIED)
    before = decide(measured("one", "effect", RUN))[0]["pool"]["predicted"]
    assert before == pytest.approx(judge.predicted(CARRIED, 3, 1), rel=1e-4)
    fill(CARRIED, claim="another", name="reuters")
    assert judge.n_claims() == 2
    after = decide(measured("one", "effect", RUN))[0]["pool"]["predicted"]
    assert after == pytest.approx(judge.predicted(CARRIED, 3, 2), rel=1e-4)


def test_one_seed_of_the_run_makes_a_sentence_about_each_false_whatever_the_pool(pools):
    claim = measured("one", "every seed", [0.3, 0.05, 0.3], held=False)
    assert [(x["held"], x["why"]) for x in decide(claim)] == [(False, "run")]
    fill(CARRIED, kind="every seed")
    assert [(x["held"], x["why"]) for x in decide(claim)] == [(False, "run")]


@pytest.mark.parametrize(
    ("n_seeds", "share", "held"), [(20, 0.82, True), (20, 0.85, False), (40, 0.85, True)]
)
def test_a_sentence_about_each_seed_needs_a_proven_share_and_no_prediction(
    pools, n_seeds, share, held
):
    margin = MARGIN | {"of": "share of seeds", "value": share}
    values = drawn(n_seeds, 0.3, 0.02)
    fill(values[:20], kind="every seed", margin=margin)
    if n_seeds > 20:
        fill(values[20:], kind="every seed", margin=margin, first=1020)
    [found] = decide(measured("one", "every seed", [9, 9, 9], margin=margin, held=True))
    assert (found["held"], found["why"]) == (held, None if held else "pool")
    assert found["pool"]["proven"] == pytest.approx(judge.proven(n_seeds, 1))


def test_all_claims_of_a_page_count_together_even_those_without_a_pool(pools):
    values = drawn(20, 0.1 + 2.6 * 0.02 / math.sqrt(20), 0.02)  # p is 0.018 twice
    codes = {"one": "c0de", "two": "c0de", "three": "c0de"}
    fill(values)
    [alone] = decide(measured("one", "effect", [0.11, 0.11, 0.11]))
    assert alone["held"] is True
    claims = [measured(claim, "effect", [0.11, 0.11, 0.11]) for claim in codes]
    [one, two, three] = decide(*claims, codes=codes)
    assert (one["held"], one["why"]) == (False, "pool")
    assert one["pool"]["adjusted"] == pytest.approx(3 * alone["pool"]["adjusted"])
    assert (two["why"], three["why"]) == ("missing", "missing")


@pytest.mark.parametrize("held", [None, True, False])
def test_on_other_data_no_pool_decides(pools, held):
    fill(CARRIED)
    [found] = decide(measured("one", "effect", [9, 9, 9], counts=False, held=held))
    assert (found["held"], found["why"]) == (held, None)


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("kind", ["identity", "fact"])
def test_what_has_no_chance_is_decided_by_its_run_alone(pools, kind, held):
    claim = measured("one", kind, [0.3], held=held)
    assert decide(claim) == [claim | {"pool": None, "why": None}]
    assert judge.n_claims() == 0


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({}, False),
        ({"margin": MARGIN | {"name": {"en": "another name"}}}, False),
        ({"margin": MARGIN | {"because": {"en": "A reason."}}}, True),
        ({"margin": MARGIN | {"set": "2026-03-04"}}, True),
        ({"margin": MARGIN | {"value": 0.05}, "bound": {"above": 0.05, "below": None}}, True),
        ({"bound": {"above": 0.1, "below": 5.0}}, True),
        ({"kind": "every seed"}, True),
    ],
    ids=str,
)
def test_a_rule_changed_after_the_measurement_still_decides_and_is_told(pools, changes, changed):
    fill(CARRIED)
    [found] = decide(measured("one", "effect", RUN) | changes)
    assert found["pool"]["state"] == "decides"
    assert found["pool"]["changed"] is changed


def test_a_condition_kept_apart_is_shown_and_decides_nothing(pools):
    fill(CARRIED)
    against = [measured("one", "effect", drawn(6, -5, 0.02), 1020)]
    pool.add("rnn", against, CODES, ran(1020, 6), "no-avx", seeds=6)
    [found] = decide(measured("one", "effect", RUN))
    assert found["held"] is True
    apart = found["pool"]["elsewhere"]["no-avx"]
    assert (apart["n"], apart["mean"]) == (6, pytest.approx(-5))
    [found] = decide(measured("one", "effect", RUN), codes={"one": "0ther"})
    assert found["pool"]["elsewhere"] == {}, "that of other cells is not shown"


def test_scores_by_sample_carry_the_error_of_their_set(pools):
    rng = np.random.default_rng(10)
    scores = 0.3 + table(rng, 20, 60, 0.01, 1.0, 0.5)
    fill(scores)
    [found] = decide(measured("one", "effect", scores[:3]))
    low, high = by_sample(scores).interval()
    assert found["pool"]["interval"] == pytest.approx((low, high), rel=1e-3)
    assert high - low > 5 * np.ptp(judge.estimate(scores.mean(axis=1)).interval())
    assert found["why"] == "pool"


def test_places_where_runs_ran_are_named_once_with_their_instructions():
    def run(processor, *instructions, **changes):
        machine = ran(0, 3)["machine"]
        machine |= {"processor": processor, "instructions": list(instructions)}
        return ran(0, 3, machine=machine, **changes)

    runs = [run("A chip", "AVX2"), run("A chip", "AVX2"), run(""), run("", versions=None)]
    assert judge.where(runs) == [
        {"machine": "A chip (AVX2)", "versions": {"keras": "3"}},
        {"machine": "x86_64", "versions": {"keras": "3"}},
        {"machine": "x86_64", "versions": {}},
    ]
