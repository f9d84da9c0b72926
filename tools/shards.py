"""Runs the pages in shards, each on a machine of its own, and joins what they ran.

    python -m tools.shards run 2/5 [--alone]   this machine's share, into _build/shards/2-of-5
    python -m tools.shards merge               all shards below _build/shards into the build's cache
    python -m tools.shards record              the seconds of the last runs, for a fair division

Every machine divides the pages in the same way, from `tools/page_seconds.json` alone, so that
none has to ask another one. The languages of a chapter share one run and so one shard.
"""

from __future__ import annotations

import argparse
import heapq
import json
import re
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jupyter_cache import get_cache

from lessons_src import data
from tools import nbmake, pages, run_cache

FOLDER = pages.ROOT / "_build" / "shards"
SECONDS = Path(__file__).with_name("page_seconds.json")
_RECORD = "shard.json"


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


def recorded_seconds() -> dict[str, float]:
    """How long each chapter took when the seconds were last recorded."""
    return json.loads(SECONDS.read_text(encoding="utf-8")) if SECONDS.exists() else {}


def divide(names: Sequence[str], seconds: Mapping[str, float], n_shards: int) -> list[list[str]]:
    """Divides chapters so that the slowest shard is not much slower than the others.

    The longest chapter goes first, each to the shard with the least so far (Graham, 1969: at most
    4/3 of the best division). A chapter that nobody has timed counts as the median one.

    Args:
        names: The chapters.
        seconds: How long a chapter runs.
        n_shards: Into how many shares.

    Returns:
        The chapters of each shard, in the order given.
    """
    median = statistics.median(seconds.values()) if seconds else 1.0
    cost = {name: seconds.get(name, median) for name in names}
    heap: list[tuple[float, int, list[str]]] = [(0.0, number, []) for number in range(n_shards)]
    for name in sorted(names, key=lambda name: (-cost[name], name)):
        total, number, share = heapq.heappop(heap)
        heapq.heappush(heap, (total + cost[name], number, [*share, name]))
    shares = {number: share for _, number, share in heap}
    return [[name for name in names if name in set(shares[k])] for k in range(n_shards)]


def run(which: Shard, alone: bool = False) -> int:
    """Runs a shard's pages and writes their runs to its folder; returns the exit status.

    Args:
        which: The shard.
        alone: Run them as downloaded notebooks, as `tools.nbmake` does.
    """
    names = divide(pages.page_names(), recorded_seconds(), which.of)[which.number - 1]
    print(f"shard {which}: {', '.join(names) or 'no pages, there are more shards than chapters'}")
    pages.fingerprint()  # without the data no page runs, and nobody could say what the runs are of
    selected = [page for page in pages.all_pages() if page.name in names]
    status = nbmake.run_pages(selected, alone=alone) if selected else 0
    shutil.rmtree(which.folder, ignore_errors=True)
    which.folder.mkdir(parents=True)
    missing = run_cache.copy_pages(selected, pages.cache(), get_cache(which.folder / "cache"))
    record = {
        "shard": str(which),
        "passed": status == 0,
        "missing": missing,
        "fingerprint": pages.fingerprint(),
        "data": {name: found["source"] for name, found in pages.data_sets().items()},
    }
    (which.folder / _RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"shard {which}: {len(selected) - len(missing)} of {len(selected)} pages have a run")
    return status


def _problem(record: Mapping) -> str | None:
    """What is wrong with one shard, or None."""
    name = record["shard"]
    if record["fingerprint"] != pages.fingerprint():
        ours = {name: found["source"] for name, found in pages.data_sets().items()}
        return (
            f"shard {name} ran with other sources, versions or data than are here (fingerprint "
            f"{record['fingerprint']}, here {pages.fingerprint()}; data from {record['data']}, "
            f"here {ours}): run it again with make shard SHARD={name}"
        )
    if not record["passed"]:
        missing = ", ".join(record["missing"]) or "none"
        return f"shard {name} failed: see what it printed. Pages without a run: {missing}"
    return None


def merge(folder: Path = FOLDER) -> int:
    """Joins all shards below a folder into the cache that the build reads.

    What has run is kept even if a shard failed or is missing, so that only the rest runs again.

    Returns:
        The exit status: 0 only if every page of the book has a run.
    """
    found = {}
    for path in sorted(folder.glob(f"*/{_RECORD}")):
        try:
            found[path] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            where = path.relative_to(pages.ROOT).as_posix()
            print(f"{where} cannot be read: remove its folder, run it again", file=sys.stderr)
            return 1
    if not found:
        where = folder.relative_to(pages.ROOT).as_posix()
        print(f"there is no shard in {where}: make shard SHARD=1/2 runs one", file=sys.stderr)
        return 1
    divisions = sorted({shard(record["shard"]).of for record in found.values()})
    if len(divisions) > 1:
        names = ", ".join(sorted(record["shard"] for record in found.values()))
        print(f"these shards are of different divisions: {names}. Remove some.", file=sys.stderr)
        return 1
    problems = [problem for record in found.values() if (problem := _problem(record))]
    for path, record in found.items():
        if record["fingerprint"] == pages.fingerprint() and (path.parent / "cache").exists():
            run_cache.copy_all(get_cache(path.parent / "cache"), pages.cache())
    shares = divide(pages.page_names(), recorded_seconds(), divisions[0])
    here = {record["shard"] for record in found.values()}
    for number, share in enumerate(shares, start=1):
        lacking = str(Shard(number, divisions[0]))
        if lacking not in here and share:
            problems.append(f"shard {lacking} is missing, with the pages {', '.join(share)}")
    without = [str(page) for page in pages.all_pages() if run_cache.record(page) is None]
    if without and not problems:
        problems.append(f"these pages were in no shard: {', '.join(without)}")
    for problem in problems:
        print(problem, file=sys.stderr)
    total = len(pages.all_pages())
    print(f"merged {len(found)} shards: {total - len(without)} of {total} pages have a run")
    pages.cache().db.dispose()
    return 1 if problems else 0


def record_seconds() -> int:
    """Writes how long the chapters took, for the next division; returns the exit status."""
    seconds = recorded_seconds()
    for page in pages.all_pages():
        if (found := run_cache.record(page)) and "execution_seconds" in (found.data or {}):
            seconds[page.name] = round(found.data["execution_seconds"], 1)
    known = {name: seconds[name] for name in pages.page_names() if name in seconds}
    SECONDS.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    print(f"{len(known)} chapters, {sum(known.values()):.0f} s: {SECONDS.name}")
    pages.cache().db.dispose()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.shards")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="run one share of the pages")
    one.add_argument("shard", type=shard, metavar="N/OF")
    one.add_argument("--alone", action="store_true", help="run pages as downloaded notebooks")
    commands.add_parser("merge", help="join all shards into the build's cache")
    commands.add_parser("record", help="record how long the pages took")
    given = parser.parse_args(arguments)
    try:
        if given.command == "run":
            return run(given.shard, alone=given.alone)
        return merge() if given.command == "merge" else record_seconds()
    except data.DataError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
