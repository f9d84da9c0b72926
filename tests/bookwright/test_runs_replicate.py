"""Pages run again with fresh seeds, and their pools: what is added, kept, left out and refused."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from bookwright.book import Page
from bookwright.problems import Problem
from bookwright.runs import elsewhere, replicate, store
from bookwright.runs.run import Job, Planned, Ran
from bookwright.runs.used import Settings
from tests.helpers import Book, make_book

CODE = """import numpy as np
from lessons_src import claims

SEEDS = claims.seeds(10)
found = np.array([np.random.default_rng(seed).normal(0.05, 0.01, 300) for seed in SEEDS])
claims.effect("grows", found, seeds=SEEDS, of="accuracy")
claims.every_seed("each", found[:7].mean(axis=1), seeds=SEEDS[:7], above=0.04)
claims.identity("exact", [0.0], within=0)
claims.fact("count", len(SEEDS), above=4)
"""
WITHOUT_CHANCE = "from lessons_src import claims\nclaims.fact('three', 3, above=2)"


def pool_of(book: Book, name: str = "index") -> dict[str, Any]:
    return json.loads((book.folder / "book" / "pool" / f"{name}.json").read_text("utf-8"))


def seeds_of(book: Book) -> dict[str, list[int]]:
    return {claim: entry["seeds"] for claim, entry in pool_of(book)["claims"].items()}


def rows_of(runs: list[dict]) -> list[int]:
    """All seeds of some runs, which no two of them may share."""
    seeds = sorted(seed for run in runs for seed in range(run["seeds"][0], run["seeds"][1] + 1))
    assert len(seeds) == len(set(seeds))
    return seeds


def test_a_page_is_replicated_up_to_a_size_and_then_on_from_there(tmp_path):
    book = make_book(tmp_path)
    book.contents("index", "chapter")
    book.write(CODE)
    book.write(WITHOUT_CHANCE, name="chapter")

    assert book.run()[0] == 0, "so that it is known how many seeds a run gives each claim"
    own = sorted(path.name for path in (tmp_path / "_build" / "cache" / "runs").glob("*/*.json"))
    status, output = book.run("replicate")
    assert status == 0, output
    assert output.count("ran in") == 3, "a claim that gets 7 seeds of a run takes 3"
    assert "chapter" not in output, "where there is no chance, nothing is run"
    assert not (tmp_path / "book" / "pool" / "chapter.json").exists()
    assert "index: 2 of 2 claims with chance are carried" in output
    found = pool_of(book)
    assert rows_of(found["runs"]) == list(range(1000, 1030))
    assert {claim: len(seeds) for claim, seeds in seeds_of(book).items()} == {
        "grows": 20,
        "each": 20,
    }
    assert len(found["claims"]["grows"]["sums"]) == 200
    assert found["claims"]["each"]["sums"] == []
    for run in found["runs"]:
        assert {"system", "machine", "processor", "instructions"} == set(run["machine"])
        assert run["seconds"] > 0
    kept = (tmp_path / "_build" / "cache" / "runs").glob("*/*.json")
    assert set(own) < {path.name for path in kept}, "every run is kept beside the page's own"
    assert "2 of 2 pages: reused an earlier run" in book.run()[1]

    status, output = book.run("replicate")
    assert status == 0, output
    assert "ran in" not in output, "nothing is lacking"
    assert pool_of(book) == found

    status, output = book.run("replicate", "--condition", "threads-2", "--seeds", "6")
    assert status == 0, output
    assert output.count("ran in") == 1
    apart = pool_of(book)
    assert {**apart, "elsewhere": {}} == found, "a condition is kept apart"
    of = apart["elsewhere"]["threads-2"]
    assert rows_of(of["runs"]) == list(range(1030, 1040))
    assert of["claims"]["each"]["seeds"] == list(range(1030, 1036))

    status, output = book.run("replicate", "--seeds", "40", "--pages", "index")
    assert status == 0, output
    assert output.count("ran in") == 3
    more = pool_of(book)
    assert more["elsewhere"] == apart["elsewhere"]
    assert more["runs"][:3] == found["runs"]
    assert rows_of(more["runs"][3:]) == list(range(1040, 1070))
    for claim, seeds in seeds_of(book).items():
        assert len(seeds) == len(set(seeds)) == 40
        assert seeds[:20] == found["claims"][claim]["seeds"]


SLOW = CODE.replace("SEEDS = claims", "import time\ntime.sleep(2)\nSEEDS = claims")


def test_a_stop_in_the_middle_loses_no_run_that_has_ended(tmp_path):
    book = make_book(tmp_path)
    book.write(SLOW)
    with book.running("replicate") as process:
        said = ""
        while "ran in" not in said:
            said += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate()
    assert process.returncode == 130, said + rest
    assert "stopped; every run that ended is kept" in rest
    ended = (said + rest).count("ran in")
    status, output = book.run("replicate")
    assert status == 0, output
    assert output.count("ran in") == 3 - ended, "only the others run"
    assert rows_of(pool_of(book)["runs"]) == list(range(1000, 1030))
    assert all(len(seeds) == 20 for seeds in seeds_of(book).values())


def test_a_run_that_ended_but_was_not_added_is_not_run_again(tmp_path):
    book = make_book(tmp_path)
    book.write(CODE)
    assert book.run("replicate")[0] == 0
    found = pool_of(book)
    shutil.rmtree(tmp_path / "book" / "pool")
    status, output = book.run("replicate")
    assert status == 0, output
    assert "ran in" not in output
    assert pool_of(book)["claims"].keys() == found["claims"].keys()
    assert rows_of(pool_of(book)["runs"]) == rows_of(found["runs"])


DIVERGES = CODE + "if 1007 in SEEDS:\n    raise ValueError('the loss is not finite')\n"


def test_seeds_with_which_a_page_fails_are_not_left_out_of_the_pool(tmp_path):
    book = make_book(tmp_path)
    book.write(DIVERGES)
    for ran in (1, 0):  # the run with the seeds that follow is kept, and waits
        status, output = book.run("replicate")
        assert status == 1
        assert output.count("ran in") == ran
        assert "the loss is not finite" in output
        assert "Traceback" not in output
        assert not (tmp_path / "book" / "pool").exists()


@pytest.mark.parametrize(
    ("ends", "added"),
    [
        ([1000, 1010, 1020, 1030], [1000, 1010, 1020, 1030]),
        ([1030, 1010, 1000, 1020], [1000, 1010, 1020, 1030]),
        ([1010, 1000], [1000, 1010]),  # stopped
        ([1030, 1020, 1000], [1000]),  # and one with a run that failed
    ],
)
def test_runs_come_into_the_pool_in_the_order_of_their_seeds(monkeypatch, ends, added):
    job = Job("cells", None, [Page("ko", "rnn"), Page("en", "rnn")])
    wanted = replicate.Wanted(20, None, Settings())
    asked = {
        f"rnn from seed {first}": replicate.Asked(Planned(job, Settings(seed_offset=first)), wanted)
        for first in range(1000, 1040, 10)
    }
    found: list[int] = []

    def execute(waiting, _):
        for first in ends:
            yield f"rnn from seed {first}", Ran(f"run {first}", [])
        for first in set(range(1000, 1040, 10)) - set(ends) if len(ends) == 3 else ():
            yield f"rnn from seed {first}", Ran(None, [Problem("failed")])

    def add(each, kept, _):
        assert kept == f"run {each.settings.seed_offset}"
        found.append(each.settings.seed_offset)
        return []

    monkeypatch.setattr(replicate.store, "find", lambda *_: None)
    monkeypatch.setattr(replicate.runs, "execute", execute)
    monkeypatch.setattr(replicate, "_add", add)
    problems = list(replicate._round(asked, {}))
    assert found == added
    assert problems == ([Problem("failed")] if len(ends) == 3 else [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("claims.seeds(10)", "list(range(10))"),
        ("claims.seeds(10)", "[seed % 1000 for seed in claims.seeds(10)]"),
        ("seeds=SEEDS[:7]", "seeds=list(range(7))"),
    ],
)
def test_a_page_with_other_seeds_than_those_of_the_run_ends_in_one_message(tmp_path, before, after):
    book = make_book(tmp_path)
    book.write(CODE.replace(before, after))
    status, output = book.run("replicate", "--seeds", "20")
    assert status == 1
    told = re.findall(r"^book/ko/index.md: (\S+) is measured with other seeds.*$", output, re.M)
    assert told == (["each"] if "[:7]" in before else ["grows", "each"])
    assert "a page takes them all from claims.seeds(...)" in output
    assert "Traceback" not in output
    assert not (tmp_path / "book" / "pool").exists(), "no seed that was looked at is pooled"


def test_a_claim_that_no_run_measures_ends_in_one_message(tmp_path):
    book = make_book(tmp_path)
    never = "if False:\n    claims.effect('never', found, seeds=SEEDS, of='loss')\n"
    book.write(CODE + never)
    status, output = book.run("replicate")
    assert status == 1
    assert "book/ko/index.md: a cell hands over never, but no run did" in output
    assert output.count("ran in") == 2, "which the first runs show"
    assert len(seeds_of(book)["grows"]) == 20


def test_data_that_claims_are_not_about_are_refused(monkeypatch, capsys):
    found = {"imdb": {"source": "wheel", "other": "fetch Keras' own"}}
    monkeypatch.setattr(replicate.book, "data_sets", lambda: found)
    assert replicate.main([]) == 1
    said = capsys.readouterr().err
    assert "the imdb data are not what claims are about: fetch Keras' own" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seeds", "30"], "--seeds: expected one of 20, 40, 80, 160, ..., or next"),
        (["--pages", "rnn", "nothing"], "--pages: no page is called nothing"),
        (["--condition", "warm"], "invalid choice: 'warm'"),
    ],
)
def test_what_cannot_be_replicated_is_refused(capsys, arguments, said):
    with pytest.raises(SystemExit) as stopped:
        replicate.main(arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_condition_that_this_machine_lacks_is_refused_with_the_reason(monkeypatch, capsys):
    monkeypatch.setattr(elsewhere, "all_conditions", lambda: {"gpu": "there is no GPU"})
    with pytest.raises(SystemExit):
        replicate.main(["--condition", "gpu"])
    assert "--condition gpu: there is no GPU" in capsys.readouterr().err


def test_a_damaged_pool_is_told_in_one_line(tmp_path):
    book = make_book(tmp_path)
    book.write(CODE)
    place = tmp_path / "book" / "pool" / "index.json"
    place.parent.mkdir()
    place.write_text('{"runs": [', encoding="utf-8")
    for command in ("replicate", "book"):
        options = ("--unchecked",) if command == "book" else ()
        status, output = book.run(command, *options)
        assert status == 1
        [line] = output.splitlines()
        assert line.startswith("book/pool/index.json:1:11: is not JSON")
        assert "restore it from git" in line


def test_the_pool_lies_beside_the_pages_and_the_runs_do_not():
    assert Path("book/pool") == replicate.pool.FOLDER.relative_to(replicate.book.ROOT)
    assert "_build" in store.RUNS.parts
