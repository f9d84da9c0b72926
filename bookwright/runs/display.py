"""Shows many runs at once: which run now, how many of them are done, how much time is left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bookwright.runs import seconds
from bookwright.runs.engine import Task


def duration(taken: float) -> str:
    """A length of time as people say it, in steps that suit it."""
    if taken < 90:
        return f"{taken:.0f} s"
    return f"{taken / 60:.0f} min"


class Display:
    """On a terminal a bar and a line for each running task, elsewhere a line for each event.

    Args:
        tasks: All that is to be done.
        cores: On how many cores; 0 if nobody knows, and then no time is said.
    """

    def __init__(self, tasks: Sequence[Task], cores: int) -> None:
        self._cores = cores
        self._expected = {task.name: task.seconds for task in tasks}
        self._cores_of = {task.name: task.cores for task in tasks}
        self._started: dict[str, float] = {}
        self._taken: dict[str, float] = {}
        self._lines: dict[str, Any] = {}
        self._console = Console(highlight=False, soft_wrap=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            refresh_per_second=2,
            transient=True,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Display:
        self._progress.start()
        self._bar = self._progress.add_task("", total=len(self._expected), left="")
        self._update()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def left(self) -> float:
        """About how many seconds are left, by what has been taken so far; 0 if nobody knows."""
        if not self._cores:
            return 0.0
        done = sum(self._expected[name] for name in self._taken)
        pace = sum(self._taken.values()) / done if done else 1.0
        now = time.monotonic()
        waiting = [
            max(expected * pace - (now - self._started.get(name, now)), 1.0)
            for name, expected in self._expected.items()
            if name not in self._taken
            for _ in range(self._cores_of[name])
        ]
        return seconds.makespan(waiting, self._cores) if waiting else 0.0

    def told(self, task: Task, what: str, message: Any) -> None:  # noqa: ANN401
        """Takes note that a task was "started", or of what it has "told"."""
        if what != "started" or task.name in self._taken:
            return
        again = task.name in self._started
        self._started[task.name] = time.monotonic()
        if self._console.is_terminal:
            if not again:
                self._lines[task.name] = self._progress.add_task(
                    f"  {task.name}", total=None, left="running"
                )
            self._update()
        else:
            number = len(self._started)
            self.say(f"[{number}/{len(self._expected)}] {task.name} ...{' again' * again}")

    def ended(self, task: Task, how: str) -> None:
        """Says how a task ended."""
        self._taken[task.name] = time.monotonic() - self._started.get(task.name, time.monotonic())
        if line := self._lines.pop(task.name, None):
            self._progress.remove_task(line)
        left = self.left()
        rest = f"; about {duration(left)} left" if left and not self._console.is_terminal else ""
        self.say(f"      {task.name} {how}{rest}")
        self._update()

    def _update(self) -> None:
        left = self.left()
        self._progress.update(
            self._bar,
            completed=len(self._taken),
            description=f"{len(self._taken)} of {len(self._expected)}",
            left=f"about {duration(left)} left" if left else "",
        )

    def say(self, text: str) -> None:
        """Prints a line above the bar."""
        self._console.print(text, markup=False)
        self._console.file.flush()
