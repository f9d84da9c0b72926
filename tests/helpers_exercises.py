"""A small book with exercises, built, and what its reader does with one of them in a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bookwright.book import HEADER
from bookwright.live import files
from tests.helpers import Book, make_book
from tests.helpers_live import PROSE, Cell, cell

FIRST = """import numpy as np

from lessons_src import exercises
from lessons_src.chapters import initialization, preprocessing

FACTOR = 2"""
STUB = """def my_standardize(x_train, x_new):
    raise NotImplementedError  # your code


exercises.check("standardize", my_standardize)"""
RIGHT = """def my_standardize(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    std = np.where(std == 0, 1, std)
    return (x_train - mean) / std, (x_new - mean) / std


exercises.check("standardize", my_standardize)"""
ROUGH = RIGHT.replace("np.where(std == 0, 1, std)", "std")  # 0 / 0, for one is constant
RATE = """def my_rate_limit(x):
    raise NotImplementedError


exercises.check("rate-limit", my_rate_limit)"""
RATE_SOLVED = """def solved_rate_limit(x):
    return FACTOR / np.linalg.eigvalsh(x.T @ x / len(x))[-1]


exercises.solution("rate-limit", solved_rate_limit)"""
GUESS = 'my_guess = None\n\nexercises.check("playground", my_guess)'
GUESSED = 'exercises.solution("playground", ("selu", "he_normal", "grows"))'
STANDARDIZE, RATE_LIMIT, PLAYGROUND = range(3)  # the exercises of the page


def solved(source: str) -> str:
    """The cell of a solution that stands for the one of its exercise."""
    return source.replace("my_", "solved_").replace("exercises.check", "exercises.solution")


def page(language: str) -> str:
    stubs = {STUB: solved(RIGHT), RATE: RATE_SOLVED, GUESS: GUESSED}
    cells = [cell(FIRST)]
    for stub, solution in stubs.items():
        cells += [cell(stub, "exercise", "remove-output"), cell(solution, "solution", "hide-cell")]
    return "\n".join([f"{HEADER}{PROSE[language]}\n", *cells])


def write(folder: Path) -> Book:
    """The book, not built yet, with the files that run in browsers."""
    if said := files.fetch():
        pytest.skip(f"no Pyodide: {said}")
    link = "{doc}`tasks`, [Python](https://www.python.org/)"
    plain = {each: f"{HEADER}{PROSE[each]}\n\n{link}\n\n{cell('1 + 1')}" for each in PROSE}
    book = make_book(folder, {"index": plain, "tasks": {each: page(each) for each in PROSE}})
    shutil.copytree(files.KEPT, folder / "_build" / "live")
    return book


class Exercise(Cell):
    """One exercise of an open page, by its number among them."""

    tag = "tag_exercise"

    def __init__(self, page: Page, number: int) -> None:
        super().__init__(page, number)
        self.panel = self.box.locator(".kept")

    def open(self) -> None:
        """Shows the editor, if it is not there."""
        if not self.editor.count():
            self.button.click()
            self.editor.wait_for()

    def run(self, source: str | None = None) -> str:
        """Has an answer checked; what is shown of it."""
        self.open()
        return super().run(source)

    def keep(self, words: str) -> None:
        """Presses a button for what is kept."""
        self.panel.evaluate("fold => { fold.open = true }")
        self.panel.get_by_role("button", name=words).click()
