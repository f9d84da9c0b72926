"""The bibliography: whether it can be read, and has what the style of the references prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pybtex.database import BibliographyDataError, parse_string
from pybtex.exceptions import PybtexError
from pybtex.style.formatting.unsrt import Style
from pybtex.style.template import FieldIsMissing

from bookwright import book, files
from bookwright.problems import Problem, ProblemError

_ENTRY = re.compile(r"@\s*\w+\s*[{(]\s*([^,\s]+)\s*,", re.MULTILINE)


def _lines(text: str) -> dict[str, list[int]]:
    """The lines on which the entries begin, by their names."""
    found: dict[str, list[int]] = {}
    for each in _ENTRY.finditer(text):
        found.setdefault(each[1].lower(), []).append(text.count("\n", 0, each.start()) + 1)
    return found


def _of_text(where: str, text: str) -> Iterator[Problem]:
    lines = _lines(text)
    for name, places in lines.items():
        if len(places) > 1:
            what = f"the entry {name!r} is there already, in line {places[0]}: keep one"
            yield Problem(what, where, places[1])
    try:
        entries = parse_string(text, "bibtex").entries
    except BibliographyDataError as error:
        if not any(len(places) > 1 for places in lines.values()):
            yield Problem(str(error), where)
        return
    except PybtexError as error:
        said = re.sub(r"^syntax error in line \d+: ", "", str(error))
        what = f"is no BibTeX: {said}: see to braces and commas"
        yield Problem(what, where, getattr(error, "lineno", None))
        return
    for name, entry in entries.items():
        line = lines.get(name.lower(), [None])[0]
        try:
            list(Style().format_entries([entry]))
        except FieldIsMissing as error:
            lacking = re.sub(r"^missing (.+) in .*$", r"\1", str(error))
            yield Problem(f"the entry {name!r} lacks {lacking}, which is printed", where, line)
        except AttributeError:
            what = f"the entry {name!r} is of a kind that cannot be printed: {entry.type}"
            yield Problem(what, where, line)


def problems(folder: Path = book.ROOT) -> list[Problem]:
    """What is wrong with the files that `bibtex_bibfiles` of the configuration names."""
    found: list[Problem] = []
    for name in book.config(folder).get("bibtex_bibfiles", []):
        path = (folder / "book" / book.LANGUAGES[0] / name).resolve()
        where = files.name_of(path, folder.resolve())
        try:
            found += _of_text(where, files.read_text(path, where))
        except ProblemError as error:
            found += error.problems
    return found
