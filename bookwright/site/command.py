"""Checks the pages, runs those that changed, builds every language, puts the site together."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bookwright import book
from bookwright.checks import all as checks
from bookwright.environment import alone
from bookwright.problems import attempt


def main(arguments: Sequence[str]) -> int:
    """Checks the pages and builds the site, one command at a time; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright book", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail if a claim does not hold")
    parser.add_argument("--preview", action="store_true", help="show the PDFs printed last")
    parser.add_argument("--unchecked", action="store_true", help="build whatever the checks say")
    given = parser.parse_args(arguments)
    if not given.unchecked and (status := checks.main()):
        return status

    # Imported here: it takes many times as long as what most often ends a build, the checks.
    from bookwright.runs import run
    from bookwright.site import build

    def work() -> int:
        with alone(book.ROOT / "book"):
            return build.build(given.preview, given.strict)

    return attempt(work, run.KEPT)
