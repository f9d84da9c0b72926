"""A commit takes no large file: what `.pre-commit-config.yaml` says to it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

HOOKS = ROOT / ".pre-commit-config.yaml"
MOST = 1024 * int(re.findall(r"--maxkb=(\d+)", HOOKS.read_text("utf-8"))[0])


@pytest.fixture
def commits(tmp_path, monkeypatch):
    """A repository with this project's hooks and one small file; says what a commit is told."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "kept"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # where a hook runs these tests, they name its repository
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(HOOKS, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "there.csv").write_text("1\n")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    def commit(name: str, size: int) -> tuple[int, str]:
        (folder / name).write_bytes(b"x" * size)
        assert run("git", "add", name).returncode == 0
        done = run(sys.executable, "-m", "pre_commit", "run", "large-files")
        return done.returncode, done.stdout

    who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    for arguments in (("init",), ("add", ".pre-commit-config.yaml", "there.csv")):
        assert run("git", *arguments).returncode == 0
    assert run("git", *who, "commit", "--message", "a file").returncode == 0
    return commit


def test_a_file_of_half_a_megabyte_is_refused_and_a_smaller_one_is_not(commits):
    assert 450_000 < MOST <= 500_000
    assert commits("small.csv", MOST)[0] == 0
    status, said = commits("large.csv", MOST + 1)
    assert status == 1
    assert "large.csv (489 KB) exceeds 488 KB" in said


def test_a_file_that_grew_too_large_is_refused(commits):
    status, said = commits("there.csv", MOST + 1)
    assert status == 1
    assert "there.csv" in said


def test_no_file_of_the_book_is_too_large():
    paths = [path for path in (ROOT / "book").rglob("*") if path.is_file()]
    assert [path for path in paths if path.stat().st_size > MOST] == []
