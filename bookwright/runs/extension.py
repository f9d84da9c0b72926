"""Before Jupyter Book builds a language: runs its pages that have no valid run, hands it all runs.

MyST-NB would run such a page itself, in the page's folder and with this machine's settings, and
could not say what that run used: it could count for nothing else. So it finds every page run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookwright import book
from bookwright.runs import store

logger = logging.getLogger(__name__)
SHOWN = "BOOK_RUNS_SHOWN"  # set where all runs have been handed over already


def _name_cache(app: Sphinx, config: Config) -> None:
    if config.nb_execution_cache_path:  # a preview names its own, and fills it
        return
    config.nb_execution_cache_path = str(store.SHOWN)
    if SHOWN not in os.environ:
        app.connect("env-get-outdated", _run, priority=100)  # before others ask when pages ran


def _run(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Runs what this build is to read and has no valid run."""
    pages = sorted(str(book.Page(app.config.language, name)) for name in env.found_docs)
    logger.info("running the pages that have no valid run")  # ends the line that Sphinx began
    command = [sys.executable, "-m", "bookwright", "run", "--show", *pages]
    if status := subprocess.run(command, cwd=book.ROOT, check=False).returncode:
        raise SystemExit(status)  # it has said why; an exception would bury that
    return []


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("config-inited", _name_cache, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
