"""What git knows about the pages: every change of the branch, oldest first."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bookwright import book

# A commit whose message ends with the trailer `Translation: not needed` (or `not needed for
# COMMIT`, an earlier one) changed nothing that the other language would have to follow.
_TRAILER = "Translation"
_NOT_NEEDED = re.compile(r"not needed(?: for ([0-9a-f]{7,40}))?", re.IGNORECASE)


class NoHistoryError(Exception):
    """Git cannot say when the pages changed; the message says why, and what to do."""


class Change(NamedTuple):
    """One file that a step changed."""

    blob: str | None  # what it holds since; None: the file is gone
    needless: bool  # its author says that the other language has nothing to follow


class Step(NamedTuple):
    """One commit of the branch itself: a merge stands for all that it brought."""

    commit: str
    parent: str | None
    date: str  # YYYY-MM-DD
    changes: dict[tuple[str, str], Change]  # by language and page


def _git(root: Path, *arguments: str, given: str = "") -> bytes:
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(command, input=given.encode(), capture_output=True, check=False)
    except FileNotFoundError:
        raise NoHistoryError("git is not installed") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoHistoryError(f"git {arguments[0]} says: {lines[0] if lines else done.returncode}")
    return done.stdout


def _lines(root: Path, *arguments: str) -> list[str]:
    return _git(root, *arguments).decode().splitlines()


def _check_whole(root: Path) -> None:
    if _lines(root, "rev-parse", "--is-shallow-repository") == ["true"]:
        raise NoHistoryError(
            "the clone is shallow: fetch all of its history with `git fetch --unshallow` "
            "(in a workflow: `fetch-depth: 0`)"
        )


def _needless(root: Path) -> set[str]:
    """Commits that need no translation, as they say themselves or a later one says."""
    form = f"%H %(trailers:key={_TRAILER},valueonly,separator=%x20)"
    found: set[str] = set()
    for line in _lines(root, "log", "-i", f"--grep=^{_TRAILER}:", f"--format={form}"):
        commit, _, values = line.partition(" ")
        for earlier in _NOT_NEEDED.findall(values):
            if earlier:
                found.update(_lines(root, "rev-parse", f"--disambiguate={earlier}"))
            else:
                found.add(commit)
    return found


def _brought(root: Path, merge: str, needless: set[str]) -> set[str]:
    """Paths that none but needless commits changed among those that a merge brought."""
    paths: dict[str, bool] = {}
    form = "--format=%x00%H"
    lines = _lines(
        root, "log", "--no-merges", "--name-only", "--relative", form, f"{merge}^1..{merge}", "book"
    )
    commit = ""
    for line in filter(None, lines):
        if line.startswith("\0"):
            commit = line[1:]
        else:
            paths[line] = paths.get(line, True) and commit in needless
    return {path for path, every in paths.items() if every}


def _history(root: Path) -> list[Step]:
    """All steps, also those that changed no page."""
    needless = _needless(root)
    page = re.compile(rf"book/({'|'.join(book.LANGUAGES)})/(.+)\.md")
    found: list[Step] = []
    # Only first parents: on the branch, a merged pull request changes both languages at once.
    lines = _lines(
        root, "log", "--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames", "--relative",
        "--reverse", "--format=%x00%H %cs %P", "--", "book",
    )  # fmt: skip
    spared: set[str] = set()
    off_branch = needless - set(_lines(root, "rev-list", "--first-parent", "HEAD"))
    for line in filter(None, lines):
        if line.startswith("\0"):
            commit, date, *parents = line[1:].split()
            found.append(Step(commit, parents[0] if parents else None, date, {}))
            merged = len(parents) > 1 and off_branch
            spared = _brought(root, commit, needless) if merged else set()
            continue
        modes, path = line.split("\t", 1)
        *_, blob, status = modes.split()
        if known := page.fullmatch(path):
            spare = found[-1].commit in needless or path in spared
            found[-1].changes[known[1], known[2]] = Change(None if status == "D" else blob, spare)
    return found


def steps(root: Path) -> list[Step]:
    """The steps in which the branch that is checked out changed pages, oldest first.

    Args:
        root: The project's folder.

    Raises:
        NoHistoryError: The folder is in no repository, its history was cut off, or it has none.
    """
    _check_whole(root)
    found = [step for step in _history(root) if step.changes]
    if not found:
        raise NoHistoryError("no page was ever committed here")
    return found


def read(root: Path, blobs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The text of each blob, all of them from one call of git."""
    output = _git(root, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs))
    start = 0
    while start < len(output):
        end = output.index(b"\n", start)
        blob, _, size = output[start:end].decode().split()
        start = end + 1 + int(size)
        yield blob, output[end + 1 : start].decode(errors="replace").replace("\r\n", "\n")
        start += 1
