"""What every task does around its work: it notes what it used and tells what came out."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bookwright.runs import child, recorder
from lessons_src import report
from retraining import made_with, settings

_PACKAGES = ("lessons_src", "retraining")
# They are loaded, too, but no result passes through them: they draw, check exercises and hand
# numbers to pages; find the data, which are known by hashes of their own; note what is loaded.
_NO_RESULT = (
    *("lessons_src/contract.py", "lessons_src/exercises.py", "lessons_src/plotting.py"),
    *("lessons_src/report.py", "lessons_src/data/copies.py", "retraining/made_with.py"),
)


@functools.cache  # as it was when first asked: what is loaded stays though its file changes
def _code_hash(name: str) -> str | None:
    return made_with.code_hash(name)


def code() -> dict[str, str | None]:
    """The project's code that this process has loaded, each part with its hash."""
    names = [name for package in _PACKAGES for name in recorder.own_files(package)]
    if recorder.opened(settings.CHAPTER):
        names += made_with.chapter_classes()
    return {name: _code_hash(name) for name in names if name not in _NO_RESULT}


def with_use(work: Callable[[], Any]) -> dict[str, Any]:
    """Does the work of a task.

    Returns:
        `result`, what it returned; `used`, the `code`, `data` and `machine` that it used.
    """
    code()  # before the work, which takes long enough for somebody to edit a file
    result = work()
    files = {name: copy["sha256"] for name, copy in recorder.data().items()}
    used = {"code": code(), "data": files, "machine": recorder.machine()}
    return {"result": result, "used": used}


def tell_each(seeds: Sequence[int], trained: Iterator[dict[str, Any]]) -> None:
    """Tells the result of each seed as soon as it is there.

    Args:
        seeds: The seeds, in the order in which they are trained.
        trained: Trains them one after the other; each result holds its `history`.
    """
    for seed in seeds:
        start = time.perf_counter()
        done = with_use(lambda: next(trained))
        result = done["result"]
        result["seconds"] = round(time.perf_counter() - start, 1)
        result["peak_memory_bytes"] = report.peak_memory()
        result["history"] = {
            metric: [round(value, 5) for value in values]
            for metric, values in result["history"].items()
        }
        child.tell({"seed": seed, **done})
