"""What was gained where profiles of the slowest steps led: this state beside an earlier one.

Both build the same generated book, in turn; the earlier state is unpacked from git. What the acts
were, `benchmarks/README.md` says. Seconds of the processor count: most of these commands wait for
none but themselves.
"""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import sys
import tarfile

from benchmarks import build, results, turns
from bookwright.book import ROOT

BEFORE = "826c64b"  # the state before the first of the acts
_FOLDER = build.FOLDER / "before"


def _earlier() -> None:
    """Unpacks the earlier state, unless it is there."""
    if not _FOLDER.exists():
        packed = subprocess.run(
            ["git", "archive", BEFORE, "bookwright"], cwd=ROOT, check=True, capture_output=True
        )
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(_FOLDER, filter="data")


class _Twice:
    """A generated book for each of the two states."""

    def __init__(self, n_chapters: int) -> None:
        self.made = build.Generated(n_chapters)
        names = {"now": "book", "before": "earlier"}
        self.folders = {side: build.FOLDER / f"{name}-{n_chapters}" for side, name in names.items()}

    def prepare(self, side: str, *command: str, built: bool = True) -> None:
        """Has a side's book built already, or cleared of all that was built but pages' runs."""
        _earlier()
        self.made.make()
        folder, ours = self.folders[side], self.made.folders["book"]
        if not folder.exists():
            shutil.copytree(ours, folder, symlinks=True)
            shutil.rmtree(folder / "_build" / "cache" / "shown", ignore_errors=True)
        if not built:
            build.clear(folder)
        elif not (folder / "_build" / "html").exists():
            turns.run(self.side(side, *command))

    def side(self, side: str, *command: str, built: bool = True) -> turns.Side:
        """A command on a side's book."""
        variables = {**build.PLAIN, "PYTHONPATH": str(_FOLDER)} if side == "before" else build.PLAIN
        prepare = functools.partial(self.prepare, side, *command, built=built)
        words = [sys.executable, "-m", "bookwright", *command]
        return turns.Side(words, variables, self.folders[side], prepare)


def measure(point: results.Point) -> None:
    """Takes the turns that are left."""
    ten, hundred = _Twice(10), _Twice(100)
    whole = ("book", "--unchecked")
    cases = {
        "10 chapters, from nothing": (ten, whole, False),
        "10 chapters, nothing changed": (ten, whole, True),
        "10 chapters, no page to run": (ten, ("run",), True),
        "100 chapters, nothing changed": (hundred, whole, True),
    }
    for name, (of, command, built) in cases.items():
        sides = {side: of.side(side, *command, built=built) for side in of.folders}
        turns.take(point, [turns.Case(name, sides, ["benchmarks/growth_book.py"])])
