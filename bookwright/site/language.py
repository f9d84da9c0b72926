"""One language of the site: Jupyter Book in a process that ends with whoever started it.

Its own program would look for our packages elsewhere first, wherever PYTHONPATH leads, and would
write on where another build has begun.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookwright import book, files
from bookwright.places import BUILD
from bookwright.runs import child
from bookwright.runs.extension import SHOWN

_COMMAND = [sys.executable, "-m", "bookwright.site.language"]


def log(language: str) -> Path:
    """Where what Jupyter Book says of a language is written."""
    return BUILD / f"{language}.log"


@contextmanager
def building(language: str) -> Iterator[subprocess.Popen[bytes]]:
    """Jupyter Book on one language; warnings are errors, unresolved references too.

    What it made goes where the next build finds it only if it came to a good end: Sphinx reads only
    changed pages again, would not repeat the others' warnings, and takes what it half wrote for
    done.
    """
    output = BUILD / language
    if output.exists() and not files.sealed(output):
        print(f"the last build of {language} was broken off: all of it is built", flush=True)
        shutil.rmtree(output)
    files.unseal(output)
    command = [*_COMMAND, "build", str(book.ROOT / "book" / language)]
    command += ["--config", str(book.ROOT / "_config.yml"), "--toc", str(book.ROOT / "_toc.yml")]
    command += ["--path-output", str(output), "-W", "--keep-going", "-n"]
    with log(language).open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            command,
            cwd=book.ROOT,
            env=os.environ | {SHOWN: "1"},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches it through us
        )
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        if process.wait() == 0:
            files.seal(output)
        else:
            shutil.rmtree(output, ignore_errors=True)


def main() -> int:
    """Does what the command line asks of Jupyter Book; returns the exit status."""
    child.end_with_parent()
    from jupyter_book.cli.main import main as jupyter_book  # takes long

    return jupyter_book()


if __name__ == "__main__":
    sys.exit(main())
