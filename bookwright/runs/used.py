"""What a run of a page used, and whether that is still what a run would use now."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bookwright import book
from bookwright.runs import child

# Variables that change a run's numbers: other instructions, another order of sums. A machine may
# set them for its processor's sake, so they stay, and a run counts only where they are the same.
NUMERIC = (
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "TF_ENABLE_ONEDNN_OPTS"),
    *("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "OPENBLAS_CORETYPE"),
    *("MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "TF_XLA_FLAGS", "XLA_FLAGS"),
)
# What people set for work of their own; it would change the numbers or break the pages.
_FOREIGN = (
    *("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED", "PYTHONPATH"),
    *("TF_USE_LEGACY_KERAS", "TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC", "PYTHONSTARTUP"),
    *("PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONUNBUFFERED"),
)


class Settings(NamedTuple):
    """How a page runs, beside its cells; the book's own settings are the defaults.

    Attributes:
        seed_offset: What is added to the seeds of the page.
        threads: Threads of each library; the book's is one, so that numbers do not depend on what
            runs beside a page.
        determinism: Whether TensorFlow's deterministic operations are on, as the pages ask for.
        gpu: Whether a GPU may be used.
        variables: Variables of the environment that change numbers.
    """

    seed_offset: int = 0
    threads: int = 1
    determinism: bool = True
    gpu: bool = False
    variables: Mapping[str, str] = {}

    def plain(self) -> dict[str, Any]:
        """The settings as JSON holds them."""
        return {**self._asdict(), "variables": dict(sorted(self.variables.items()))}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Settings:
        """Reads back what `plain` gave."""
        return cls(**plain)


def own_settings() -> Settings:
    """The book's settings on this machine, with the variables that it sets for its processor."""
    return Settings(variables={name: os.environ[name] for name in NUMERIC if name in os.environ})


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a page's kernel: this machine's, without what would change its numbers.

    Args:
        settings: How the page runs.
    """
    others = (*_FOREIGN, *NUMERIC)  # those of the settings come back below
    kept = {name: value for name, value in os.environ.items() if name not in others}
    own = {
        "KERAS_BACKEND": "tensorflow",
        "BOOK_LANGUAGE": "",  # outputs are the same for readers of all languages
        "BOOK_SEED_OFFSET": str(settings.seed_offset),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    if not settings.gpu:
        own["CUDA_VISIBLE_DEVICES"] = "-1"
    return kept | own | child.threads(settings.threads) | dict(settings.variables)


@functools.lru_cache(maxsize=1024)
def _hash(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def file_hash(path: Path) -> str | None:
    """The sha256 of a file as it is now; None if there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return _hash(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _pins(lock: Path, changed: int, size: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"[A-Za-z0-9][\w.\[\]-]*==[^\\#]+", line):
            need = Requirement(match[0].strip())
            if need.marker is None or need.marker.evaluate():
                found[canonicalize_name(need.name)] = str(need.specifier).removeprefix("==")
    return found


def pins(lock: Path) -> dict[str, str]:
    """The version of each package that a requirements file names for this system and Python."""
    state = lock.stat()
    return _pins(lock, state.st_mtime_ns, state.st_size)


def stale(record: Mapping[str, Any], settings: Settings) -> str | None:
    """Why a run does not count; None if a run of now would use the same.

    Args:
        record: What the run used, as `bookwright.runs.page` returns it.
        settings: How the page is to run.

    Raises:
        RuntimeError: A data set that the run used cannot be had.
    """
    if record["settings"] != settings.plain():
        return "it ran with other settings"
    used = record["used"]
    if used["python"] != (python := ".".join(map(str, sys.version_info[:2]))):
        return f"Python is {python}, was {used['python']}"
    for name, sha256 in used["files"].items():
        if file_hash(book.ROOT / name) != sha256:
            return f"{name} changed"
    now = pins(book.VERSIONS)
    for name, version in used["packages"].items():
        if name in now and now[name] != version:  # what is not pinned comes with Python itself
            return f"{name} is {now[name]}, was {version}"
    for name, copy in used["data"].items():
        if book.data_set(name)["sha256"] != copy["sha256"]:
            return f"the {name} data are others"
    return None
