"""GitHub's program and git, as the scripts beside this one call them.

The token that may write reaches either in its environment, never in an argument or a file.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

AUTHOR = "github-actions[bot]"
_ADDRESS = "41898282+github-actions[bot]@users.noreply.github.com"


def tell(problem: object) -> None:
    """Prints what is wrong."""
    print(problem, file=sys.stderr)


def gh(*arguments: str, text: str | None = None) -> str:
    """Calls GitHub's program, which takes the token from `GH_TOKEN`.

    Args:
        arguments: Those of the program.
        text: What it reads.

    Returns:
        What it printed.

    Raises:
        RuntimeError: It failed or is not there; the message is its own.
    """
    try:
        done = subprocess.run(
            ["gh", *arguments], input=text, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise RuntimeError("the program gh is not here: https://cli.github.com") from None
    if done.returncode:
        raise RuntimeError(f"gh {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout


def git(folder: Path, *arguments: str, more: Mapping[str, str] | None = None) -> str:
    """Calls git.

    Args:
        folder: A folder of the repository.
        arguments: Those of git.
        more: Variables of the environment, beside those there are.

    Returns:
        What it printed.

    Raises:
        RuntimeError: It failed; the message is its own.
    """
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"} | dict(more or {})
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def commit(folder: Path, message: str) -> None:
    """Commits what was added, in the name of the workflows."""
    who = ("-c", f"user.name={AUTHOR}", "-c", f"user.email={_ADDRESS}")
    git(folder, *who, "commit", "--quiet", "--no-verify", "--message", message)


def push(folder: Path, branch: str, remote: str, token: str | None) -> None:
    """Replaces a branch of a remote repository by what is checked out.

    Args:
        folder: A folder of the repository.
        branch: The branch's name; what is on it is lost.
        remote: Where the other repository is.
        token: What lets git write there; None if git knows by itself.
    """
    refspec = f"HEAD:refs/heads/{branch}"
    git(folder, "push", "--quiet", "--force", remote, refspec, more=_credentials(token))


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


def repository() -> str:
    """The address of the repository that a workflow runs in; empty outside of one."""
    known = [os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY")]
    return "{}/{}".format(*known) if all(known) else ""


def run_address() -> str:
    """The address of the workflow's run; empty outside of one."""
    number = os.environ.get("GITHUB_RUN_ID")
    return f"{repository()}/actions/runs/{number}" if repository() and number else ""
