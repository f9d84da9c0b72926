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

import yaml

from bookwright import book
from bookwright.source.facts import Cell, calls, facts, tokens

KINDS = ("identity", "fact", "effect", "equivalence", "every_seed")
_GONE = "check"  # said no kind
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
    ours, own = _OURS / language / "sentences.yml", book.ROOT / OWN
    said = yaml.safe_load(ours.read_text(encoding="utf-8")) if ours.exists() else {}
    if own.exists():
        said |= (yaml.safe_load(own.read_text(encoding="utf-8")) or {}).get(language, {})
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


def kind_problems(where: str, text: str, language: str) -> list[str]:
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
            problems.append(
                f"{where}:{line}: claims.{_GONE} is gone: say of which kind the claim {claim!r} "
                f"is, by {', '.join(some)} or {last}"
            )
        elif claim in sentences:
            problems += [
                f"{where}:{lines[claim]}: claims.{kind}({claim!r}, ...) {reason}"
                for reason in _misfits(kind, sentences[claim], _words(language))
            ]
    return problems
