"""Asks the Nu Html Checker, which the W3C itself runs, whether the built pages are valid HTML.

It is a Java program that npm distributes, so `make test` does without: `html` does there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from bookwright.problems import tell_problem
from bookwright.site import build

CHECKER = "vnu-jar@26.9.27"


def main() -> int:
    """Prints what the checker finds; returns its exit status."""
    found = sorted(build.SITE.rglob("*.html"))
    if not found:
        tell_problem("html-check: there is no built site: run `make book` first")
        return 1
    npx = shutil.which("npx")
    if npx is None or shutil.which("java") is None:
        tell_problem(
            "html-check needs Java 17 and npm (apt-get install default-jre-headless npm)",
        )
        return 1
    names = [path.relative_to(build.SITE).as_posix() for path in found]
    done = subprocess.run(
        [npx, "--yes", CHECKER, "--errors-only", "--stdout", *names],
        cwd=build.SITE, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    print(re.sub(rf'(?m)^"file:{re.escape(str(build.SITE))}/([^"]+)"', r"\1", done.stdout), end="")
    if done.returncode == 0:
        print(f"html-check: {len(names)} pages, all valid")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
