"""Labs, exercises and questions in Firefox and WebKit, on the Korean and on the English page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from bookwright import book
from bookwright.labs import files as labs
from bookwright.live import files as live
from bookwright.places import SITE
from bookwright.predict import answer, question
from bookwright.source.facts import facts
from tests.helpers_engines import LEFT, LISTEN, RIGHT, Engine
from tests.helpers_engines.parts import COUNT, SEEN, TEXT, Exercise, Lab, Question

FOREIGN = """() => performance.getEntriesByType("resource").map((each) => each.name)
  .filter((each) => !/^(data|blob):/.test(each) && !each.startsWith(origin))"""
OWN = re.compile("(blob|data):")
WRONG = {"en": "Wrong.", "ko": "오답입니다."}
pytestmark = pytest.mark.live  # minutes; `make engines` runs them
KO_EN = pytest.mark.parametrize("language", book.LANGUAGES)


@pytest.fixture
def visit(engine: Engine, address: str) -> Iterator[Callable[[str], Engine]]:
    """Opens a page for somebody who was never here; at its end nothing may have gone wrong."""

    def open_page(path: str, *, again: bool = False) -> Engine:
        if again:
            nothing_is_wrong(engine, address)
        engine.resize(1280, 800)
        engine.open(f"{address}/{path}")
        if not again:
            engine.script("() => localStorage.clear()")
            engine.open(f"{address}/{path}")
        engine.script(LISTEN)
        return engine

    yield open_page
    nothing_is_wrong(engine, address)


def nothing_is_wrong(engine: Engine, address: str) -> None:
    """The open page reported no error, and asked no other host for anything."""
    assert engine.script("() => wrong") == []
    assert engine.heard == []
    assert engine.script(FOREIGN) == []
    asked = [each for each in getattr(engine, "requests", []) if not OWN.match(each)]
    assert [each for each in asked if not each.startswith(address)] == []


def start(lab: str, name: str) -> int:
    """What a control has at first."""
    about = {each["name"]: each for each in labs.lab(lab).controls}
    return int(about[name]["start"])


@KO_EN
def test_layers_of_the_lab_on_initialization(visit, language):
    lab = Lab(visit(f"{language}/initialization.html"), "initialization").open()
    layers, before = start("initialization", "depth"), lab.drawing(2)
    assert len(lab.table(2)) == layers
    lab.engine.focus(lab.control("depth"))
    lab.engine.press(RIGHT)
    lab.ended().state("depth", layers + 1)
    assert len(lab.table(2)) == layers + 1
    assert lab.drawing(2) != before
    lab.engine.click(lab.control("depth"), across=0.02)
    lab.ended().state("depth", 2)
    assert [row[0] for row in lab.table(2)] == ["1", "2"]


@KO_EN
def test_a_link_with_a_state_sets_the_lab(visit, language):
    query = "?lab=initialization~1~activation.tanh~initializer.zeros~depth.7#lab-initialization"
    lab = Lab(visit(f"{language}/initialization.html{query}"), "initialization").ended()
    assert [lab.value(name) for name in ("activation", "initializer", "depth")] == [
        "tanh",
        "zeros",
        "7",
    ]
    rows = lab.table()  # of weights of 0 nothing is left in any layer
    assert [row[0] for row in rows] == [str(layer) for layer in range(1, 8)]
    assert {row[1] for row in rows} == {"0"}
    assert lab.engine.errors == []


@KO_EN
def test_points_of_the_lab_in_the_plane(visit, language):
    lab = Lab(visit(f"{language}/regularization.html"), "plane").open()
    points = start("plane", "points")
    shown = f"{lab.at} .lab-point:not(.lab-held)"
    assert lab.engine.script(COUNT, shown) == points
    before = lab.table()
    lab.engine.focus(lab.control("points"))
    lab.engine.press(LEFT)
    lab.ended().state("points", points - 10)
    assert lab.engine.script(COUNT, shown) == points - 10
    assert lab.table() != before
    lab.engine.click(lab.control("points"), across=0.98)
    lab.ended().state("points", 100)
    assert lab.engine.script(COUNT, shown) == 100


@KO_EN
def test_words_of_the_lab_on_reviews(visit, language):
    lab = Lab(visit(f"{language}/rnn.html"), "review").open()
    before, drawn = lab.table(), lab.drawing()
    lab.engine.focus(lab.control("sentence"))
    lab.engine.script("() => document.activeElement.setSelectionRange(999, 999)")
    lab.engine.type(" great")
    lab.ended().state("sentence", "It%20was%20not%20good%2C%20it%20was%20bad.%20great")
    assert [row[0] for row in lab.table()] == [*(row[0] for row in before), "great"]
    assert lab.drawing() != drawn
    lab.engine.click(f"{lab.at} .lab-buttons button")  # to what it was at first
    lab.ended().state("sentence", "It%20was%20not%20good%2C%20it%20was%20bad.")
    assert (lab.table(), lab.drawing()) == (before, drawn)


@KO_EN
def test_epochs_and_curves_of_a_figures_lab(visit, language):
    lab = Lab(visit(f"{language}/reuters.html"), "fig_initializers").open()
    last, all_curves = int(lab.value("at")), lab.engine.script(COUNT, f"{lab.at} .lab-curve")
    key = f"{lab.at} .lab-key"
    before = lab.engine.script(TEXT, key)
    lab.engine.focus(lab.control("at"))
    lab.engine.press(LEFT)
    lab.ended().state("at", last - 1)
    assert lab.engine.script(TEXT, f"{key} caption").endswith(f" {last - 1}")
    assert lab.engine.script(TEXT, key) != before
    lab.engine.click(f"{lab.at} svg.lab-pointed", across=0.5)
    pointed = int(lab.value("at"))
    assert last / 3 < pointed < 2 * last / 3
    lab.ended().state("at", pointed)
    assert lab.engine.script(TEXT, f"{key} caption").endswith(f" {pointed}")
    columns = len(lab.table()[0])
    lab.engine.click(f"{lab.control('curves')} input")
    lab.ended()
    assert len(lab.table()[0]) < columns
    assert lab.engine.script(COUNT, f"{lab.at} .lab-curve") < all_curves


def answered(language: str, page: str) -> list[tuple[question.Question, int]]:
    """Questions of a page, each with the place of its right answer by this build's measurement."""
    of_site = answer.of_site(json.loads((SITE / "claims.json").read_text(encoding="utf-8")))
    right = {each.question.claim: each.answer.right for each in of_site if each.page == page}
    text = (book.ROOT / "book" / language / f"{page}.md").read_text(encoding="utf-8")
    asked = [each for each, _ in question.of_page(text) if isinstance(each, question.Question)]
    return [(each, right[each.claim]) for each in asked if right[each.claim] is not None]


