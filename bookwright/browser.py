"""Finds the Chromium that prints the PDFs and runs the site tests, and a font that has Hangul.

What is missing is installed; where that fails, what was tried is said.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bookwright import book
from bookwright.problems import tell_problem

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium"]


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str | None:
    """Path of a Chromium: the one named by CHROMIUM, the system's, or Playwright's; or None.

    Raises:
        FileNotFoundError: CHROMIUM names a file that is not there.
    """
    if named := os.environ.get("CHROMIUM"):
        if not Path(named).exists():
            raise FileNotFoundError(f"CHROMIUM names {named}, which does not exist")
        return named
    return next(filter(None, map(shutil.which, _NAMES)), None) or _playwrights_own()


def has_hangul() -> bool:
    """Whether a font with Hangul is installed; macOS and Windows always have one."""
    if shutil.which("fc-list") is None:  # on Linux, what cannot be asked is not known to be there
        return sys.platform != "linux"
    done = subprocess.run(["fc-list", ":lang=ko"], text=True, capture_output=True, check=False)
    return bool(done.stdout.strip())


def _apt(*packages: str) -> list[list[str]]:
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        return [["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", *packages]]
    return []


def _try(ways: list[list[str]]) -> list[str]:
    """Runs commands; returns a line for each that failed."""
    failures = []
    for way in ways:
        done = subprocess.run(way, text=True, capture_output=True, check=False)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            failures.append(f"  {' '.join(way)}: {''.join(last)}")
    return failures


def install() -> list[str]:
    """Tries Playwright's download, then Debian's package; returns what failed, if anything."""
    failures = _try([_PLAYWRIGHT])
    return [] if find() else failures + _try(_apt("chromium"))


def _font_problem() -> str | None:
    """Makes sure that Korean can be printed; returns what is wrong if it cannot."""
    if not has_hangul():
        print("no font with Hangul found, installing one ...", flush=True)
        failures = _try(_apt("fontconfig", "fonts-noto-cjk"))
        if not has_hangul():
            tried = "".join(f"{failure}\n" for failure in failures)
            return (
                "Korean would print as empty boxes: no font on this machine has Hangul.\n"
                f"{tried}Install one, such as Noto Sans CJK "
                "(Debian, Ubuntu: fontconfig and fonts-noto-cjk)."
            )
    return None


def ready() -> str | None:
    """Makes sure that there are a browser and a font; returns what is wrong if there are not."""
    try:
        path = find()
    except FileNotFoundError as error:
        return str(error)
    if path is None:
        print("no Chromium found, installing one ...", flush=True)
        failures = install()
        path = find()
        if path is None:
            tried = "".join(f"{failure}\n" for failure in failures)
            return (
                "Chromium prints the PDFs and runs the site tests, and none could be installed:\n"
                f"{tried}Install Chromium or Google Chrome, or set CHROMIUM to its path."
            )
    return _font_problem() if "ko" in book.LANGUAGES else None


def main(arguments: Sequence[str] = ()) -> int:
    """Makes sure there is a browser; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright browser", description=__doc__)
    parser.parse_args(arguments)
    if problem := ready():
        tell_problem(problem)
        return 1
    return 0
