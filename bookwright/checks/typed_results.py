"""Finds results and constants of experiments that somebody typed into a page's prose."""

from __future__ import annotations

import functools
import re

from bookwright import book, files
from bookwright.predict.question import NAME as PREDICT
from bookwright.problems import Problem
from bookwright.source.facts import tokens
from bookwright.source.prose import prose

# What makes of a number in prose one that a run gave, or a constant of an experiment: besides these
# units, words of the book's languages and of its subject. Each is a regular expression.
WORDS = "book/numbers.yml"
_LISTS = {
    "type": "array",
    "description": "a list of regular expressions",
    "items": {"type": "string", "format": "regex", "description": "a regular expression"},
}
_SCHEMA = {
    "type": "object",
    "description": "lists of words by what they say of a number",
    "additionalProperties": False,
    "properties": dict.fromkeys(("units", "counted", "between", "named"), _LISTS),
}
_UNITS = ("%", "ms", "[KMG]i?B", "bytes?")


@functools.cache
def _typed() -> re.Pattern[str]:
    """A number that looks as if a run had given it."""
    said = files.read_yaml(book.ROOT / WORDS, WORDS, _SCHEMA, nothing={}).data
    units = "|".join([*_UNITS, *said.get("units", [])])
    forms = [rf"\d[\d.,]*\s*(?:{units})", r"\d+\.\d+", r"\d{1,3}(?:,\d{3})+", r"\d{4,}"]
    if counted := "|".join(said.get("counted", [])):
        between = "|".join([r"\s", "-", *said.get("between", [])])
        forms.append(rf"\d+(?:{between})*(?:{counted})")
    if named := "|".join(said.get("named", [])):
        forms.append(rf"(?:{named})[^\d\0]{{0,6}}\d+")
    return re.compile("|".join(forms), re.IGNORECASE)


def typed_results(where: str, text: str) -> list[Problem]:
    """Finds results and constants of experiments that somebody typed instead of glueing them."""
    problems = []
    asked = set()  # guesses at results stand on these lines
    for token, line in tokens(text):
        if token.info.startswith(PREDICT) and token.map:
            asked |= {*range(line, line + token.map[1] - token.map[0])}
    for words, line in prose(text):
        if line in asked:
            continue
        for found in _typed().finditer(words):
            here = line + words.count("\n", 0, found.start())
            number = " ".join(found[0].split())
            advice = "take it from a cell with {glue:text}, or mark a quotation as [...]{.quoted}"
            problems.append(Problem(f"{number!r} is typed: {advice}", where, here))
    return problems
