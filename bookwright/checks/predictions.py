"""Whether questions that stand above results can be answered, and are the same in all languages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from bookwright.predict import question
from bookwright.predict.question import Question
from bookwright.problems import Problem
from bookwright.source.facts import facts, tokens


def _questions(text: str) -> list[Question]:
    return [asked for asked, _ in question.of_page(text) if isinstance(asked, Question)]


def _above_cells(text: str) -> dict[int, bool]:
    """For the line of each question, whether a code cell follows at once."""
    found, asked = {}, None
    for token, line in tokens(text):
        if token.level or token.type.endswith("_close") or token.type == "inline":
            continue
        name = token.info.partition(" ")[0]
        if asked is not None and line >= asked[1]:
            found[asked[0]] = name == "{code-cell}"
            asked = None
        if name == question.NAME and token.map:
            asked = (line, line + token.map[1] - token.map[0])
    return found


def prediction_problems(where: str, text: str) -> Iterator[Problem]:
    """Questions that are none, or that no claim of the page or no cell below them answers."""
    claims = {claim.what for claim in facts(text).claims}
    above = _above_cells(text)
    seen = set()
    for asked, line in question.of_page(text):
        if not isinstance(asked, Question):
            yield Problem(f"{question.NAME}: {asked}", where, line)
            continue
        if asked.claim not in claims:
            what = f"{question.NAME} asks for {asked.claim!r}, which is no claim of this page"
            yield Problem(what, where, line)
        if asked.claim in seen:
            yield Problem(f"{asked.claim!r} is asked for twice", where, line)
        if not above.get(line):
            what = f"{question.NAME} {asked.claim}: write it right above the cell that measures"
            yield Problem(what, where, line)
        seen.add(asked.claim)


def _alike(asked: Question) -> tuple[object, ...]:
    ranges = tuple((option.low, option.high, bool(option.why)) for option in asked.options)
    return asked.claim, ranges, asked.expected


def compare_predictions(texts: Mapping[str, str]) -> Iterator[Problem]:
    """Questions whose ranges differ from one language to the other.

    Args:
        texts: The sources of a page, by how problems name them.
    """
    read = [(where, _questions(text)) for where, text in texts.items()]
    for (first, ours), (second, theirs) in itertools.pairwise(read):
        for one, two in zip(ours, theirs, strict=False):
            if _alike(one) != _alike(two):
                what = f"{question.NAME} {one.claim} has other ranges or another :expected: than "
                yield Problem(f"{what}in {second}:{two.line}", first, one.line)
