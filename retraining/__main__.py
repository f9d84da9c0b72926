"""Trains every run of the sources over 5 seeds and writes the record that the book shows.

`make reproduce` goes on where a run before it was stopped: each finished training is kept in
_build/reproduce, in a folder named by a hash of the code, the data and the versions.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from dask.system import CPU_COUNT

from bookwright import book
from bookwright.problems import attempt, tell_problems
from bookwright.runs import child, display, engine
from bookwright.runs.run import SCHEDULER
from bookwright.source import facts as page_facts
from lessons_src import data, report
from lessons_src.reproduction import results
from retraining import measures

SEEDS = (0, 1, 2, 3, 4)
# The source's network is a class of the recurrent chapter: without the transpose, and with it.
RECURRENT = {"002-source": "Untransposed", "002-transposed": "RecurrentNetwork"}
# What decides the results, beside those classes.
CODE = (
    "retraining/trainings.py",
    "lessons_src/feed.py",
    "lessons_src/training.py",
    "lessons_src/encoding.py",
    "lessons_src/data/__init__.py",
    "lessons_src/data/corpora.py",
)


_MEASURES = "measurements"


class Task(NamedTuple):
    """One run of the sources with one optimizer, for all seeds that are not trained yet."""

    run: str
    keras2: bool

    def file(self, seed: int) -> str:
        """Name of the file that keeps the result of one seed."""
        return f"{self.run}.{'keras2' if self.keras2 else 'keras3'}.{seed}.json"


def code_hash() -> str:
    """Hash of the code that decides the results."""
    digest = hashlib.sha256()
    for name in CODE:
        digest.update(name.encode())
        digest.update((book.ROOT / name).read_bytes())
    digest.update(json.dumps(recurrent_sources()).encode())
    return digest.hexdigest()[:16]


def recurrent_sources() -> dict[str, str]:
    """The code of the networks that the cells of the recurrent chapter define."""
    page = book.Page("en", "rnn").source.read_text(encoding="utf-8")
    return page_facts.class_sources(page_facts.facts(page).cells, RECURRENT.values())


def conditions() -> dict[str, Any]:
    """What the results depend on: code, versions, data."""
    found = data.prepare(["reuters", "imdb"])
    files = {name: copy["sha256"] for name, copy in found.items()}
    return {"code": code_hash(), "versions": report.versions(), "data": files}


def stale(made_with: dict[str, Any]) -> str | None:
    """What to do if the record was made by other code than today's; None if it was not."""
    if (made_with["code"], made_with["measures"]) == (code_hash(), measures.code_hash()):
        return None
    return (
        "The code of the sources' trainings has changed since "
        "lessons_src/reproduction/published/record.json was made. `make reproduce` makes it again."
    )


def all_tasks(only: list[str] | None = None) -> list[Task]:
    """Every run with both optimizers; the recurrent network has one of its own."""
    from retraining.trainings import NAMES

    return [
        Task(run, keras2)
        for run, keras2 in itertools.product(only or NAMES, (False, True))
        if not (keras2 and run in RECURRENT)
    ]


def set_up() -> None:
    """Makes this process repeatable; the engine holds it to one core and one thread."""
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


def measure(job: dict[str, Any]) -> dict[str, list[float]]:
    """Takes the small measurements, in a process of their own."""
    return {name: list(map(float, take())) for name, take in measures.all_measures().items()}


def train(job: dict[str, Any]) -> None:
    """Trains one run for its seeds, in a process of its own; tells each seed's result.

    Args:
        job: `run`, `keras2` and the `seeds` that are left.
    """
    from retraining import trainings

    set_up()
    start = time.perf_counter()
    trained = trainings.train(job["run"], job["keras2"], job["seeds"])
    for seed, result in zip(job["seeds"], trained, strict=True):
        result["seconds"] = round(time.perf_counter() - start, 1)
        result["peak_memory_bytes"] = report.peak_memory()
        result["history"] = {
            metric: [round(value, 5) for value in values]
            for metric, values in result["history"].items()
        }
        child.tell({"seed": seed, "result": result})
        start = time.perf_counter()


