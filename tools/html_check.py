"""Asks the Nu Html Checker, which the W3C itself runs, whether the built pages are valid HTML.

It is a Java program that npm distributes, so `make test` does without: `tools.markup` does there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from tools import book
from tools.problems import tell_problem

CHECKER = "vnu-jar@26.9.27"


def main() -> int:
    """Prints what the checker finds; returns its exit status."""
    found = sorted(book.SITE.rglob("*.html"))
    if not found:
        tell_problem("html-check: there is no built site: run `make book` first")
        return 1
    npx = shutil.which("npx")
    if npx is None or shutil.which("java") is None:
        tell_problem(
            "html-check needs Java 17 and npm (apt-get install default-jre-headless npm)",
        )
        return 1
    names = [path.relative_to(book.SITE).as_posix() for path in found]
    done = subprocess.run(
        [npx, "--yes", CHECKER, "--errors-only", "--stdout", *names],
        cwd=book.SITE, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    print(re.sub(rf'(?m)^"file:{re.escape(str(book.SITE))}/([^"]+)"', r"\1", done.stdout), end="")
    if done.returncode == 0:
        print(f"html-check: {len(names)} pages, all valid")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
