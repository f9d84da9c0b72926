"""Runs the pages in shards, each on a machine of its own, and joins what they ran.

Every machine divides the pages in the same way, from `book/page_seconds.json` alone, so that
none has to ask another one. The languages of a chapter share one run and so one shard.
"""

from __future__ import annotations

import argparse
import heapq
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bookwright import book, glue
from bookwright.claims import collect
from bookwright.problems import Problem, attempt, tell
from bookwright.runs import run as runs
from bookwright.runs import seconds, store, used

FOLDER = book.ROOT / "_build" / "shards"
_RECORD = "shard.json"
_RUNS = "runs"


class Shard(NamedTuple):
    """One of several shares of the pages; counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> Path:
        """Where its runs are written."""
        return FOLDER / f"{self.number}-of-{self.of}"


def shard(text: str) -> Shard:
    """Reads "2/5".

    Raises:
        argparse.ArgumentTypeError: It names no shard.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        message = f"expected a shard such as 2/5 (the second of five), got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return Shard(int(found[1]), int(found[2]))


def divide(
    names: Sequence[str], costs: Mapping[str, seconds.Cost], n_shards: int
) -> list[list[str]]:
    """Divides chapters so that the slowest shard is not much slower than the others.

    The longest chapter goes first, each to the shard with the least so far (Graham, 1969: at most
    4/3 of the best division). A chapter that nobody has timed counts as the median one.

    Args:
        names: The chapters.
        costs: What a chapter's run takes.
        n_shards: Into how many shares.

    Returns:
        The chapters of each shard, in the order given.
    """
    cost = {name: seconds.cost_of(name, costs).seconds for name in names}
    heap: list[tuple[float, int, list[str]]] = [(0.0, number, []) for number in range(n_shards)]
    for name in sorted(names, key=lambda name: (-cost[name], name)):
        total, number, share = heapq.heappop(heap)
        heapq.heappush(heap, (total + cost[name], number, [*share, name]))
    shares = {number: share for _, number, share in heap}
    return [[name for name in names if name in set(shares[k])] for k in range(n_shards)]


def run(which: Shard) -> int:
    """Runs a shard's pages and writes their runs to its folder.

    Returns:
        The exit status: 0 only if every page ran and every claim in them holds.
    """
    names = divide(book.page_names(), seconds.recorded().pages, which.of)[which.number - 1]
    print(f"shard {which}: {', '.join(names) or 'no pages, there are more shards than chapters'}")
    book.data_sets()  # without the data no page runs
    selected = [page for page in book.all_pages() if page.name in names]
    status = runs.run_pages(selected) if selected else 0
    shutil.rmtree(which.folder, ignore_errors=True)
    which.folder.mkdir(parents=True)
    missing = []
    for job in runs.jobs([page for page in selected if page.source.exists()]):
        if kept := store.find(job.cells, used.own_settings()):
            target = which.folder / _RUNS / job.cells
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(kept.path, target)
        else:
            missing += [str(page) for page in job.pages]
    found = runs.claims_of(selected, used.own_settings())
    fallen = [claim["id"] for claim in collect.fallen(found)]
    if text := collect.told(found):
        print(text)
    record = {
        "shard": str(which),
        "passed": status == 0,
        "missing": missing,
        "fallen": fallen,
        "data": {name: copy["source"] for name, copy in book.data_sets().items()},
    }
    (which.folder / _RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"shard {which}: {len(selected) - len(missing)} of {len(selected)} pages have a run")
    return status or int(bool(fallen))


def _problems(record: Mapping, folder: Path) -> list[str]:
    """What is wrong with one shard."""
    name, problems = record["shard"], []
    for path in folder.glob(f"{_RUNS}/*/*.json"):
        kept = store.read(path)
        if kept is None:
            problems.append(f"shard {name}: {path.name} cannot be read: run it again")
        elif reason := used.stale(kept.record, used.own_settings()):
            problems.append(
                f"shard {name} ran {kept.record['page']} with something else than is here "
                f"({reason}): run it again with make shard SHARD={name}"
            )
    if not record["passed"]:
        missing = ", ".join(record["missing"]) or "none"
        problems.append(f"shard {name} failed: see what it printed. Pages without a run: {missing}")
    return problems


