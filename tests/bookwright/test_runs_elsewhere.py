"""Which claims hang on the machine: conditions, record, and distances from the bounds."""

from __future__ import annotations

import json

import pytest

from bookwright.book import Page
from bookwright.runs import distances, elsewhere, used
from bookwright.runs.run import Job
from bookwright.runs.used import Settings
from tests.helpers import make_book


def claim(kind, values, above=None, below=None, predicted=None, held=True):
    bound = {"above": above, "below": below}
    return {"kind": kind, "values": values, "bound": bound, "predicted": predicted, "held": held}


COUNT, OTHER = claim("fact", [46.0], above=45), claim("fact", [52.0], above=45)


@pytest.mark.parametrize(
    ("found", "default", "expected"),
    [
        (claim("identity", [2e-9, -1e-9, 5e-10], -1e-6, 1e-6), None, "5.0e+02 times"),
        (claim("identity", [5e-10, -2e-9], -1e-6, 1e-6), None, "5.0e+02 times"),
        (claim("identity", [2e-6], -1e-6, 1e-6, held=False), None, "**fell** 5.0e-01 times"),
        (claim("identity", [0.0, 0.0, 0.0], 0, 0), None, "exact"),
        (COUNT, COUNT, "equal"),
        (COUNT, None, "equal"),
        (OTHER, COUNT, "not equal"),
        (COUNT | {"held": False}, COUNT, "**fell** equal"),
        # Where in the interval of the pool: its middle is 0 percent, its ends 100.
        (claim("effect", [0.3, 0.5], 0.1, predicted=[0.3, 0.5]), None, "0.4 (+0%)"),
        (claim("effect", [0.4, 0.5], 0.1, predicted=[0.3, 0.5]), None, "0.45 (+50%)"),
        (claim("equivalence", [0.1, 0.3], -1, 1, predicted=[0.2, 0.6]), None, "0.2 (-100%)"),
        (
            claim("effect", [0.6, 0.6], 0.1, predicted=[0.3, 0.5], held=False),
            None,
            "**fell** 0.6 (+200%)",
        ),
        (claim("effect", [0.3, 0.5], 0.1, held=None), None, "0.4 (no pool)"),
        (claim("equivalence", [-0.5, 0.25], -1, 1, held=None), None, "-0.125 (no pool)"),
        (claim("every seed", [0.3, 0.4, 0.5], 0.1), None, "0.3 / 0.1"),
        (claim("every seed", [0.3, 0.4, 0.5], 0.1, 0.55), None, "0.5 / 0.55"),
        (claim("every seed", [-0.4, -0.3, -0.2], below=0.0), None, "-0.2 / 0"),
        (claim("every seed", [0.0, 0.4], 0.1, held=False), None, "**fell** 0 / 0.1"),
        (claim("every seed", [0.3, 0.4], 0.1, predicted=[0.2, 0.5]), None, "0.3 / 0.1"),
    ],
)
def test_the_distance_is_told_in_the_unit_of_its_kind(found, default, expected):
    assert distances.distance(found, default) == expected


@pytest.mark.parametrize("coretype", [None, "Nehalem"])
def test_each_condition_changes_one_thing_of_the_books_settings(monkeypatch, coretype):
    """Those of this machine: some are told by their environment what their processor bears."""
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    if coretype:
        monkeypatch.setenv("OPENBLAS_CORETYPE", coretype)
    own = used.own_settings()
    assert own.variables.get("OPENBLAS_CORETYPE") == coretype
    for name, settings in elsewhere.all_conditions().items():
        if isinstance(settings, Settings):
            changed = [
                field for field in own._fields if getattr(own, field) != getattr(settings, field)
            ]
            assert len(changed) == (name != elsewhere.DEFAULT), name
            if not name.startswith("numpy"):
                assert settings.variables.get("OPENBLAS_CORETYPE") == coretype


def test_data_that_are_not_keras_are_refused(monkeypatch, capsys):
    found = {"imdb": {"source": "wheel", "other": "fetch Keras' own"}}
    monkeypatch.setattr(elsewhere.book, "data_sets", lambda: found)
    assert elsewhere.main(["--conditions", "default"]) == 1
    assert (
        "the imdb data are not what claims are about: fetch Keras' own" in capsys.readouterr().err
    )


def test_what_is_told_is_of_the_pages_asked_for_and_of_the_cells_that_they_have_now():
    def entry(cells):
        return {"cells": cells, "claims": {"one": claim("fact", [1.0], below=0.5, held=False)}}

    def job(name, cells):
        return Job(cells, None, [Page("ko", name), Page("en", name)])

    record = {"gpu": {"rnn": entry("now"), "reuters": entry("before"), "errata": entry("now")}}
    found = elsewhere.of_now(record, ["gpu"], [job("rnn", "now"), job("reuters", "now")])
    assert distances.fell(found) == ["rnn: one under gpu"]
    assert distances.table(found, {}).count("| one |") == 1


CODE = """import os
from lessons_src import claims

threads = float(os.environ["OMP_NUM_THREADS"])
SEEDS = claims.seeds(3)
claims.every_seed("one-thread", [threads, threads, threads], seeds=SEEDS, below=1.5)
claims.effect("some", [threads, threads, threads + 0.1], seeds=SEEDS, above=0.5)
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
    assert (found["kind"], found["held"]) == ("every seed", False)
    assert record["threads-2"]["index"]["claims"]["some"] == {
        "kind": "effect",
        "values": [2, 2, 2.1],
        "bound": {"above": 0.5, "below": None},
        "held": None,
        "predicted": None,
    }, "without a pool nothing is decided, and nothing falls"
    assert record["default"]["index"]["machine"]["machine"]
    report = (tmp_path / "_build" / "conditions" / "elsewhere.md").read_text()
    assert "| index | one-thread | 1 / 1.5 | **fell** 2 / 1.5 |" in report
    assert "| index | some | 1.033 (no pool) | 2.033 (no pool) |" in report
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
        "claims.fact('deterministic', [on], above=0.5)"
    )
    status, output = book.run("elsewhere", "--conditions", "default", "determinism-off")
    assert status == 1, output
    record = json.loads((tmp_path / "benchmarks" / "elsewhere.json").read_text())
    values = {
        name: found["index"]["claims"]["deterministic"]["values"] for name, found in record.items()
    }
    assert values == {"default": [1], "determinism-off": [0]}
    assert "not equal" in output
