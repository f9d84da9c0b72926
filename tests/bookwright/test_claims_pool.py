"""Pools: how they grow, what leaves them, how they lie in their file, and by which margins."""

from __future__ import annotations

import copy
import errno
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest

from bookwright import durable
from bookwright.claims import judge, pool
from bookwright.problems import ProblemError
from lessons_src import claims
from tests.bookwright.conftest import measured, ran
from tests.conftest import ROOT

CODES = {"one": "c0de"}
pytestmark = pytest.mark.usefixtures("pools")


def add(first: int, n_seeds: int, code: str = "c0de", **changes: Any) -> None:
    """Adds a run whose values are its seeds."""
    entry = measured("one", "effect", range(first, first + n_seeds), first, **changes)
    pool.add("rnn", [entry], {"one": code}, ran(first, n_seeds))


def seeds() -> tuple[list[int], list[int]]:
    """The seeds that decide, and those that wait."""
    entry = pool.read("rnn")["claims"]["one"]
    for part in (entry, entry["waiting"]):
        assert part["values"] == [float(seed) for seed in part["seeds"]]
    return entry["seeds"], entry["waiting"]["seeds"]


# How it grows


def test_a_page_that_was_never_replicated_has_an_empty_pool():
    assert pool.read("rnn") == {"runs": [], "claims": {}, "elsewhere": {}}
    assert not pool.path("rnn").exists(), "and reading it makes no file"


def test_seeds_wait_until_there_are_20_and_then_decide_together():
    for number in range(6):
        add(1000 + 3 * number, 3)
    assert seeds() == ([], list(range(1000, 1018)))
    add(1018, 3)
    assert seeds() == (list(range(1000, 1020)), []), "what the run had beyond 20 is left out"


def test_after_20_seeds_40_decide_and_then_80():
    decided = []
    for number in range(15):
        add(1000 + 6 * number, 6)
        decided.append(len(seeds()[0]))
    assert decided == [0, 0, 0, 20, 20, 20, 20, 40, 40, 40, 40, 40, 40, 40, 80]
    assert len(set(seeds()[0])) == 80


def test_one_run_with_many_seeds_fills_one_size_and_no_more():
    add(1000, 50)
    assert seeds() == (list(range(1000, 1020)), [])


def test_the_same_seed_does_not_count_twice():
    add(1000, 15)
    add(1000, 15)
    add(1010, 6)
    assert seeds() == ([], list(range(1000, 1016)))
    add(1016, 4)
    add(1005, 20)
    assert seeds() == (list(range(1000, 1020)), list(range(1020, 1025)))


def test_what_is_kept_of_scores_gives_the_estimate_of_all_of_them():
    scores = np.random.default_rng(0).normal(0.3, 1, (40, 7)) + np.arange(7)
    for first in range(0, 40, 5):
        entry = measured("one", "effect", scores[first : first + 5], 1000 + first)
        pool.add("rnn", [entry], CODES, ran(1000 + first, 5))
    kept = pool.read("rnn")["claims"]["one"]
    assert kept["n_samples"] == 7
    assert kept["seeds"] == list(range(1000, 1040))
    assert kept["values"] == pytest.approx(scores.mean(axis=1), rel=1e-5)
    assert kept["variances"] == pytest.approx(scores.var(axis=1, ddof=1) / 7, rel=1e-5)
    assert kept["sums"] == pytest.approx(scores.sum(axis=0), rel=1e-4)
    found = judge.estimate(kept["values"], kept["variances"], kept["sums"])
    exact = judge.estimate(scores.mean(axis=1), scores.var(axis=1, ddof=1) / 7, scores.sum(axis=0))
    assert found == pytest.approx(exact, rel=1e-3)


def test_each_claim_of_a_page_fills_by_itself():
    both = {"one": "c0de", "two": "c0de"}
    for first in range(1000, 1021, 7):
        few = measured("two", "effect", range(3), first)
        pool.add("rnn", [measured("one", "effect", range(7), first), few], both, ran(first, 7))
    found = pool.read("rnn")["claims"]
    assert len(found["one"]["seeds"]) == 20
    assert (found["two"]["seeds"], len(found["two"]["waiting"]["seeds"])) == ([], 9)


