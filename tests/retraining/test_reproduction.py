"""The comparison with the sources: its statistics, its record, and a run done again."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from bookwright import book
from bookwright.runs import child, engine, recorder
from lessons_src import data
from lessons_src.reproduction import results
from retraining import __main__ as reproduce
from retraining import made_with, settings, task, trainings
from retraining.measures.all import all_measures


def test_every_training_of_the_record_has_five_seeds_and_whole_curves():
    trained = results.record()["runs"]
    assert set(results.runs()) <= set(trained)
    for run, rules in trained.items():
        for found in rules.values():
            assert [one["seed"] for one in found] == list(settings.SEEDS), run
            for one in found:
                assert len({len(curve) for curve in one["history"].values()}) == 1, run
        if run in results.logs() and "stopping" not in run:
            n_epochs = len(results.logs()[run]["loss"])
            assert {len(curve) for curve in results.curves(run, "loss")} == {n_epochs}


def in_this_process(monkeypatch):
    """An engine that does each training here, where a test can put something in its place."""

    def run_all(tasks, address, told, say):
        for one in tasks:
            monkeypatch.setattr(child, "tell", lambda message, one=one: told(one, "told", message))
            told(one, "started", None)
            try:
                yield engine.Done(one, trainings.train(one.job), None)
            except RuntimeError as error:
                yield engine.Done(one, None, str(error))

    return run_all


@pytest.fixture
def asked(monkeypatch):
    """Trainings that take no time; which seeds were asked for, call by call."""
    calls = []

    def trained(name, keras2, seeds):
        calls.append(list(seeds))
        for seed in seeds:
            if len(calls) == 1 and seed == 2:
                raise RuntimeError("its machine was switched off")
            yield {"history": {"loss": [float(seed)]}}

    monkeypatch.setattr(trainings, "trained", trained)
    monkeypatch.setattr(recorder, "_data", {})  # what other tests of this process have loaded
    monkeypatch.setattr(trainings.tf.config.experimental, "enable_op_determinism", lambda: None)
    monkeypatch.setattr(engine, "run_all", in_this_process(monkeypatch))
    return calls


def left(tasks, kept):
    return [one.job["seeds"] for one in reproduce.to_do(tasks, kept, only=True)]


def test_a_stopped_run_goes_on_with_the_seeds_that_are_left(tmp_path, asked):
    zeros = reproduce.Task("000-zeros", False)
    kept = reproduce.Kept(tmp_path, {})
    for failed in (True, False):
        problems = reproduce.do_all(reproduce.to_do([zeros], kept, only=True), kept)
        assert (problems == []) is not failed
        if failed:
            assert sorted(path.name for path in tmp_path.iterdir()) == [
                zeros.file(0),
                zeros.file(1),
            ]
    assert asked == [[0, 1, 2, 3, 4], [2, 3, 4]]
    found = [kept.get(zeros.file(seed))["result"] for seed in settings.SEEDS]
    assert [one["history"]["loss"] for one in found] == [[0], [1], [2], [3], [4]]


def test_a_result_is_kept_whole_or_not_at_all(tmp_path, monkeypatch):
    kept = reproduce.Kept(tmp_path, {})
    monkeypatch.setattr(json, "dumps", lambda value: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kept.put("one.json", {})
    assert not (tmp_path / "one.json").exists()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with one file of code, and the hash of what is in it now."""
    monkeypatch.setattr(book, "ROOT", tmp_path)

    def written(text):
        (tmp_path / "steps.py").write_text(text, encoding="utf-8")
        return {"steps.py": made_with.code_hash("steps.py")}

    return written


CODE = """def step(x):
    # One step downhill.
    return x - 0.1 * x
"""


def test_what_was_trained_counts_until_its_code_or_its_data_are_others(tmp_path, project):
    files = {"reuters.npz": "f00"}
    kept = reproduce.Kept(tmp_path, {"reuters": files})
    zeros = reproduce.Task("000-zeros", False)
    used = {"code": project(CODE), "data": {"reuters": files}}
    for seed in settings.SEEDS:
        kept.put(zeros.file(seed), {"result": {}, "used": used})
    assert left([zeros], kept) == []
    assert left([zeros], reproduce.Kept(tmp_path, {"reuters": {"reuters.npz": "ba5"}})) == [
        [0, 1, 2, 3, 4]
    ]
    project(CODE.replace("0.1", "0.2"))
    assert left([zeros], kept) == [[0, 1, 2, 3, 4]]
    with pytest.raises(RuntimeError, match="run `make reproduce` again"):
        reproduce.collect([zeros], kept)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (CODE.replace("One step downhill.", "A step."), True),
        (CODE.replace("    #", "    \n\n    #"), True),
        (CODE.replace("0.1 * x", "0.1 * x  # the slope is x"), True),
        (
            CODE.replace(
                "    #", '    """Goes downhill.\n\n    Twice: "#" is no comment."""\n    #'
            ),
            True,
        ),
        (CODE.replace("0.1", "0.2"), False),
        (CODE.replace("return x", "return 'downhill # ' and x"), False),
        ("other = 1\n" + CODE, False),
    ],
)
def test_the_record_hangs_on_code_and_not_on_what_is_said_about_it(project, text, same):
    code = project(CODE)
    assert made_with.changed(code) is None
    project(text)
    assert (made_with.changed(code) is None) is same
    assert (made_with.stale({"code": code}) is None) is same


