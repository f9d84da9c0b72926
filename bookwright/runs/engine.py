"""Hands tasks to an engine, Dask distributed: inside this process, or on many machines.

By default a scheduler and a worker live in this process for as long as there are tasks, and nothing
of them listens beyond the loopback address. `SCHEDULER=tls://host:8786` names a scheduler that
runs already, whose workers `make worker SCHEDULER=...` starts in clones of this very state.
"""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import contextlib
import hashlib
import ipaddress
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import dask
from dask.system import CPU_COUNT

from bookwright import book
from bookwright.problems import tell_problem
from bookwright.runs import child

if TYPE_CHECKING:
    from distributed import Client, Future

_TOPIC = "bookwright"  # of what tasks tell while they run
_LOOK = 0.5  # seconds between two looks at a task
_WAIT_TOLD = 30.0  # seconds without a worker, after which that is said
# What decides how a task comes out, beside its own argument.
_TREE = (book.BOOK.helper, "_config.yml", "pyproject.toml")
_OWN = Path(__file__).parents[1]
# Nothing that answers without being asked by us: Dask would open pages about itself on all
# interfaces of the machine.
_QUIET = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.logging": {"distributed": "critical", "distributed.client": "critical"},
    # What Dask does all the time to watch itself took 6 % of a core beside two pages.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "2s",
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.memory.target": False,  # what takes memory are processes of their own
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
}
_LOOPBACK = "127.0.0.1:0"
_stop = threading.Event()  # ends all tasks of this process


class Task(NamedTuple):
    """What is to be done, and what it needs.

    Attributes:
        name: What people call it.
        function: "module:name", called in a process of its own (see `bookwright.runs.child`).
        job: Its argument, as JSON holds it.
        seconds: About how long it takes; the longest goes first.
        memory: About how many bytes it takes.
        cores: How many cores it is held to.
    """

    name: str
    function: str
    job: Any
    seconds: float = 1.0
    memory: float = 1e9
    cores: int = 1


class Done(NamedTuple):
    """A task that has ended, with its result or with what went wrong."""

    task: Task
    result: Any
    error: str | None


class EngineError(RuntimeError):
    """The engine that was asked for cannot be used; the text says what to do."""


class Identity(NamedTuple):
    """What a worker has to share with the one who asks: the code, and the packages' versions."""

    tree: str
    versions: str

    @property
    def resource(self) -> str:
        """A resource that only workers of this identity have, so that no other gets a task."""
        return f"core of tree {self.tree}, versions {self.versions}"


def identity() -> Identity:
    """The state of this clone, as it is now."""
    digest = hashlib.sha256()
    for top in (_OWN, *(book.ROOT / name for name in _TREE)):
        files = [top] if top.is_file() else [p for p in top.rglob("*.*") if p.is_file()]
        for path in sorted(files):
            if "__pycache__" not in path.parts:
                digest.update(path.relative_to(top.parent).as_posix().encode())
                digest.update(path.read_bytes())
    lock = hashlib.sha256(book.VERSIONS.read_bytes()).hexdigest()[:8]
    python = ".".join(map(str, sys.version_info[:2]))
    return Identity(digest.hexdigest()[:12], f"{lock} (Python {python})")


def memory() -> int:
    """Bytes of memory that tasks may take, as the machine or its control group allows."""
    from distributed.system import MEMORY_LIMIT

    return int(MEMORY_LIMIT * 0.9)


def resources(own: Identity) -> dict[str, float]:
    """What this machine has to offer, under names that only clones of this state ask for."""
    return {own.resource: CPU_COUNT, f"memory: {own.resource}": memory()}


