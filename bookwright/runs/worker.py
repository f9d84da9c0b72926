"""A worker: does tasks that an engine hands to it, each in a process of its own.

It takes tasks only from who has the very same clone, for it runs that clone's code.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import ipaddress
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import dask
from dask.system import CPU_COUNT

from bookwright import book
from bookwright.problems import tell_problem
from bookwright.reader import environment as reader
from bookwright.runs import child

TOPIC = "bookwright"  # of what tasks tell while they run
_LOOK = 0.5  # seconds between two looks at a task
# What decides how a task comes out, beside its own argument.
_TREE = ("_config.yml", "pyproject.toml")
_OWN = Path(__file__).parents[1]
# Nothing that answers without being asked by us: Dask would open pages about itself on all
# interfaces of the machine.
QUIET = {
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
LOOPBACK = "127.0.0.1:0"
# What a scheduler is started with. Without the last option it shows pages about itself on all
# interfaces, to anybody, whatever certificates it has.
START = "dask scheduler --protocol {protocol}{host} --dashboard-address 127.0.0.1:0"
_EXPECTED = "expected SCHEDULER=tls://HOST:PORT, or tcp://127.0.0.1:PORT on this machine"
_CERTIFICATE = (
    "make a certificate, with openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=book "
    "-keyout book.key -out book.pem, and name it on each machine in Dask's settings "
    "distributed.comm.tls: as ca-file, and with its key for scheduler, worker and client"
)
stop = threading.Event()  # ends all tasks of this process


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
    packages = [path.parent for path in book.ROOT.glob("*/__init__.py") if path.parent != _OWN]
    code = [path for path in packages if path.name != "tests"]  # whatever a task may run
    whole = (_OWN, book.ROOT / book.BOOK.helper, *(book.ROOT / name for name in _TREE))
    for top, files in [(each, "*.*") for each in whole] + [(each, "*.py") for each in sorted(code)]:
        paths = [top] if top.is_file() else [p for p in top.rglob(files) if p.is_file()]
        for path in sorted(paths):
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
    scheme = address.partition("://")[0]  # as Dask reads it: in small letters alone
    if scheme not in ("tls", "tcp") or not host or port is None:
        raise EngineError(f"{_EXPECTED}; got {address!r}")
    if scheme == "tls":
        return
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    raise EngineError(
        f"{address} is refused: without certificates anybody who reaches {host} could run programs "
        f"on the workers; {_EXPECTED}. For tls, {_CERTIFICATE}."
    )


def check_certificate(address: str, role: str) -> None:
    """Refuses to speak TLS without a certificate, and says how to make one.

    Args:
        address: What `check_address` took.
        role: "client" or "worker".

    Raises:
        EngineError: Dask's settings name no certificate.
        OSError: They name one that cannot be read.
    """
    if address.startswith("tcp://"):
        return
    from distributed.security import Security

    if Security().get_connection_args(role)["ssl_context"] is None:
        raise EngineError(f"{address} needs a certificate: {_CERTIFICATE}.")


def start_of(address: str) -> str:
    """The command that starts a scheduler that listens nowhere but where it was asked for.

    Args:
        address: What `check_address` took.
    """
    protocol, _, place = address.partition("://")
    host = "" if protocol == "tls" else f" --host {place.rpartition(':')[0].strip('[]')}"
    return f"{START.format(protocol=protocol, host=host)} --port {place.rpartition(':')[2]}"


def _cancelled(key: Any) -> bool:  # noqa: ANN401
    from distributed import get_worker

    task = get_worker().state.tasks.get(key)
    return task is None or task.state == "cancelled"


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
        worker.log_event(TOPIC, {"key": key, "what": what, "message": message})

    if expected is not None and (own := identity()) != Identity(*expected):
        print(f"this clone has changed, to {own.resource}: start the worker again", flush=True)
        worker.loop.add_callback(worker.close)
        raise Reschedule  # to another worker
    tell("started")
    with contextlib.closing(child.Child(task.function, task.job, task.cores)) as process:
        while process.running():
            if stop.wait(_LOOK) or _cancelled(key):
                raise EngineError("stopped")
            for message in process.told():
                tell("told", message)
        for message in process.told():
            tell("told", message)
        return process.result()


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
        dashboard_address=LOOPBACK,
        host="127.0.0.1" if on_this_machine else None,
        death_timeout=60,
    )
    async with worker:
        print(f"{worker.name} works for {address} on {CPU_COUNT} cores; Ctrl-C ends it", flush=True)
        try:
            await worker.finished()
        finally:
            stop.set()  # before the worker waits for its tasks


def work(address: str, name: str | None = None) -> int:
    """Joins a scheduler as a worker until it goes away; returns the exit status."""
    try:
        check_address(address)
        dask.config.set(QUIET)  # before Dask is imported, which decides what it logs
        check_certificate(address, "worker")
        reader.environment()
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
