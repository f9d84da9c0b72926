"""The comparison with the sources: its statistics, its verdicts, its record."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from lessons_src.reproduction import results
from lessons_src.reproduction.comparison import Comparison, confidence_interval
from retraining.settings import SEEDS


def comparison(published, ours, digits=4):
    return Comparison(published, digits, np.asarray(ours, dtype=float))


def test_one_more_run_lies_inside_the_interval_in_95_of_100_cases():
    rng = np.random.default_rng(0)
    runs = rng.normal(3.0, 0.2, size=(4000, 6))
    inside = np.mean([comparison(last, others, 9).inside for *others, last in runs])
    assert inside == pytest.approx(0.95, abs=0.012)


def test_the_interval_is_that_of_scipy():
    ours = np.array([0.79, 0.80, 0.785, 0.81, 0.795])
    scale = ours.std(ddof=1) * np.sqrt(1 + 1 / 5)
    low, high = scipy.stats.t.interval(0.95, 4, loc=ours.mean(), scale=scale)
    for published, inside in [(low + 1e-6, True), (low - 1e-6, False), (high + 1e-6, False)]:
        assert comparison(published, ours, digits=9).inside is inside


def test_rounding_alone_never_counts_as_a_difference():
    exact = comparison(0.3620, [0.36198] * 5)
    assert exact.inside
    assert exact.distance is None
    assert not comparison(0.3621, [0.36198] * 5).inside


def test_the_distance_is_counted_in_standard_deviations():
    assert comparison(5.0, [1, 2, 3, 4, 5]).distance == pytest.approx(2 / np.sqrt(2.5))


def test_every_log_of_the_sources_is_whole():
    logs = results.logs()
    lengths = {run: {len(values) for values in log.values()} for run, log in logs.items()}
    assert all(len(of_metrics) == 1 for of_metrics in lengths.values())
    epochs = {run: of_metrics.pop() for run, of_metrics in lengths.items()}
    assert {n for run, n in epochs.items() if run.startswith("000")} == {40}
    assert epochs["001-early-stopping"] == 28
    assert epochs["004-l2-early-stopping"] == 23
    assert sum(epochs.values()) == 449


def test_every_printed_result_has_a_verdict():
    rows = results.rows()
    assert len(rows) > 120
    assert {row.source for row in rows} == {"000", "001", "002", "004"}  # 003 prints none
    for row in rows:
        assert row.verdict in results.VERDICTS
        assert (row.ours is None) == (row.verdict == "not-comparable")


def test_the_verdicts_are_those_of_the_intervals():
    for row in results.rows():
        if row.by_rule is None:
            continue
        inside = {rule: one.inside for rule, one in row.by_rule.items()}
        expected = "reproduced" if inside["keras3"] else "differs"
        if not inside["keras3"] and inside.get("keras2"):
            expected = "optimizer"
        if expected == "differs" and row.why:  # then what causes.yml names has to be inside
            expected = "cause"
            assert row.ours.inside
        assert row.verdict == expected, row


def test_a_cause_is_one_number_so_that_it_can_be_refuted():
    for cause in results.causes():
        assert len(results.record()["measures"][cause["measure"]]) == len(SEEDS)
    rows = {(row.run, *row.what): row for row in results.rows() if isinstance(row.what, tuple)}
    tried = [rows[cause["run"], cause["metric"], cause["epoch"]] for cause in results.causes()]
    assert {row.verdict for row in tried} <= {"cause", "differs", "reproduced", "optimizer"}
    assert {row.why for row in tried if row.verdict == "cause"} == {"progress-bar"}


def test_a_best_value_is_the_smallest_loss_and_the_largest_accuracy():
    rows = {row.what: row for row in results.rows() if row.run == "000-default"}
    log = results.logs()["000-default"]
    assert rows["val_loss", "best"].published == min(map(float, log["val_loss"]))
    assert rows["val_accuracy", "best"].published == max(map(float, log["val_accuracy"]))
    assert rows["loss", "first"].published == float(log["loss"][0])


def test_a_missing_record_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RECORD", tmp_path / "record.json")
    results.record.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="make reproduce"):
            results.record()
    finally:
        results.record.cache_clear()


def test_the_confidence_interval_is_that_of_scipy():
    values = np.array([0.1, 0.3, 0.2, 0.25, 0.05])
    expected = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert confidence_interval(values) == pytest.approx(tuple(expected))
