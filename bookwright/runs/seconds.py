"""How long pages take: recorded once, scaled to this machine, and what many cores make of it.

The command says from the recorded seconds what some cores take.
"""

from __future__ import annotations

import argparse
import functools
import heapq
import json
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from dask.system import CPU_COUNT

from bookwright import book
from bookwright.problems import tell_problem

FILE = book.ROOT / "book" / "page_seconds.json"


class Cost(NamedTuple):
    """What a page's run takes on one core: seconds, and bytes of memory at its peak."""

    seconds: float
    memory: float


class Recorded(NamedTuple):
    """What was recorded, and how fast the machine was that it was recorded on."""

    probe: float
    pages: dict[str, Cost]


def recorded() -> Recorded:
    """The costs of the pages when they were last recorded."""
    if not FILE.exists():
        return Recorded(probe(), {})
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return Recorded(found["probe"], {name: Cost(*cost) for name, cost in found["pages"].items()})


def cost_of(name: str, costs: Mapping[str, Cost]) -> Cost:
    """A page's cost; one that nobody has timed counts as the median one."""
    if name in costs:
        return costs[name]
    if not costs:
        return Cost(1.0, 2e9)
    return Cost(
        statistics.median(cost.seconds for cost in costs.values()),
        statistics.median(cost.memory for cost in costs.values()),
    )


@functools.cache
def probe() -> float:
    """Seconds of a fixed piece of arithmetic, by which machines are compared.

    It is short, on one thread and tried often, so that on a busy machine, too, it has a core to
    itself at least once.
    """
    x = np.random.default_rng(0).normal(size=(64, 64)).astype("float32")
    taken = []
    for _ in range(50):
        start = time.perf_counter()
        np.tanh(np.einsum("ij,jk->ik", x, x))  # by BLAS it would have several threads
        sum(k * k for k in range(10_000))
        taken.append(time.perf_counter() - start)
    return min(taken)


def scale() -> float:
    """How much longer this machine takes than the one that the seconds were recorded on."""
    return probe() / recorded().probe


def makespan(seconds: Iterable[float], n_cores: int) -> float:
    """How long tasks take on some cores, the longest first, each core taking the next one."""
    free = [0.0] * n_cores
    for each in sorted(seconds, reverse=True):
        heapq.heappush(free, heapq.heappop(free) + each)
    return max(free)


def record(costs: Mapping[str, Cost]) -> None:
    """Writes down what pages took on this machine; those that did not run keep their numbers."""
    known = {name: cost for name, cost in recorded().pages.items() if FILE.exists()}
    scaled = probe() / recorded().probe if known else 1.0
    whole = {name: Cost(cost.seconds * scaled, cost.memory) for name, cost in known.items()} | {
        **costs
    }
    content = {
        "probe": round(probe(), 6),
        "pages": {
            name: [round(whole[name].seconds, 1), round(whole[name].memory)]
            for name in book.page_names()
            if name in whole
        },
    }
    FILE.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Prints what the recorded seconds become on some cores; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright seconds", description=__doc__)
    parser.add_argument(
        "cores", type=int, nargs="?", default=CPU_COUNT, help="as many as here, if left out"
    )
    cores = parser.parse_args(arguments).cores
    found = recorded()
    if not found.pages:
        tell_problem(f"{FILE.name} records no page: python -m bookwright shard record writes it")
        return 1
    seconds = [cost.seconds for cost in found.pages.values()]
    for n_cores in sorted({1, 2, cores}):
        print(f"{n_cores} cores: {makespan(seconds, n_cores):.0f} s of pages, all of them run")
    longest = max(found.pages, key=lambda name: found.pages[name].seconds)
    print(f"no number of cores is faster than {longest}, {found.pages[longest].seconds:.0f} s")
    return 0