@pytest.mark.parametrize("changes", [{"counts": False}, {"kind": "fact"}], ids=str)
def test_what_is_measured_on_other_data_or_without_chance_is_not_pooled(changes):
    codes = {} if "kind" in changes else CODES
    pool.add("rnn", [measured("one", "effect", range(20), 1000) | changes], codes, ran(1000, 20))
    assert pool.read("rnn")["claims"] == {}
    assert len(pool.read("rnn")["runs"]) == 1, "but its seeds are used"


# What leaves it


def test_changed_code_begins_anew_by_the_rule_of_then_and_goes_on_with_fresh_seeds():
    add(1000, 20)
    margin = measured("one", "effect", [0])["margin"] | {"set": "2026-04-05"}
    entry = measured("one", "effect", range(3), 1020, margin=margin)
    pool.add("rnn", [entry], {"one": "0ther"}, ran(1020, 3, made="2026-05-06"))
    kept = pool.read("rnn")["claims"]["one"]
    assert (kept["code"], kept["measured"]) == ("0ther", "2026-05-06")
    assert kept["rule"]["margin"]["set"] == "2026-04-05"
    assert (kept["seeds"], kept["waiting"]["seeds"]) == ([], [1020, 1021, 1022])
    assert pool.next_seed(pool.read("rnn")) == 1023


def test_the_rule_and_the_day_of_the_first_seed_stay():
    add(1000, 3)
    margin = measured("one", "effect", [0])["margin"]
    later = measured("one", "effect", range(17), 1003, margin=margin | {"value": 0.2})
    pool.add("rnn", [later], CODES, ran(1003, 17, made="2026-05-06"))
    kept = pool.read("rnn")["claims"]["one"]
    assert kept["measured"] == "2026-02-03"
    assert kept["rule"] == {
        "kind": "effect",
        "bound": {"above": 0.1, "below": None},
        "margin": {"of": "share", "value": 0.1, "set": "2026-01-02", "own": False},
    }


def test_a_claim_that_the_page_no_longer_makes_leaves():
    add(1000, 20)
    other = measured("two", "effect", range(3), 1020)
    pool.add("rnn", [other], {"two": "c0de"}, ran(1020, 3))
    assert list(pool.read("rnn")["claims"]) == ["two"]
    assert len(pool.read("rnn")["runs"]) == 2


# What is still to be measured


@pytest.mark.parametrize(
    ("code", "size", "expected"),
    [("c0de", 20, {}), ("c0de", 40, {"one": 15}), ("0ther", 20, {"one": 20})],
)
def test_what_lacks_are_the_seeds_up_to_the_size_for_the_code_of_now(code, size, expected):
    add(1000, 20)
    add(1020, 5)
    assert pool.lacking(pool.read("rnn"), {"one": code}, size) == expected


def test_a_claim_that_was_never_measured_lacks_them_all():
    assert pool.lacking(pool.read("rnn"), CODES, 20) == {"one": 20}


def test_seeds_are_counted_on_from_all_that_any_run_has_used():
    assert pool.next_seed(pool.read("rnn")) == 1000
    add(1000, 3)
    assert pool.next_seed(pool.read("rnn")) == 1003
    apart = [measured("one", "effect", range(5), 1003)]
    pool.add("rnn", apart, CODES, ran(1003, 5), "no-avx", seeds=6)
    assert pool.next_seed(pool.read("rnn")) == 1008


# Conditions


def test_a_condition_is_kept_apart_up_to_its_own_number_of_seeds():
    add(1000, 20)
    for first, n_seeds in ((1020, 3), (1023, 5), (1028, 3)):
        entry = measured("one", "effect", range(n_seeds), first)
        pool.add("rnn", [entry], CODES, ran(first, n_seeds), "no-avx", seeds=6)
    found = pool.read("rnn")
    assert found["claims"]["one"]["seeds"] == list(range(1000, 1020))
    apart = found["elsewhere"]["no-avx"]
    assert apart["claims"]["one"]["seeds"] == list(range(1020, 1026))
    assert apart["claims"]["one"]["waiting"]["seeds"] == []
    assert pool.lacking(apart, CODES, 6) == {}
    assert pool.lacking(apart, CODES, 12) == {"one": 6}
    entry = measured("one", "effect", range(7), 1031)
    pool.add("rnn", [entry], CODES, ran(1031, 7), "no-avx", seeds=12)
    apart = pool.read("rnn")["elsewhere"]["no-avx"]
    assert apart["claims"]["one"]["seeds"] == [*range(1020, 1026), *range(1031, 1037)]


