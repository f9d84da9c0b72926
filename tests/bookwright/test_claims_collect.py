"""The claims of a run: which have fallen, what is told of them, and the site's one record."""

from __future__ import annotations

import json

import nbformat
import pytest

from bookwright import glue
from bookwright.claims import collect

POOL = {
    "state": "decides",
    **{"n": 20, "mean": -0.25, "interval": [-0.375, -0.125], "adjusted": 1.0},
    "predicted": [-0.5, 0.0],
}


def entry(claim, held, counts=True, **changes):
    """A claim as `/claims.json` has it."""
    found = {
        **{"id": claim, "chapter": "rnn", "kind": "every seed", "held": held, "counts": counts},
        **{"values": [0.25, 0.5, -0.3], "seeds": [0, 1, 2]},
        **{"bound": {"above": 0.05, "below": None}, "why": None, "pool": None},
    }
    return found | changes


def test_only_a_false_claim_on_the_data_it_is_about_has_fallen():
    found = [entry("a", True), entry("b", False), entry("c", False, False), entry("d", True, False)]
    found += [entry("e", None), entry("f", None, False)]
    assert [claim["id"] for claim in collect.fallen(found)] == ["b"]


def test_of_claims_that_hold_or_are_not_decided_nothing_is_told():
    assert collect.told([entry("a", True), entry("d", True, counts=False)]) == ""
    assert collect.told([entry("a", None), entry("d", None, counts=False)]) == ""
    assert collect.told([]) == ""


def told(claim):
    """The line of the one claim that has fallen."""
    _, line, _ = collect.told([claim]).splitlines()
    return line


def test_each_false_claim_is_told_in_one_line_and_those_on_other_data_apart():
    bound = {"above": 0, "below": 1}
    other = entry("c", False, False, kind="fact", seeds=None, bound=bound)
    said = collect.told([entry("a", True), entry("b", False, why="run"), other])
    first, b, advice, second, c = said.splitlines()
    assert "Claims that do not hold, and" in first
    assert b == (
        "  b (rnn): expected every value above 0.05, measured 0.25, 0.5, -0.3, seeds 0, 1, 2"
    )
    assert "both languages" in advice
    assert "never the bound" in advice
    assert "fails nothing" in second
    assert c == "  c (rnn): expected every value above 0 and below 1, measured 0.25, 0.5, -0.3"


@pytest.mark.parametrize("why", ["pool", "opposite"])
@pytest.mark.parametrize("kind", ["effect", "equivalence"])
def test_what_a_pool_does_not_carry_is_told_with_its_interval(kind, why):
    assert told(entry("b", False, kind=kind, why=why, pool=POOL)) == (
        "  b (rnn): expected the mean above 0.05, measured 0.25, 0.5, -0.3, seeds 0, 1, 2; "
        "the pool of 20 seeds: mean -0.25, 95 % interval -0.375, -0.125, p 1"
    )


def test_a_run_beside_its_pool_is_told_with_what_was_expected_of_it():
    line = told(entry("b", False, kind="effect", why="outside", pool=POOL))
    assert line.endswith("p 1; this run was expected within -0.5, 0")


def test_what_fell_in_the_run_is_told_without_its_pool():
    assert "pool" not in told(entry("b", False, why="run", pool=POOL))


@pytest.mark.parametrize(("within", "said"), [(0.0, "0"), (1e-12, "1e-12")])
def test_an_identity_is_told_by_how_far_its_sides_may_be_apart(within, said):
    bound = {"above": -within, "below": within}
    line = told(entry("b", False, kind="identity", bound=bound, seeds=None))
    assert f"expected every value at most {said} from 0, measured 0.25" in line


def test_without_its_page_a_claim_is_told_by_its_name():
    claim = entry("b", False)
    del claim["chapter"], claim["pool"], claim["why"]  # as a run's cells hand it over
    assert told(claim).startswith("  b: expected every value")


def test_a_notebook_gives_back_the_claims_that_its_cells_measured():
    evidence = {"values": [1.0], "held": False, "counts": True}
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {f"{glue.PREFIX}text/plain": json.dumps(value)},
            metadata={"scrapbook": {"name": name, "mime_prefix": glue.PREFIX}},
        )
        for name, value in (("claim:x", evidence), ("loss", 0.5), ("claim:y", {"held": True}))
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    assert collect.of_notebook(notebook) == [{"id": "x"} | evidence, {"id": "y", "held": True}]


def test_the_codes_of_a_notebook_are_those_of_its_code_cells():
    cells = [
        nbformat.v4.new_code_cell("x = [1, 2, 3]"),
        nbformat.v4.new_markdown_cell("claims.effect('no', x, seeds=[0, 1, 2], above=0)"),
        nbformat.v4.new_code_cell("claims.effect('one', x, seeds=[0, 1, 2], above=0)"),
    ]
    assert list(collect.codes(nbformat.v4.new_notebook(cells=cells))) == ["one"]


@pytest.mark.parametrize(
    ("english", "message"),
    [
        ([entry("b", True)], "in one language only: a, b"),
        ([entry("a", True, values=[0.25, 0.5, 0.7])], "'a' has other evidence in ko than in en"),
        ([entry("a", None)], "'a' has other evidence in ko than in en"),
    ],
)
def test_two_languages_that_do_not_claim_the_same_are_told_apart(tmp_path, english, message):
    for language, found in (("ko", [entry("a", True)]), ("en", english)):
        path = tmp_path / language / "claims.json"
        path.parent.mkdir()
        path.write_text(json.dumps([{"sentence": "", **claim} for claim in found]))
    with pytest.raises(collect.ClaimsDiffer, match=message):
        collect.collect(tmp_path)
