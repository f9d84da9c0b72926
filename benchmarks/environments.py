"""Environments of the programs and libraries that the book is compared with, apart from its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks import turns
from bookwright import environment


def make(folder: Path, lock: Path, title: str) -> None:
    """Makes an environment with uv, unless it is there with these versions.

    Args:
        folder: Where it comes to lie.
        lock: What is installed, and nothing else; with hashes, these are asked for.
        title: What is installed, for readers.

    Raises:
        SideError: It cannot be made.
    """
    pinned, noted = lock.read_bytes(), folder / lock.name
    if noted.exists() and noted.read_bytes() == pinned:
        return
    print(f"installing {title} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    python = Path(sys.executable)
    variables, uv = environment.uv_variables(python), [str(python), "-m", "uv"]
    venv = [*uv, "venv", "--quiet", "--python", str(python), str(folder)]
    turns.make(venv, f"the environment of {title}", variables)
    hashes = ["--require-hashes"] if b"--hash=" in pinned else []
    install = [*uv, "pip", "install", "--quiet", *hashes, "-r", str(lock)]
    install += ["--python", str(environment.program(folder, "python"))]
    turns.make(install, f"the environment of {title}", variables)
    noted.write_bytes(pinned)
