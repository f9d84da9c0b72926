"""Everything from nothing on this machine, and simulated on several like it.

The steps of CI are measured here one after another, by the clock: run this on a machine that does
nothing else. What is simulated are jobs on runners of two cores, as the workflows have them:

- Each job makes its environment anew, of packages that an index sends as fast as here. A runner
  does one job at a time, the first in the workflows' order whose needs are done, and is there at
  once; nothing else is sent or waited for.
- Pages are divided as `make shard` does, from `book/page_seconds.json`, and take what their runs
  took that the built site shows. The two cores of a runner take them, the longest first, and do
  not slow each other down.
- Joining the shards, which takes seconds, counts as nothing. The site's tests need the site, which
  needs all pages; lint and unit tests need nothing.
- Where tests are divided among runners as well, their parts are equally long.
- One engine (`make ... SCHEDULER=`) gives pages to the cores of all runners instead of shards.
"""

from __future__ import annotations

import collections
import heapq
import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks import results, show, turns
from bookwright.book import ROOT, page_names
from bookwright.places import SITE
from bookwright.runs import seconds, shards

RUNNERS = (1, 4, 8, 16)
GOAL = 300.0  # seconds
CORES = 2
_PARTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
_CLONE = ROOT / "_build" / "bench" / "clone"
_PACKAGES = _CLONE.parent / "packages"  # what uv downloads and keeps: CI begins without
_OWN_PATH = {"PYTHONPATH": ""}  # tests look at what an environment imports by itself


class Measured(NamedTuple):
    """Seconds of each step on a machine of two cores, and of each page on one core."""

    environment: float
    lint: float
    unit: float
    built: float
    site: float
    pages: Mapping[str, float]


class Job(NamedTuple):
    """What one runner does, and the jobs that must be done before it."""

    name: str
    seconds: float
    needs: tuple[str, ...] = ()


class Done(NamedTuple):
    """When a job began and ended, in seconds, and the job it waited for: "" for none."""

    begun: float
    ended: float
    after: str


def simulate(jobs: Sequence[Job], n_runners: int) -> dict[str, Done]:
    """Has runners do jobs; a free one takes the first whose needs are done.

    Args:
        jobs: In the order in which they are taken; what a job needs stands before it.
        n_runners: How many there are.
    """
    done: dict[str, Done] = {}
    free = [(0.0, "")] * n_runners  # when a runner is free, and after which job
    waiting = list(jobs)
    while waiting:
        at, last = heapq.heappop(free)
        ready = {
            job.name: max(((done[need].ended, need) for need in job.needs), default=(0.0, ""))
            for job in waiting
            if all(need in done for need in job.needs)
        }
        now = [name for name, (time, _) in ready.items() if time <= at]
        name = now[0] if now else min(ready, key=lambda each: ready[each])
        job = next(each for each in waiting if each.name == name)
        begun, after = max(ready[name], (at, last), key=lambda each: each[0])
        done[name] = Done(begun, begun + job.seconds, after)
        heapq.heappush(free, (done[name].ended, name))
        waiting.remove(job)
    return done


def length(done: Mapping[str, Done]) -> float:
    """When the last job has ended."""
    return max(each.ended for each in done.values())


def critical_path(done: Mapping[str, Done]) -> list[str]:
    """The jobs that the end waited for, the first one first."""
    path = [max(done, key=lambda name: done[name].ended)]
    while after := done[path[0]].after:
        path.insert(0, after)
    return path


def jobs_of(
    measured: Measured, n_shards: int, n_unit: int = 1, n_site: int = 0, cores: int = CORES
) -> list[Job]:
    """The jobs of the workflows.

    Args:
        measured: What the steps take.
        n_shards: Among how many runners the pages are divided.
        n_unit: Among how many the unit tests are.
        n_site: Among how many the site's tests are, each with an environment of its own; 0 if the
            one that builds the site tests it.
        cores: How many take the pages of a shard.
    """
    start, names = measured.environment, list(measured.pages)
    found = []
    for number, share in enumerate(shards.divide(names, seconds.recorded().pages, n_shards), 1):
        if share:
            taken = seconds.makespan((measured.pages[name] for name in share), cores)
            found.append(Job(f"shard {number}", start + taken))
    needs = tuple(job.name for job in found)
    for number in range(1, n_unit + 1):
        lint = measured.lint if number == 1 else 0.0
        found.append(Job(f"unit {number}", start + lint + measured.unit / n_unit))
    own = 0.0 if n_site else measured.site
    found.append(Job("site", start + measured.built + own, needs))
    parts = range(1, n_site + 1)
    part = start + measured.site / n_site if n_site else 0.0
    return [*found, *(Job(f"site tests {number}", part, ("site",)) for number in parts)]


def best(measured: Measured, n_runners: int) -> dict[str, Done]:
    """The shortest way on so many runners, whatever is divided into how many of some parts."""
    parts = [number for number in _PARTS if number <= n_runners]
    return min(
        (
            simulate(jobs_of(measured, *counts), n_runners)
            for counts in itertools.product(parts, parts, (0, *parts))
        ),
        key=length,
    )


