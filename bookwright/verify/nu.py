"""Asks the Nu Html Checker, which the W3C itself runs, whether the built pages are valid HTML.

It is a Java program that npm distributes, so `make test` does without: `verify.html` does there.
`package-lock.json` beside this module pins it by its hash; its install script, which would fetch a
Java of its own, is not run.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bookwright.places import BUILD, SITE
from bookwright.problems import tell_problem

LOCK = Path(__file__).parent
FOLDER = BUILD / "nu"


def install(npm: str) -> Path:
    """Installs the checker as it is pinned; returns the Java archive.

    Args:
        npm: The program.

    Raises:
        RuntimeError: npm failed; the message is its own.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK / name, FOLDER)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise RuntimeError(f"html-check: the checker could not be installed:\n{said}")
    return FOLDER / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def main(arguments: Sequence[str] = ()) -> int:
    """Prints what the checker finds; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright html-check", description=__doc__)
    parser.parse_args(arguments)
    found = sorted(SITE.rglob("*.html"))
    if not found:
        tell_problem("html-check: there is no built site: run `make book` first")
        return 1
    npm, java = shutil.which("npm"), shutil.which("java")
    if npm is None or java is None:
        tell_problem("html-check needs Java 17 and npm (apt-get install default-jre-headless npm)")
        return 1
    try:
        archive = install(npm)
    except RuntimeError as error:
        tell_problem(error)
        return 1
    names = [path.relative_to(SITE).as_posix() for path in found]
    done = subprocess.run(
        [java, "-jar", str(archive), "--errors-only", "--stdout", *names],
        cwd=SITE, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    print(re.sub(rf'(?m)^"file:{re.escape(str(SITE))}/([^"]+)"', r"\1", done.stdout), end="")
    if done.returncode == 0:
        print(f"html-check: {len(names)} pages, all valid")
    return done.returncode
