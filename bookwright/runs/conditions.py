"""Do the pages still hold elsewhere: with the newest TensorFlow, or with Colab's packages?

Every page runs as the notebook that readers download, with other versions than the pinned ones:
the newest that `pyproject.toml` allows, or those that Colab says it has installed. The runs are
kept beside those of the build, which shows none of them. The report goes to
`_build/conditions/NAME.md`, and beside it there is a file `NAME.held` if every page holds.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from bookwright import book, environment
from bookwright.problems import attempt
from bookwright.reader import wheel

FOLDER = book.ROOT / "_build" / "conditions"
# What Google writes down of Colab's image: https://github.com/googlecolab/backend-info
COLAB = "https://raw.githubusercontent.com/googlecolab/backend-info/main/pip-freeze.txt"
COLAB_PYTHON = (3, 12)
NAMES = ("colab", "newest")
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    """The versions that a requirements file or `pip freeze` names; other lines are left out."""
    return {normal(name): version for name, version in _PIN.findall(text)}


def freeze(place: str) -> str:
    """Reads what is installed on Colab.

    Args:
        place: A file or an address.

    Raises:
        OSError: It cannot be read.
        ValueError: It names no version of TensorFlow, so it is no such list.
    """
    if re.match(r"https?://", place):
        with urllib.request.urlopen(place, timeout=60) as answer:
            text = answer.read().decode("utf-8")
    else:
        text = Path(place).read_text(encoding="utf-8")
    found = pins(text)
    if "tensorflow" not in found:
        raise ValueError("it pins no tensorflow, so it is no list of Colab's packages")
    return "".join(f"{name}=={version}\n" for name, version in found.items())


def resolve(name: str, constraints: str) -> Path:
    """Finds versions for what a reader's environment holds.

    Args:
        name: The condition.
        constraints: Versions that are given, as pip's constraints; empty for the newest.

    Returns:
        A file with a version of every package.

    Raises:
        RuntimeError: No versions fit; the message is uv's.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    given, target = FOLDER / f"{name}.in", FOLDER / f"{name}.txt"
    given.write_text(constraints, encoding="utf-8")
    target.unlink(missing_ok=True)  # uv would keep its versions
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "-", "--quiet"]
    command += ["--constraints", str(given), "--python", sys.executable, "--no-annotate"]
    command += ["--no-header", "--output-file", str(target)]
    done = subprocess.run(
        command,
        cwd=book.ROOT,
        env=environment.uv_variables(Path(sys.executable)),
        input="ipykernel\npip\n",
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"no versions fit:\n{done.stderr.strip()}")
    return target


def versions(there: str) -> str:
    """The versions of the helper package's own dependencies, here (the pinned ones) and there."""
    other = pins(there)
    names = [normal(re.split(r"[<>=~! \[]", line)[0]) for line in wheel.project()["dependencies"]]
    rows = [f"| {name} | {metadata.version(name)} | {other.get(name, '?')} |" for name in names]
    return "\n".join(["| Package | Pinned | Tried |", "| --- | --- | --- |", *rows]) + "\n"


def _run(file: Path) -> tuple[int, str]:
    """Runs every page with these versions, showing what is said; returns it with the status."""
    variables = os.environ | {"BOOK_VERSIONS": str(file)}
    said = []
    with subprocess.Popen(
        [sys.executable, "-m", "bookwright.runs.run", "--claims"],
        cwd=book.ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said.append(line)
    return process.returncode, "".join(said)


def failures(said: str) -> list[str]:
    """The lines that name a page and what failed in it, or a claim that does not hold."""
    lines = r"^(?:book/[\w-]+/[\w/-]+\.md:\d+: |  \S+ \(\S+\): expected ).*$"
    return [line.strip() for line in re.findall(lines, said, re.MULTILINE)]


def write_report(name: str, text: str, held: bool) -> None:
    """Writes what was tried, and beside it a file `NAME.held` if everything holds."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.md").write_text(text, encoding="utf-8")
    mark = FOLDER / f"{name}.held"
    mark.touch() if held else mark.unlink(missing_ok=True)
    print(f"\n{text}\nreport: {(FOLDER / f'{name}.md').relative_to(book.ROOT).as_posix()}")


def try_out(name: str, place: str = COLAB) -> int:
    """Runs every page under a condition and writes the report; returns the exit status."""
    python = ".".join(map(str, sys.version_info[:3]))
    report = [f"Python {python}", ""]
    try:
        if name == "colab" and sys.version_info[:2] != COLAB_PYTHON:
            report += ["(Colab has Python {}.{}.)".format(*COLAB_PYTHON), ""]
        file = resolve(name, freeze(place) if name == "colab" else "")
        report += [versions(file.read_text(encoding="utf-8"))]
        status, said = _run(file)
        lines = failures(said) or ([] if status == 0 else said.splitlines()[-30:])
        report += ["Every page holds."] if status == 0 else ["```text", *lines, "```"]
    except (OSError, RuntimeError, ValueError) as error:
        source = f" ({place})" if name == "colab" else ""
        status = 1
        report += ["No page was run" + source + ":", "", "```text", str(error), "```"]
    write_report(name, "\n".join(report) + "\n", held=status == 0)
    return status


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright conditions", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="whose versions")
    parser.add_argument("--freeze", default=COLAB, help="Colab's `pip freeze`: file or address")
    given = parser.parse_args(arguments)
    return attempt(lambda: try_out(given.name, given.freeze), "what has run is kept")
