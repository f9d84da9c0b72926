"""Builds the wheel of the helper package that the site carries, the same to the byte each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import first_cell, pages

_SOURCES = ("pyproject.toml", "README.md", "LICENSE")
_DAY_ONE = "315532800"  # 1980-01-01, the first date that a zip file can hold


def build(folder: Path) -> Path:
    """Builds the wheel into a folder.

    Returns:
        The wheel.

    Raises:
        RuntimeError: The build failed; the message is pip's.
    """
    with tempfile.TemporaryDirectory() as name:
        # In the project's own folder, files left over from earlier builds would slip in.
        copy = Path(name, "lessons")
        shutil.copytree(
            pages.ROOT / "lessons_src",
            copy / "lessons_src",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        for source in _SOURCES:
            shutil.copy(pages.ROOT / source, copy)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", str(folder), str(copy)]
        environment = os.environ | {"SOURCE_DATE_EPOCH": _DAY_ONE}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the wheel could not be built:\n{done.stderr.strip()}")
    return folder / first_cell.wheel_name()
