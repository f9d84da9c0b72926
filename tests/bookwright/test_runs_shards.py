"""Pages run in shards, joined afterwards: every page once, and whatever is missing is named."""

from __future__ import annotations

import itertools
import json
import platform
import shutil
from pathlib import Path

import pytest

from bookwright.book import LANGUAGES
from bookwright.runs import shards, used
from bookwright.runs.seconds import Cost
from tests.helpers import PAGE, Book, make_book

NAMES = ("index", "one", "two", "three")


def runs_of(book: Book) -> Path:
    return book.folder / "_build" / "cache" / "runs"


@pytest.fixture
def book(tmp_path) -> Book:
    pages = {
        name: dict.fromkeys(LANGUAGES, PAGE % f"{number} + 1") for number, name in enumerate(NAMES)
    }
    return make_book(tmp_path, pages)


def best(costs: list[float], n_shards: int) -> float:
    """The slowest shard of the best division of all."""
    return min(
        max(
            sum(c for c, k in zip(costs, where, strict=True) if k == shard)
            for shard in range(n_shards)
        )
        for where in itertools.product(range(n_shards), repeat=len(costs))
    )


def costs(**seconds_: float) -> dict[str, Cost]:
    return {name: Cost(taken, 1e9) for name, taken in seconds_.items()}


@pytest.mark.parametrize("n_shards", [1, 2, 3, 5])
def test_no_division_is_a_third_slower_than_the_best_one(n_shards):
    seconds = dict(zip("abcdefg", [229.0, 235.0, 200.0, 174.0, 95.0, 18.0, 9.0], strict=True))
    shares = shards.divide(list(seconds), costs(**seconds), n_shards)
    assert sorted(itertools.chain(*shares)) == sorted(seconds)
    slowest = max(sum(seconds[name] for name in share) for share in shares)
    assert slowest <= 4 / 3 * best(list(seconds.values()), n_shards)


def test_a_chapter_that_nobody_has_timed_counts_as_the_median():
    shares = shards.divide(["new", "a", "b", "c"], costs(a=1, b=10, c=12), 2)
    assert shares == [["a", "c"], ["new", "b"]]


def test_every_machine_divides_alike_whatever_it_has_run():
    names = [f"page{number}" for number in range(20)]
    assert shards.divide(names, {}, 3) == shards.divide(names, {}, 3)
    assert {len(share) for share in shards.divide(names, {}, 3)} == {6, 7}


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0"])
def test_what_is_no_shard_is_refused_with_an_example(book, text):
    status, output = book.run("shard", "run", text)
    assert status == 2
    assert f"expected a shard such as 2/5 (the second of five), got {text!r}" in output


def test_shards_one_after_another_then_a_build_that_runs_no_page(book):
    ran = []
    for number in (1, 2, 3):
        status, output = book.run("shard", "run", f"{number}/3")
        assert status == 0, output
        ran.append(output.count("ran in"))
        shutil.rmtree(runs_of(book))  # each shard on a machine of its own
    assert sum(ran) == len(NAMES)
    assert all(ran)

    status, output = book.run("shard", "merge")
    assert status == 0, output
    assert "merged 3 shards: 8 of 8 pages have a run" in output
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert "4 of 4 pages: reused an earlier run" in output
    assert "ran in" not in output
    record = json.loads((book.folder / "_build" / "html" / "build.json").read_text("utf-8"))
    assert set(record) == {"wheel", "versions", "data", "pages"}
    run = record["pages"]["ko/one"]
    assert run["machine"]["machine"] == platform.machine()
    assert run["settings"] == used.own_settings().plain()


def test_a_failed_and_a_missing_shard_are_named_and_the_rest_is_kept(book):
    book.write("1 / 0", name="two")
    shares = shards.divide(NAMES, {}, 3)
    (bad,) = [k for k, share in enumerate(shares, 1) if "two" in share]
    good, left_out = [k for k in (1, 2, 3) if k != bad]
    status, output = book.run("shard", "run", f"{bad}/3")
    assert status != 0
    assert "ZeroDivisionError" in output
    assert book.run("shard", "run", f"{good}/3")[0] == 0

    status, output = book.run("shard", "merge")
    assert status == 1
    assert f"shard {bad}/3 failed" in output
    assert "ko/two, en/two" in output
    assert f"shard {left_out}/3 is missing, with the pages {shares[left_out - 1][0]}" in output

    book.write("20 + 1", name="two")
    status, output = book.run()
    assert status == 0, output
    ran = 1 + len(shares[left_out - 1])
    assert output.count("ran in") == ran, "only what failed or was missing runs again"


