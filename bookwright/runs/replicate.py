"""Runs pages again with seeds that nobody has looked at, and adds the values to their pools.

The page is not changed: a number is added to its seeds, counted on from those that its pool holds.
Each run is kept as it ends and goes into `book/pool/NAME.json`, in the order of the seeds: a stop
loses the runs in progress and no more, and the next call goes on from there. With seeds that a page
fails with, the pool ends before them, until the page is mended. What the pools say of the claims
goes to `_build/conditions/replicate.md`, and beside it there is `replicate.held` if no claim falls.
"""

from __future__ import annotations

import argparse
import ast
import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dask.system import CPU_COUNT

from bookwright import book, glue
from bookwright.claims import collect, judge, pool
from bookwright.problems import Problem, attempt, tell
from bookwright.runs import conditions, elsewhere, seconds, store
from bookwright.runs import run as runs
from bookwright.runs.used import Settings, own_settings

_NEXT = "next"  # the size that the pool of each page reaches next
_MOST = 10  # seeds in a row that a run may use, where its cells do not say how many


class Wanted(NamedTuple):
    """What is to be replicated: how many seeds, under which condition of `elsewhere` if any."""

    seeds: int
    condition: str | None
    settings: Settings


def _n_seeds(job: runs.Job) -> dict[str, int]:
    """How many seeds one run gives each claim, as far as an earlier run shows it."""
    if (kept := store.latest(job.cells)) is None:
        return {}
    found = collect.of_notebook(kept.notebook())
    return {claim["id"]: len(claim["seeds"]) for claim in found if claim["seeds"]}


def _widest(job: runs.Job) -> int:
    """How many seeds in a row a run of these cells uses."""
    numbers = [
        node.args[0].value
        for cell in job.notebook.cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "claims.seeds"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, int)
    ]
    return max(numbers, default=_MOST)


def _lacking(job: runs.Job, wanted: Wanted) -> dict[str, int]:
    """How many seeds each claim of a page still lacks."""
    whole = pool.read(job.pages[0].name)
    part = whole
    if wanted.condition is not None:
        part = whole["elsewhere"].get(wanted.condition, {"claims": {}})
    return pool.lacking(part, collect.codes(job.notebook), wanted.seeds)


