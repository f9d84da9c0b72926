"""Misspelt words, found by codespell.

codespell knows common misspellings, not all words, and so raises hardly a false alarm. Its own list
is of English: it reads the whole project. `book/spelling/ko.txt` and the like list those of another
language, and names that the glossary does not use; they are sought within a word too, for particles
and endings follow.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from codespell_lib import main as codespell

from bookwright import book, files, letters
from bookwright.problems import Problem, tell

WORDS = book.ROOT / "book" / "spelling"
RIGHT = WORDS / "right.txt"
_OWN_LIST = "en"  # the language of codespell's own
_PROJECT = ("[!._]*/", "*.md", ".github")
_SKIP = (
    "*.svg",
    "*.csv",
    "*.json",
    "*.js",
    "*.pyc",
    "*/spelling/*.txt",
    "*/published/*",
    "*/faults/*",
)


def _files(patterns: Sequence[str], root: Path) -> list[str]:
    return [str(path) for pattern in patterns for path in sorted(root.glob(pattern))]


def _other_words() -> list[str]:
    """Folders of pages of whose words some look like misspelt English."""
    latin = [each for each in book.LANGUAGES if letters.scripts(each) == letters.LATIN]
    return [f"*/book/{language}/*" for language in latin if language != _OWN_LIST]


def _misspelt(said: str, root: Path) -> Iterator[Problem]:
    """What codespell printed: `./book/en/rnn.md:12: WRONG ==> right`."""
    for line in said.splitlines():
        if found := re.fullmatch(
            r"(?P<file>.+?):(?P<line>\d+): (?P<wrong>.+) ==> (?P<right>.+)", line
        ):
            what = f"{found['wrong']!r} is misspelt: {found['right']} was meant"
            yield Problem(what, files.name_of(Path(found["file"]), root), int(found["line"]))


def misspelt(root: Path = book.ROOT) -> list[Problem]:
    """Each misspelt word with its place and what was meant.

    Args:
        root: A folder laid out like the project's.
    """
    right = ["--ignore-words", str(RIGHT)] if RIGHT.exists() else []
    wanted = [([*right, "--skip", ",".join([*_SKIP, *_other_words()])], _files(_PROJECT, root))]
    for listed in sorted({*WORDS.glob("*.txt")} - {RIGHT}):
        entries = [x.split("->")[0] for x in listed.read_text(encoding="utf-8").splitlines()]
        wrong = "|".join(re.escape(entry) for entry in sorted(entries, key=len, reverse=True))
        options = ["--dictionary", str(listed), "--regex", wrong, "--skip", ",".join(_SKIP)]
        places = (f"book/{listed.stem}", f"*.{listed.stem}.md", "README.md", ".github")
        wanted.append((options, _files(places, root)))
    found: list[Problem] = []
    for options, paths in wanted:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = codespell(*options, "--disable-colors", *paths) if paths else 0
        found += _misspelt(said.getvalue(), root)
        if status and not said.getvalue():
            found.append(Problem("codespell failed, and said why above"))
    return found


def main(arguments: Sequence[str] = ()) -> int:
    """Checks the whole project; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright spelling", description=__doc__)
    parser.parse_args(arguments)
    if status := tell(misspelt()):
        print(
            "correct them, or put a word that is right into book/spelling/right.txt "
            "(take it out of the list of its language beside that file)",
        )
        return status
    return 0
