"""Builds one language of the site by Jupyter Book's own command, and keeps what it complained of.

A process of its own, for Sphinx keeps the language globally.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bookwright import book, complaints
from bookwright.places import BUILD
from bookwright.problems import Problem, unexpected


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
    record(language).unlink(missing_ok=True)
    found = list(dict.fromkeys(_build(language)))
    record(language).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
