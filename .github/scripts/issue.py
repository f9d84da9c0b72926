"""Keeps one issue open as long as something that runs by itself fails, and closes it afterwards.

    python3 .github/scripts/issue.py "Title" --report report.md --held report.held

Needs nothing but Python and the `gh` program, so that the token which may write issues meets no
other code. The title alone tells which issue it is; write access to issues is all it asks for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from programs import gh, run_address, tell

_LONGEST = 60_000  # GitHub refuses bodies above 65,536 characters


def find(title: str) -> int | None:
    """The number of the open issue with exactly this title, or None."""
    fields = ["--state", "open", "--limit", "100", "--json", "number,title"]
    found = json.loads(gh("issue", "list", *fields, "--search", f'in:title "{title}"'))
    return next((issue["number"] for issue in found if issue["title"] == title), None)


def body(report: Path) -> str:
    """The report with the address of the run that wrote it."""
    if report.exists():
        text = report.read_text(encoding="utf-8")
    else:
        text = "The run ended before it could write a report.\n"
    address = run_address()
    return text[:_LONGEST] + (f"\n[The run]({address})\n" if address else "")


def update(title: str, failed: bool, report: Path) -> str:
    """Opens the issue, adds to it, or closes it; returns what was done.

    Args:
        title: The issue's title.
        failed: Whether there is something to report.
        report: A Markdown file; it may be missing.

    Raises:
        RuntimeError: GitHub's program failed.
    """
    number = find(title)
    if failed and number is None:
        return "opened " + gh(
            "issue", "create", "--title", title, "--body-file", "-", text=body(report)
        )
    if number is None:
        return "nothing to do: it holds, and no issue is open"
    gh("issue", "comment", str(number), "--body-file", "-", text=body(report))
    if not failed:
        gh("issue", "close", str(number))
    return f"{'added to' if failed else 'closed'} issue {number}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 .github/scripts/issue.py")
    parser.add_argument("title")
    parser.add_argument("--report", required=True, type=Path, help="what the issue is to say")
    parser.add_argument("--held", required=True, type=Path, help="a file: there if all is well")
    given = parser.parse_args(arguments)
    try:
        print(update(given.title, not given.held.exists(), given.report).strip())
    except RuntimeError as error:
        tell(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
