"""Lints the workflows: zizmor for their security, actionlint for their syntax and types.

Without a token zizmor asks no host; with one in `GH_TOKEN` it also asks GitHub what is known of the
actions: faults, commits that are not their repository's own. Where actionlint is not on the PATH,
its release is fetched and checked by its hash; where that cannot be had, it is left out with a
notice, except in CI.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import platform
import shutil
import subprocess
import sysconfig
import tarfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from bookwright import book
from bookwright.problems import tell_problem

FOLDER = book.ROOT / ".github"
KEPT = book.ROOT / "_build" / "actionlint"
VERSION = "1.7.12"
RELEASE = f"https://github.com/rhysd/actionlint/releases/download/v{VERSION}"
# The release's own sums, by system and machine; new ones come with a new version.
SUMS = {
    "linux_amd64": "8aca8db96f1b94770f1b0d72b6dddcb1ebb8123cb3712530b08cc387b349a3d8",
    "linux_arm64": "325e971b6ba9bfa504672e29be93c24981eeb1c07576d730e9f7c8805afff0c6",
    "darwin_amd64": "5b44c3bc2255115c9b69e30efc0fecdf498fdb63c5d58e17084fd5f16324c644",
    "darwin_arm64": "aba9ced2dee8d27fecca3dc7feb1a7f9a52caefa1eb46f3271ea66b6e0e6953f",
}
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


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


def _run(command: Sequence[str]) -> tuple[int, str]:
    """Runs a program and shows what it says; returns that with its exit status."""
    done = subprocess.run(
        command,
        cwd=book.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    print(done.stdout, end="", flush=True)
    return done.returncode, done.stdout


def zizmor() -> tuple[int, str]:
    """Audits workflows and Dependabot's file; returns the exit status and what was said."""
    program = find_zizmor()
    if program is None:
        tell_problem("zizmor is not here: make lint-workflows sets it up")
        return 1, "zizmor is not here\n"
    command = [program, "--no-progress", "--quiet", "--persona=pedantic"]
    command += ["--config", str(FOLDER / "zizmor.yml"), str(FOLDER)]
    return _run(command if os.environ.get("GH_TOKEN") else [*command, "--offline"])


def fetch_actionlint() -> Path:
    """Fetches the program of this system, unless it is here.

    Raises:
        OSError: It cannot be fetched.
        RuntimeError: There is none for this system, or what came is not the known release.
    """
    machine = platform.machine().lower()
    name = f"{platform.system().lower()}_{_MACHINES.get(machine, machine)}"
    if name not in SUMS:
        raise RuntimeError(f"no sum of a release for {name} is known")
    program = KEPT / SUMS[name][:16] / "actionlint"
    if program.exists():
        return program
    address = f"{RELEASE}/actionlint_{VERSION}_{name}.tar.gz"
    with urllib.request.urlopen(address, timeout=60) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != SUMS[name]:
        raise RuntimeError(f"{address} is not the release whose sum bookwright/ci.py has")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile("actionlint")
        unpacked = member.read() if member else b""
    program.parent.mkdir(parents=True, exist_ok=True)
    unfinished = program.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(unpacked)
    unfinished.chmod(0o755)
    unfinished.replace(program)
    return program


def actionlint() -> tuple[int, str]:
    """Checks syntax, expressions and scripts; returns the exit status and what was said."""
    try:
        program = shutil.which("actionlint") or str(fetch_actionlint())
    except (OSError, RuntimeError) as error:
        told = f"actionlint was left out, it could not be had: {error}"
        tell_problem(told)
        return (1 if os.environ.get("CI") else 0), f"{told}\n"
    return _run([program])


def main(arguments: Sequence[str] = ()) -> int:
    """Runs both; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright workflows", description=__doc__)
    said = "a file for what was said; beside it there is one that ends in .held if all is well"
    parser.add_argument("--report", type=Path, help=said)
    given = parser.parse_args(arguments)
    found = (zizmor(), actionlint())
    status = max(each for each, _ in found)
    if given.report:
        given.report.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(said for _, said in found)
        given.report.write_text(text or "Nothing was found.\n", encoding="utf-8")
        mark = given.report.with_suffix(".held")
        mark.unlink(missing_ok=True) if status else mark.touch()
    return status
