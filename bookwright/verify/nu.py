"""Asks the Nu Html Checker, which the W3C itself runs, whether the built pages are valid HTML.

It is a Java program that npm distributes, so `make test` does without: `verify.html` does there.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from collections.abc import Sequence

from bookwright.places import SITE
from bookwright.problems import tell_problem

CHECKER = "vnu-jar@26.9.27"


def main(arguments: Sequence[str] = ()) -> int:
    """Prints what the checker finds; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright html-check", description=__doc__)
    parser.parse_args(arguments)
    found = sorted(SITE.rglob("*.html"))
    if not found:
        tell_problem("html-check: there is no built site: run `make book` first")
        return 1
    npx = shutil.which("npx")
    if npx is None or shutil.which("java") is None:
        tell_problem(
            "html-check needs Java 17 and npm (apt-get install default-jre-headless npm)",
        )
        return 1
    names = [path.relative_to(SITE).as_posix() for path in found]
    done = subprocess.run(
        [npx, "--yes", CHECKER, "--errors-only", "--stdout", *names],
        cwd=SITE, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    print(re.sub(rf'(?m)^"file:{re.escape(str(SITE))}/([^"]+)"', r"\1", done.stdout), end="")
    if done.returncode == 0:
        print(f"html-check: {len(names)} pages, all valid")
    return done.returncode
