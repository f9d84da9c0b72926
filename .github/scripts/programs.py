"""GitHub's program and git, as the scripts beside this one call them.

`gh` takes the token that may write from its environment. Git and what git starts get it in a file
that they alone are told of, for as long as a repository is open: never in an argument, where every
process of the machine could read it, nor in an environment, which every helper would inherit.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

_AUTHOR = "github-actions[bot]"
_ADDRESS = "41898282+github-actions[bot]@users.noreply.github.com"
# What git needs of the environment to reach a host; all else, tokens among it, stays here.
_KEPT = ("path", "home", "userprofile", "systemroot", "tmpdir", "temp", "ssh_auth_sock")
_KEPT += ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")
_OWN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OWN |= {f"GIT_{role}_NAME": _AUTHOR for role in ("AUTHOR", "COMMITTER")}
_OWN |= {f"GIT_{role}_EMAIL": _ADDRESS for role in ("AUTHOR", "COMMITTER")}
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.fsmonitor=false",
    "core.protectHFS=true",  # names that other systems would take for `.git`
    "core.protectNTFS=true",
    "credential.helper=",  # none but the one that is added below
)


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


@dataclass(frozen=True)
class Repository:
    """A git repository, and where its branches go.

    Attributes:
        tree: The folder whose files are committed. Nothing in it is taken for git's own.
        kept: The folder where git keeps the repository.
        remote: Where the other repository is.
        credentials: A file with what lets git write there; None if git knows by itself.
    """

    tree: Path
    kept: Path
    remote: str
    credentials: Path | None = None

    def read(self, *arguments: str) -> bytes:
        """Calls git; returns what it printed.

        Raises:
            RuntimeError: It failed; the message is its own.
        """
        settings = list(_SETTINGS)
        if self.credentials:
            settings.append(f"credential.helper=store --file={shlex.quote(str(self.credentials))}")
        command = ["git", *(part for each in settings for part in ("-c", each))]
        command += [f"--git-dir={self.kept}", f"--work-tree={self.tree}", *arguments]
        kept = {name: value for name, value in os.environ.items() if name.lower() in _KEPT}
        done = subprocess.run(
            command, cwd=self.tree, env=kept | _OWN, stdin=subprocess.DEVNULL, capture_output=True
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"git {arguments[0]}: {said}")
        return done.stdout

    def git(self, *arguments: str) -> str:
        """Calls git; returns what it printed, as text.

        Raises:
            RuntimeError: It failed; the message is its own.
        """
        return self.read(*arguments).decode().strip()

    def tip(self, branch: str) -> str:
        """The commit that a branch of the other repository has; empty if it has no such branch.

        Raises:
            RuntimeError: Git failed.
        """
        return self.git("ls-remote", self.remote, f"refs/heads/{branch}").partition("\t")[0]

    def commit(self, message: str) -> None:
        """Commits what was added, in the name of the workflows.

        Raises:
            RuntimeError: Git failed.
        """
        self.git("commit", "--quiet", "--no-gpg-sign", "--message", message)

    def push(self, branch: str, expected: str) -> None:
        """Replaces a branch of the other repository by what was committed.

        Args:
            branch: The branch's name; what is on it is lost.
            expected: The commit that it had when this began, as `tip` returns it.

        Raises:
            RuntimeError: Git failed, or the branch has another commit by now.
        """
        place = f"refs/heads/{branch}"
        lease = f"--force-with-lease={place}:{expected}"
        try:
            self.git("push", "--quiet", lease, self.remote, f"HEAD:{place}")
        except RuntimeError as error:
            if "stale info" in str(error):
                what = f"{branch} of {self.remote} has changed since this began: run it again"
                raise RuntimeError(what) from None
            raise


@contextmanager
def opened_repository(
    tree: Path, remote: str, token: str | None, kept: Path | None = None
) -> Iterator[Repository]:
    """Opens a repository, with the token at hand for as long as that takes.

    Args:
        tree: The folder whose files are committed.
        remote: Where the other repository is.
        token: What lets git write there; None if git knows by itself.
        kept: Where git keeps the repository; in a folder of its own, and new, if it is not said.

    Yields:
        The `Repository`.
    """
    with tempfile.TemporaryDirectory() as name:
        credentials = None
        if token:
            address = urlsplit(remote)
            credentials = Path(name, "credentials")
            with os.fdopen(os.open(credentials, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(f"{address.scheme}://x-access-token:{quote(token)}@{address.netloc}\n")
        found = Repository(tree, kept or Path(name, "git"), remote, credentials)
        if kept is None:
            found.git("init", "--quiet", "--template=", "--initial-branch", "site")
        yield found


def repository() -> str:
    """The address of the repository that a workflow runs in; empty outside of one."""
    known = [os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY")]
    return "{}/{}".format(*known) if all(known) else ""


def run_address() -> str:
    """The address of the workflow's run; empty outside of one."""
    number = os.environ.get("GITHUB_RUN_ID")
    return f"{repository()}/actions/runs/{number}" if repository() and number else ""
