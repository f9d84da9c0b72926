"""Trains every run of the sources over 5 seeds and writes the record that the book shows.

`make reproduce` goes on where a run before it was stopped: each finished training is kept in
_build/reproduce, in a folder named by a hash of the code, the data and the versions.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import multiprocessing
import os
import platform
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lessons_src import data, report, reproduction
from tools import measures, page_facts, pages

SEEDS = (0, 1, 2, 3, 4)
# The source's network is a class of the recurrent chapter: without the transpose, and with it.
RECURRENT = {"002-source": "Untransposed", "002-transposed": "RecurrentNetwork"}
# What decides the results, beside those classes.
CODE = (
    "tools/source_runs.py",
    "lessons_src/feed.py",
    "lessons_src/training.py",
    "lessons_src/encoding.py",
    "lessons_src/data.py",
    "lessons_src/corpora.py",
)


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
        digest.update((pages.ROOT / name).read_bytes())
    digest.update(json.dumps(recurrent_sources()).encode())
    return digest.hexdigest()[:16]


def recurrent_sources() -> dict[str, str]:
    """The code of the networks that the cells of the recurrent chapter define."""
    page = pages.Page("en", "rnn").source.read_text(encoding="utf-8")
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
        "The code of the sources' trainings has changed since lessons_src/published/record.json "
        "was made. `make reproduce` makes it again."
    )


def all_tasks(only: list[str] | None = None) -> list[Task]:
    """Every run with both optimizers; the recurrent network has one of its own."""
    from tools.source_runs import NAMES

    return [
        Task(run, keras2)
        for run, keras2 in itertools.product(only or NAMES, (False, True))
        if not (keras2 and run in RECURRENT)
    ]


def set_up() -> None:
    """Makes this process repeatable, on one core."""
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def measure(path: Path) -> None:
    """Takes the small measurements in this process and keeps them."""
    keep(path, {name: list(map(float, take())) for name, take in measures.all_measures().items()})


def do(task: Task, folder: Path) -> None:
    """Trains one task in this process and keeps the result of each seed."""
    from tools import source_runs

    left = [seed for seed in SEEDS if not (folder / task.file(seed)).exists()]
    start = time.perf_counter()
    for seed, result in zip(left, source_runs.train(*task, left), strict=True):
        result["seconds"] = round(time.perf_counter() - start, 1)
        result["peak_memory_bytes"] = report.peak_memory()
        result["history"] = {
            metric: [round(value, 5) for value in values]
            for metric, values in result["history"].items()
        }
        keep(folder / task.file(seed), result)
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


def train_all(tasks: list[Task], measured: Path, jobs: int, only: bool) -> None:
    """Trains what is left beside the file of the measurements, and measures unless `only`."""
    folder = measured.parent
    files = [folder / task.file(seed) for task in tasks for seed in SEEDS]
    files += [] if only else [measured]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # A fresh process for each task: TensorFlow never gives memory back.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1)
    with Progress(*columns, TimeRemainingColumn(), refresh_per_second=1) as progress, pool:
        bar = progress.add_task("training", total=len(files))
        running = {
            pool.submit(do, task, folder)
            for task in tasks
            if not all((folder / task.file(seed)).exists() for seed in SEEDS)
        }
        if not (only or measured.exists()):
            running.add(pool.submit(measure, measured))
        try:
            while running:
                done, running = wait(running, timeout=2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                progress.update(bar, completed=sum(path.exists() for path in files))
        except BaseException:
            pool.shutdown(cancel_futures=True, wait=False)
            raise
        progress.update(bar, completed=len(files))


def main(arguments: list[str] | None = None) -> int:
    """Trains what is not trained yet; writes the record."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for the processes, too
    from tools import source_facts
    from tools.source_runs import NAMES

    parser = argparse.ArgumentParser(prog="python -m tools.reproduce", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=NAMES, help="train these runs, no record")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    try:
        made_with, of_measures = conditions(), measures.code_hash()
    except data.DataError as error:
        print(error, file=sys.stderr)
        return 1
    key = hashlib.sha256(json.dumps(made_with, sort_keys=True).encode()).hexdigest()[:16]
    folder = pages.ROOT / "_build" / "reproduce" / key
    folder.mkdir(parents=True, exist_ok=True)
    tasks = all_tasks(options.only)
    measured = folder / f"measures.{of_measures}.json"
    train_all(tasks, measured, options.jobs, only=options.only is not None)
    if options.only is not None:
        return 0
    machine = {"machine": f"{os.cpu_count()} x {platform.machine()}"}
    record = {
        "made_with": made_with | {"measures": of_measures} | machine,
        "measures": json.loads(measured.read_text(encoding="utf-8")),
        "facts": source_facts.all_facts(),
        "runs": collect(tasks, folder),
    }
    reproduction.RECORD.write_text(json.dumps(record) + "\n", encoding="utf-8")
    print(f"wrote {reproduction.RECORD.relative_to(pages.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
