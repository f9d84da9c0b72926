"""Puts the built site on the branch whose notebooks Colab and Binder open.

`python3 .github/scripts/publish.py _build/html --branch gh-pages --remote https://github.com/owner/name`

Needs nothing but Python and git, so that the token which may write meets no other code: it comes
in `GITHUB_TOKEN` and reaches git in its environment, never in an argument or a file. The branch
holds one commit without history, so the repository does not grow with every build.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from programs import commit, git, push, repository, tell

_NEEDED = ("index.html", "build.json", "ko/index.html", "en/index.html", "ko/notebooks")


def publish(site: Path, branch: str, remote: str, token: str | None = None) -> None:
    """Replaces a branch by the built site.

    Args:
        site: The built site.
        branch: The branch's name; what is on it is lost.
        remote: Where the repository is.
        token: What lets git write there; None if git knows by itself.

    Raises:
        RuntimeError: The site is not whole, or git failed.
    """
    if missing := [name for name in _NEEDED if not (site / name).exists()]:
        raise RuntimeError(f"{site} is no built site, it lacks {', '.join(missing)}: run make book")
    if branch in ("main", "master") or not branch:
        raise RuntimeError(f"expected a branch for the built site alone, got {branch!r}")
    source = os.environ.get("GITHUB_SHA", "the working copy")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "site")
        shutil.copytree(site, folder)
        (folder / ".nojekyll").touch()  # Pages would leave out folders such as _static
        git(folder, "init", "--quiet", "--initial-branch", branch)
        git(folder, "add", "--all", "--force")
        commit(folder, f"Site built from {source}")
        push(folder, branch, remote, token)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 .github/scripts/publish.py")
    parser.add_argument("site", type=Path)
    parser.add_argument("--branch", required=True)
    parser.add_argument("--remote", default="")
    given = parser.parse_args(arguments)
    remote = given.remote or repository()
    if not remote:
        tell("where to? Say --remote, or run in a workflow")
        return 1
    try:
        publish(given.site, given.branch, remote, os.environ.get("GITHUB_TOKEN"))
    except RuntimeError as error:
        tell(error)
        return 1
    print(f"{given.branch} of {remote} holds {given.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