def _records(folder: Path) -> dict[Path, dict[str, Any]]:
    """What the shards below a folder say of themselves, by their folders.

    Raises:
        RuntimeError: They are no shards of one division; the message says what to do.
    """
    found = {}
    for path in sorted(folder.glob(f"*/{_RECORD}")):
        try:
            found[path.parent] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            where = path.relative_to(book.ROOT).as_posix()
            message = f"{where} cannot be read: remove its folder, run it again"
            raise RuntimeError(message) from None
    if not found:
        where = folder.relative_to(book.ROOT).as_posix()
        raise RuntimeError(f"there is no shard in {where}: make shard SHARD=1/2 runs one")
    if len({shard(record["shard"]).of for record in found.values()}) > 1:
        names = ", ".join(sorted(record["shard"] for record in found.values()))
        raise RuntimeError(f"these shards are of different divisions: {names}. Remove some.")
    return found


def _join(record: Mapping, folder: Path) -> None:
    """Takes over the runs of a shard, and says which claims fell in it."""
    if record["fallen"]:
        print(f"shard {record['shard']}: claims that do not hold: {', '.join(record['fallen'])}")
    if (folder / _RUNS).exists():
        shutil.copytree(folder / _RUNS, store.RUNS, dirs_exist_ok=True)


def _missing(here: Sequence[str]) -> Iterator[str]:
    """The shards of a division that have pages and are not here."""
    of = shard(here[0]).of
    for number, share in enumerate(divide(book.page_names(), seconds.recorded().pages, of), 1):
        name = str(Shard(number, of))
        if name not in here and share:
            yield f"shard {name} is missing, with the pages {', '.join(share)}"


def _without_run() -> list[str]:
    """The pages that nobody has run."""
    return [
        str(page)
        for job in runs.jobs([page for page in book.all_pages() if page.source.exists()])
        if store.find(job.cells, used.own_settings()) is None
        for page in job.pages
    ]


def merge(folder: Path = FOLDER) -> int:
    """Joins all shards below a folder into the runs that the build shows.

    What has run is kept even if a shard failed or is missing, so that only the rest runs again.

    Returns:
        The exit status: 0 only if every page of the book has a run. A claim that does not hold is
        named; the shard that ran it failed, and so do the tests of the site, which is built.

    Raises:
        RuntimeError: There are no shards that can be joined; the message says what to do.
    """
    found = _records(folder)
    problems = []
    for place, record in found.items():
        problems += _problems(record, place)
        _join(record, place)
    problems += _missing([record["shard"] for record in found.values()])
    without = _without_run()
    if without and not problems:
        problems.append(f"these pages were in no shard: {', '.join(without)}")
    status = tell(map(Problem, problems))
    total = len(book.all_pages())
    print(f"merged {len(found)} shards: {total - len(without)} of {total} pages have a run")
    return status


def record_seconds() -> int:
    """Writes what the chapters took, for the next division; returns the exit status."""
    costs = {}
    for page in book.all_pages():
        if kept := store.of_page(page):
            memory = glue.of_notebook(kept.notebook()).get("run", {}).get("peak_memory_bytes", 2e9)
            costs[page.name] = seconds.Cost(kept.record["seconds"], memory)
    seconds.record(costs)
    total = sum(cost.seconds for cost in costs.values())
    print(f"{len(costs)} chapters, {total:.0f} s: {seconds.FILE.name}")
    return 0


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright shard", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="run one share of the pages, into _build/shards")
    one.add_argument("shard", type=shard, metavar="N/OF", help="which share, such as 2/5")
    commands.add_parser("merge", help="join all of _build/shards into the runs of the build")
    commands.add_parser("record", help="record what the pages took, for a fair division")
    given = parser.parse_args(arguments)
    work = {"run": lambda: run(given.shard), "merge": merge, "record": record_seconds}
    return attempt(work[given.command], runs.KEPT)