def keep(path: Path, result: dict[str, Any]) -> None:
    """Writes a file whole or not at all, so that a kill never leaves half a result behind."""
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(result), encoding="utf-8")
    partial.replace(path)


def collect(tasks: list[Task], folder: Path) -> dict[str, dict[str, list]]:
    """For each run and optimizer the results in order of the seeds."""
    trained: dict[str, dict[str, list]] = {}
    for task in tasks:
        trained.setdefault(task.run, {})["keras2" if task.keras2 else "keras3"] = [
            {"seed": seed, **json.loads((folder / task.file(seed)).read_text(encoding="utf-8"))}
            for seed in SEEDS
        ]
    return trained


def to_do(tasks: list[Task], measured: Path, only: bool) -> list[engine.Task]:
    """What is left to be trained and measured, for the engine."""
    folder, left = measured.parent, []
    for task in tasks:
        if seeds := [seed for seed in SEEDS if not (folder / task.file(seed)).exists()]:
            name = f"{task.run} {'keras2' if task.keras2 else 'keras3'}"
            job = {"run": task.run, "keras2": task.keras2, "seeds": seeds}
            taken = 60.0 * len(seeds)
            left.append(engine.Task(name, "retraining:train", job, taken, memory=1.5e9))
    if not (only or measured.exists()):
        left.append(engine.Task(_MEASURES, "retraining:measure", {}, seconds=300.0))
    return left


def train_all(tasks: list[Task], measured: Path, only: bool) -> list[str]:
    """Trains what is left beside the file of the measurements, and measures unless `only`.

    Returns:
        What went wrong.

    Raises:
        EngineError: The scheduler that was named cannot be used.
    """
    folder, problems = measured.parent, []
    left = to_do(tasks, measured, only)

    def told(task: engine.Task, what: str, message: Any) -> None:  # noqa: ANN401
        shown.told(task, what, message)
        if what == "told":
            own = Task(task.job["run"], task.job["keras2"])
            keep(folder / own.file(message["seed"]), message["result"])

    scheduler = os.environ.get(SCHEDULER, "")
    with display.Display(left, 0 if scheduler else CPU_COUNT) as shown:
        for done in engine.run_all(left, scheduler, told, shown.say):
            if done.error:
                problems.append(f"{done.task.name}: {done.error}")
            elif done.task.name == _MEASURES:
                keep(measured, done.result)
            shown.ended(done.task, "failed" if done.error else "done")
    return problems


def make_record(only: list[str] | None) -> int:
    """Trains what is not trained yet; writes the record, unless only some runs are asked for."""
    from retraining import facts as source_facts

    made_with, of_measures = conditions(), measures.code_hash()
    key = hashlib.sha256(json.dumps(made_with, sort_keys=True).encode()).hexdigest()[:16]
    folder = book.ROOT / "_build" / "reproduce" / key
    folder.mkdir(parents=True, exist_ok=True)
    tasks = all_tasks(only)
    measured = folder / f"measures.{of_measures}.json"
    if problems := train_all(tasks, measured, only=only is not None):
        tell_problems(problems)
        return 1
    if only is not None:
        return 0
    machine = {"machine": f"{os.cpu_count()} x {platform.machine()}"}
    record = {
        "made_with": made_with | {"measures": of_measures} | machine,
        "measures": json.loads(measured.read_text(encoding="utf-8")),
        "facts": source_facts.all_facts(),
        "runs": collect(tasks, folder),
    }
    results.RECORD.write_text(json.dumps(record) + "\n", encoding="utf-8")
    print(f"wrote {results.RECORD.relative_to(book.ROOT)}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for the processes, too
    from retraining.trainings import NAMES

    parser = argparse.ArgumentParser(prog="python -m retraining", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=NAMES, help="train these runs, no record")
    options = parser.parse_args(arguments)
    return attempt(lambda: make_record(options.only), "what was trained is kept")


if __name__ == "__main__":
    sys.exit(main())