def planned(job: runs.Job, wanted: Wanted) -> list[runs.Planned]:
    """The runs that a page still needs, each with seeds of its own.

    Args:
        job: The page's cells.
        wanted: What is to be replicated.
    """
    lacking, given = _lacking(job, wanted), _n_seeds(job)
    step = _widest(job)  # where this is too few runs, for nobody knows yet, there are further ones
    n_runs = max((-(-n // given.get(claim, step)) for claim, n in lacking.items()), default=0)
    first = pool.next_seed(pool.read(job.pages[0].name))
    return [
        runs.Planned(job, wanted.settings._replace(seed_offset=first + step * number))
        for number in range(n_runs)
    ]


def _add(each: runs.Planned, kept: store.Run, wanted: Wanted) -> list[Problem]:
    """Adds a run to the pool of its page; says why not, if it measured with seeds not its own."""
    notebook, record = kept.notebook(), kept.record
    name, measured = each.job.pages[0].name, collect.of_notebook(notebook)
    codes = collect.codes(each.job.notebook)
    first, n_seeds = each.settings.seed_offset, _widest(each.job)
    if strange := [
        Problem(
            f"{claim['id']} is measured with other seeds than those of the run: a page takes them "
            "all from claims.seeds(...), with their number written there",
            each.job.pages[0].where,
        )
        for claim in measured
        if claim["id"] in codes and not set(claim["seeds"]) <= set(range(first, first + n_seeds))
    ]:
        return strange
    run = {
        "seeds": [first, first + n_seeds - 1],
        "made": record["made"][:10],
        "seconds": round(record["seconds"], 1),
        "versions": glue.of_notebook(notebook).get("run", {}).get("versions"),
        "machine": pool.machine(record["machine"]),
        "data": {name: copy["sha256"] for name, copy in record["used"]["data"].items()},
    }
    pool.add(name, measured, codes, run, wanted.condition, wanted.seeds)
    return []


class Asked(NamedTuple):
    """A run that a pool still needs."""

    run: runs.Planned
    wanted: Wanted


def _needed(pages: Sequence[tuple[runs.Job, Wanted]]) -> dict[str, Asked]:
    """The runs that pages still need, by the names they have on the display."""
    return {
        f"{job.name} from seed {each.settings.seed_offset}": Asked(each, wanted)
        for job, wanted in pages
        for each in planned(job, wanted)
    }


def fitting(needed: Mapping[str, Asked], left: float | None) -> dict[str, Asked]:
    """The runs that are expected to end in time on this machine's cores, the first ones first.

    Args:
        needed: The runs, by name.
        left: The time in seconds; None if all of them may run.
    """
    if left is None:
        return dict(needed)
    chosen, costs = {}, list[float]()
    for name, each in needed.items():
        cost = seconds.cost_of(each.run.job.pages[0].name, seconds.recorded().pages)
        with_it = [*costs, cost.seconds * seconds.scale()]
        if seconds.makespan(with_it, CPU_COUNT) <= left:
            chosen[name], costs = each, with_it
    return chosen


def _round(asked: Mapping[str, Asked], ended: dict[str, store.Run]) -> Iterator[Problem]:
    """Runs what was not run before, adds it all to the pools, and yields what went wrong.

    Args:
        asked: The runs by name, those of a page in the order of their seeds.
        ended: Gets a run of each page, by its cells.
    """
    done: dict[str, store.Run] = {}
    waiting: dict[str, runs.Planned] = {}
    queues: dict[str, list[str]] = {}
    for name, (each, _) in asked.items():
        queues.setdefault(each.job.cells, []).append(name)
        if kept := store.find(each.job.cells, each.settings):
            done[name] = kept
        else:
            waiting[name] = each

    def add() -> Iterator[Problem]:
        """In the order of the seeds: none is left out for a run that takes long, or that failed."""
        for cells, queue in queues.items():
            while queue and queue[0] in done:
                name = queue.pop(0)
                ended[cells] = done[name]
                yield from _add(asked[name].run, done[name], asked[name].wanted)

    yield from add()
    for name, ran in runs.execute(waiting, f"{len(waiting)} runs"):
        if ran.run:
            done[name] = ran.run
        yield from [*ran.problems, *add()]


def _told(name: str, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the pool of a page says of its claims."""
    chance = [claim for claim in found if claim["pool"]]
    held = [claim for claim in chance if claim["held"]]
    yield f"- {name}: {len(held)} of {len(chance)} claims with chance are carried"
    for claim in chance:
        if claim["held"] is False:
            yield f"  - {claim['id']}: {claim['why']}"


def _report(
    every: Sequence[runs.Job], ended: Mapping[str, store.Run], problems: list[Problem]
) -> None:
    """Writes what the pools say of the claims of some pages, by the page's run or a fresh one."""
    lines, fell = list[str](), False
    for job in every:
        if kept := store.latest(job.cells) or ended.get(job.cells):
            name, codes = job.pages[0].name, collect.codes(job.notebook)
            found = judge.judged(collect.of_notebook(kept.notebook()), name, codes)
            lines += _told(name, found)
            fell |= any(claim["held"] is False for claim in found if claim["pool"])
    text = "\n".join([*(f"- {problem}" for problem in problems), *lines, ""])
    conditions.write_report("replicate", text, held=not (problems or fell))


def _pages(names: Sequence[str]) -> list[runs.Job]:
    every = runs.jobs([page for page in book.all_pages() if page.name in names])
    return [job for job in every if collect.codes(job.notebook)]


def _sized(job: runs.Job, wanted: Wanted, size: int | None) -> Wanted:
    """What is wanted of a page; without a size, the one that its pool reaches next."""
    if size is None:
        name, codes = job.pages[0].name, collect.codes(job.notebook)
        size = pool.next_size(pool.read(name), codes)
    return wanted._replace(seeds=size)


def _work(names: Sequence[str], wanted: Wanted, size: int | None, minutes: float | None) -> int:
    end = None if minutes is None else time.monotonic() + 60 * minutes
    book.need_data_of_claims()
    every = _pages(names)
    pages = [(job, _sized(job, wanted, size)) for job in every]
    pages.sort(key=lambda each: each[1].seeds)  # first what is to decide at all
    problems: list[Problem] = []
    ended: dict[str, store.Run] = {}
    while not problems and any(before := [_lacking(*each) for each in pages]):
        asked = fitting(_needed(pages), end and end - time.monotonic())
        if not asked:
            print("there is no time for further runs")
            break
        tried = {each.run.job.cells for each in asked.values()}
        problems = list(dict.fromkeys(_round(asked, ended))) or [
            Problem(f"a cell hands over {claim}, but no run did", job.pages[0].where)
            for (job, of), lacked in zip(pages, before, strict=True)
            for claim, n in _lacking(job, of).items()
            if job.cells in tried and lacked.get(claim) == n
        ]
    status = tell(problems)
    _report(every, ended, problems)
    return status


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    known = elsewhere.all_conditions()
    parser = argparse.ArgumentParser(prog="python -m bookwright replicate", description=__doc__)
    parser.add_argument("--pages", nargs="*", metavar="NAME", help="all, if none is named")
    said = f"20 by default, 40, 80, ...; {_NEXT}: the next of these for each page"
    parser.add_argument("--seeds", default=str(pool.SIZE), help=said)
    parser.add_argument("--minutes", type=float, help="leave out runs that would end later")
    said = f"apart, deciding nothing: {', '.join(known)}"
    parser.add_argument("--condition", choices=known, metavar="NAME", help=said)
    given = parser.parse_args(arguments)
    sizes = [*map(str, pool.sizes()), _NEXT]
    fits = given.seeds in sizes if given.condition is None else given.seeds.isdecimal()
    if not fits:
        parser.error(f"--seeds: expected one of {', '.join(sizes[:4])}, ..., or {_NEXT}")
    size = None if given.seeds == _NEXT else int(given.seeds)
    if unknown := set(given.pages or ()) - set(book.page_names()):
        parser.error(f"--pages: no page is called {', '.join(sorted(unknown))}")
    settings = known[given.condition] if given.condition else own_settings()
    if not isinstance(settings, Settings):
        parser.error(f"--condition {given.condition}: {settings}")
    wanted = Wanted(size or pool.SIZE, given.condition, settings)
    names = given.pages or book.page_names()
    work = functools.partial(_work, names, wanted, size, given.minutes)
    return attempt(work, "every run that ended is kept")
