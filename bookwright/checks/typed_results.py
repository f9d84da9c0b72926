"""Finds results and constants of experiments that somebody typed into a page's prose."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from markdown_it.token import Token

from bookwright import book, files
from bookwright.problems import Problem
from bookwright.source.facts import VERBATIM, is_directive, options, tokens

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

# Directives whose argument names something.
_NAMING = (*VERBATIM, "{claim}", "{glue:", "{figure}", "{image}", "{include}")


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


def _prose(children: Iterable[Token]) -> str:
    """Text that somebody typed; a role, code, formula or quotation in it becomes a NUL."""
    prose, quoted = "", []
    for child in children:
        if child.type == "span_open":
            quoted.append("quoted" in str(child.attrs.get("class", "")).split())
        elif child.type == "span_close":
            quoted.pop()
        elif child.type in ("softbreak", "hardbreak"):
            prose += "\n"
        elif child.type in ("text", "image") and not any(quoted):
            prose += child.content  # of an image, its alternative text
        elif child.type.endswith(("_open", "_close")):
            pass  # bold type or a link does not part a number from its unit
        else:
            prose += "\0"
    return prose


def typed_results(where: str, text: str) -> list[Problem]:
    """Finds results and constants of experiments that somebody typed instead of glueing them."""
    problems = []

    def look(prose: str, line: int) -> None:
        for found in _typed().finditer(prose):
            here = line + prose.count("\n", 0, found.start())
            number = " ".join(found[0].split())
            advice = "take it from a cell with {glue:text}, or mark a quotation as [...]{.quoted}"
            problems.append(Problem(f"{number!r} is typed: {advice}", where, here))

    for token, line in tokens(text):
        if token.type == "inline":
            look(_prose(token.children or []), line)
        elif is_directive(token):
            if not token.info.startswith(_NAMING):
                look(token.info.partition(" ")[2], line)
            for number, (option, value) in enumerate(options(token), start=1):
                look(value if option in ("alt", "caption") else "", line + number)
    return problems
