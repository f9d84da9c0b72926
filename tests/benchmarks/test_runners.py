"""Simulated runners, against what a hand works out."""

from __future__ import annotations

import pytest

from benchmarks import results, runners
from benchmarks.runners import Done, Job, Measured

STEPS = Measured(10.0, 5.0, 100.0, 30.0, 60.0, {"a": 80.0, "b": 50.0, "c": 40.0, "d": 10.0})


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    costs = {name: runners.seconds.Cost(taken, 1e9) for name, taken in STEPS.pages.items()}
    monkeypatch.setattr(runners.seconds, "recorded", lambda: runners.seconds.Recorded(1.0, costs))


def test_one_runner_does_one_job_after_the_other_in_their_order():
    done = runners.simulate([Job("a", 3), Job("b", 1), Job("c", 2)], 1)
    assert done == {"a": Done(0, 3, ""), "b": Done(3, 4, "a"), "c": Done(4, 6, "b")}
    assert runners.critical_path(done) == ["a", "b", "c"]


def test_two_runners_share_jobs_and_a_job_waits_for_its_needs():
    jobs = [Job("a", 3), Job("b", 5), Job("c", 1), Job("d", 2, ("b",))]
    done = runners.simulate(jobs, 2)
    assert done == {
        "a": Done(0, 3, ""),
        "b": Done(0, 5, ""),
        "c": Done(3, 4, "a"),
        "d": Done(5, 7, "b"),
    }
    assert runners.length(done) == 7
    assert runners.critical_path(done) == ["b", "d"]


def test_a_free_runner_takes_what_is_ready_before_what_stands_first():
    jobs = [Job("a", 4), Job("b", 1, ("a",)), Job("c", 2)]
    done = runners.simulate(jobs, 2)
    assert done["c"] == Done(0, 2, "")
    assert done["b"] == Done(4, 5, "a")


def test_more_runners_than_jobs_make_nothing_longer():
    jobs = [Job("a", 3), Job("b", 5), Job("c", 1, ("a", "b"))]
    assert runners.simulate(jobs, 2) == runners.simulate(jobs, 9)


def test_one_machine_does_all_steps_and_the_pages_on_two_cores():
    # Pages, the longest first: 80 + 10 on one core, 50 + 40 on the other.
    assert runners.alone(STEPS) == 10 + 5 + 100 + 30 + 60 + 90


def test_the_workflows_jobs_are_the_shards_the_unit_tests_and_the_site():
    # Two shards: a and d on one runner, b and c on the other, each with two cores.
    jobs = runners.jobs_of(STEPS, 2)
    assert jobs == [
        Job("shard 1", 90.0),
        Job("shard 2", 60.0),
        Job("unit 1", 115.0),
        Job("site", 100.0, ("shard 1", "shard 2")),
    ]
    done = runners.simulate(jobs, 3)
    assert runners.length(done) == 190
    assert runners.critical_path(done) == ["shard 1", "site"]


def test_tests_are_divided_and_each_part_has_its_own_environment():
    jobs = {job.name: job for job in runners.jobs_of(STEPS, 1, n_unit=2, n_site=3)}
    assert jobs["unit 1"].seconds == 10 + 5 + 50
    assert jobs["unit 2"].seconds == 10 + 50
    assert jobs["site"].seconds == 10 + 30
    assert jobs["site tests 3"] == Job("site tests 3", 30.0, ("site",))


def test_the_best_division_is_no_longer_than_any_other_and_no_shorter_than_the_bound():
    found = runners.length(runners.best(STEPS, 4))
    for n_shards, n_unit, n_site in [(1, 1, 0), (3, 1, 0), (2, 2, 2), (4, 4, 4)]:
        jobs = runners.jobs_of(STEPS, n_shards, n_unit, n_site)
        assert found <= runners.length(runners.simulate(jobs, 4))
    # The longest page with its environment, then the site with its own; its tests come after.
    assert runners.bound(STEPS) == 10 + 80 + 10 + 30
    assert runners.length(runners.best(STEPS, 32)) > runners.bound(STEPS)


def test_the_jobs_of_a_division_are_counted_by_their_kind():
    jobs = runners.jobs_of(STEPS, 3, 2, 2)
    assert runners.divided(runners.simulate(jobs, 4)) == "3 shard, 2 unit, 1 site, 2 site tests"


def test_the_table_says_what_each_number_of_runners_makes_of_the_steps():
    run: results.Run = {"cpu": 1.0, "memory": 1.0}
    cases = {
        step: {"runs": {step: [run | {"wall": getattr(STEPS, step)}]}}
        for step in ("environment", "lint", "unit", "built", "site")
    }
    assert runners.table(cases) == "not all steps are measured yet"
    text = runners.table(cases | {"pages": {"runs": {}, "seconds": dict(STEPS.pages)}})
    assert "| pages, on 2 cores | 90 |" in text
    assert "| the longest page, a | 80 |" in text
    assert "| 1 | 295 | – | – | – | all |" in text
    # Three shards: a | b | c and d on two cores; then the site.
    assert "| 4 | 190 | 190 |" in text
    best = runners.best(STEPS, 4)
    assert f"| {runners.divided(best)} | {', '.join(runners.critical_path(best))} |" in text
    assert "No number of runners is faster than 130 s. 5 minutes need 2 runners." in text
