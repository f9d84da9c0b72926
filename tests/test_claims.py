"""Claims: true ones leave evidence, false ones stop the page and say what was measured."""

import math
import types

import numpy as np
import pytest

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
        }
    }


def test_the_evidence_of_numpy_values_is_plain(published):
    claims.check("x", np.float32([1, 2, 3]), seeds=list(np.arange(3)), above=np.float64(0))
    evidence = published["claim:x"]
    assert all(type(value) is float for value in evidence["values"])
    assert all(type(seed) is int for seed in evidence["seeds"])


def test_a_claim_below_its_bound_names_what_was_measured(published):
    with pytest.raises(claims.ClaimError) as caught:
        claims.check("faster", [0.25, -0.125, 0.5], seeds=[4, 5, 6], above=0.05)
    for part in ("'faster'", "every value above 0.05", "0.25, -0.125, 0.5", "[4, 5, 6]"):
        assert part in str(caught.value)
    assert not published


def test_a_claim_above_its_bound_names_what_was_measured():
    with pytest.raises(claims.ClaimError, match=r"every value below 1, measured 0.5, 0.25, 3 "):
        claims.check("x", [0.5, 0.25, 3], seeds=[0, 1, 2], below=1)


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
def test_bounds_are_strict_and_are_those_of_every_value_unless_of_the_mean(values, bounds, holds):
    if holds:
        claims.check("x", values, seeds=[0, 1, 2], **bounds)
    else:
        whose = "the mean" if bounds.get("mean") else "every value"
        with pytest.raises(claims.ClaimError, match=f"expected {whose} "):
            claims.check("x", values, seeds=[0, 1, 2], **bounds)


def test_a_claim_on_the_mean_says_so_in_its_evidence(published):
    claims.check("x", [-1, 3, 4], seeds=[0, 1, 2], above=1, mean=True)
    assert published["claim:x"]["bound"]["of"] == "mean"


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


def test_on_other_data_a_broken_claim_is_shown_and_does_not_stop_the_page(published, capsys):
    claims.on(dataset("classes: 52 topics instead of 46"))
    claims.check("x", [1, 2, 3], seeds=[0, 1, 2], above=2.5)
    assert published["claim:x"]["held"] is False
    output = capsys.readouterr().out
    assert "claim 'x' does not hold" in output
    assert "52 topics instead of 46" in output


def test_the_same_texts_in_another_order_are_the_same_data():
    claims.on(dataset("classes: others"))
    claims.on(dataset("order: the same reviews as Keras' file has, in another order"))
    with pytest.raises(claims.ClaimError):
        claims.check("x", [1, 2, 3], seeds=[0, 1, 2], above=2.5)
