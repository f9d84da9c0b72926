"""Hands tasks to an engine, Dask distributed: inside this process, or on many machines.

By default a scheduler and a worker live in this process for as long as there are tasks, and nothing
of them listens beyond the loopback address. `SCHEDULER=tls://host:8786` names a scheduler that
runs already, whose workers `make worker SCHEDULER=...` starts in clones of this very state.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import dask
from dask.system import CPU_COUNT

from bookwright.runs import worker
from bookwright.runs.worker import EngineError, Identity, Task

if TYPE_CHECKING:
    from distributed import Client, Future

_WAIT_TOLD = 30.0  # seconds without a worker, after which that is said


class Done(NamedTuple):
    """A task that has ended, with its result or with what went wrong."""

    task: Task
    result: Any
    error: str | None


def _by_name() -> Callable[..., Any]:
    """A function that Dask sends whole, not by its name: a scheduler need not know our code."""

    def call(module: str, function: str, *arguments: Any) -> Any:  # noqa: ANN401
        import importlib

        return getattr(importlib.import_module(module), function)(*arguments)

    return call


@contextlib.contextmanager
def _client(address: str, own: Identity) -> Iterator[Client]:
    """A connection to the engine.

    Raises:
        EngineError: No scheduler answers.
    """
    from distributed import Client, LocalCluster

    if address:
        try:
            worker.check_certificate(address, "client")
            client = Client(address, timeout="15s")
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineError(
                f"no scheduler answers at {address} ({error}). Start one with: "
                f"{worker.start_of(address)}, and workers with: make worker SCHEDULER={address}"
            ) from None
        with client:
            yield client
        return
    cluster = LocalCluster(
        n_workers=1,
        threads_per_worker=CPU_COUNT,
        processes=False,
        protocol="inproc",
        dashboard_address=worker.LOOPBACK,
        worker_dashboard_address=worker.LOOPBACK,
        memory_limit=0,
        resources=worker.resources(own),
    )
    with cluster, Client(cluster) as client:
        yield client


class _Watch:
    """Says which workers are there, and which are refused."""

    def __init__(self, own: Identity, say: Callable[[str], None]) -> None:
        self._own, self._say = own, say
        self._refused: set[str] = set()
        self._too_large: set[str] = set()
        self._last = time.monotonic()

    def look(self, workers: dict[str, Any], waiting: Iterable[Task]) -> None:
        """Looks at a scheduler's workers.

        Args:
            workers: What the scheduler knows of each.
            waiting: The tasks that are not done yet.
        """
        cores = 0
        fitting = []
        for address, found in workers.items():
            names = [name for name in found["resources"] if name.startswith("core of tree")]
            if self._own.resource in names:
                cores += found["nthreads"]
                fitting.append(found["resources"])
            elif address not in self._refused:
                self._refused.add(address)
                theirs = names[0] if names else "no clone of this book"
                self._say(
                    f"worker {found['name']} is refused: it has {theirs}; "
                    f"expected {self._own.resource}"
                )
        for task in waiting if cores else ():
            needs = _needs(task, self._own)
            fits = any(all(has[name] >= needs[name] for name in needs) for has in fitting)
            if not fits and task.name not in self._too_large:
                self._too_large.add(task.name)
                self._say(
                    f"{task.name} waits for a larger worker: it needs {task.cores} cores and "
                    f"{task.memory / 1e9:.1f} GB of memory"
                )
        if cores:
            self._last = time.monotonic()
        elif time.monotonic() - self._last > _WAIT_TOLD:
            self._last = time.monotonic()
            self._say("no worker can take a task: start one with make worker, in a clone like this")


def _needs(task: Task, own: Identity) -> dict[str, float]:
    """What a task takes of a worker, under the names of `resources`."""
    return {own.resource: task.cores, f"memory: {own.resource}": task.memory}


def run_all(
    tasks: Sequence[Task],
    address: str = "",
    told: Callable[[Task, str, Any], None] = lambda task, what, message: None,
    say: Callable[[str], None] = print,
) -> Iterator[Done]:
    """Does all tasks, side by side, the longest first; yields each as it ends.

    Args:
        tasks: What is to be done; their names differ.
        address: The scheduler; by default one inside this process.
        told: Called with a task when it has "started" somewhere, and with what it has "told".
        say: Called with what there is to say about workers.

    Raises:
        EngineError: The scheduler is refused, does not answer, or went away.
    """
    if not tasks:
        return
    if address:
        worker.check_address(address)
    dask.config.set(worker.QUIET)
    worker.stop.clear()
    own = worker.identity()
    ranked = sorted(tasks, key=lambda task: -task.seconds)
    # Other commands have tasks of the same names on that scheduler.
    by_key = {f"{task.name}-{time.time_ns()}-{os.getpid()}": task for task in ranked}

    def event(told_at: tuple[float, dict[str, Any]]) -> None:
        _, found = told_at
        if task := by_key.get(found["key"]):
            told(task, found["what"], found["message"])

    with _client(address, own) as client:
        client.subscribe_topic(worker.TOPIC, event)
        waiting = _submit(client, by_key, own, elsewhere=bool(address))
        watch = _Watch(own, say)
        try:
            while waiting:
                yield from _ended(waiting)
                if address and waiting:
                    if client.status not in ("running", "connecting"):
                        raise EngineError(f"the scheduler at {address} went away")
                    workers = client.scheduler_info(n_workers=-1)["workers"]
                    watch.look(workers, waiting.values())
        finally:
            worker.stop.set()  # whatever still runs in this process
            with contextlib.suppress(Exception):  # the scheduler may be gone
                client.cancel(list(waiting))


def _submit(
    client: Client, by_key: dict[str, Task], own: Identity, elsewhere: bool
) -> dict[Future, Task]:
    """Hands tasks to the scheduler, the first one first; returns what stands for each."""
    waiting = {}
    for rank, (key, task) in enumerate(by_key.items()):
        needs = _needs(task, own)
        if not elsewhere:  # what is too large for this machine runs alone on it
            needs = {name: min(needs[name], most) for name, most in worker.resources(own).items()}
        arguments = ("bookwright.runs.worker", "do", list(task), list(own) if elsewhere else None)
        future = client.submit(
            _by_name(), *arguments, key=key, resources=needs, priority=-rank, pure=False
        )
        waiting[future] = task
    return waiting


def _ended(waiting: dict[Future, Task]) -> list[Done]:
    """Waits for a second at most; takes the tasks that have ended out of those that wait."""
    from distributed import wait

    with contextlib.suppress(TimeoutError, asyncio.TimeoutError, concurrent.futures.CancelledError):
        wait(list(waiting), timeout=1, return_when="FIRST_COMPLETED")
    ended = [future for future in waiting if future.done()]
    return [_done(waiting.pop(future), future) for future in ended]


def _done(task: Task, future: Future) -> Done:
    if future.status == "finished":
        return Done(task, future.result(), None)
    if future.status == "cancelled":
        return Done(task, None, "it was stopped: the scheduler went away")
    return Done(task, None, str(future.exception()))