# The file


def test_the_file_has_a_line_for_each_claim_and_run_so_that_a_change_is_short():
    add(1000, 20)
    before = pool.path("rnn").read_text(encoding="utf-8").splitlines()
    add(1020, 3)
    after = pool.path("rnn").read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before) + 1
    assert len(set(after) - set(before)) <= 3, "the run, the one before it, and the claim"
    assert max(map(len, after)) < 1000


def test_the_file_is_written_whole_or_not_at_all(monkeypatch):
    add(1000, 3)
    before = pool.read("rnn")

    def end(file: int) -> None:
        raise OSError(errno.EIO, "the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(durable.os, "fsync", end)  # once all of it was written beside its place
        with pytest.raises(OSError, match="the disk is gone"):
            add(1003, 3)
    assert pool.read("rnn") == before
    add(1003, 3)
    assert seeds() == ([], list(range(1000, 1006)))


@pytest.mark.parametrize("text", ['{"runs": [', "", "<<<<<<< HEAD\n{}", "[]", '{"runs": []}'])
def test_a_damaged_file_is_told_with_its_name_and_what_to_do(text):
    pool.FOLDER.mkdir()
    pool.path("rnn").write_text(text, encoding="utf-8")
    for read in (lambda: pool.read("rnn"), judge.n_claims, lambda: add(1000, 3)):
        with pytest.raises(ProblemError) as caught:
            read()
        for problem in caught.value.problems:
            assert problem.file == "pool/rnn.json"
            assert ": restore it from git, or " in problem.what
            assert "\n" not in problem.what
    assert pool.path("rnn").read_text(encoding="utf-8") == text, "nothing is lost"


# Margins came first


def moved(found: Mapping[str, Any], table: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Claims of a pool whose margin is not older than what was measured by it, and why."""
    for claim, entry in found["claims"].items():
        margin = entry["rule"]["margin"]
        if margin["of"] is None:  # a number of the sentence
            continue
        row = table.get(margin["of"])
        if margin["set"] > entry["measured"]:
            yield f"{claim}: measured before its margin was set"
        elif row is None:
            yield f"{claim}: the table has no {margin['of']} any more"
        elif row["set"] == margin["set"]:
            if not margin["own"] and row["margin"] != margin["value"]:
                yield f"{claim}: the margin of {margin['of']} was changed under its old date"
        elif row["set"] <= entry["measured"]:
            yield f"{claim}: the table's date is not later than the measurement"


TABLE = {"share": {"margin": 0.1, "set": "2026-01-02"}}
SAME_DAY = {"share": {"margin": 0.1, "set": "2026-02-03"}}


def rule(**changes: Any) -> dict[str, Any]:
    return {"of": "share", "value": 0.1, "set": "2026-01-02", "own": False} | changes


@pytest.mark.parametrize(
    ("margin", "table", "said"),
    [
        (rule(), TABLE, None),
        (rule(value=0.3, own=True), TABLE, None),
        (rule(of=None, value=None, set=None), TABLE, None),
        (rule(set="2026-02-03"), SAME_DAY, None),
        (rule(), {"share": {"margin": 0.2, "set": "2026-02-04"}}, None),  # and the page tells it
        (rule(), {"share": {"margin": 0.2, "set": "2026-01-02"}}, "under its old date"),
        (rule(), {"share": {"margin": 0.2, "set": "2026-02-03"}}, "not later"),
        (rule(), {"share": {"margin": 0.1, "set": "2026-01-01"}}, "not later"),
        (rule(set="2026-02-04"), {"share": {"margin": 0.1, "set": "2026-02-04"}}, "before its"),
        (rule(of="beauty"), TABLE, "no beauty"),
    ],
)
def test_a_margin_that_was_moved_under_its_old_date_is_found(margin, table, said):
    add(1000, 20)
    found = copy.deepcopy(pool.read("rnn"))
    found["claims"]["one"]["rule"]["margin"] = margin
    problems = list(moved(found, table))
    assert len(problems) == (said is not None)
    assert all(said in problem for problem in problems)


def test_every_margin_of_the_book_was_set_before_anything_was_measured_by_it():
    problems = [
        f"{path.name}: {problem}"
        for path in sorted((ROOT / "book" / "pool").glob("*.json"))
        for problem in moved(json.loads(path.read_text(encoding="utf-8")), claims.margins())
    ]
    assert problems == []