def check_address(address: str) -> None:
    """Refuses a scheduler to which no task may be sent.

    Whoever reaches a scheduler makes its workers run what he likes. So a connection without
    certificates stays on this machine.

    Raises:
        EngineError: The address is none, or not safe.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    expected = "expected SCHEDULER=tls://HOST:PORT, or tcp://127.0.0.1:PORT on this machine"
    if parts.scheme not in ("tls", "tcp") or not host or port is None:
        raise EngineError(f"{expected}; got {address!r}")
    if parts.scheme == "tls":
        return
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    raise EngineError(
        f"{address} is refused: without certificates anybody who reaches {host} could run programs "
        f"on the workers. {expected}; the certificates are those that Dask's settings "
        "distributed.comm.tls name."
    )


def _cancelled(key: Any) -> bool:  # noqa: ANN401
    from distributed import get_worker

    task = get_worker().state.tasks.get(key)
    return task is None or task.state == "cancelled"


def _by_name() -> Callable[..., Any]:
    """A function that Dask sends whole, not by its name: a scheduler need not know our code."""

    def call(module: str, function: str, *arguments: Any) -> Any:  # noqa: ANN401
        import importlib

        return getattr(importlib.import_module(module), function)(*arguments)

    return call


def do(plain: Sequence[Any], expected: Sequence[str] | None) -> Any:  # noqa: ANN401
    """Does a task on a worker; called by Dask, in a thread.

    Args:
        plain: The fields of the `Task`.
        expected: The fields of the `Identity` that the worker must have; None in the process that
            asks, where each run says itself what it used.

    Raises:
        EngineError: Nobody waits for the task any more.
        Reschedule: The worker's clone has changed since it joined; it goes away.
        Ended: The task's process ended without a result.
    """
    from distributed import Reschedule, get_worker

    task = Task(*plain)
    worker = get_worker()
    key = worker.get_current_task()

    def tell(what: str, message: Any = None) -> None:  # noqa: ANN401
        worker.log_event(_TOPIC, {"key": key, "what": what, "message": message})

    if expected is not None and (own := identity()) != Identity(*expected):
        print(f"this clone has changed, to {own.resource}: start the worker again", flush=True)
        worker.loop.add_callback(worker.close)
        raise Reschedule  # to another worker
    tell("started")
    with contextlib.closing(child.Child(task.function, task.job, task.cores)) as process:
        while process.running():
            if _stop.wait(_LOOK) or _cancelled(key):
                raise EngineError("stopped")
            for message in process.told():
                tell("told", message)
        for message in process.told():
            tell("told", message)
        return process.result()


@contextlib.contextmanager
def _client(address: str, own: Identity) -> Iterator[Client]:
    """A connection to the engine.

    Raises:
        EngineError: No scheduler answers.
    """
    from distributed import Client, LocalCluster

    if address:
        try:
            client = Client(address, timeout="15s")
        except (OSError, TimeoutError, TypeError, ValueError) as error:  # TypeError: no certificate
            raise EngineError(
                f"no scheduler answers at {address} ({error}). Start one, and workers with: "
                f"make worker SCHEDULER={address}"
            ) from None
        with client:
            yield client
        return
    cluster = LocalCluster(
        n_workers=1,
        threads_per_worker=CPU_COUNT,
        processes=False,
        protocol="inproc",
        dashboard_address=_LOOPBACK,
        worker_dashboard_address=_LOOPBACK,
        memory_limit=0,
        resources=resources(own),
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
        for address, worker in workers.items():
            names = [name for name in worker["resources"] if name.startswith("core of tree")]
            if self._own.resource in names:
                cores += worker["nthreads"]
                fitting.append(worker["resources"])
            elif address not in self._refused:
                self._refused.add(address)
                theirs = names[0] if names else "no clone of this book"
                self._say(
                    f"worker {worker['name']} is refused: it has {theirs}; "
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
        check_address(address)
    dask.config.set(_QUIET)
    _stop.clear()
    own = identity()
    ranked = sorted(tasks, key=lambda task: -task.seconds)
    # Other commands have tasks of the same names on that scheduler.
    by_key = {f"{task.name}-{time.time_ns()}-{os.getpid()}": task for task in ranked}

    def event(told_at: tuple[float, dict[str, Any]]) -> None:
        _, found = told_at
        if task := by_key.get(found["key"]):
            told(task, found["what"], found["message"])

    with _client(address, own) as client:
        client.subscribe_topic(_TOPIC, event)
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
            _stop.set()  # whatever still runs in this process
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
            needs = {name: min(needs[name], most) for name, most in resources(own).items()}
        arguments = ("bookwright.runs.engine", "do", list(task), list(own) if elsewhere else None)
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


async def _work(address: str, name: str | None) -> None:
    from distributed import Worker

    on_this_machine = address.startswith("tcp://")
    worker = Worker(
        address,
        nthreads=CPU_COUNT,
        name=name,
        resources=resources(identity()),
        memory_limit=0,
        dashboard=False,
        dashboard_address=_LOOPBACK,
        host="127.0.0.1" if on_this_machine else None,
        death_timeout=60,
    )
    async with worker:
        print(f"{worker.name} works for {address} on {CPU_COUNT} cores; Ctrl-C ends it", flush=True)
        try:
            await worker.finished()
        finally:
            _stop.set()  # before the worker waits for its tasks


def work(address: str, name: str | None = None) -> int:
    """Joins a scheduler as a worker until it goes away; returns the exit status."""
    from bookwright.reader import environment as reader

    try:
        check_address(address)
        reader.environment()
        dask.config.set(_QUIET)
        asyncio.run(_work(address, name))
    except (EngineError, RuntimeError, OSError, TimeoutError, TypeError, ValueError) as error:
        tell_problem(error)
        return 1
    except KeyboardInterrupt:
        print()
    return 0


def main(arguments: Sequence[str]) -> int:
    """Lends this machine's cores to builds elsewhere until their scheduler goes away."""
    parser = argparse.ArgumentParser(prog="python -m bookwright worker", description=main.__doc__)
    parser.add_argument("scheduler", help="its address, such as tls://host:8786")
    parser.add_argument("name", nargs="?", help="what the scheduler calls this worker")
    given = parser.parse_args(arguments)
    return work(given.scheduler, given.name)
