"""The Makefile: when it makes the environment, and what of this machine it keeps from it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("make") is None, reason="programs stand in for Pythons here"
)
OWN = ".venv/bin/python"


class Project:
    """A folder with this project's Makefile and with programs that stand in for Pythons."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "Makefile", folder)

    def python(self, name: str, *lines: str) -> None:
        """A program that does what some lines of shell say, and says how it was called."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["#!/bin/sh", *lines, 'echo "$0 $@"', ""]))
        path.chmod(0o755)

    def make(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """What make says; its exit status comes first."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=kept | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    found.python(OWN, 'case "$*" in *--whole) echo whole; exit;; esac')
    found.python("good", 'case "$*" in --version) echo Python 3.12.1; exit;; esac')
    return found


def test_an_environment_that_is_whole_needs_no_other_python(project):
    assert project.make(".venv/ready", "PYTHON=not-here") == (0, "")


def no_environment(project):
    shutil.rmtree(project.folder / ".venv")


def python_gone(project):
    (project.folder / OWN).unlink()
    (project.folder / OWN).symlink_to("/is/not/here")


def python_broken(project):
    project.python(OWN, "echo a library is gone >&2", "exit 127")


def of_another_place(project):
    project.python(OWN, "echo", "exit")


@pytest.mark.parametrize("how", [no_environment, python_gone, python_broken, of_another_place])
def test_one_that_is_not_whole_is_made_by_the_python_that_was_named(project, how):
    how(project)
    said = "./good -m bookwright.environment\n"
    assert project.make(".venv/ready", "PYTHON=./good") == (0, said)


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("echo Python 3.10.13", "Python 3.10.13"),
        ("echo Python 3.14.0", "Python 3.14.0"),
        ("echo Python 2.7.18 >&2", "Python 2.7.18"),
        ("exec /is/not/here", "/is/not/here"),
    ],
)
def test_a_python_that_cannot_make_it_is_refused_in_one_line(project, says, version):
    no_environment(project)
    project.python("other", says, "exit")
    status, said = project.make(".venv/ready", "PYTHON=./other")
    assert status == 2
    assert said.count("\n") == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in said
    assert version in said
    assert "make PYTHON=python3.12" in said


def test_where_only_python_is_there_it_is_taken(project):
    no_environment(project)
    (project.folder / "good").rename(project.folder / "python")
    for program in ("make", "sh"):
        (project.folder / program).symlink_to(shutil.which(program))
    status, said = project.make(".venv/ready", PATH=str(project.folder))
    assert status == 0, said
    assert said.endswith("/python -m bookwright.environment\n")


def test_variables_for_other_pythons_do_not_reach_ours(project):
    project.python(OWN, 'case "$*" in *--whole) echo whole; exit;; esac', "env")
    foreign = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHOME": "/is/not/here",
        "PYTHONINSPECT": "1",
        "PYTHONOPTIMIZE": "2",
        "PYTHONPATH": "/another/clone",
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "error",
    }
    status, said = project.make("parity", PYTHONUTF8="0", PYTHONHASHSEED="7", **foreign)
    assert status == 0, said
    assert [name for name in foreign if f"{name}=" in said] == []
    assert "\nPYTHONHASHSEED=7\n" in said, "what leaves modules, warnings and bytecode alone stays"
    assert "\nPYTHONUTF8=1\n" in said


def test_two_commands_in_one_call_run_one_after_the_other(project):
    project.python(OWN, 'case "$*" in *--whole) echo whole; exit;; esac', "echo from", "sleep 1")
    status, said = project.make("-j4", "parity", "worker", SCHEDULER="none")
    assert status == 0, said
    lines = said.splitlines()
    assert [lines[0], lines[2]] == ["from", "from"]
    assert "parity" in lines[1]