def test_a_stale_record_names_the_file_and_the_command(project, tmp_path):
    code = project(CODE)
    (tmp_path / "steps.py").unlink()
    assert "before steps.py changed. `make reproduce`" in made_with.stale({"code": code})


def test_a_network_of_the_chapter_is_a_part_of_the_code(monkeypatch):
    names = made_with.chapter_classes()
    classes = ["RecurrentCell", "ThroughTime", "RecurrentNetwork", "Untransposed"]
    assert names == [f"book/en/rnn.md: {name}" for name in classes]
    code = {name: made_with.code_hash(name) for name in names}
    assert made_with.changed(code) is None
    sources = settings.recurrent_sources()
    monkeypatch.setattr(settings, "recurrent_sources", lambda: sources | {"Untransposed": "pass"})
    assert made_with.changed(code) == "book/en/rnn.md: Untransposed"


def in_a_process_of_its_own(code):
    """What a piece of code prints as JSON in a fresh Python."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=book.ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_a_training_is_known_by_all_that_its_process_loaded():
    code = (
        "import json; from retraining import {}, settings, task; {}; print(json.dumps(task.code()))"
    )
    keras = in_a_process_of_its_own(code.format("trainings", "None"))
    recurrent = in_a_process_of_its_own(code.format("recurrent", "settings.recurrent_sources()"))
    both = {"lessons_src/data/corpora.py", "lessons_src/encoding.py", "retraining/sets.py"}
    own = {"lessons_src/feed.py", "lessons_src/training.py", "retraining/trainings.py"}
    network = {"lessons_src/chapters/rnn.py", *made_with.chapter_classes()}
    assert both | own <= set(keras) and not network & set(keras)
    assert both | network <= set(recurrent) and not own & set(recurrent)
    for name, found in (keras | recurrent).items():
        assert found == made_with.code_hash(name), name


def test_a_file_edited_while_a_training_runs_keeps_the_hash_of_what_was_loaded(monkeypatch):
    hashes = iter(range(1000))
    fresh = functools.cache(task._code_hash.__wrapped__)
    monkeypatch.setattr(task, "_code_hash", fresh)
    monkeypatch.setattr(made_with, "code_hash", lambda name: str(next(hashes)))
    done = task.with_use(lambda: task.code())
    assert done["used"]["code"] == done["result"]


def test_the_command_itself_loads_no_tensorflow():
    code = "import json, sys, retraining.__main__; print(json.dumps(sorted(sys.modules)))"
    assert not {"tensorflow", "keras"} & set(in_a_process_of_its_own(code))


def test_each_name_of_a_training_is_one_that_can_be_trained():
    assert tuple(trainings.RUNS) == settings.KERAS
    assert set(results.runs()) <= set(settings.NAMES)


def test_the_classes_of_the_recurrent_chapter_are_found():
    sources = settings.recurrent_sources()
    assert list(sources) == ["RecurrentCell", "ThroughTime", "RecurrentNetwork", "Untransposed"]
    assert "@ self.w1h.T" in sources["ThroughTime"]
    assert ".T" not in sources["Untransposed"]


def test_a_training_done_again_gives_what_the_record_says():
    if not os.environ.get("LESSONS_DATA_DIR"):
        pytest.skip("LESSONS_DATA_DIR is not set")
    newswires = data.load_reuters()
    if newswires.sha256 != results.record()["made_with"]["data"]["reuters"]:
        pytest.skip("the record is of other data")
    [again] = trainings.trained("001-bottleneck", False, [0])
    recorded = results.record()["runs"]["001-bottleneck"]["keras3"][0]
    first = slice(0, 3)  # later epochs magnify what another processor rounds
    for metric in ("loss", "val_loss"):
        np.testing.assert_allclose(
            again["history"][metric][first], recorded["history"][metric][first], rtol=0.01
        )
    assert again["test"]["accuracy"] == pytest.approx(recorded["test"]["accuracy"], abs=0.05)


def test_every_measurement_of_a_statement_is_one_that_is_taken():
    taken = set(all_measures())
    assert taken == set(results.record()["measures"])
    assert {len(values) for values in results.record()["measures"].values()} == {5}


def test_what_decides_a_result_is_code_without_comments_and_docstrings():
    plain = 'def f(x):\n    y = """a\n\nb"""\n    return y'
    docstring = '    """초기값.\n\n    Args: x.\n    """\n    # why\n'
    body = '    y = """a\n\nb"""  # what\n\n    return y'
    wordy = f"def f(x):\n{docstring}{body}"
    assert made_with.deciding(wordy) == made_with.deciding(plain) == plain
    once, twice = (made_with.deciding(f'def f(x): "doc"; return x * {n}') for n in (1, 2))
    assert once != twice
