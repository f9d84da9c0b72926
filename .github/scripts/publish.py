"""Puts the built site on the branch whose notebooks Colab and Binder open.

`python3 .github/scripts/publish.py _build/html --branch gh-pages --remote https://github.com/owner/name`

Needs nothing but Python and git, so that the token which may write meets no other code: it comes
in `GITHUB_TOKEN` and reaches git in its environment, never in an argument or a file. The branch
holds one commit without history, so the repository does not grow with every build.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_NEEDED = ("index.html", "build.json", "ko/index.html", "en/index.html", "ko/notebooks")
_AUTHOR = "github-actions[bot]"
_ADDRESS = "41898282+github-actions[bot]@users.noreply.github.com"


def _tell(problem: object) -> None:
    print(problem, file=sys.stderr)


def _credentials(token: str | None) -> dict[str, str]:
    """Git's configuration for one call, in environment variables."""
    if not token:
        return {}
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{server}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}",
    }


def _git(folder: Path, *arguments: str, more: dict[str, str] | None = None) -> None:
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"} | (more or {})
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]}: {done.stderr.strip()}")


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
    commit = os.environ.get("GITHUB_SHA", "the working copy")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "site")
        shutil.copytree(site, folder)
        (folder / ".nojekyll").touch()  # Pages would leave out folders such as _static
        _git(folder, "init", "--quiet", "--initial-branch", branch)
        _git(folder, "config", "user.name", _AUTHOR)
        _git(folder, "config", "user.email", _ADDRESS)
        _git(folder, "add", "--all", "--force")
        _git(folder, "commit", "--quiet", "--no-verify", "--message", f"Site built from {commit}")
        refspec = f"HEAD:refs/heads/{branch}"
        _git(folder, "push", "--quiet", "--force", remote, refspec, more=_credentials(token))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 .github/scripts/publish.py")
    parser.add_argument("site", type=Path)
    parser.add_argument("--branch", required=True)
    parser.add_argument("--remote", default="")
    given = parser.parse_args(arguments)
    server, name = (os.environ.get(f"GITHUB_{x}") for x in ("SERVER_URL", "REPOSITORY"))
    remote = given.remote or (f"{server}/{name}" if server and name else "")
    if not remote:
        _tell("where to? Say --remote, or run in a workflow")
        return 1
    try:
        publish(given.site, given.branch, remote, os.environ.get("GITHUB_TOKEN"))
    except RuntimeError as error:
        _tell(error)
        return 1
    print(f"{given.branch} of {remote} holds {given.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
