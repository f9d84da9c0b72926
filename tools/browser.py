"""Finds the Chromium that the site tests drive, and installs one where there is none.

`python -m tools.browser` prints its path, or says what was tried and exits 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


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


def install() -> list[str]:
    """Tries Playwright's download, then Debian's package; returns what failed, if anything."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        ways += [["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]]
    failures = []
    for way in ways:
        done = subprocess.run(way, text=True, capture_output=True, check=False)
        if done.returncode == 0 and find():
            return []
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            failures.append(f"  {' '.join(way)}: {''.join(last)}")
    return failures


def main() -> int:
    """Makes sure there is a browser; returns the exit status."""
    path = find()
    if path is None:
        print("no Chromium found, installing one ...", flush=True)
        failures = install()
        path = find()
        if path is None:
            print(
                "The site tests need Chromium and none could be installed:\n"
                + "\n".join(failures)
                + "\nInstall Chromium or Google Chrome, or set CHROMIUM to its path.",
                file=sys.stderr,
            )
            return 1
    print(f"browser: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
