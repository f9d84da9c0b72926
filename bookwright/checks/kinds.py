"""Whether the kind of a claim fits its sentence, as far as words can show it.

The words by which that is seen lie in `locale/`; a book in another language has them in
`book/sentences.yml`, by language and name. A language without such words is not judged.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bookwright import book, files
from bookwright.problems import Problem
from bookwright.source.facts import Cell, calls, facts, tokens

KINDS = ("identity", "fact", "effect", "equivalence", "every_seed")
_GONE = "check"  # said no kind
_PATTERNS = {
    "type": "object",
    "description": "expressions by name",
    "additionalProperties": {
        "type": "array",
        "description": "a list of regular expressions",
        "items": {"type": "string", "format": "regex", "description": "a regular expression"},
    },
}
_SCHEMA = {
    "type": "object",
    "description": "expressions by language and name",
    "additionalProperties": _PATTERNS,
}
_OURS = Path(__file__).parents[1] / "locale"
OWN = "book/sentences.yml"
_ROLE = re.compile(r"(\{[\w:-]+\})?`[^`]*`")  # or code


class Measured(NamedTuple):
    """A call that hands over the values of a claim, by its kind and line."""

    claim: str
    kind: str
    line: int


def measured(cells: Iterable[Cell]) -> list[Measured]:
    """The calls that measure claims, each of some kind, in the order of the page."""
    cells = list(cells)
    found = [
        Measured(call.what, kind, call.line)
        for kind in (*KINDS, _GONE)
        for call in calls(cells, f"claims.{kind}")
    ]
    return sorted(found, key=lambda each: each.line)


@functools.cache
def _words(language: str) -> Mapping[str, re.Pattern[str]]:
    """By what one sees what a sentence says, in a language; nothing for most languages."""
    ours = _OURS / language / "sentences.yml"
    said = files.read_yaml(ours, ours.name, _PATTERNS, nothing={}).data
    own = files.read_yaml(book.ROOT / OWN, OWN, _SCHEMA, nothing={}).data
    said = said | own.get(language, {})
    return {name: re.compile("|".join(words), re.IGNORECASE) for name, words in said.items()}


def _plain(sentence: str) -> str:
    """A sentence without code and roles; what a cell hands over counts as a number."""
    glued = _ROLE.sub(lambda found: "0" if found[1] == "{glue:text}" else " ", sentence)
    return " ".join(glued.split())


def _sentences(text: str) -> dict[str, str]:
    """The sentence of each claim of a page."""
    return {
        token.info.partition(" ")[2].strip(): _plain(token.content)
        for token, _ in tokens(text)
        if token.info.startswith("{claim}")
    }


def _misfits(kind: str, sentence: str, words: Mapping[str, re.Pattern[str]]) -> Iterator[str]:
    """Why a sentence does not fit the kind of its claim, and what to do."""
    found = {name: pattern.search(sentence) for name, pattern in words.items()}
    every, alike = found.get("every seed"), found.get("alike")
    if kind in ("effect", "equivalence") and every:
        yield (
            f"is about the mean over seeds, and the sentence says {every[0]!r}: "
            "say so of the mean, or measure it with claims.every_seed"
        )
    if kind == "every_seed" and "every seed" in found and not every:
        yield (
            "is about each single seed, and the sentence does not say so: "
            "let it say that, or measure it with claims.effect"
        )
    if kind == "equivalence" and "number" in found and not found["number"]:
        yield "needs a margin, and the sentence prints none: say by less than what they differ"
    if kind == "effect" and alike:
        yield (
            f"is about a difference, and the sentence says {alike[0]!r}: "
            "say what is larger, or measure it with claims.equivalence"
        )


def kind_problems(where: str, text: str, language: str) -> list[Problem]:
    """Claims of a page whose kind is none, or does not fit what the sentence says.

    Args:
        where: The page, as problems name it.
        text: Its source.
        language: Its language, whose words the sentences are looked at by.
    """
    problems, page = [], facts(text)
    sentences, lines = _sentences(text), {found.what: found.line for found in page.claims}
    for claim, kind, line in measured(page.cells):
        if kind == _GONE:
            *some, last = (f"claims.{each}" for each in KINDS)
            ways = f"{', '.join(some)} or {last}"
            what = f"claims.{_GONE} is gone: say of which kind the claim {claim!r} is, by {ways}"
            problems.append(Problem(what, where, line))
        elif claim in sentences:
            problems += [
                Problem(f"claims.{kind}({claim!r}, ...) {reason}", where, lines[claim])
                for reason in _misfits(kind, sentences[claim], _words(language))
            ]
    return problems
