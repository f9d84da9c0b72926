"""Keeps one issue open as long as something that runs by itself fails, and closes it afterwards.

    python3 .github/scripts/issue.py "Title" --report report.md --held report.held

Needs nothing but Python and the `gh` program, so that the token which may write issues meets no
other code. The title alone tells which issue it is; write access to issues is all it asks for.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from programs import gh, run_address, tell

_LONGEST = 60_000  # GitHub refuses bodies above 65,536 characters


def find(title: str) -> int | None:
    """The number of the open issue with exactly this title, or None."""
    fields = ["--state", "open", "--limit", "100", "--json", "number,title"]
    found = json.loads(gh("issue", "list", *fields, "--search", f'in:title "{title}"'))
    return next((issue["number"] for issue in found if issue["title"] == title), None)


def quoted(report: Path) -> str:
    """A report as an issue shows it: as code, whatever it holds.

    Another job wrote it, with what pages and their packages print. As indented code, which nothing
    in it can end, it calls nobody by name, links to nothing and loads no image.

    Args:
        report: A file of text; it may be missing.
    """
    text = "The run ended before it could write a report.\n"
    if report.is_file() and not report.is_symlink():
        text = report.read_text(encoding="utf-8", errors="replace")
    return textwrap.indent(text, "    ", lambda line: True)[:_LONGEST]


def update(title: str, failed: bool, text: str) -> str:
    """Opens the issue, adds to it, or closes it; returns what was done.

    Args:
        title: The issue's title.
        failed: Whether there is something to report.
        text: Markdown; the address of the run is added.

    Raises:
        RuntimeError: GitHub's program failed.
    """
    number, address = find(title), run_address()
    text = f"{text}\n[The run]({address})\n" if address else text
    if failed and number is None:
        return "opened " + gh("issue", "create", "--title", title, "--body-file", "-", text=text)
    if number is None:
        return "nothing to do: it holds, and no issue is open"
    gh("issue", "comment", str(number), "--body-file", "-", text=text)
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
        print(update(given.title, not given.held.exists(), quoted(given.report)).strip())
    except RuntimeError as error:
        tell(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