def divided(done: Mapping[str, Done]) -> str:
    """Into how many jobs of each kind the work is divided."""
    kinds = collections.Counter(name.rstrip(" 0123456789") for name in done)
    return ", ".join(f"{number} {kind}" for kind, number in kinds.items())


def alone(measured: Measured) -> float:
    """One after another on one machine of two cores."""
    pages = seconds.makespan(measured.pages.values(), CORES)
    steps = measured.environment + measured.lint + measured.unit + measured.built + measured.site
    return steps + pages


def bound(measured: Measured) -> float:
    """What no number of runners is faster than: the longest page, then the site."""
    pages = max(measured.pages.values())
    return 2 * measured.environment + pages + measured.built


def _clone() -> None:
    for folder in (_CLONE, _PACKAGES):
        shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(_CLONE)], check=True)


def _nothing_checked() -> None:
    for name in (".mypy_cache", ".ruff_cache"):
        shutil.rmtree(ROOT / name, ignore_errors=True)


def _nothing_built() -> None:
    for name in ("ko", "en", "pdf", "html"):
        shutil.rmtree(ROOT / "_build" / name, ignore_errors=True)


def measure(point: results.Point) -> None:
    """Measures the steps that are not measured yet; the pages must have run."""
    pytest = [sys.executable, "-m", "pytest", "--dist", "worksteal", "--numprocesses"]
    # The tables are written when all steps are measured, so their test has to wait.
    left_out = ("tests/site", "tests/mutations", "tests/benchmarks/test_readme.py")
    unit = [*pytest, "2", "tests", *(f"--ignore={name}" for name in left_out)]
    built = [sys.executable, "-m", "bookwright", "book"]
    downloads = {"UV_CACHE_DIR": f"../{_PACKAGES.name}"}
    sides = {
        "environment": turns.Side(["make", ".venv/ready"], downloads, _CLONE, _clone),
        "lint": turns.Side(["make", "lint"], prepare=_nothing_checked),
        "unit": turns.Side(unit),
        "built": turns.Side(built, prepare=_nothing_built),
        "site": turns.Side([*pytest, "3", "tests/site"]),
    }
    for name, side in sides.items():
        side = side._replace(variables={**_OWN_PATH, **side.variables})
        turns.take(point, [turns.Case(name, {name: side}, runs=1)])
    record = json.loads((SITE / "build.json").read_text(encoding="utf-8"))["pages"]
    taken = {page.partition("/")[2]: run["seconds"] for page, run in record.items()}
    kept = point.case("pages")
    kept.note("seconds", {name: taken[name] for name in page_names() if name in taken})


def measured_of(cases: Mapping[str, Any]) -> Measured | None:
    """What was measured; None if a step is not measured yet."""
    steps = ("environment", "lint", "unit", "built", "site")
    if not all(cases.get(step, {}).get("runs") for step in steps) or "pages" not in cases:
        return None
    taken = {step: cases[step]["runs"][step][0]["wall"] for step in steps}
    return Measured(**taken, pages=cases["pages"]["seconds"])


def table(cases: Mapping[str, Any]) -> str:
    """The steps, and what several runners make of them."""
    measured = measured_of(cases)
    if measured is None:
        return "not all steps are measured yet"
    steps = [["step", "seconds"]]
    for name, taken in measured._asdict().items():
        if name != "pages":
            steps.append([name, f"{taken:.0f}"])
    pages = measured.pages
    steps.append([f"pages, on {CORES} cores", f"{seconds.makespan(pages.values(), CORES):.0f}"])
    steps.append(
        [f"the longest page, {max(pages, key=pages.__getitem__)}", f"{max(pages.values()):.0f}"]
    )
    heads = ["runners", "as the workflows are", "pages by one engine", "best division"]
    heads += ["its jobs", "its path"]
    rows = [heads]
    for n_runners in RUNNERS:
        if n_runners == 1:
            rows.append(["1", f"{alone(measured):.0f}", "–", "–", "–", "all"])
            continue
        # One runner has the unit tests; those of the engine lend their cores to one shard.
        now = simulate(jobs_of(measured, n_runners - 1), n_runners)
        engine = jobs_of(measured, 1, cores=CORES * (n_runners - 1))
        found = best(measured, n_runners)
        ways = (now, simulate(engine, n_runners), found)
        rows.append(
            [
                str(n_runners),
                *(f"{length(way):.0f}" for way in ways),
                divided(found),
                ", ".join(critical_path(found)),
            ]
        )
    enough = next((n for n in _PARTS[1:] if length(best(measured, n)) <= GOAL), None)
    said = f"No number of runners is faster than {bound(measured):.0f} s. "
    said += (
        f"{GOAL / 60:.0f} minutes need {enough} runners."
        if enough
        else f"{GOAL / 60:.0f} minutes are out of reach: what stands on the path must get shorter."
    )
    return "\n\n".join([show.markdown(steps), show.markdown(rows), said])
