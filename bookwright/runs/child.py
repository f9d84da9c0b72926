"""The process of one task: held to its cores, and ended with whoever started it.

`Child` starts it and waits; `python -m bookwright.runs.child` is the process itself. The task is
the name of a function and its argument, as JSON on the first line of standard input. That stream
stays open for as long as the one who asked is alive: at its end, even by SIGKILL, the process
ends itself and all that it started.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import psutil

from bookwright import book, durable

# Each library has a variable of its own for its threads.
_THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)
_TAIL = 30  # lines of what a process wrote, if it ends without a result
_TOLD = "told.jsonl"
_RESULT = "result.json"
_LOG = "log.txt"
_said: Path | None = None  # in the process itself: where it writes what it tells


class Ended(RuntimeError):
    """A task has no result: it says why, or the last lines that its process wrote do."""


def threads(n_threads: int) -> dict[str, str]:
    """The variables that limit the threads of every library."""
    return dict.fromkeys(_THREADS, str(n_threads))


class Child:
    """A task in a process of its own.

    Args:
        function: "module:name" of a function that takes and returns what JSON holds.
        job: Its argument.
        cores: To how many cores the process is held, where the system can do that.
    """

    def __init__(self, function: str, job: Any, cores: int = 1) -> None:  # noqa: ANN401
        self._temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name)
        self._told = 0
        with (self._folder / _LOG).open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bookwright.runs.child", str(self._folder)],
                cwd=book.ROOT,
                env=os.environ | threads(cores),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches it through us
            )
        request = {"function": function, "job": job, "cores": cores}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:  # it could not even start: `result` says why
            pass

    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def told(self) -> Iterator[Any]:
        """What the process has told since the last call."""
        try:
            with (self._folder / _TOLD).open("rb") as file:
                file.seek(self._told)
                for line in file:
                    if not line.endswith(b"\n"):
                        break  # being written
                    self._told += len(line)
                    yield json.loads(line)
        except FileNotFoundError:
            pass

    def result(self) -> Any:  # noqa: ANN401
        """What the function returned, once the process is no longer running.

        Raises:
            Ended: It returned nothing.
        """
        path = self._folder / _RESULT
        if path.exists():
            ended = json.loads(path.read_text(encoding="utf-8"))
            if "error" in ended:
                raise Ended(ended["error"])
            return ended["result"]
        lines = (self._folder / _LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        status = self._process.returncode
        how = f"with status {status}" if status >= 0 else f"by signal {-status}"
        if status == -9:
            how += " (this is what happens when memory runs out)"
        if full := durable.full(self._folder.parent):
            raise Ended(f"its process was ended {how}: {full}, or set TMPDIR elsewhere")
        raise Ended("\n".join([f"its process was ended {how}", *lines[-_TAIL:]]))

    def close(self) -> None:
        """Ends the process, if it still runs, with all that it started; removes its files."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()  # it ends itself
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._temporary.cleanup()


def tell(message: Any) -> None:  # noqa: ANN401
    """Within a task: sends a message to the one who asked for it, before the result."""
    if _said is not None:
        with _said.open("a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")


def _lock(core: int) -> filelock.BaseFileLock:
    folder = Path(tempfile.gettempdir(), "bookwright-cores")  # the same for all builds of a machine
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)  # of other users, too
    return filelock.FileLock(folder / f"core-{core}.lock", blocking=False, mode=0o666)


def hold_cores(n_cores: int) -> list[filelock.BaseFileLock]:
    """Holds this process to cores that no other task of this machine holds.

    Where the system cannot do that, or all cores are taken, the process runs on any of them; its
    threads are limited all the same.

    Args:
        n_cores: How many.

    Returns:
        The locks of the cores, to be kept for as long as they are held.
    """
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):
        return []
    held: dict[int, filelock.BaseFileLock] = {}
    for core in process.cpu_affinity():
        if len(held) == n_cores:
            break
        try:
            lock = _lock(core)
            lock.acquire()
            held[core] = lock
        except (OSError, filelock.Timeout):
            continue
    if len(held) < n_cores:
        for lock in held.values():
            lock.release()
        return []
    process.cpu_affinity(list(held))
    return list(held.values())


def end_with_parent(folder: Path | None = None) -> None:
    """Within a process whose standard input is a pipe: ends it, and all it started, with the pipe.

    Args:
        folder: What goes, too: nobody else may be there to remove it.
    """

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):  # `sys.stdin` would be locked when Python ends
            pass
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(folder: Path) -> None:
    """Does the task that standard input names, and writes its result."""
    global _said
    request = json.loads(sys.stdin.buffer.readline())
    end_with_parent(folder)
    locks = hold_cores(request["cores"])
    tempfile.tempdir = str(folder)  # what the task leaves there goes with the folder
    _said = folder / _TOLD
    module, _, name = request["function"].partition(":")
    try:
        ended = {"result": getattr(importlib.import_module(module), name)(request["job"])}
    except (OSError, RuntimeError) as error:  # what is missing or refused, in words for people
        ended = {"error": durable.full(folder.parent) or f"{error}"}
    partial = folder / f"{_RESULT}.part"
    partial.write_text(json.dumps(ended), encoding="utf-8")
    partial.replace(folder / _RESULT)
    for lock in locks:
        lock.release()


def sleep(job: dict[str, float]) -> float:
    """A task that takes the seconds that it is given; the engine's own tests run it."""
    time.sleep(job["seconds"])
    return job["seconds"]


if __name__ == "__main__":
    # By its own name, so that a task that imports this module finds the one that is running.
    sys.modules["bookwright.runs.child"] = sys.modules["__main__"]
    main(Path(sys.argv[1]))
