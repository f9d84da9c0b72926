"""Trains every run of the sources over 5 seeds and writes the record that the book shows.

`make reproduce` goes on where a run before it was stopped: each finished training is kept in
_build/reproduce, in a folder named by a hash of the data and the versions, and counts for as long
as the code that it had loaded is the same.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dask.system import CPU_COUNT

from bookwright import book, durable
from bookwright.problems import Problem, attempt, tell
from bookwright.runs import display, engine
from bookwright.runs.run import SCHEDULER
from lessons_src.reproduction import results
from retraining import made_with, settings


class Task(NamedTuple):
    """One run of the sources with one optimizer, for all seeds that are not trained yet."""

    run: str
    keras2: bool

    @property
    def rule(self) -> str:
        """What the record calls the optimizer."""
        return "keras2" if self.keras2 else "keras3"

    def file(self, seed: int) -> str:
        """Name of the file that keeps the result of one seed."""
        return f"{self.run}.{self.rule}.{seed}.json"


class Kept:
    """The results that are there already and count under these conditions.

    Args:
        folder: Where they are kept.
        data: The hashes of the data that they must be of, by data set and file.
    """

    def __init__(self, folder: Path, data: Mapping[str, Mapping[str, str]]) -> None:
        self._folder, self._data = folder, data
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str) -> dict[str, Any] | None:
        """A result with what it used; None if there is none, or it is of other code or data."""
        try:
            found = json.loads((self._folder / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # a power cut may leave an empty file
            return None
        used = found["used"]
        same = all(self._data.get(name) == files for name, files in used["data"].items())
        return found if same and made_with.changed(used["code"]) is None else None

    def put(self, name: str, found: Mapping[str, Any]) -> None:
        """Writes a file whole or not at all, so that a kill never leaves half a result behind."""
        durable.write(self._folder / name, json.dumps(found))


def first_review() -> list[int]:
    """The review that source 002 prints first, as the ids of its words."""
    [found] = [
        entry["value"]
        for entry in results.printed()
        if entry.get("ours") == "facts.imdb_sequences.first_kept"
    ]
    return found


def all_tasks(only: list[str] | None = None) -> list[Task]:
    """Every run with both optimizers; the recurrent network has one of its own."""
    return [
        Task(run, keras2)
        for run, keras2 in itertools.product(only or settings.NAMES, (False, True))
        if not (keras2 and run in settings.RECURRENT)
    ]


def others() -> list[engine.Task]:
    """What the record holds beside the trainings."""
    review = {"first_review": first_review()}
    return [
        engine.Task("measures", "retraining.measures.all:measure", {}, seconds=300.0),
        engine.Task("facts", "retraining.facts:measure", review, seconds=60.0, memory=1.5e9),
    ]


def _is_kept(task: engine.Task, kept: Kept) -> bool:
    found = kept.get(f"{task.name}.json")
    return found is not None and found["job"] == task.job


def to_do(tasks: list[Task], kept: Kept, only: bool) -> list[engine.Task]:
    """What is left for the engine: trainings, and unless `only` all others."""
    left = [] if only else [task for task in others() if not _is_kept(task, kept)]
    for task in tasks:
        if seeds := [seed for seed in settings.SEEDS if kept.get(task.file(seed)) is None]:
            module = "recurrent" if task.run in settings.RECURRENT else "trainings"
            left.append(
                engine.Task(
                    f"{task.run} {task.rule}",
                    f"retraining.{module}:train",
                    {"run": task.run, "keras2": task.keras2, "seeds": seeds},
                    seconds=60.0 * len(seeds),
                    memory=1.5e9,
                )
            )
    return left


def do_all(left: list[engine.Task], kept: Kept) -> list[str]:
    """Does what is left and keeps it.

    Returns:
        What went wrong.

    Raises:
        EngineError: The scheduler that was named cannot be used.
    """
    problems = []

    def told(task: engine.Task, what: str, message: Any) -> None:  # noqa: ANN401
        shown.told(task, what, message)
        if what == "told":
            own = Task(task.job["run"], task.job["keras2"])
            kept.put(own.file(message["seed"]), message)

    scheduler = os.environ.get(SCHEDULER, "")
    with display.Display(left, 0 if scheduler else CPU_COUNT) as shown:
        for done in engine.run_all(left, scheduler, told, shown.say):
            if done.error:
                problems.append(f"{done.task.name}: {done.error}")
            elif done.result is not None:
                kept.put(f"{done.task.name}.json", {"job": done.task.job, **done.result})
            shown.ended(done.task, "failed" if done.error else "done")
    return problems


def collect(tasks: list[Task], kept: Kept) -> dict[str, Any]:
    """Puts the record together.

    Raises:
        RuntimeError: A result does not count, though it has just been made.
    """
    code: dict[str, str] = {}
    machines: list[dict[str, Any]] = []

    def take(name: str) -> Any:  # noqa: ANN401
        if (found := kept.get(name)) is None:
            raise RuntimeError(
                f"{name.removesuffix('.json')} was made with other data, or with code that has "
                "changed meanwhile: run `make reproduce` again"
            )
        used = found["used"]
        code.update(used["code"])
        if used["machine"] not in machines:
            machines.append(used["machine"])
        return found["result"]

    runs: dict[str, dict[str, list[Any]]] = {}
    for task in tasks:
        runs.setdefault(task.run, {})[task.rule] = [
            {"seed": seed, **take(task.file(seed))} for seed in settings.SEEDS
        ]
    record = {"measures": take("measures.json"), "facts": take("facts.json"), "runs": runs}
    return {"made_with": {"code": dict(sorted(code.items())), "machines": machines}, **record}


def make_record(only: list[str] | None) -> int:
    """Trains what is not trained yet; writes the record, unless only some runs are asked for."""
    conditions = made_with.conditions()
    key = hashlib.sha256(json.dumps(conditions, sort_keys=True).encode()).hexdigest()[:16]
    kept = Kept(book.ROOT / "_build" / "reproduce" / key, conditions["data"])
    tasks = all_tasks(only)
    if problems := do_all(to_do(tasks, kept, only is not None), kept):
        return tell(map(Problem, problems))
    if only is not None:
        return 0
    record = collect(tasks, kept)
    record["made_with"] |= conditions
    durable.write(results.RECORD, json.dumps(record) + "\n")
    print(f"wrote {results.RECORD.relative_to(book.ROOT)}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m retraining", description=__doc__)
    parser.add_argument(
        "--only", nargs="*", choices=settings.NAMES, help="train these runs, no record"
    )
    options = parser.parse_args(arguments)
    return attempt(lambda: make_record(options.only), "what was trained is kept")


if __name__ == "__main__":
    sys.exit(main())
