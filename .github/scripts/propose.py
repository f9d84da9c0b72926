"""Proposes the fresh seeds that another job measured, as a pull request on a branch of its own.

    python3 .github/scripts/propose.py _build/fresh

Needs nothing but Python, git and the `gh` program, so that the token which may write meets no other
code: it comes in `GH_TOKEN`. What was measured is read as data and checked by `pool.py`. Where
the repository does not let workflows open pull requests, an issue holds what there is to add.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import issue
import pool
from programs import Repository, gh, opened_repository, repository, run_address, tell

BRANCH = "fresh-seeds"
TITLE = "Fresh seeds for the pools of claims"
ROOT = Path(__file__).parents[2]
_FORBIDDEN = "not permitted to create"  # what GitHub says without the setting
_MOST_IN_ISSUE = 50_000  # characters of files
_ADVICE = (
    "This repository does not let workflows open pull requests (Settings, Actions, General, "
    "Workflow permissions, *Allow GitHub Actions to create and approve pull requests*)."
)
_CHECKS = (
    "What a workflow opens starts no checks by itself: close this pull request and open it again. "
    "Whether each claim holds with its larger pool is what they say."
)


def summary(found: Mapping[str, Mapping[str, Any]], dropped: Sequence[str] = ()) -> str:
    """What is added, as Markdown: a line for each page, of nothing but its name and numbers.

    Args:
        found: The pools.
        dropped: Claims that lose the seeds they have, which a reader is to look at.
    """
    lines = [
        "| page | runs | claims | seeds that decide | seeds that wait |",
        "|---|---|---|---|---|",
    ]
    for page, kept in found.items():
        entries = kept["claims"].values()
        decide = sorted({len(entry["seeds"]) for entry in entries})
        wait = sorted({len(entry["waiting"]["seeds"]) for entry in entries})
        numbers = (", ".join(map(str, some)) for some in (decide, wait))
        cells = [page, str(len(kept["runs"])), str(len(entries)), *numbers]
        lines.append(f"| {' | '.join(cells)} |")
    if dropped:
        names = ", ".join(f"`{each}`" for each in dropped)
        lines += ["", f"Seeds that were there are dropped, so look whether cells changed: {names}."]
    return "\n".join(lines) + "\n"


def commit_pools(sources: Repository, folder: Path, pages: Sequence[str]) -> None:
    """Commits the pools of some pages on the branch, beside nothing else.

    Args:
        sources: The sources.
        folder: Where the files are, which were checked.
        pages: Names of pages.
    """
    sources.git("checkout", "--quiet", "-B", BRANCH)
    for page in pages:
        own = sources.tree / "book" / "pool" / f"{page}.json"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_bytes((folder / f"{page}.json").read_bytes())
        sources.git("add", "--", own.relative_to(sources.tree).as_posix())
    sources.commit(f"[pool] Fresh seeds for {', '.join(pages)}")


def request(base: str, text: str) -> bool:
    """Opens the pull request, or says in the open one what it holds now.

    Args:
        base: The branch that it is for.
        text: What it says.

    Returns:
        Whether the repository lets workflows do that.

    Raises:
        RuntimeError: GitHub's program failed for another reason.
    """
    fields = ("--head", BRANCH, "--base", base, "--state", "open", "--json", "number")
    if found := json.loads(gh("pr", "list", *fields)):
        gh("pr", "edit", str(found[0]["number"]), "--body-file", "-", text=text)
        return True
    new = ("--head", BRANCH, "--base", base, "--title", TITLE, "--body-file", "-")
    try:
        gh("pr", "create", *new, text=text)
    except RuntimeError as error:
        if _FORBIDDEN in str(error):
            return False
        raise
    return True


def _with_files(folder: Path, pages: Sequence[str]) -> str:
    """The files themselves, as far as an issue can hold them, and where they are else."""
    parts = [
        f"The branch `{BRANCH}` holds them: {repository()}/compare/{BRANCH}?expand=1 opens the "
        f"pull request. They are the artifact `pool` of {run_address()}, too."
    ]
    room = _MOST_IN_ISSUE
    for page in pages:
        text = (folder / f"{page}.json").read_text(encoding="ascii")
        if len(text) <= room:
            room -= len(text)
            where = f"book/pool/{page}.json"
            parts.append(
                f"<details><summary>{where}</summary>\n\n```json\n{text}\n```\n\n</details>"
            )
    return "\n\n".join(parts)


def propose(folder: Path, root: Path, remote: str, base: str) -> str:
    """Proposes what a folder adds to the pools of the sources; returns what was done.

    Args:
        folder: What another job measured.
        root: The sources, a git checkout.
        remote: Where the repository is.
        base: The branch that the pull request is for.

    Raises:
        pool.Refused: The folder holds something else than pools that have grown.
        RuntimeError: Git or GitHub's program failed.
    """
    found = pool.changed(folder, root)
    if not found:
        return "no fresh seeds"
    pages, text = list(found), summary(found, pool.dropped(found, root))
    token = os.environ.get("GH_TOKEN")
    with opened_repository(root, remote, token, kept=root / ".git") as sources:
        tip = sources.tip(BRANCH)
        commit_pools(sources, folder, pages)
        sources.push(BRANCH, tip)
    opened = request(base, f"{text}\n{_CHECKS}\n\n{run_address()}\n")
    said = (
        "A pull request proposes them." if opened else f"{_ADVICE}\n\n{_with_files(folder, pages)}"
    )
    in_issue = issue.update(TITLE, not opened, f"{text}\n{said}\n").strip()
    return f"fresh seeds for {', '.join(pages)}: " + ("proposed" if opened else in_issue)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 .github/scripts/propose.py")
    parser.add_argument("folder", type=Path, help="the pools that were measured")
    given = parser.parse_args(arguments)
    base = os.environ.get("GITHUB_REF_NAME", "main")
    try:
        print(propose(given.folder, ROOT, repository(), base))
    except (pool.Refused, OSError, RuntimeError) as error:
        tell(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
