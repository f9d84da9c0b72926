"""The page on reading claims: what it computes by hand is what the book computes of a pool."""

import numpy as np
import pytest
import scipy.stats

from bookwright.claims import judge
from bookwright.source.facts import chapter_facts
from lessons_src import claims

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def page(published):
    """The names that the page's cells leave behind."""
    names: dict = {}
    for cell in chapter_facts("claims").cells:
        exec(cell.source, names)
    return names


def test_the_example_worked_by_hand_is_what_the_book_makes_of_a_pool(page, published):
    claims.effect("pool", page["pool"], seeds=range(20), of="accuracy")
    evidence = published["claim:pool"]
    groups = np.array(evidence["sampling"]["groups"])
    variances = groups.var(axis=1, ddof=1) / groups.shape[1]
    found = judge.estimate(evidence["values"], variances, groups.sum(axis=0))
    assert found.mean == pytest.approx(page["mean"], rel=1e-4)
    assert found.error == pytest.approx(page["error"], rel=1e-4)
    assert found.freedom == pytest.approx(page["freedom"], rel=1e-3)
    assert found.above(0.01) == pytest.approx(page["p"], rel=1e-2)
    assert found.interval() == pytest.approx((page["low"], page["high"]), rel=1e-3)


def test_three_seeds_agree_by_luck_as_often_as_three_coins_do(page):
    rate = page["ahead"].mean()
    n = page["ahead"].size
    assert scipy.stats.binomtest(round(rate * n), n, 1 / 8).pvalue > 1e-4
    assert page["ahead"].any(axis=1).mean() == pytest.approx(1 - (7 / 8) ** 40, abs=0.01)


def test_seeds_and_samples_both_make_the_mean_uncertain(page):
    assert page["error"] > page["alone"]


def test_the_claim_hands_over_five_seeds_of_the_page_and_no_others(page, published):
    assert published["claim:claims-more-points"]["seeds"] == page["SEEDS"][:5]
    assert not set(page["SEEDS"][:5]) & set(page["SEEDS"][5:])
