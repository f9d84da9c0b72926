"""A question as an author writes it: its options, and the range of values that each stands for.

The ranges are set beside the margin of the claim before anything is measured, and `:because:` says
by what. Which of them is right is nowhere written: the measurement says so (`predict.answer`).
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from bookwright.source.facts import options, tokens

NAME = "{predict}"
END = "{predict-end}"
_ITEM = re.compile(r"-\s+(?P<low>\S*)\s*\.\.\s*(?P<high>\S*)\s+\|\s+(?P<rest>.+)", re.DOTALL)
_MISCONCEPTION = re.compile(r"\*\*[^*]+\*\*\s+\S")
_FEWEST = 3
FORM = "- 0.02 .. 0.2 | answer | **Misconception.** Why it is wrong."


class Option(NamedTuple):
    """One answer.

    Attributes:
        low: The smallest value for which it is right.
        high: The smallest one above, for which it no longer is.
        text: The answer, as Markdown.
        why: The misconception behind it, named, and why it is wrong; "" for the one that the author
            takes for right. If the measurement says otherwise, no answer is marked.
    """

    low: float
    high: float
    text: str
    why: str


class Question(NamedTuple):
    """What stands in one `{predict}`.

    Attributes:
        claim: The id of the claim whose value is asked for.
        text: The question, as Markdown.
        options: The answers, by ranges that rise or fall.
        because: Why the ranges end where they end.
        expected: The place, from 1, of the answer that the page has led to expect.
        line: On which line of the page it stands.
    """

    claim: str
    text: str
    options: tuple[Option, ...]
    because: str
    expected: int
    line: int


class NotAQuestion(ValueError):
    """Something that no question may be; the text says what to do."""


def _bound(text: str, open_end: float) -> float:
    if not text:
        return open_end
    try:
        return float(text)
    except ValueError:
        raise NotAQuestion(f"{text!r} is no number: write a range as {FORM}") from None


def _option(item: str) -> Option:
    found = _ITEM.fullmatch(item)
    if found is None:
        raise NotAQuestion(f"this is no answer: {item[:40]!r}: write {FORM}")
    low, high = _bound(found["low"], -math.inf), _bound(found["high"], math.inf)
    if not low < high:
        raise NotAQuestion(f"the range {found['low']} .. {found['high']} holds nothing")
    text, _, why = (part.strip() for part in found["rest"].partition(" | "))
    if why and not _MISCONCEPTION.match(why):
        raise NotAQuestion(f"name the misconception before saying why it is wrong: {FORM}")
    return Option(low, high, text, why)


def _check(options: tuple[Option, ...], because: str, expected: str) -> None:
    """What makes answers of some options.

    Raises:
        NotAQuestion: They leave a gap or overlap, or something is not said.
    """
    if len(options) < _FEWEST:
        raise NotAQuestion(f"{len(options)} answers: {_FEWEST} are the fewest, each as {FORM}")
    rising = sorted(options)
    if rising not in (list(options), list(options[::-1])):
        raise NotAQuestion("the ranges neither rise nor fall from answer to answer")
    for lower, upper in itertools.pairwise(rising):
        if lower.high != upper.low:
            what = "leave a gap" if lower.high < upper.low else "overlap"
            raise NotAQuestion(f"two ranges {what} between {lower.high:g} and {upper.low:g}")
    if [option.why for option in options].count("") != 1:
        raise NotAQuestion("each answer but one names a misconception and says why it is wrong")
    if not because:
        raise NotAQuestion(":because: has to say why the ranges end where they end")
    if not expected.isdigit() or not 1 <= int(expected) <= len(options):
        raise NotAQuestion(":expected: has to give the place of the answer that the page suggests")


def read(claim: str, content: str, because: str, expected: str, line: int) -> Question:
    """Reads what stands between the lines of a `{predict}`.

    Args:
        claim: The claim's id.
        content: Without options of the directive.
        because: Its option of this name, or "".
        expected: Likewise.
        line: On which line of the page it stands.

    Raises:
        NotAQuestion: Something is missing, or two ranges leave a gap or overlap.
    """
    text, *items = re.split(r"(?m)^(?=- )", content)
    if not claim or not text.strip():
        raise NotAQuestion("write the claim's id behind {predict}, and the question below it")
    found = tuple(_option(" ".join(item.split())) for item in items)
    _check(found, because, expected)
    return Question(claim, text.strip(), found, because, int(expected), line)


def of_page(text: str) -> Iterator[tuple[Question | NotAQuestion, int]]:
    """The questions of a page's source, or what is wrong with them, with their lines."""
    if NAME.strip("{}") not in text.lower():  # reading Markdown takes long
        return
    for token, line in tokens(text):
        name, _, claim = token.info.partition(" ")
        if name != NAME:
            continue
        given = options(token)
        content = "\n".join(token.content.split("\n")[len(given) :])
        said = dict(given)
        try:
            because, expected = said.get("because", ""), said.get("expected", "")
            yield read(claim.strip(), content, because, expected, line), line
        except NotAQuestion as error:
            yield error, line
