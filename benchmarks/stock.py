"""Stock `jupyter-book build` on both languages of a generated book, side by side as ours are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import bare_book

_BUILD = "from jupyter_book.cli.main import main; main()"


def main() -> int:
    """Builds the book in the working folder; returns the exit status."""
    options = ["--config", "_config.yml", "--toc", str(Path("_toc.yml").absolute())]
    running = []
    for language in bare_book.SAID["languages"]:
        arguments = ["build", f"book/{language}", *options, "--path-output", f"_build/{language}"]
        running.append(subprocess.Popen([sys.executable, "-c", _BUILD, *arguments]))
    return max(process.wait() for process in running)


if __name__ == "__main__":
    sys.exit(main())
