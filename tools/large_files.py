"""Files that are too large for the repository: data are downloaded, figures drawn by cells."""

from __future__ import annotations

import sys
from pathlib import Path

from bookwright.problems import tell_problems

LARGEST = 500_000  # bytes


def too_large(paths: list[Path], largest: int = LARGEST) -> list[str]:
    """Names the files above a size."""
    return [
        f"{path}: {path.stat().st_size:,} bytes, at most {largest:,} may be committed: pages load "
        "data with lessons_src.data and draw their figures"
        for path in paths
        if path.is_file() and path.stat().st_size > largest
    ]


def main(*names: str) -> int:
    """Checks the files named; returns the exit status."""
    problems = too_large([Path(name) for name in names])
    tell_problems(problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
