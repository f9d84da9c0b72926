"""What tests of whole machines need: a disk that is too small."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Disk = Callable[[Path, int], None]


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Puts a disk of some KiB at a folder, or gives the one that is there another size."""
    before = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    mounted: list[Path] = []

    def command(*words: str) -> None:
        done = subprocess.run([*before, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")

    def resize(folder: Path, size: int) -> None:
        options = f"size={size}k,uid={os.getuid()},gid={os.getgid()}"
        if folder in mounted:
            options = f"remount,size={size}k"
        folder.mkdir(parents=True, exist_ok=True)
        command("mount", "-t", "tmpfs", "-o", options, "none", str(folder))
        mounted.append(folder)

    yield resize
    for folder in set(mounted):
        command("umount", "--lazy", str(folder))
