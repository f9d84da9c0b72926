"""Puts the built site on the branch that Pages serves, and whose notebooks Colab and Binder open.

`python3 .github/scripts/publish.py _build/html --branch gh-pages --remote https://github.com/owner/name`

Needs nothing but Python and git, so that the token which may write meets no other code; it comes
in `GITHUB_TOKEN`. What another job built is taken as files and nothing else: no link of it is
followed, and no name in it means anything to git. The branch holds one commit without history, so
the repository does not grow with every build.

Notebooks that were downloaded name the wheel of their day by its address and hash, so wheels stay:
`wheels.sha256` on the branch names all that were published, and those that the new site lacks are
taken from the branch.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from programs import Repository, opened_repository, repository, tell

RECORD = "wheels.sha256"  # as `sha256sum --check` reads it
_NEEDED = ("index.html", "build.json", "ko/index.html", "en/index.html", "ko/notebooks")
_WHEEL = r"(?:\w[\w.+-]*/)*\w[\w.+-]*\.whl"
_MEND = f"put it back, or take its line out of {RECORD} there"
_OTHER = "the new site has another wheel of this name, so give that one a version of its own"


def strange(site: Path) -> Iterator[str]:
    """What no built site holds: links, devices, and names that git reads for itself."""
    for folder, folders, files in os.walk(site):
        for name in (*folders, *files):
            path = Path(folder, name)
            shown = repr(str(path))[1:-1]  # a line of its own would be a command for the workflow
            if path.is_symlink():
                yield f"{shown} is a link"
            elif not (path.is_dir() or path.is_file()):
                yield f"{shown} is neither a file nor a folder"
            elif name.lower().startswith(".git"):
                yield f"{shown} has a name that git obeys"


def check(site: Path, branch: str) -> None:
    """Refuses what is not to be published, and where it is not to go.

    Raises:
        RuntimeError: It says what is wrong and what to do.
    """
    if found := next(strange(site), None):
        raise RuntimeError(f"{found}, which no built site has: run make clean, then make book")
    if missing := [name for name in _NEEDED if not (site / name).exists()]:
        raise RuntimeError(f"{site} is no built site, it lacks {', '.join(missing)}: run make book")
    if branch in ("main", "master") or not branch:
        raise RuntimeError(f"expected a branch for the built site alone, got {branch!r}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheels(site: Path) -> dict[str, str]:
    """The hash of each wheel of a site, by its path there.

    Raises:
        RuntimeError: A path has other signs than the record has room for.
    """
    found = {
        path.relative_to(site).as_posix(): _sha256(path.read_bytes())
        for path in sorted(site.rglob("*.whl"))
        if path.is_file()
    }
    for path in found:
        if not re.fullmatch(_WHEEL, path, re.ASCII):
            raise RuntimeError(
                f"{path!r:.100} is no name for a wheel: use letters, digits and ._+-"
            )
    return found


def recorded(there: Repository, tip: str) -> dict[str, str]:
    """The hash of each wheel that was published, by its path on the branch.

    Args:
        there: The repository, with what was published.
        tip: The branch's commit; empty if there is none.

    Raises:
        RuntimeError: A line of the record names no wheel.
    """
    if not tip or not there.git("ls-tree", "--full-tree", tip, RECORD):
        return {}
    found = {}
    content = there.read("cat-file", "blob", f"{tip}:{RECORD}")
    for line in content.decode("ascii", errors="replace").splitlines():
        read = re.fullmatch(f"([0-9a-f]{{64}})  ({_WHEEL})", line, re.ASCII)
        if read is None:
            what = f"expected a hash and the path of a wheel, got {line!r:.100}: mend it there"
            raise RuntimeError(f"{RECORD} of the published branch: {what}")
        found[read[2]] = read[1]
    return found


def keep_wheels(site: Path, there: Repository, tip: str) -> None:
    """Adds the wheels of earlier sites to a new one, and writes down the hashes of all.

    Args:
        site: The site, which is changed.
        there: The repository, with what was published.
        tip: The published branch's commit; empty if there is none.

    Raises:
        RuntimeError: A wheel is not the one that was recorded.
    """
    new, before = wheels(site), recorded(there, tip)
    for path, known in before.items():
        if path in new:
            if new[path] != known:
                raise RuntimeError(f"{path}: downloaded notebooks need the one of before; {_OTHER}")
            continue
        if not there.git("ls-tree", "--full-tree", tip, path):
            raise RuntimeError(f"{path} is gone from the published branch: {_MEND}")
        content = there.read("cat-file", "blob", f"{tip}:{path}")
        if _sha256(content) != known:
            raise RuntimeError(f"{path} was changed on the published branch: {_MEND}")
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    lines = (f"{each}  {path}\n" for path, each in sorted((before | new).items()))
    (site / RECORD).write_text("".join(lines), encoding="ascii", newline="\n")


def publish(site: Path, branch: str, remote: str, token: str | None = None) -> None:
    """Replaces a branch by the built site and the wheels of earlier ones.

    Args:
        site: The built site.
        branch: The branch's name; of what is on it, the wheels alone are kept.
        remote: Where the repository is.
        token: What lets git write there; None if git knows by itself.

    Raises:
        OSError: The site cannot be read.
        RuntimeError: The site is none, a wheel is another than it was, or git failed.
    """
    check(site, branch)
    source = os.environ.get("GITHUB_SHA", "the working copy")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "site")
        shutil.copytree(site, folder, symlinks=True)
        with opened_repository(folder, remote, token) as there:
            tip = there.tip(branch)
            if tip:
                there.git("fetch", "--quiet", "--depth=1", remote, tip)
            keep_wheels(folder, there, tip)
            (folder / ".nojekyll").touch()  # a server of Pages would leave out such as _static
            there.git("add", "--all", "--force")
            there.commit(f"Site built from {source}")
            there.push(branch, tip)


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
    except (OSError, RuntimeError) as error:
        tell(error)
        return 1
    print(f"{given.branch} of {remote} holds {given.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