@KO_EN
def test_a_question_is_answered_told_why_and_kept(visit, language):
    asked, right = answered(language, "reuters")[0]
    wrong = next(n for n, option in enumerate(asked.options) if option.why)
    misconception = asked.options[wrong].why.split("**")[1]
    engine = visit(f"{language}/reuters.html")
    one = Question(engine, asked.claim)
    assert one.folded
    said = one.answer(wrong)
    assert said.startswith(WRONG[language])
    assert misconception in said
    assert not one.folded
    marks = one.marks()
    assert set(marks[wrong].split()) == {"chosen", "wrong"}
    assert marks[right] == "right"
    one = Question(visit(f"{language}/reuters.html", again=True), asked.claim)
    engine.wait("(at) => !!document.querySelector(`${at} .chosen`)", one.at)
    assert not one.folded
    assert one.marks() == marks
    engine.click(f"#result-{asked.claim} .predict-answer summary")
    engine.wait(SEEN, f"#result-{asked.claim} .predict-answer ol")
    assert misconception in engine.script(TEXT, f"#result-{asked.claim} .predict-answer ol")


@KO_EN
def test_all_results_of_a_page_are_shown_at_once(visit, language):
    engine = visit(f"{language}/reuters.html")
    questions = [Question(engine, each.claim) for each, _ in answered(language, "reuters")]
    assert len(questions) > 1
    assert all(one.folded for one in questions)
    engine.click(f"{questions[0].at} .predict-all")
    engine.wait("() => document.documentElement.matches('.all-shown')")
    assert not any(one.folded for one in questions)
    visit(f"{language}/reuters.html", again=True)
    assert not any(one.folded for one in questions)


@pytest.mark.skipif(not (SITE / live.FOLDER).exists(), reason="the site has no live cells")
@KO_EN
def test_an_exercise_gets_verdict_and_hint_and_is_kept(visit, language):
    text = (book.ROOT / "book" / language / "preprocessing.md").read_text(encoding="utf-8")
    cells = facts(text).cells
    at = next(n for n, cell in enumerate(cells) if "exercise" in cell.tags)
    solution = cells[at + 1].source.replace("exercises.solution(", "exercises.check(")
    hint = {
        "en": "a feature that never changes must not give nan or inf",
        "ko": "값이 변하지 않는 특성에서 nan이나 inf가 나오면 안 됩니다",
    }[language]
    wrong = """def my_standardize(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    return (x_train - mean) / std, (x_new - mean) / std


exercises.check("standardize", my_standardize)"""
    task = Exercise(visit(f"{language}/preprocessing.html"))
    assert task.open() == cells[at].source
    assert task.check(wrong) == f"✗ standardize [never-changes]: {hint}"
    assert (
        task.status
        == {
            "en": "Not yet. What is wrong stands below.",
            "ko": "아직 정답이 아닙니다. 무엇이 다른지 아래에 적혀 있습니다.",
        }[language]
    )
    assert (
        task.check(solution)
        == {"en": "✓ standardize: correct", "ko": "✓ standardize: 맞았습니다"}[language]
    )
    assert task.status.startswith({"en": "Right, after ", "ko": "맞았습니다. "}[language])
    task = Exercise(visit(f"{language}/preprocessing.html", again=True))
    assert task.open() == solution
