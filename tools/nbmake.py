"""Runs every page that has no run yet, under nbmake, and says which one is running.

`python -m tools.nbmake --alone` runs each page as the notebook that a reader downloads, in a folder
with nothing but the wheel, on the kernel of an environment without our package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lessons_src import data
from tools import pages, reader, wheel


def run_pages(selected: list[pages.Page] | None = None, alone: bool = False) -> int:
    """Runs pages with `pytest --nbmake`; pages whose cells ran before are reused.

    Args:
        selected: The pages to run; all of them by default.
        alone: Run them as downloaded notebooks, and reuse only what ran that way.

    Returns:
        The exit status: 0 only if every page passed.
    """
    selected = pages.all_pages() if selected is None else selected
    try:
        for name, found in pages.data_sets().items():
            print(f"data: {name} from {found['source']}", flush=True)
    except data.DataError as error:
        print(error, file=sys.stderr)
        return 1
    if folder := os.environ.get("LESSONS_DATA_DIR"):
        os.environ["LESSONS_DATA_DIR"] = str(Path(folder).absolute())  # kernels start elsewhere
    missing = [page for page in selected if not page.source.exists()]
    for page in missing:
        where = page.source.relative_to(pages.ROOT).as_posix()
        print(f"{where} is missing: _toc.yml lists {page.name}, so both languages need it.")
    if missing:
        return 1
    for page in selected:
        pages.write_notebook(page)
    command = [sys.executable, "-m", "pytest", "--nbmake", "--overwrite"]
    command += [f"--nbmake-timeout={pages.config()['execute']['timeout']}"]
    command += ["-p", "tools.nbmake_cache", "-p", "no:cacheprovider", "--no-header", "-q"]
    command += [str(page.notebook.relative_to(pages.ROOT)) for page in selected]
    with tempfile.TemporaryDirectory() as folder:
        if alone:
            try:
                reader.environment()
                command.append(f"--alone={wheel.build(Path(folder))}")
            except RuntimeError as error:
                print(error, file=sys.stderr)
                return 1
        return subprocess.run(command, cwd=pages.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(run_pages(alone="--alone" in sys.argv[1:]))
