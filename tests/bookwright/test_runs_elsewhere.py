"""Which claims hang on the machine: conditions, record, and distances from the bounds."""

from __future__ import annotations

import json

import pytest

from bookwright.book import Page
from bookwright.runs import elsewhere
from bookwright.runs.run import Job
from bookwright.runs.used import Settings
from tests.helpers import make_book


def claim(values, seeds=(0, 1, 2), above=None, below=None, of="every value", held=True):
    bound = {"above": above, "below": below, "of": of}
    return {"values": values, "seeds": seeds and list(seeds), "bound": bound, "held": held}


@pytest.mark.parametrize(
    ("found", "default", "expected"),
    [
        (claim([2e-9, 1e-9, 5e-10], below=1e-6), None, "5.0e+02 times"),
        (claim([0.0, 0.0, 0.0], below=1e-12), None, "exact"),
        (claim([-0.4, -0.3, -0.2], below=0.0), None, "-0.2 / 0 (+2.0 s)"),
        (claim([0.4, 0.4, 0.4 + 1e-16], above=0.1), None, "0.4 / 0.1 (+0.3)"),
        (claim([46.0], seeds=None, above=45), claim([46.0], seeds=None, above=45), "equal"),
        (claim([52.0], seeds=None, above=45), claim([46.0], seeds=None, above=45), "not equal"),
        (claim([0.3, 0.4, 0.5], above=0.1), None, "0.3 / 0.1 (+2.0 s)"),
        (claim([0.3, 0.4, 0.5], above=0.1, of="mean"), None, "0.4 / 0.1 (+3.0 s)"),
        (claim([0.3, 0.4, 0.5], above=0.1, below=0.55), None, "0.5 / 0.55 (+0.5 s)"),
        (claim([0.0, 0.4, 0.8], above=0.1, held=False), None, "**fell** 0 / 0.1 (-0.2 s)"),
    ],
)
def test_the_distance_is_told_in_the_unit_of_its_kind(found, default, expected):
    assert elsewhere.distance(found, default) == expected


def test_each_condition_changes_one_thing_of_the_books_settings():
    own = Settings()
    for name, settings in elsewhere.all_conditions().items():
        if isinstance(settings, Settings):
            changed = [
                field for field in own._fields if getattr(own, field) != getattr(settings, field)
            ]
            assert len(changed) == (name != elsewhere.DEFAULT), name


def test_data_that_are_not_keras_are_refused(monkeypatch, capsys):
    found = {"imdb": {"source": "wheel", "other": "fetch Keras' own"}}
    monkeypatch.setattr(elsewhere.book, "data_sets", lambda: found)
    assert elsewhere.main(["--conditions", "default"]) == 1
    assert (
        "the imdb data are not what claims are about: fetch Keras' own" in capsys.readouterr().err
    )


def test_what_is_told_is_of_the_pages_asked_for_and_of_the_cells_that_they_have_now():
    def entry(cells):
        return {"cells": cells, "claims": {"one": claim([1.0], below=0.5, held=False)}}

    def job(name, cells):
        return Job(cells, None, [Page("ko", name), Page("en", name)])

    record = {"gpu": {"rnn": entry("now"), "reuters": entry("before"), "errata": entry("now")}}
    found = elsewhere.of_now(record, ["gpu"], [job("rnn", "now"), job("reuters", "now")])
    assert elsewhere.fell(found) == ["rnn: one under gpu"]
    assert elsewhere.table(found, {}).count("| one |") == 1


CODE = """import os
from lessons_src import claims

threads = float(os.environ["OMP_NUM_THREADS"])
claims.check("one-thread", [threads, threads, threads], seeds=claims.seeds(3), below=1.5)
"""


def test_each_run_is_in_the_record_and_the_table_as_it_ends_and_none_runs_twice(tmp_path):
    book = make_book(tmp_path)
    (tmp_path / "benchmarks").mkdir()
    book.write(CODE)
    status, output = book.run("elsewhere", "--conditions", "default", "threads-2")
    assert status == 1
    assert output.count("ran in") == 2
    assert "index: one-thread under threads-2" in output
    record = json.loads((tmp_path / "benchmarks" / "elsewhere.json").read_text())
    assert set(record) == {"default", "threads-2"}
    found = record["threads-2"]["index"]["claims"]["one-thread"]
    assert found["values"] == [2, 2, 2]
    assert not found["held"]
    assert record["default"]["index"]["machine"]["machine"]
    report = (tmp_path / "_build" / "conditions" / "elsewhere.md").read_text()
    assert "| index | one-thread | 1 / 1.5 (+0.5) | **fell** 2 / 1.5 (-0.5) |" in report
    assert not (tmp_path / "_build" / "conditions" / "elsewhere.held").exists()

    status, output = book.run("elsewhere", "--conditions", "default")
    assert status == 0, output
    assert "ran in" not in output
    assert "Every claim holds under every condition." in output
    assert (tmp_path / "_build" / "conditions" / "elsewhere.held").exists()
    status, output = book.run()
    assert "1 of 1 pages: reused an earlier run" in output, "the default is the book's own run"


def test_without_determinism_the_page_runs_without_that_line_and_keeps_its_code(tmp_path):
    book = make_book(tmp_path)
    (tmp_path / "benchmarks").mkdir()
    book.write(
        "import tensorflow as tf\n"
        "tf.config.experimental.enable_op_determinism()  # same machine, same numbers\n"
        "from tensorflow.python.framework import config\n"
        "from lessons_src import claims\n"
        "on = float(config.is_op_determinism_enabled())\n"
        "claims.check('deterministic', [on], above=0.5)"
    )
    status, output = book.run("elsewhere", "--conditions", "default", "determinism-off")
    assert status == 1, output
    record = json.loads((tmp_path / "benchmarks" / "elsewhere.json").read_text())
    values = {
        name: found["index"]["claims"]["deterministic"]["values"] for name, found in record.items()
    }
    assert values == {"default": [1], "determinism-off": [0]}
    assert "not equal" in output
