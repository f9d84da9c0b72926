"""Misspelt words in both languages, found by codespell.

codespell knows common misspellings, not all words, and so raises hardly a false alarm. It has none
of Korean: `book/spelling/korean.txt` lists those, and names that the glossary does not use. They
are sought within a word too, for particles and endings follow.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from codespell_lib import main as codespell

from bookwright.problems import tell_problem

ROOT = Path.cwd()  # not from bookwright.book, which takes longer to load than this
WORDS = ROOT / "book" / "spelling"
_ENGLISH = ("book", "lessons_src", "bookwright", "retraining", "tests", "*.md", ".github")
_KOREAN = ("book/ko", "*.ko.md", "README.md", ".github")
_SKIP = "*.svg,*.csv,*.json,*.js,*.pyc,*/spelling/*.txt,*/published/*"


def _files(patterns: tuple[str, ...], root: Path) -> list[str]:
    return [str(path) for pattern in patterns for path in sorted(root.glob(pattern))]


def misspelt(root: Path = ROOT) -> bool:
    """Prints each misspelt word with its place and what was meant; says whether there are any.

    Args:
        root: A folder laid out like the project's.
    """
    entries = (WORDS / "korean.txt").read_text(encoding="utf-8").splitlines()
    wrong = "|".join(sorted((re.escape(x.split("->")[0]) for x in entries), key=len, reverse=True))
    common = ["--skip", _SKIP, "--disable-colors"]
    found = False
    for options, patterns in (
        (["--ignore-words", str(WORDS / "english.txt")], _ENGLISH),
        (["--dictionary", str(WORDS / "korean.txt"), "--regex", wrong], _KOREAN),
    ):
        if files := _files(patterns, root):
            found |= codespell(*options, *common, *files) != 0
    return found


def main(arguments: Sequence[str] = ()) -> int:
    """Checks the whole project; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright spelling", description=__doc__)
    parser.parse_args(arguments)
    if not WORDS.is_dir():
        tell_problem(f"{ROOT} is no book: it has no book/spelling. Start in a book's folder.")
        return 1
    if misspelt():
        tell_problem(
            "correct them, or put a word that is right into book/spelling/english.txt "
            "(take it out of book/spelling/korean.txt)",
        )
        return 1
    return 0
