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

from benchmarks.results import Kept, Point, Run
from bookwright.book import ROOT
from retraining.made_with import deciding

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
    """

    command: Sequence[str]
    variables: Mapping[str, str] = {}
    folder: Path = ROOT
    prepare: Callable[[], object] | None = None


class Case(NamedTuple):
    """One comparison.

    Attributes:
        name: What it is called in the results.
        sides: The sides by name; the first one is ours, and compared with each of the others.
        files: Files and folders of Python whose code decides what the sides do: once it has
            changed, but for comments, earlier runs do not count.
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
            digest.update(json.dumps([name, command, dict(side.variables)]).encode())
        for path in sorted(path for file in self.files for path in _code(ROOT / file)):
            code = deciding(path.read_text(encoding="utf-8"))
            digest.update(f"{path.relative_to(ROOT).as_posix()}\n{code}".encode())
        return digest.hexdigest()[:16]


class Ratio(NamedTuple):
    """One side's number divided by the other's, turn by turn."""

    median: float
    low: float
    high: float


def _portable(part: str) -> str:
    return part.replace(sys.executable, "python").replace(str(ROOT), ".")


def _code(path: Path) -> Iterable[Path]:
    return path.rglob("*.py") if path.is_dir() else [path]


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


def run(side: Side) -> Run:
    """Runs a side once.

    Returns:
        Seconds by the clock (`wall`) and of the processor (`cpu`), the peak memory of its largest
        process in bytes (`memory`), and what it printed. A process starts with the peak of the one
        that starts it, which should therefore hold nothing large.

    Raises:
        SideError: It failed; the message is the end of what it said.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), **side.variables}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            side.command,
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


def _turn(case: Case, kept: Kept, number: int) -> None:
    """Runs those sides that lack this turn."""
    for name, side in case.sides.items():
        if len(kept.runs.get(name, [])) > number:
            continue
        print(f"{kept.point}: {case.name}, {name}, {number + 1} of {case.runs} ...", flush=True)
        if side.prepare:
            side.prepare()
        try:
            kept.add(name, run(side))
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
