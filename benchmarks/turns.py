"""Runs the sides of a comparison in turn, each as a process of its own, and compares them in pairs.

In turn, so that whatever else the machine does meets all sides alike: what is compared are the two
runs of one turn, and a ratio is told with its spread over the turns.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import TURN
from benchmarks.results import Kept, Point, Run
from bookwright import book
from bookwright.book import ROOT
from retraining import made_with

# Linux says kilobytes, macOS bytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
_TOLD = 2000  # characters of what a side that failed said last


class SideError(RuntimeError):
    """A side failed, or the sides of a turn did not do the same work."""


class Side(NamedTuple):
    """One way of doing the work.

    Attributes:
        command: The process. The last line of its output that is a JSON object adds numbers to the
            run, lists among them.
        variables: What its environment has beside ours.
        folder: Where it runs.
        prepare: What is done before each run, and not measured.
        one_core: Whether it is held to one core, as a page of the book is when it runs. Threads
            that wait for each other while others use the cores would take time that tells nothing.
    """

    command: Sequence[str]
    variables: Mapping[str, str] = {}
    folder: Path = ROOT
    prepare: Callable[[], object] | None = None
    one_core: bool = False


class Case(NamedTuple):
    """One comparison.

    Attributes:
        name: What it is called in the results.
        sides: The sides by name; the first one is ours, and compared with each of the others.
        files: Files, folders of Python, and what else `retraining.made_with.code_hash` knows, that
            decide what the sides do: once that has changed, but for comments, earlier runs do not
            count.
        runs: How often each side runs.
        goals: How large our number may be as a part of the second side's, by the number's name.
        agree: Takes the runs of one turn by side, and says what differs if they did not do the
            same work; "" if they did.
    """

    name: str
    sides: Mapping[str, Side]
    files: Sequence[str] = ()
    runs: int = 5
    goals: Mapping[str, float] = {}
    agree: Callable[[Mapping[str, Run]], str] | None = None

    def of(self) -> str:
        """A hash of what decides its results: commands, code, goals not among it."""
        digest = hashlib.sha256()
        for name, side in self.sides.items():
            command = [_portable(part) for part in side.command]
            decides = [name, command, dict(side.variables), side.one_core]
            digest.update(json.dumps(decides).encode())
        digest.update(code_of(self.files).encode())
        return digest.hexdigest()[:16]


class Ratio(NamedTuple):
    """One side's number divided by the other's, turn by turn."""

    median: float
    low: float
    high: float


def _portable(part: str) -> str:
    return part.replace(sys.executable, "python").replace(str(ROOT), ".")


def _code(name: str) -> Iterable[str]:
    folder = book.ROOT / name
    if not folder.is_dir():
        return [name]
    return [path.relative_to(book.ROOT).as_posix() for path in folder.rglob("*.py")]


def code_of(files: Iterable[str]) -> str:
    """A hash of code, but for comments.

    Args:
        files: As in `Case.files`.
    """
    names = sorted(name for file in files for name in _code(file))
    found = [[name, made_with.code_hash(name)] for name in names]
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def ratio(ours: Sequence[Run], theirs: Sequence[Run], number: str) -> Ratio:
    """Divides the numbers of two sides, turn by turn.

    Args:
        ours: The runs of one side, in order.
        theirs: Those of the other; what one has more of them is left out.
        number: Which of a run's numbers.

    Raises:
        KeyError: A run has no such number.
    """
    found = [a[number] / b[number] for a, b in zip(ours, theirs, strict=False)]
    return Ratio(statistics.median(found), min(found), max(found))


def _last_object(text: str) -> dict[str, Any]:
    for line in reversed(text.splitlines()):
        if line.startswith("{") and line.endswith("}"):
            return json.loads(line)
    return {}


def _environment() -> dict[str, str]:
    """Ours, without what would slow every side.

    That is a machine's own choice of a BLAS kernel, made for older NumPys, and what keeps Python
    from storing the modules that it has compiled.
    """
    slows = ("OPENBLAS_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(slows)}


def _held() -> list[str]:
    """What holds a command to one core, from which libraries take their number of threads."""
    return ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]


def run(side: Side, turn: int = 0) -> Run:
    """Runs a side once.

    Args:
        side: What to run.
        turn: Which turn it is, from 0.

    Returns:
        Seconds by the clock (`wall`) and of the processor (`cpu`), the peak memory of its largest
        process in bytes (`memory`), and what it printed. A process starts with the peak of the one
        that starts it, which should therefore hold nothing large.

    Raises:
        SideError: It failed; the message is the end of what it said.
    """
    environment = _environment() | {"PYTHONPATH": str(ROOT), TURN: str(turn), **side.variables}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*(_held() if side.one_core else ()), *side.command],
            cwd=side.folder,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # what it starts ends with it
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        command = " ".join(map(_portable, side.command))
        how = f"failed ({process.returncode}): {command}"
        raise SideError(f"{how}\n{text[-_TOLD:].strip()}" if text.strip() else how)
    return {
        "wall": round(wall, 3),
        "cpu": round(usage.ru_utime + usage.ru_stime, 3),
        "memory": usage.ru_maxrss * _PEAK_UNIT,
        **_last_object(text),
    }


def make(command: Sequence[str], what: str, variables: Mapping[str, str] | None = None) -> None:
    """Runs what has to be there before a side can run, and is not measured.

    Args:
        command: What is run.
        what: What it makes, for readers.
        variables: Its environment, unless it is ours.

    Raises:
        SideError: It failed; the message is what cannot be had, and the end of what it said.
    """
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SideError(f"{what} cannot be made:\n{done.stderr[-_TOLD:]}")


def _turn(case: Case, kept: Kept, number: int) -> None:
    """Runs those sides that lack this turn."""
    for name, side in case.sides.items():
        if len(kept.runs.get(name, [])) > number:
            continue
        print(f"{kept.point}: {case.name}, {name}, {number + 1} of {case.runs} ...", flush=True)
        if side.prepare:
            side.prepare()
        try:
            kept.add(name, run(side, number))
        except SideError as error:
            raise SideError(f"{case.name}, {name} {error}") from None
    if case.agree and (
        differs := case.agree({name: kept.runs[name][number] for name in case.sides})
    ):
        kept.drop()
        raise SideError(f"{case.name}, the sides did not do the same work: {differs}")


def take(point: Point, cases: Iterable[Case]) -> None:
    """Runs what is left of some comparisons, and keeps each run as soon as it is there.

    Raises:
        SideError: A side failed, or the sides did not do the same work; their runs are dropped.
    """
    for case in cases:
        kept = point.case(case.name, case.of())
        kept.note("sides", list(case.sides))  # their order, which the file does not keep
        if case.goals:
            kept.note("goals", dict(case.goals))
        for number in range(case.runs):
            _turn(case, kept, number)
