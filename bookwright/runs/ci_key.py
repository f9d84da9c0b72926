"""The name under which a service keeps the runs of the pages, the same as the build's own.

The command prints `path`, `prefix` and `key` for a cache such as that of GitHub Actions, and hands
them to the workflow's next steps where there is one (`GITHUB_OUTPUT`).

Each run says itself what it used, so a cache found below the prefix serves whatever changed: its
valid runs are reused. One found below the whole key holds a run of every page.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence

from bookwright import book, ci
from bookwright.problems import tell_problem
from bookwright.runs import store, worker


def state() -> str:
    """Hash of all that pages can depend on: their code, our modules, the versions, the data."""
    digest = hashlib.sha256(worker.identity().resource.encode())
    for page in book.all_pages():
        if page.source.exists():
            digest.update(store.code_of(page).cells.encode())
    hashes = {name: copy["sha256"] for name, copy in book.data_sets().items()}
    digest.update(json.dumps(hashes, sort_keys=True).encode())
    return digest.hexdigest()[:16]


def outputs() -> dict[str, str]:
    """What a caching step needs; each version of Python has runs of its own."""
    prefix = f"pages-py{sys.version_info.major}.{sys.version_info.minor}-"
    path = store.RUNS.relative_to(book.ROOT).as_posix()
    return {"path": path, "prefix": prefix, "key": prefix + state()}


def main(arguments: Sequence[str] = ()) -> int:
    """Prints the names; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright cache-key", description=__doc__)
    parser.parse_args(arguments)
    try:
        lines = "".join(f"{name}={value}\n" for name, value in outputs().items())
    except RuntimeError as error:
        tell_problem(error)
        return 1
    print(lines, end="")
    ci.hand_over("GITHUB_OUTPUT", lines)
    return 0
