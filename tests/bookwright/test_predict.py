"""Questions: what is refused, which answer a measurement makes right, and when it makes none."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from bookwright.checks.predictions import compare_predictions, prediction_problems
from bookwright.predict import question
from bookwright.predict.answer import Asked, answer, told, unfit
from bookwright.predict.question import NotAQuestion, Question
from bookwright.reading import length
from bookwright.verify import words
from tests import helpers_predict as predict
from tests.bookwright.conftest import measured
from tests.helpers import said

WHY = "**Named.** Because."


def ask(*items: str, because: str = "margin", expected: str = "1") -> Question:
    """A question with these answers."""
    return question.read("c", "Which?\n\n" + "\n".join(items), because, expected, 1)


def three(low: str = "", middle: str = "", high: str = "", first_end: str = "1") -> Question:
    """A question whose answers end at 1 and at 10; the one without a reason is held for right."""
    reasons = [f" | {why}" if why else "" for why in (low, middle, high)]
    ranges = [f".. {first_end}", "1 .. 10", "10 .."]
    return ask(*(f"- {r} | text{why}" for r, why in zip(ranges, reasons, strict=True)))


ASKED = three(low=WHY, high=WHY)


def claim(kind: str = "fact", *values: float, **changes: Any) -> dict[str, Any]:
    """A claim of `/claims.json` that holds."""
    return measured("c", kind, values or [3.0]) | {"held": True, "pool": None} | changes


def pooled(low: float, high: float, **changes: Any) -> dict[str, Any]:
    """An effect whose pool decides, with the interval of its mean."""
    pool = {"state": "decides", "interval": [low, high], "values": [low - 50, high + 50]}
    return claim("effect", 0.5, pool=pool) | changes


# What may be asked


def test_a_question_is_read_with_its_ranges_and_reasons():
    read = ask(
        "- .. 1 | small | **A b.** Why\n  it is so.", "- 1 .. 2 | right", f"- 2 .. | l | {WHY}"
    )
    assert read.text == "Which?"
    assert [each[:2] for each in read.options] == [(-math.inf, 1), (1, 2), (2, math.inf)]
    assert read.options[0].why == "**A b.** Why it is so."
    assert [each.text for each in read.options] == ["small", "right", "l"]


def test_ranges_may_fall():
    read = ask(f"- 2 .. | a | {WHY}", "- 1 .. 2 | b", f"- .. 1 | c | {WHY}")
    assert [each.low for each in read.options] == [2, 1, -math.inf]


FIRST, MIDDLE, LAST = f"- .. 1 | a | {WHY}", "- 1 .. 3 | b", f"- 3 .. | c | {WHY}"


@pytest.mark.parametrize(
    ("items", "what"),
    [
        ((FIRST, "- 2 .. 3 | b", LAST), "leave a gap between 1 and 2"),
        ((f"- .. 2 | a | {WHY}", MIDDLE, LAST), "overlap between 2 and 1"),
        ((MIDDLE, FIRST, LAST), "neither rise nor fall"),
        ((FIRST, "- 1 .. | b"), "3 are the fewest"),
        ((FIRST, "- 3 .. 1 | b", LAST), "holds nothing"),
        ((f"- .. x | a | {WHY}", MIDDLE, LAST), "'x' is no number"),
        (("- .. 1 | a", MIDDLE, LAST), "each answer but one names"),
        ((FIRST, f"{MIDDLE} | {WHY}", LAST), "each answer but one names"),
        (("- .. 1 | a | Unnamed.", MIDDLE, LAST), "name the misconception"),
        (("- small | a", MIDDLE, LAST), "this is no answer: '- small"),
    ],
)
def test_what_is_no_question_is_refused(items, what):
    with pytest.raises(NotAQuestion, match=re.escape(what)):
        ask(*items)


@pytest.mark.parametrize(("because", "expected"), [("", "1"), ("margin", ""), ("margin", "4")])
def test_ranges_have_a_reason_and_one_answer_is_what_the_page_suggests(because, expected):
    with pytest.raises(NotAQuestion, match=r"because|expected"):
        ask(FIRST, MIDDLE, LAST, because=because, expected=expected)


# What the measurement says


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (claim("fact", 3.0), 1),
        (claim("fact", 1.0), 1),  # a range begins with its lower end
        (pooled(2.0, 9.9), 1),
        (claim("every seed", 0.5, pool={"state": "decides", "values": [2.0, 9.0]}), 1),
    ],
)
def test_the_range_that_holds_all_of_the_measurement_is_right(found, right):
    given = answer(ASKED, found)
    assert (given.right, given.why) == (right, "")


@pytest.mark.parametrize(
    "found",
    [
        claim("fact", 0.5),  # a misconception, says the page
        claim("fact", 3.0, 30.0),
        pooled(9.0, 11.0),  # the mean may be in either
        claim("every seed", 5.0, pool={"state": "decides", "values": [2.0, 11.0]}),
    ],
)
def test_what_two_answers_or_a_misconception_hold_makes_none_right(found):
    given = answer(ASKED, found)
    assert (given.right, given.why) == (None, "unfit")


def test_a_measurement_beyond_all_ranges_makes_none_right():
    closed = ask(f"- 0 .. 1 | a | {WHY}", "- 1 .. 2 | b", f"- 2 .. 3 | c | {WHY}")
    for value in (-1.0, 3.0, 5.0):
        assert answer(closed, claim("fact", value)).why == "unfit"
    assert answer(closed, claim("fact", 1.5)).right == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"held": False}, "not held"),
        ({"held": None}, "open"),
        ({"held": None, "pool": {"state": "earlier"}}, "open"),
        ({"counts": False}, "other data"),
        ({"counts": False, "held": False}, "other data"),
    ],
)
def test_a_claim_that_decides_nothing_marks_none(changes, why):
    given = answer(ASKED, pooled(2.0, 3.0) | changes)
    assert (given.right, given.why) == (None, why)


def test_the_end_of_a_build_lists_what_has_no_answer_and_only_what_fits_not_fails():
    found = [
        Asked("page", ASKED, answer(ASKED, given))
        for given in (pooled(2.0, 3.0), pooled(9.0, 11.0), pooled(2.0, 3.0, held=None))
    ]
    assert [asked.answer.measured for asked in unfit(found)] == [(9.0, 11.0)]
    lines = told(found).split("\n")
    assert "  c (page): measured between 9 and 11" in lines
    assert "  c (page): open" in lines
    assert told(found[:1]) == ""


# On a page


def test_a_book_is_built_without_the_answer_that_does_not_fit_and_fails_if_strict(tmp_path):
    book = predict.write(tmp_path, value="30")  # which the third answer, a misconception, holds
    status, told = book.run("book", "--unchecked", "--strict")
    assert status == 1
    assert "or a misconception:\n  grows (asked): measured 30\n" in told
    pages = [book.built(f"{language}/asked.html") for language in ("en", "ko")]
    for page in pages:
        [first, second, third] = BeautifulSoup(page, "html.parser").select(".predict-answer")
        assert not first.select(".right")
        assert len(second.select(".right")) == 1
        assert not third.select(".right")
    assert "for the measurement leaves it open between them." in pages[0]


def test_a_page_of_questions_has_no_problems():
    for language in ("en", "ko"):
        assert said(prediction_problems("page", predict.page(language))) == []


def test_problems_of_a_page_are_told_with_their_lines():
    page = predict.page("en")
    unknown = page.replace(":::{predict} grows\n", ":::{predict} unknown\n")
    line = page[: page.index(":::{predict} grows")].count("\n") + 1
    assert said(prediction_problems("page", unknown)) == [
        f"page:{line}: {{predict}} asks for 'unknown', which is no claim of this page"
    ]
    gap = page.replace("- 1 .. 10 |", "- 2 .. 10 |", 1)
    assert "leave a gap between 1 and 2" in said(prediction_problems("page", gap))[0]
    apart = page.replace(predict.measuring(), f"Between.\n\n{predict.measuring()}")
    assert "right above the cell" in said(prediction_problems("page", apart))[0]
    twice = page.replace(":::{predict} grows-more", ":::{predict} grows")
    assert "'grows' is asked for twice" in said(prediction_problems("page", twice))[0]


def test_both_languages_have_the_same_ranges():
    pages = {each: predict.page(each) for each in ("ko", "en")}
    assert said(compare_predictions(pages)) == []
    pages["en"] = pages["en"].replace(".. 1 |", ".. 2 |", 1).replace("- 1 .. 10", "- 2 .. 10", 1)
    [problem] = said(compare_predictions(pages))
    assert "{predict} grows has other ranges or another :expected:" in problem


def test_questions_count_in_no_page_s_length():
    bare = predict.page("en").replace(predict.asked("en"), "")
    assert length(predict.page("en")) == length(bare)


def test_guesses_are_no_typed_results_and_no_lost_words():
    asked = predict.asked("en").replace("Some times", "1.5 times")
    assert words.written(asked) == []
    from bookwright.checks.typed_results import typed_results

    assert typed_results("page", asked) == []
    assert typed_results("page", f"{asked}\nIt is 1.5 times.") != []
