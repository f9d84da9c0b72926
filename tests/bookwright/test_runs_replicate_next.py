"""Fresh seeds towards the next size of each pool, as many runs as there is time for."""

from __future__ import annotations

import json

import nbformat
import pytest

from bookwright.book import HEADER, Page
from bookwright.claims import pool
from bookwright.runs import replicate, seconds
from bookwright.runs import run as runs
from bookwright.runs.used import Settings
from tests.helpers import make_book

CODES = {"one": "c0de", "two": "c0de"}


def pooled(**n_seeds: int) -> dict:
    entries = {
        claim: {"code": "c0de", "seeds": [*range(1000, 1000 + n)]} for claim, n in n_seeds.items()
    }
    return {"runs": [], "claims": entries, "elsewhere": {}}


@pytest.mark.parametrize(
    ("n_seeds", "size"),
    [
        ({}, 20),
        ({"one": 20}, 20),
        ({"one": 20, "two": 0}, 20),
        ({"one": 20, "two": 20}, 40),
        ({"one": 40, "two": 80}, 80),
        ({"one": 80, "two": 80}, 160),
    ],
)
def test_the_next_size_is_that_of_the_claim_with_the_fewest_seeds(n_seeds, size):
    assert pool.next_size(pooled(**n_seeds), CODES) == size


def test_seeds_of_other_code_do_not_count_towards_the_next_size():
    assert pool.next_size(pooled(one=40, two=40), CODES | {"two": "another"}) == 20


@pytest.fixture
def needed(monkeypatch):
    """Four runs of a page that takes 100 seconds and two of one that takes 10, on two cores."""
    costs = {"long": seconds.Cost(100, 1e9), "short": seconds.Cost(10, 1e9)}
    monkeypatch.setattr(seconds, "recorded", lambda: seconds.Recorded(1.0, costs))
    monkeypatch.setattr(seconds, "probe", lambda: 1.0)
    monkeypatch.setattr(replicate, "CPU_COUNT", 2)
    wanted = replicate.Wanted(20, None, Settings())

    def asked(name):
        job = runs.Job(name, nbformat.v4.new_notebook(), [Page("en", name)])
        return replicate.Asked(runs.Planned(job, Settings()), wanted)

    names = ["long 1", "long 2", "long 3", "long 4", "short 1", "short 2"]
    return {name: asked(name.split()[0]) for name in names}


@pytest.mark.parametrize(
    ("left", "fit"),
    [
        (None, ["long 1", "long 2", "long 3", "long 4", "short 1", "short 2"]),
        (250, ["long 1", "long 2", "long 3", "long 4", "short 1", "short 2"]),
        (200, ["long 1", "long 2", "long 3", "long 4"]),
        (110, ["long 1", "long 2", "short 1", "short 2"]),
        (50, ["short 1", "short 2"]),
        (5, []),
    ],
)
def test_the_first_runs_that_fit_into_the_time_are_chosen(needed, left, fit):
    assert list(replicate.fitting(needed, left)) == fit


def test_on_a_slower_machine_fewer_runs_fit(needed, monkeypatch):
    monkeypatch.setattr(seconds, "probe", lambda: 3.0)
    assert list(replicate.fitting(needed, 110)) == ["short 1", "short 2"]


PAGE = (
    HEADER
    + """# Title

:::{claim} grows
It grows.
:::

```{code-cell} ipython3
from lessons_src import claims, data, report

SEEDS = claims.seeds(10)
claims.effect("grows", [seed % 7 for seed in SEEDS], seeds=SEEDS, above=LEAST)
report.end_page(data.TextDataset([], [], [], [], {}, (), "directory", {}, ()))
```

```{run-info}
```
"""
)


def write(book, least: int) -> None:
    for language in ("ko", "en"):
        book.page(language).write_text(PAGE.replace("LEAST", str(least)), encoding="utf-8")


def test_each_call_goes_on_to_the_next_size_and_the_report_says_what_falls(tmp_path):
    book = make_book(tmp_path / "book")
    write(book, least=1)
    report = book.folder / "_build" / "conditions" / "replicate.md"

    def entry():
        whole = json.loads((book.folder / "book" / "pool" / "index.json").read_text("utf-8"))
        return whole["claims"]["grows"]

    status, said = book.run("replicate", "--seeds", "next", "--minutes", "30")
    assert status == 0, said
    assert sorted(entry()["seeds"]) == list(range(1000, 1020)), "whichever run ended first"
    assert "1 of 1 claims with chance are carried" in report.read_text(encoding="utf-8")
    assert report.with_suffix(".held").exists()

    write(book, least=5)  # another rule: the seeds that were measured stay
    status, said = book.run("replicate", "--seeds", "next", "--minutes", "0.0001")
    assert status == 0, said
    assert "there is no time for further runs" in said
    assert len(entry()["seeds"]) == 20

    status, said = book.run("replicate", "--seeds", "next")
    assert status == 0, said
    assert len(entry()["seeds"]) == 40
    assert "- grows: pool" in report.read_text(encoding="utf-8")
    assert not report.with_suffix(".held").exists()


def test_a_size_that_is_none_is_refused():
    with pytest.raises(SystemExit):
        replicate.main(["--seeds", "30"])
    with pytest.raises(SystemExit):
        replicate.main(["--seeds", "next", "--condition", "default"])
