"""One language of the site: Jupyter Book in a process that ends with whoever started it.

Its own program would look for our packages elsewhere first, wherever PYTHONPATH leads, and would
write on where another build has begun. What it complained of is kept as problems.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bookwright import book, complaints, durable
from bookwright.places import BUILD
from bookwright.problems import Problem, unexpected
from bookwright.runs import child
from bookwright.runs.extension import SHOWN

_COMMAND = [sys.executable, "-m", "bookwright.site.language"]


def log(language: str) -> Path:
    """Where what Jupyter Book says of a language is written."""
    return BUILD / f"{language}.log"


@contextmanager
def building(language: str) -> Iterator[subprocess.Popen[bytes]]:
    """Jupyter Book on one language; its complaints are kept, those of unresolved references too.

    What it made goes where the next build finds it only if it came to a good end: Sphinx reads only
    changed pages again, would not repeat the others' warnings, and takes what it half wrote for
    done.
    """
    output = BUILD / language
    if output.exists() and not durable.sealed(output):
        print(f"the last build of {language} was broken off: all of it is built", flush=True)
        shutil.rmtree(output)
    durable.unseal(output)
    with log(language).open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*_COMMAND, language],
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
            durable.seal(output)
        else:
            shutil.rmtree(output, ignore_errors=True)


def record(language: str) -> Path:
    """Where a build leaves what is wrong."""
    return BUILD / f"{language}.problems.json"


def read(language: str) -> list[Problem]:
    """What was wrong in the last build of a language; nothing if it did not come so far."""
    try:
        return [Problem(*each) for each in json.loads(record(language).read_text("utf-8"))]
    except FileNotFoundError:
        return []


def _build(language: str) -> list[Problem]:
    # Imported here: the process that puts the languages together needs none of it.
    import jupyter_book.sphinx
    from jupyter_book.cli.main import main as jupyter_book_command

    stopped: list[Problem] = []

    def stop(app: object, arguments: object, error: BaseException, stream: object) -> None:
        """Instead of printing a traceback where people look for the reason."""
        collector = complaints.collector
        if collector is None:  # before any extension was there
            stopped.extend([unexpected(error)])
        else:
            stopped.extend(collector.stopped(error, language))

    jupyter_book.sphinx.handle_exception = stop
    arguments = ["build", str(book.ROOT / "book" / language)]
    arguments += ["--config", str(book.ROOT / "_config.yml"), "--toc", str(book.ROOT / "_toc.yml")]
    arguments += ["--path-output", str(BUILD / language), "--keep-going", "-n"]
    try:
        jupyter_book_command(arguments, standalone_mode=False)
    except (Exception, SystemExit) as error:
        if not stopped:
            stop(None, None, error, None)
    return [*(complaints.collector.found if complaints.collector else []), *stopped]


def main(arguments: Sequence[str]) -> int:
    """Builds the language that is named; returns the exit status."""
    [language] = arguments
    child.end_with_parent()
    record(language).unlink(missing_ok=True)
    found = list(dict.fromkeys(_build(language)))
    record(language).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
