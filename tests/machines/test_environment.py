"""The environment of a small project, really made: broken off, moved, without network or room."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bookwright import environment
from tests.conftest import ROOT
from tests.machines.conftest import Disk

pytestmark = pytest.mark.machines
PYPROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "small"
version = "1"

[tool.setuptools]
py-modules = ["small"]
"""
NEEDED = ("uv", "setuptools", "numpy")


class Project:
    """A small project that has this project's Makefile and machinery."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "Makefile").symlink_to(ROOT / "Makefile")
        (folder / "bookwright").symlink_to(ROOT / "bookwright")
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "small.py").write_text("NUMBER = 6 * 7\n")
        lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
        text = "".join(environment.pinned(name, lock) for name in NEEDED)
        (folder / "requirements.txt").write_text(text)

    def start(self, **variables: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.Popen(
            ["make", ".venv/ready"],
            cwd=self.folder,
            env=kept | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def make(self, **variables: str) -> tuple[int, str]:
        """Makes the environment; the exit status, and what was said."""
        with self.start(**variables) as process:
            said, _ = process.communicate()
        return process.returncode, said

    def check(self) -> None:
        """The environment is whole: all is there, and its programs run with it."""
        status, said = self.make()
        assert (status, said) == (0, ""), "it was not whole"
        code = "import numpy, setuptools, small, uv; print(small.NUMBER, small.__file__)"
        python = environment.program(self.folder / ".venv", "python")
        done = subprocess.run([python, "-c", code], cwd="/", capture_output=True, text=True)
        assert done.stdout == f"42 {self.folder / 'small.py'}\n", done.stderr
        uv = environment.program(self.folder / ".venv", "uv")
        done = subprocess.run([uv, "--version"], capture_output=True, text=True)
        assert done.stdout.startswith("uv "), done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def test_one_that_was_killed_at_any_moment_is_made_whole_by_the_next_command(project):
    start = time.perf_counter()
    assert project.make()[0] == 0
    whole = time.perf_counter() - start
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        (project.folder / ".venv" / "ready").unlink()
        with project.start() as process:
            time.sleep(share * whole)
            os.killpg(process.pid, signal.SIGKILL)
        status, said = project.make()
        assert status == 0, said
        project.check()


def test_a_clone_that_was_moved_gets_its_own(project, tmp_path):
    assert project.make()[0] == 0
    project.folder = project.folder.rename(tmp_path / "다른 곳")
    status, said = project.make()
    assert status == 0, said
    assert "making .venv" in said
    project.check()


def test_without_network_that_is_said_and_with_it_the_next_command_goes_on(project, tmp_path):
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
        "UV_CACHE_DIR": str(tmp_path / "nothing"),
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
        "UV_HTTP_RETRIES": "0",
    }
    status, said = project.make(**nowhere)
    assert status != 0
    assert "Traceback" not in said
    assert "What to do: see to the network" in said
    assert project.make()[0] == 0
    project.check()


def test_a_full_disk_is_said_and_with_room_the_next_command_goes_on(project, disk: Disk):
    for size in (100, 20_000, 60_000):
        disk(project.folder / ".venv", size)
        status, said = project.make()
        assert status != 0, size
        assert "Traceback" not in said
        assert "o space left on device" in said
        assert "of free disk, then run make again" in said
    disk(project.folder / ".venv", 1_000_000)
    status, said = project.make()
    assert status == 0, said
    project.check()


def test_what_is_new_in_the_lock_goes_into_one_that_is_there(project):
    lock = project.folder / "requirements.txt"
    whole = lock.read_text()
    lock.write_text(whole[: whole.index("numpy==")])
    assert project.make()[0] == 0
    lock.write_text(whole)
    os.utime(lock, (later := time.time() + 2, later))
    status, said = project.make()
    assert status == 0, said
    assert "bringing .venv up to date" in said
    os.utime(lock, (1, 1))
    project.check()