def test_a_page_that_used_other_sources_is_not_joined(book):
    book.write("from lessons_src import encoding", name="two")
    assert book.run("shard", "run", "1/1")[0] == 0
    module = book.folder / "lessons_src" / "encoding.py"
    module.write_text(module.read_text() + "\n# changed\n")
    status, output = book.run("shard", "merge")
    assert status == 1
    told = "shard 1/1 ran two with something else than is here (lessons_src/encoding.py changed)"
    assert told in output
    assert "6 of 8 pages have a run" in output, "the others did not use it"


def test_shards_of_two_divisions_are_not_mixed(book):
    assert book.run("shard", "run", "1/2")[0] == 0
    assert book.run("shard", "run", "3/3")[0] == 0
    status, output = book.run("shard", "merge")
    assert status == 1
    assert "these shards are of different divisions: 1/2, 3/3" in output


def test_nothing_to_merge_says_what_to_do(book):
    status, output = book.run("shard", "merge")
    assert status == 1
    assert "there is no shard in _build/shards: make shard SHARD=1/2 runs one" in output


def test_a_shard_that_came_in_pieces_is_named(book):
    record = book.folder / "_build" / "shards" / "1-of-2" / "shard.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"shard": "1/2", "pass')
    status, output = book.run("shard", "merge")
    assert status == 1
    assert "_build/shards/1-of-2/shard.json cannot be read" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("command", [("shard", "run", "1/2"), ("cache-key",)])
def test_without_the_data_the_message_is_that_of_the_data(book, tmp_path, monkeypatch, command):
    for name, value in (("LESSONS_OFFLINE", "1"), ("KERAS_HOME", str(tmp_path / "keras"))):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    book.write("from lessons_src import data; data.load_reuters()", name="one")
    status, output = book.run(*command)
    assert status == 1
    assert "reuters" in output
    assert "LESSONS_DATA_DIR" in output
    assert "Traceback" not in output


def test_a_run_whose_file_was_lost_counts_as_none(book):
    assert book.run("shard", "run", "1/1")[0] == 0
    next(runs_of(book).glob("*/*.json")).unlink()
    status, output = book.run("shard", "merge")
    assert status == 0, output
    assert "8 of 8 pages have a run" in output, "the shard still has it"


def test_a_shard_whose_claims_do_not_hold_fails_and_is_joined_all_the_same(book):
    check = "claims.every_seed('faster', [0.1, 0.2, 0.3], seeds=[0, 1, 2], above=1)"
    book.write(f"from lessons_src import claims\n{check}", name="two")
    status, output = book.run("shard", "run", "1/1")
    assert status == 1
    assert "  faster (two): expected every value above 1, measured 0.1, 0.2, 0.3" in output
    status, output = book.run("shard", "merge")
    assert status == 0, "so that the site is built, in which the claim is marked"
    assert "shard 1/1: claims that do not hold: faster" in output
    assert "8 of 8 pages have a run" in output


def test_recorded_seconds_are_those_of_the_runs(book):
    book.write("import time; time.sleep(3)", name="three")
    assert book.run("shard", "run", "1/1")[0] == 0
    status, output = book.run("shard", "record")
    assert status == 0, output
    found = json.loads((book.folder / "book" / "page_seconds.json").read_text("utf-8"))
    assert list(found["pages"]) == list(NAMES), "only pages of the book"
    heads = [path.read_text("utf-8").partition("\n")[0] for path in runs_of(book).glob("*/*.json")]
    kept = {run["page"]: run["seconds"] for run in map(json.loads, heads)}
    assert {name: cost[0] for name, cost in found["pages"].items()} == pytest.approx(kept, abs=0.1)
    assert kept["three"] >= 3
    assert found["probe"] > 0
