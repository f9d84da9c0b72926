"""Which measurements there are; all are taken in one task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from retraining import task
from retraining.measures import histograms, newswires, progress, reviews, shapes, training

MODULES = (histograms, shapes, training, newswires, reviews, progress)


def all_measures() -> dict[str, Callable[[], Sequence[float]]]:
    """Every public function of the modules, by name."""
    return {
        name: function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Takes all of them in a process of its own.

    Args:
        job: Empty.

    Returns:
        What `task.with_use` does; its result holds one number for each seed, by measurement.
    """
    return task.with_use(
        lambda: {name: list(map(float, take())) for name, take in all_measures().items()}
    )
