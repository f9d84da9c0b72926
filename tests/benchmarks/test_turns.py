"""Sides that run in turn, what is kept of them, and how they are compared."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import results, show, turns
from bookwright import book


def says(order, name, numbers="{}"):
    """A side that notes that it ran, and prints numbers."""
    return turns.Side(["sh", "-c", f"echo {name} >> '{order}'; echo working; echo '{numbers}'"])


@pytest.fixture
def file(tmp_path):
    return tmp_path / "results.json"


@pytest.fixture
def order(tmp_path):
    return tmp_path / "order"


def kept(file):
    return json.loads(file.read_text("utf-8"))


def test_sides_run_in_turn_and_each_run_is_kept_with_what_it_printed(file, order):
    sides = {"b": says(order, "b", '{"losses": [2, 1]}'), "a": says(order, "a", '{"epoch": 0.5}')}
    turns.take(results.Point("one", file), [turns.Case("case", sides, runs=3)])
    assert order.read_text().split() == ["b", "a", "b", "a", "b", "a"]
    case = kept(file)["one"]["cases"]["case"]
    assert case["sides"] == ["b", "a"]
    assert [len(case["runs"][side]) for side in "ab"] == [3, 3]
    assert case["runs"]["b"][0]["losses"] == [2, 1]
    assert case["runs"]["a"][2]["epoch"] == 0.5
    assert case["runs"]["a"][0].keys() == {"wall", "cpu", "memory", "epoch"}


def test_memory_is_that_of_the_largest_process():
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # where a child's peak starts
    held = own + 150_000_000
    inner = f"held = bytearray(b'1') * {held}"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    found = turns.run(turns.Side([sys.executable, "-c", outer]))
    assert held < found["memory"] < held + 50_000_000


def test_seconds_of_the_processor_are_those_of_all_processes():
    inner = "import time\nwhile time.process_time() < 0.5: pass"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    found = turns.run(turns.Side([sys.executable, "-c", outer]))
    assert 0.5 <= found["cpu"] < 3


def test_what_was_killed_goes_on_where_it_stopped(file, order, tmp_path):
    killed = tmp_path / "killed"
    script = tmp_path / "bench.py"
    # In the second turn the side kills the command that runs it, once.
    kills = f"echo b >> '{order}'; test $(grep -c b '{order}') != 2 || test -e '{killed}' || "
    kills += f"{{ touch '{killed}'; kill -9 $PPID; }}"
    script.write_text(
        "import pathlib\n"
        "from benchmarks import results, turns\n"
        f"sides = {{'a': turns.Side(['sh', '-c', \"echo a >> '{order}'\"]),"
        f" 'b': turns.Side(['sh', '-c', {kills!r}])}}\n"
        f"point = results.Point('one', pathlib.Path({str(file)!r}))\n"
        "turns.take(point, [turns.Case('case', sides, runs=3)])\n"
    )
    command = [sys.executable, str(script)]
    environment = os.environ | {"PYTHONPATH": str(results.ROOT)}
    assert subprocess.run(command, env=environment, check=False).returncode == -9
    assert {
        side: len(runs) for side, runs in kept(file)["one"]["cases"]["case"]["runs"].items()
    } == {
        "a": 2,
        "b": 1,
    }
    subprocess.run(command, env=environment, check=True)
    assert order.read_text().split() == ["a", "b", "a", "b", "b", "a", "b"]  # one b was lost
    runs = kept(file)["one"]["cases"]["case"]["runs"]
    assert [len(runs[side]) for side in "ab"] == [3, 3]


def test_what_is_measured_is_not_measured_again_unless_code_machine_or_wish_changed(
    file, order, monkeypatch, tmp_path
):
    monkeypatch.setattr(book, "ROOT", tmp_path)
    (tmp_path / "side.py").write_text("1")
    case = turns.Case("case", {"a": says(order, "a")}, files=["side.py"], runs=1)
    turns.take(results.Point("one", file), [case])
    turns.take(results.Point("one", file), [case])
    assert order.read_text().count("a") == 1
    (tmp_path / "side.py").write_text("1  # a comment")
    turns.take(results.Point("one", file), [case])
    assert order.read_text().count("a") == 1
    (tmp_path / "side.py").write_text("2")
    turns.take(results.Point("one", file), [case])
    assert order.read_text().count("a") == 2
    turns.take(results.Point("one", file, fresh=True), [case])
    assert order.read_text().count("a") == 3
    other = results.machine() | {"cores": 1000}
    monkeypatch.setattr(results, "machine", lambda: other)
    turns.take(results.Point("one", file), [case])
    assert order.read_text().count("a") == 4
    assert kept(file)["one"]["machine"]["cores"] == 1000


def test_points_leave_each_other_alone_and_the_file_is_sorted(file, order):
    for name in ("two", "one"):
        turns.take(
            results.Point(name, file), [turns.Case("case", {"a": says(order, name)}, runs=1)]
        )
    assert list(kept(file)) == ["one", "two"]
    assert file.read_text("utf-8") == (
        json.dumps(kept(file), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )


def test_the_machine_is_described_without_its_name():
    assert platform_name() not in json.dumps(results.machine())


def platform_name():
    return os.uname().nodename


def test_sides_that_did_other_work_are_refused(file, order):
    def agree(turn):
        return "" if turn["a"]["loss"] == turn["b"]["loss"] else "the losses differ"

    sides = {"a": says(order, "a", '{"loss": 1}'), "b": says(order, "b", '{"loss": 2}')}
    with pytest.raises(turns.SideError, match=r"case, the sides did not .* the losses differ"):
        turns.take(results.Point("one", file), [turns.Case("case", sides, agree=agree)])
    assert kept(file)["one"]["cases"]["case"]["runs"] == {}


def test_ratios_are_taken_in_pairs():
    ours = [{"wall": 1.0}, {"wall": 6.0}, {"wall": 2.0}]
    theirs = [{"wall": 2.0}, {"wall": 3.0}, {"wall": 10.0}, {"wall": 1.0}]
    # 1/2, 6/3, 2/10; medians divided would be 2 / 3.
    assert turns.ratio(ours, theirs, "wall") == (0.5, 0.2, 2.0)


def test_a_side_that_fails_ends_its_point_alone_with_one_message(file, order, monkeypatch, capsys):
    fails = turns.Side(["sh", "-c", "echo the disk is full; exit 3"])
    bad = turns.Case("case", {"a": says(order, "a"), "b": fails}, runs=2)
    good = turns.Case("case", {"a": says(order, "next"), "b": says(order, "next")}, runs=1)

    def point(case):
        return type(
            "Module", (), {"measure": staticmethod(lambda point: turns.take(point, [case]))}
        )

    modules = {"benchmarks.bad": point(bad), "benchmarks.good": point(good)}
    monkeypatch.setattr(benchmarks.importlib, "import_module", modules.__getitem__)
    monkeypatch.setattr(benchmarks, "POINTS", ("bad", "good"))
    monkeypatch.setattr(benchmarks.results, "RESULTS", file)
    assert benchmarks.main([]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "bad: case, b failed (3): sh -c echo the disk is full; exit 3",
        "the disk is full",
    ]
    assert "case: not measured on all sides yet" in said.out
    assert order.read_text().split() == ["a", "next", "next"]
    assert len(kept(file)["bad"]["cases"]["case"]["runs"]["a"]) == 1


def test_a_point_that_is_not_there_is_named(capsys):
    with pytest.raises(SystemExit) as ended:
        benchmarks.main(["nothing"])
    assert ended.value.code == 2
    assert "no point is called nothing; there are: " in capsys.readouterr().err


CASE = {
    "sides": ["book", "sources"],
    "goals": {"memory": 0.5, "wall": 0.5},
    "runs": {
        "book": [
            {"wall": 1.0, "cpu": 2.0, "memory": 1e9, "losses": [1]},
            {"wall": 3.0, "cpu": 2.0, "memory": 1e9, "losses": [1]},
            {"wall": 2.0, "cpu": 2.0, "memory": 1e9, "losses": [1]},
        ],
        "sources": [{"wall": 2.5, "cpu": 4.0, "memory": 4e9, "words": 7}] * 3,
    },
}


def test_the_table_shows_medians_ratios_and_goals():
    assert show.table("imdb", CASE).splitlines() == [
        "| imdb | book | sources | book / sources | goal |",
        "| --- | --- | --- | --- | --- |",
        "| wall, s | 2 (1 to 3) | 2.5 | 0.80 (0.40 to 1.20) | at most 0.5: missed |",
        "| cpu, s | 2 | 4 | 0.50 (0.50 to 0.50) |  |",
        "| memory, MB | 1,000 | 4,000 | 0.25 (0.25 to 0.25) | at most 0.5: met |",
        "| words | – | 7 | – |  |",
    ]


def test_documents_show_what_was_measured_and_nothing_else(monkeypatch):
    monkeypatch.setattr(show, "point", lambda name, found: f"table of {name}: {found}")
    text = (
        "# Title\n<!-- measured: one -->\nold\n<!-- end -->\n<!-- measured: two -->\n<!-- end -->\n"
    )
    filled = show.fill(text, {"one": 7})
    assert filled == text.replace("old", "\ntable of one: 7\n")
    assert show.fill(filled, {"one": 7}) == filled


def test_what_a_side_needs_and_cannot_have_is_said():
    with pytest.raises(turns.SideError, match=r"^the texts cannot be made:\nno room"):
        turns.make(["sh", "-c", "echo no room >&2; exit 1"], "the texts")


def test_a_side_may_be_held_to_one_core():
    counts = "import json, os; print(json.dumps({'cores': len(os.sched_getaffinity(0))}))"
    side = turns.Side([sys.executable, "-c", counts])
    assert turns.run(side)["cores"] == len(os.sched_getaffinity(0))
    assert turns.run(side._replace(one_core=True))["cores"] == 1
