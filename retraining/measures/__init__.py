"""Small measurements for sentences of the sources that no chapter and no training decides."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path

SEEDS = (0, 1, 2, 3, 4)
MODULES = ("histograms", "shapes", "training", "newswires", "reviews", "progress")


def all_measures() -> dict[str, Callable[[], Sequence[float]]]:
    """Every public function of the modules, by name."""
    modules = [importlib.import_module(f"retraining.measures.{name}") for name in MODULES]
    return {
        name: function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def code_hash() -> str:
    """Hash of the modules."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
