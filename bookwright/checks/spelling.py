"""Misspelt words, and words that this book does not use.

codespell knows common misspellings of English, not all words, and so raises hardly a false alarm:
it reads the whole project. What is not written in another language stands in `book/spelling/ko.txt`
and the like, one `wrong->right` a line: misspellings, and names that the glossary does not use.
They are sought within a word too, for particles and endings follow, and across the end of a line. A
line without an arrow is right as it stands, such as a compound that keeps the word. Code and what a
page quotes (`[...]{.quoted}`, a block quote) are not looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from codespell_lib import main as codespell

from bookwright import book, files, letters
from bookwright.problems import Problem, tell
from bookwright.source import said
from bookwright.source.facts import Found

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
# Where else than on its pages a language is written.
_BESIDE_PAGES = (
    *("*.md", "book/**/*.{language}.md", ".github/**/*.md", ".github/**/*.yml"),
    *("_config.yml", "book/*.yml", "book/*.json", "book/_ext/*.py"),
    *("{helper}/**/*.py", "{helper}/**/*.yml", "{helper}/**/*.json"),
    *("bookwright/locale/{language}/*.yml", "bookwright/locale/{language}/*.po"),
)


def _files(patterns: Sequence[str], root: Path) -> list[str]:
    return [str(path) for pattern in patterns for path in sorted(root.glob(pattern))]


def _other_words() -> list[str]:
    """Folders of pages of whose words some look like misspelt English."""
    latin = [each for each in book.LANGUAGES if letters.scripts(each) == letters.LATIN]
    return [f"*/book/{language}/*" for language in latin if language != _OWN_LIST]


def _misspelt(printed: str, root: Path) -> Iterator[Problem]:
    """What codespell printed: `./book/en/rnn.md:12: WRONG ==> right`."""
    for line in printed.splitlines():
        if found := re.fullmatch(
            r"(?P<file>.+?):(?P<line>\d+): (?P<wrong>.+) ==> (?P<right>.+)", line
        ):
            what = f"{found['wrong']!r} is misspelt: {found['right']} was meant"
            yield Problem(what, files.name_of(Path(found["file"]), root), int(found["line"]))


class Listed:
    """A language's list of what is not written.

    Args:
        path: The file; where there is none, everything may be written.
    """

    def __init__(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        entries = [line.split("->") for line in lines if line and not line.startswith("#")]
        self._instead = {wrong: right[0] for wrong, *right in entries if right}
        longest_first = sorted((entry[0] for entry in entries), key=len, reverse=True)
        either = "|".join(r"\s+".join(map(re.escape, x.split(" "))) for x in longest_first)
        self.sought = re.compile(either or r"(?!)")

    def found(self, text: str, where: str, line: int) -> Iterator[Problem]:
        """What is wrong with a text that begins in a line of a file."""
        for match in self.sought.finditer(text):
            word = re.sub(r"\s+", " ", match[0])
            if word in self._instead:
                here = line + text.count("\n", 0, match.start())
                what = f"{word.strip()!r} is not written here: write {self._instead[word].strip()}"
                yield Problem(what, where, here)


@functools.cache
def _listed(language: str) -> Listed:
    return Listed(WORDS / f"{language}.txt")


def _unwritten(where: str, pieces: Iterable[Found], language: str) -> list[Problem]:
    return [x for text, line in pieces for x in _listed(language).found(text, where, line)]


def in_language(where: str, text: str, language: str) -> list[Problem]:
    """What a page says that is not written in its language.

    Args:
        where: The page, as problems name it.
        text: Its source.
        language: The language it is in.
    """
    return _unwritten(where, said.in_document(text, language), language)


def beside_pages(root: Path = book.ROOT) -> list[Problem]:
    """What the rest of the project says that is not written in the languages of the book.

    Args:
        root: A folder laid out like the project's.
    """
    found: list[Problem] = []
    for language in book.LANGUAGES:
        places = [each.format(language=language, helper=book.BOOK.helper) for each in _BESIDE_PAGES]
        for name in _files(places, root):
            path, where = Path(name), files.name_of(Path(name), root)
            text = files.read_text(path, where)
            if path.suffix == ".md" or _listed(language).sought.search(text):  # else not parsed
                found += _unwritten(where, said.in_file(path, where, text, language), language)
    return found


def misspelt(root: Path = book.ROOT) -> list[Problem]:
    """Each misspelt word with its place and what was meant.

    Args:
        root: A folder laid out like the project's.
    """
    right = ["--ignore-words", str(RIGHT)] if RIGHT.exists() else []
    options = [*right, "--skip", ",".join([*_SKIP, *_other_words()])]
    paths = _files(_PROJECT, root)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = codespell(*options, "--disable-colors", *paths) if paths else 0
    found = [*_misspelt(printed.getvalue(), root)]
    if status and not printed.getvalue():
        found.append(Problem("codespell failed, and said why above"))
    for language in book.LANGUAGES:
        for name in _files([f"book/{language}/*.md"], root):
            where = files.name_of(Path(name), root)
            found += in_language(where, files.read_text(Path(name), where), language)
    return found + beside_pages(root)


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
