"""Runs pages again with seeds that nobody has looked at, and adds the values to their pools.

The page is not changed: a number is added to its seeds, counted on from those that its pool holds.
Each run goes into `book/pool/NAME.json` as it ends, so that a stop loses the runs in progress and
no more; the next call goes on from there.
"""

from __future__ import annotations

import argparse
import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bookwright import book, glue
from bookwright.claims import collect, judge, pool
from bookwright.problems import attempt, tell_problems
from bookwright.runs import elsewhere, store
from bookwright.runs import run as runs
from bookwright.runs.used import Settings

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
    rows = pool.free(pool.read(job.pages[0].name), step)
    return [
        runs.Planned(job, wanted.settings._replace(seed_offset=first))
        for first in itertools.islice(rows, n_runs)
    ]


def _add(each: runs.Planned, kept: store.Run, wanted: Wanted) -> list[str]:
    """Adds a run to the pool of its page; says why not, if it measured with seeds not its own."""
    notebook, record = kept.notebook(), kept.record
    name, measured = each.job.pages[0].name, collect.of_notebook(notebook)
    codes = collect.codes(each.job.notebook)
    first, n_seeds = each.settings.seed_offset, _widest(each.job)
    if strange := [
        f"{name}: {claim['id']} is measured with other seeds than those of the run: a page takes "
        "them all from claims.seeds(...), with their number written there"
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


def _round(every: Sequence[runs.Job], wanted: Wanted) -> Iterator[str]:
    """Runs what pages still need, adds it to their pools, and yields what went wrong."""
    waiting: dict[str, runs.Planned] = {}
    for job in every:
        for each in planned(job, wanted):
            if kept := store.find(job.cells, each.settings):
                yield from _add(each, kept, wanted)
            else:
                waiting[f"{job.name} from seed {each.settings.seed_offset}"] = each
    for name, ran in runs.execute(waiting, f"{len(waiting)} runs"):
        if ran.run:
            yield from _add(waiting[name], ran.run, wanted)
        yield from ran.problems


def _told(name: str, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the pool of a page says of its claims."""
    chance = [claim for claim in found if claim["pool"]]
    held = [claim for claim in chance if claim["held"]]
    yield f"{name}: {len(held)} of {len(chance)} claims with chance are carried"
    for claim in chance:
        if claim["held"] is False:
            yield f"  {claim['id']}: {claim['why']}"


def _pages(names: Sequence[str]) -> list[runs.Job]:
    every = runs.jobs([page for page in book.all_pages() if page.name in names])
    return [job for job in every if collect.codes(job.notebook)]


def _work(names: Sequence[str], wanted: Wanted) -> int:
    for name, copy in book.data_sets().items():
        if "other" in copy:
            raise RuntimeError(f"the {name} data are not what claims are about: {copy['other']}")
    every = _pages(names)
    problems: list[str] = []
    while not problems and any(_lacking(job, wanted) for job in every):
        before = [_lacking(job, wanted) for job in every]
        problems = list(_round(every, wanted))
        if not problems and before == [_lacking(job, wanted) for job in every]:
            lacking = ", ".join(sorted({claim for each in before for claim in each}))
            problems = [f"no run measured these claims, which a cell of their page does: {lacking}"]
    tell_problems(problems)
    for job in every:
        name = job.pages[0].name
        if kept := store.latest(job.cells):
            found = judge.judged(
                collect.of_notebook(kept.notebook()), name, collect.codes(job.notebook)
            )
            print("\n".join(_told(name, found)))
    return 1 if problems else 0


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    known = elsewhere.all_conditions()
    parser = argparse.ArgumentParser(prog="python -m bookwright replicate", description=__doc__)
    parser.add_argument("--pages", nargs="*", metavar="NAME", help="all, if none is named")
    parser.add_argument("--seeds", type=int, default=pool.SIZE, help="20 by default, 40, 80, ...")
    said = f"apart, deciding nothing: {', '.join(known)}"
    parser.add_argument("--condition", choices=known, metavar="NAME", help=said)
    given = parser.parse_args(arguments)
    if given.condition is None and given.seeds not in pool.sizes():
        parser.error(f"--seeds: expected one of {', '.join(map(str, pool.sizes()[:4]))}, ...")
    if unknown := set(given.pages or ()) - set(book.page_names()):
        parser.error(f"--pages: no page is called {', '.join(sorted(unknown))}")
    settings = known[given.condition] if given.condition else Settings()
    if not isinstance(settings, Settings):
        parser.error(f"--condition {given.condition}: {settings}")
    wanted = Wanted(given.seeds, given.condition, settings)
    names = given.pages or book.page_names()
    return attempt(lambda: _work(names, wanted), "every run that ended is in the pool")
