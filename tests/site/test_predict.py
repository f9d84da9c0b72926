"""Questions of the book: how many, against what readers expect, and each answered in a browser."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bookwright import book
from bookwright.predict import answer, question
from bookwright.predict.question import Question
from tests.conftest import Visit, first_now
from tests.helpers_predict import Question as Asked
from tests.site.conftest import built

CHAPTERS = [
    ["initialization"],
    ["reuters"],
    ["batchnorm", "batchnorm_effects"],
    ["preprocessing", "regularization"],
    ["rnn", "lstm"],
]
PAGES = [page for chapter in CHAPTERS for page in chapter]
PATHS = [f"{language}/{page}" for page in PAGES for language in book.LANGUAGES]


def questions(page: str, language: str = book.LANGUAGES[0]) -> list[Question]:
    text = (book.ROOT / "book" / language / f"{page}.md").read_text(encoding="utf-8")
    read = [asked for asked, _ in question.of_page(text)]
    assert all(isinstance(asked, Question) for asked in read), read
    return read  # type: ignore[return-value]


def place(asked: Question) -> int:
    """The place, from 1, of the answer without a misconception: the right one, where one is."""
    return next(n for n, option in enumerate(asked.options, start=1) if not option.why)


@pytest.fixture(scope="module")
def answered(site: Path) -> list[answer.Asked]:
    return answer.of_site(json.loads((site / "claims.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter[0])
def test_a_chapter_asks_three_questions_and_one_in_three_against_what_it_suggests(chapter):
    asked = [each for page in chapter for each in questions(page)]
    assert len(asked) >= 3
    against = [each for each in asked if place(each) != each.expected]
    assert len(against) >= len(asked) / 3


def test_right_answers_are_spread_over_the_places():
    found = Counter(place(each) for page in PAGES for each in questions(page))
    for number in (1, 2, 3):
        assert found.total() / 5 <= found[number] <= found.total() / 2, found


def test_no_two_wrong_answers_of_a_question_are_one_misconception():
    for language in book.LANGUAGES:
        for page in PAGES:
            for asked in questions(page, language):
                names = [option.why.split("**")[1] for option in asked.options if option.why]
                assert len(set(names)) == len(asked.options) - 1


def test_exactly_one_answer_fits_each_measurement(answered):
    assert answer.told(answer.unfit(answered)) == ""
    assert len(answered) == sum(len(questions(page)) for page in PAGES)


def test_a_question_leads_to_each_lab_in_its_result_and_no_other_does(site):
    leading = 0
    for path in PATHS:
        page = built(path)
        for box in page.cssselect(".predict"):
            result = page.get_element_by_id(box.get("id").replace("predict-", "result-"))
            labs = [f"#{lab.get('id')}" for lab in result.cssselect(".lab.admonition")]
            assert [link.get("href") for link in box.cssselect(".site-only a")] == labs
            leading += len(labs)
    assert leading >= len(book.LANGUAGES)


@pytest.mark.parametrize("path", first_now(PATHS))
def test_a_reader_answers_every_question_of_a_page(visit: Visit, answered, path):
    language, name = path.split("/")
    page = visit.open(f"{path}.html")
    marked = {each.question.claim: each.answer.right for each in answered if each.page == name}
    for asked in questions(name, language):
        one = Asked(page, asked.claim)
        assert one.folded
        assert one.choices.count() == len(asked.options)
        right = marked[asked.claim]
        wrong = next(n for n in range(len(asked.options)) if n != right)
        one.answer(wrong)
        assert not one.folded
        assert page.locator(f"#claim-{asked.claim}").evaluate("x => x.getClientRects().length")
        assert one.box.locator(".right").count() == (right is not None)
        assert len(one.status.inner_text()) > 20
    assert visit.errors == []
