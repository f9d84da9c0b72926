"""What the chapter on LSTM and GRU teaches, against independent references; its exercises."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from bookwright.source import facts as page_facts
from lessons_src import encoding, exercises, report, training
from lessons_src.chapters import lstm, rnn
from tests.helpers import exercise_cells, run_cell

PAGES = Path(__file__).parents[2] / "book" / "en"


def cells_of(name: str) -> list[page_facts.Cell]:
    return page_facts.facts((PAGES / f"{name}.md").read_text(encoding="utf-8")).cells


CELLS = cells_of("lstm")

pytestmark = pytest.mark.usefixtures("published")


def definitions() -> dict[str, Any]:
    """The page's own functions."""
    names: dict[str, Any] = {
        "np": np, "tf": tf, "keras": keras, "rnn": rnn, "chapter": lstm, "encoding": encoding,
        "exercises": exercises, "report": report, "training": training, "SEED": 0,
        "MORE_SEEDS": [0, 1],
    }  # fmt: skip
    for cell in CELLS:
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                exec(compile(ast.Module([node], []), "lstm.md", "exec"), names)
    return names


page = SimpleNamespace(**definitions())


@pytest.fixture(autouse=True)
def _seeded_and_closed():
    keras.utils.set_random_seed(0)
    yield
    plt.close("all")


def test_the_data_are_prepared_as_in_the_chapter_before():
    def prepared(name):
        trees = [node for cell in cells_of(name) for node in ast.parse(cell.source).body]
        wanted = {"SKIP_TOP", "reviews", "keep_words", "sequences", "order", "y_train", "x_all"}

        def named(node):
            if isinstance(node, ast.FunctionDef):
                return node.name
            if not isinstance(node, ast.Assign):
                return None
            target = node.targets[0]
            first = target if isinstance(target, ast.Name) else getattr(target, "elts", [None])[0]
            return getattr(first, "id", None)

        return {named(node): ast.unparse(node) for node in trees if named(node) in wanted}

    before = prepared("rnn")
    assert len(before) >= 6
    assert prepared("lstm") == before


# The exercises, run as the page's cells


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "solution"))
def test_the_pages_solution_is_accepted(cell, published):
    verdict = run_cell(cell, dict(vars(page)))
    assert verdict.solved
    assert published == {f"solution:{verdict.exercise}": True}


@pytest.mark.parametrize("cell", exercise_cells(CELLS, "exercise"))
def test_the_unfilled_stub_is_not_accepted(cell):
    verdict = run_cell(cell, dict(vars(page)))
    assert not verdict.solved
    assert "no answer yet" in verdict.message


def parameters(copies, extra_biases=True):
    def answer(kind, n_inputs, n_units):
        biases = 1 + (kind == "gru" and extra_biases)
        return copies[kind] * n_units * (n_inputs + n_units + biases)

    return answer


WRONG = {
    "rnn-parameters": {
        "one bias": parameters({"simple": 1, "lstm": 4, "gru": 3}, extra_biases=False),
        "three for all": parameters({"simple": 3, "lstm": 3, "gru": 3}),
        "nothing": lambda kind, n_inputs, n_units: None,
    },
}


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        pytest.param(exercise, answer, id=f"{exercise}: {mistake}")
        for exercise, answers in WRONG.items()
        for mistake, answer in answers.items()
    ],
)
def test_a_plausible_wrong_answer_is_not_accepted(exercise, answer):
    verdict = exercises.check(exercise, answer)
    assert not verdict.solved
    assert "no answer yet" not in verdict.message


def test_every_exercise_of_the_page_is_tested_with_wrong_answers():
    assert {param.id for param in exercise_cells(CELLS, "exercise")} == set(WRONG)
    assert {param.id for param in exercise_cells(CELLS, "solution")} == set(WRONG)
