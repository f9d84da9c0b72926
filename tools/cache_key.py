"""The name under which a service keeps the runs of the pages, the same as the build's own.

`python -m tools.cache_key` prints `path`, `prefix` and `key` for a cache such as that of GitHub
Actions, and hands them to the workflow's next steps where there is one (`GITHUB_OUTPUT`).

A cache found below the prefix holds runs of the same helper package, versions and data, of which
the unchanged pages are reused; one found below the whole key holds a run of every page.
"""

from __future__ import annotations

import hashlib
import sys

import jupytext

from lessons_src import data
from tools import first_cell, pages, workflows


def cells_hash() -> str:
    """Hash of every page's code, as jupyter-cache hashes it, and of what readers' notebooks add."""
    digest = hashlib.sha256(first_cell.fingerprint().encode())
    for page in pages.all_pages():
        if page.source.exists():
            notebook = jupytext.read(page.source, fmt="md:myst")
            digest.update(pages.cache().create_hashed_notebook(notebook)[1].encode())
    return digest.hexdigest()[:16]


def outputs() -> dict[str, str]:
    """What a caching step needs; each version of Python has runs of its own."""
    prefix = f"pages-py{sys.version_info.major}.{sys.version_info.minor}-{pages.fingerprint()}-"
    path = pages.cache().path.relative_to(pages.ROOT).as_posix()
    return {"path": path, "prefix": prefix, "key": prefix + cells_hash()}


def main() -> int:
    """Prints the names; returns the exit status."""
    try:
        lines = "".join(f"{name}={value}\n" for name, value in outputs().items())
    except data.DataError as error:
        print(error, file=sys.stderr)
        return 1
    print(lines, end="")
    workflows.hand_over("GITHUB_OUTPUT", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
