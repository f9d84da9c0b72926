"""Which answer a measurement makes right, and which questions of a built book have none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bookwright import book
from bookwright.claims.judge import WITH_CHANCE
from bookwright.predict import question
from bookwright.predict.question import Question


class Answer(NamedTuple):
    """What a measurement says of a question.

    Attributes:
        right: The place of the right answer, from 0; None if none is marked.
        why: Why none is: "other data", "open" (the claim is not decided), "not held", "unfit"
            (not exactly one range holds what was measured, or it is a misconception's); else "".
        measured: The lowest and the highest value that the measurement leaves open.
    """

    right: int | None
    why: str
    measured: tuple[float, float]


def _measured(claim: Mapping[str, Any]) -> tuple[float, float]:
    """What a claim is decided by: the interval of its pool's mean, or all values there are."""
    values: Sequence[float] = claim["values"]
    pool = claim.get("pool") or {}
    if claim["kind"] in WITH_CHANCE and "values" in pool:
        values = pool["interval"] if claim["kind"] != "every seed" else pool["values"]
    return min(values), max(values)


def answer(asked: Question, claim: Mapping[str, Any]) -> Answer:
    """Judges the answers of a question by the claim that it asks for.

    The mean over the pool is known up to its interval only. An answer is right if its range holds
    all of that, so a measurement that leaves two answers open makes none right.

    Args:
        asked: The question.
        claim: As `judge.judged` or `/claims.json` has it.
    """
    low, high = measured = _measured(claim)
    if not claim["counts"]:
        return Answer(None, "other data", measured)
    if claim["held"] is not True:
        return Answer(None, "open" if claim["held"] is None else "not held", measured)
    fits = [n for n, each in enumerate(asked.options) if low < each.high and high >= each.low]
    if len(fits) != 1 or asked.options[fits[0]].why:
        return Answer(None, "unfit", measured)
    (right,) = fits
    whole = asked.options[right].low <= low and high < asked.options[right].high
    return Answer(right, "", measured) if whole else Answer(None, "unfit", measured)


class Asked(NamedTuple):
    """A question of a page, and what the measurement says of it."""

    page: str
    question: Question
    answer: Answer


def of_site(claims: Iterable[Mapping[str, Any]]) -> list[Asked]:
    """All questions of the book with their answers.

    Args:
        claims: The entries of `/claims.json`.
    """
    known = {claim["id"]: claim for claim in claims}
    found = []
    for name in book.page_names():
        path = book.ROOT / "book" / book.LANGUAGES[0] / f"{name}.md"
        for asked, _ in question.of_page(path.read_text(encoding="utf-8")):
            if isinstance(asked, Question) and asked.claim in known:
                found.append(Asked(name, asked, answer(asked, known[asked.claim])))
    return found


def unfit(found: Iterable[Asked]) -> list[Asked]:
    """The questions to which no answer fits, or a misconception does: they fail a strict build."""
    return [asked for asked in found if asked.answer.why == "unfit"]


def told(found: Sequence[Asked]) -> str:
    """What the end of a build says of questions without a right answer; empty if all have one."""
    lines = []
    if wrong := unfit(found):
        lines.append("Questions to which not exactly one answer fits, or a misconception:")
    for asked in wrong:
        low, high = asked.answer.measured
        place = f"{asked.question.claim} ({asked.page})"
        between = f"{low:.6g}" if low == high else f"between {low:.6g} and {high:.6g}"
        lines.append(f"  {place}: measured {between}")
    if wrong:
        lines.append("Change what is asked, in both languages; never a range to fit what came out.")
    waiting = [each for each in found if each.answer.right is None and each.answer.why != "unfit"]
    if waiting:
        lines.append("Questions that mark no answer as long as their claims do not decide them:")
        lines += [f"  {x.question.claim} ({x.page}): {x.answer.why}" for x in waiting]
    return "\n".join(lines)
