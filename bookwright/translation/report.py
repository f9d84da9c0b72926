"""Lists the sections that are newer in one language than in the other.

A list is no failure: whoever mends a slip of one language alone has nothing to translate.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bookwright import book
from bookwright.problems import tell_problem
from bookwright.publication import Publication, publication
from bookwright.translation.history import NoHistoryError
from bookwright.translation.lag import Newer, newer_sections


def difference(newer: Newer) -> str:
    """The command that shows what changed."""
    path = f"book/{newer.language}/{newer.page}.md"
    if newer.commit is None:
        return f"git diff {newer.before or 'HEAD'} -- {path}"
    if newer.before is None:
        return f"git show {newer.commit[:10]} -- {path}"
    return f"git diff {newer.before[:10]} {newer.commit[:10]} -- {path}"


def as_lines(found: Sequence[Newer]) -> list[str]:
    """One line for each section: where it has to be followed, since when, and how to see what."""
    rows = [
        (
            f"book/{one.other}/{one.page}.md:{one.lines[one.other]}:",
            f"{one.language} is newer",
            one.date or "not committed",
            difference(one),
            one.headings[one.other],  # last: some letters are wider than others
        )
        for one in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def as_markdown(found: Sequence[Newer], known: Publication) -> str:
    """The same as a table with links, for the summary of a run of CI."""
    lines = ["## Sections that are newer in one language", ""]
    if not found:
        return "\n".join([*lines, "None: both languages are in step.", ""])
    lines += [
        "| page | section | newer | since | what changed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in found:
        command = f"`{difference(one)}`"
        address = known.difference(one.language, one.page, one.before, one.commit)
        cells = [
            f"{one.other}/{one.page}",
            one.headings[one.other].replace("|", r"\|"),
            one.language,
            one.date or "not committed",
            f"[difference]({address})" if address else command,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def told() -> str:
    """What a build says in one line; a build needs no history, so this is never an error.

    Returns:
        The line; nothing for a book in one language.
    """
    if len(book.LANGUAGES) < 2:
        return ""
    try:
        found = newer_sections()
    except (NoHistoryError, ValueError) as error:
        return f"No page says which sections are newer in the other language: {error}"
    return _number(found) + (": `make parity` lists them" if found else "")


def _number(found: Sequence[Newer]) -> str:
    count = f"{len(found)} section{'' if len(found) == 1 else 's'}"
    return f"parity: {count} newer in one language than in the other"


def main(arguments: Sequence[str]) -> int:
    """Prints the list; returns the exit status, which is 0 unless there can be no list."""
    parser = argparse.ArgumentParser(prog="python -m bookwright parity", description=__doc__)
    parser.add_argument("--summary", type=Path, metavar="FILE", help="also add a table here")
    options = parser.parse_args(arguments)
    try:
        found = newer_sections()
    except (NoHistoryError, ValueError) as error:
        tell_problem(f"parity: {error}")
        if isinstance(error, NoHistoryError):
            tell_problem("Only a whole clone of the project knows what changed when.")
        return 1
    for line in as_lines(found):
        print(line)
    print(_number(found))
    if options.summary:
        text = as_markdown(found, publication(book.config()))
        with options.summary.open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    return 0
