"""What was measured, in one file: points, their cases, and in each the runs of its sides.

    {point: {"machine": facts, "cases": {case: {"of": hash, "runs": {side: [numbers]}, ...}}}}

A point's runs are all of one machine with the same versions, a case's all of the same code.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any, TypeAlias

from bookwright import durable
from bookwright.book import ROOT

RESULTS = ROOT / "benchmarks" / "results.json"
PACKAGES = ("jupyter-book", "keras", "numpy", "scipy", "sphinx", "tensorflow")
Run: TypeAlias = dict[str, Any]


def machine() -> dict[str, Any]:
    """What results hang on beside the code, without the machine's name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    model = next((line for line in lines if line.startswith("model name")), "")
    return {
        "cores": os.cpu_count(),
        "cpu": model.partition(": ")[2] or platform.machine(),
        "memory": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def read(file: Path = RESULTS) -> dict[str, Any]:
    """All points; nothing if nothing is measured yet."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


class Point:
    """What is measured of one point already, in a file that is whole at any time.

    Args:
        name: What the point is called.
        file: Where all points stand.
        fresh: Whether what is there does not count.
    """

    def __init__(self, name: str, file: Path = RESULTS, fresh: bool = False) -> None:
        self.name, self._file = name, file
        found = read(file).get(name, {})
        here = machine()
        same = not fresh and found.get("machine") == here
        self._found = found if same else {"machine": here, "cases": {}}

    def case(self, name: str, of: str = "") -> Kept:
        """What is measured of one case already; nothing if that was of something else.

        Args:
            name: What the case is called.
            of: A hash of what decides its results.
        """
        cases = self._found["cases"]
        if cases.get(name, {}).get("of") != of:
            cases[name] = {"of": of, "runs": {}}
        return Kept(self, cases[name])

    def write(self) -> None:
        """Puts the point into the file, and leaves the others as they are there."""
        text = json.dumps(
            read(self._file) | {self.name: self._found},
            indent=1,
            sort_keys=True,
            ensure_ascii=False,
        )
        durable.write(self._file, text + "\n")


class Kept:
    """The runs of one comparison, and what else is to be said of it."""

    def __init__(self, point: Point, found: dict[str, Any]) -> None:
        self._point, self._found = point, found

    @property
    def point(self) -> str:
        """The name of its point."""
        return self._point.name

    @property
    def runs(self) -> dict[str, list[Run]]:
        """The runs by side."""
        return self._found["runs"]

    def add(self, side: str, numbers: Run) -> None:
        """Keeps a run."""
        self.runs.setdefault(side, []).append(numbers)
        self._point.write()

    def note(self, name: str, fact: Any) -> None:  # noqa: ANN401
        """Keeps something that is no run: a goal, a list of what a side leaves out."""
        if self._found.get(name) != fact:
            self._found[name] = fact
            self._point.write()

    def drop(self) -> None:
        """Forgets the runs."""
        self.runs.clear()
        self._point.write()
