"""What more than one test file needs: small books, colours as readers see them, exercises."""

from __future__ import annotations

import ast
import contextlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from filelock import FileLock
from matplotlib.colors import to_rgba

from benchmarks import bare_book
from bookwright.book import HEADER
from bookwright.problems import Problem
from bookwright.reader import environment as reader
from bookwright.reader import wheel
from bookwright.source.facts import Cell
from lessons_src import exercises
from tests.conftest import ROOT

# Small books

CELL = "```{code-cell} ipython3\n%s\n```\n"
PAGE = HEADER + "# Title\n\nProse.\n\n" + CELL
FIRST_LINE = (PAGE % "HERE").splitlines().index("HERE") + 1


class Book(NamedTuple):
    """A book in a folder of its own, and our commands started there."""

    folder: Path

    def page(self, language: str, name: str = "index") -> Path:
        """The source of a page."""
        return self.folder / "book" / language / f"{name}.md"

    def write(
        self, code: str, *, korean: str | None = None, prose: str = "Prose.", name: str = "index"
    ) -> None:
        """Writes a page of one cell in both languages."""
        for language, source in (("ko", korean or code), ("en", code)):
            text = (PAGE % source).replace("Prose.", prose)
            self.page(language, name).write_text(text, encoding="utf-8")

    def contents(self, *names: str) -> None:
        """Lists other pages, the front page first."""
        (self.folder / "_toc.yml").write_text(bare_book.contents(*names), encoding="utf-8")

    def built(self, path: str) -> str:
        """A file of the site."""
        return (self.folder / "_build" / "html" / path).read_text(encoding="utf-8")

    def site(self) -> Path:
        """Builds it, whatever its pages lack; the folder of the site."""
        status, said = self.run("book", "--unchecked")
        assert status == 0, said
        assert "no run buttons" not in said
        return self.folder / "_build" / "html"

    @contextlib.contextmanager
    def running(
        self, command: str = "run", *options: str, **variables: str
    ) -> Iterator[subprocess.Popen[str]]:
        """A command while it runs; its `stdout` is all that it says. It ends if a test fails."""
        with subprocess.Popen(
            [sys.executable, "-m", "bookwright", command, *options],
            cwd=self.folder,
            env=os.environ | {"BOOK_NO_PDF": "1"} | variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise

    def run(self, command: str = "run", *options: str, **variables: str) -> tuple[int, str]:
        """Runs a command to its end; its exit status, and all it said."""
        with self.running(command, *options, **variables) as process:
            said, _ = process.communicate()
        return process.returncode, said


def make_book(
    folder: Path,
    pages: Mapping[str, Mapping[str, str]] | None = None,
    *,
    said: Mapping[str, Any] = bare_book.SAID,
    project: Path = ROOT,
) -> Book:
    """Makes a book of nothing but what any book has.

    Args:
        folder: Where it goes.
        pages: The sources by name, the front page first, and by language; one page by default.
        said: What it says of itself in its configuration.
        project: Where the helper package lies that it names.
    """
    simple = {"index": dict.fromkeys(said["languages"], PAGE % "1 + 1")}
    bare_book.write(folder, pages or simple, said=said, project=project)
    if project == ROOT:  # what takes long to make is the same for every such book
        (folder / reader.FOLDER.name).symlink_to(reader.environment())  # it is never written to
        wheel.made()
        shutil.copytree(wheel.KEPT, folder / "_build" / "wheel")
    return Book(folder)


def made_once(name: str, make: Callable[[Path], object], factory: pytest.TempPathFactory) -> Path:
    """A folder that the first process of the tests to ask for it makes; nobody changes it.

    Args:
        name: Of the folder.
        make: Fills it; it is not there yet.
        factory: Knows where the tests of this session keep what they make.
    """
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / name, base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what a process left that failed at it
            make(folder)
            done.touch()
    return folder


def site_once(name: str, write: Callable[[Path], Book], factory: pytest.TempPathFactory) -> Path:
    """The site of a book that the first process of the tests to ask for it builds, as above."""
    folder = made_once(name, lambda here: write(here).site(), factory)
    return folder / "_build" / "html"


# What is wrong


def said(problems: Iterable[Problem]) -> list[str]:
    """Problems as people read them, with their places; of nothing else."""
    found = list(problems)
    assert all(isinstance(each, Problem) for each in found), found
    return [str(each) for each in found]


def append(path: Path, text: str = "\n") -> None:
    """Changes a file."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


# Commands that only say what they were to do


class Steps:
    """Stands in for programs: keeps what they were to do, and breaks off where a test wants it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.ends_in: dict[int, BaseException] = {}  # by the number of the step, from 0

    def step(self, name: str) -> None:
        """A step that was asked for."""
        self.done.append(name)
        if error := self.ends_in.get(len(self.done) - 1):
            raise error


# The exercises of a page, run as its cells


def exercise_cells(cells: list[Cell], tag: str) -> list:
    """The cells with a tag, `exercise` or `solution`, as parameters named by their exercise."""
    return [
        pytest.param(cell, id=ast.literal_eval(ast.parse(cell.source).body[-1].value.args[0]))
        for cell in cells
        if tag in cell.tags
    ]


def wrong_answers(wrong: Mapping[str, Mapping[str, Any]]) -> list:
    """Wrong answers as parameters, an exercise and an answer, named by both and the mistake.

    Args:
        wrong: For each exercise its wrong answers by the mistake in them.
    """
    return [
        pytest.param(exercise, answer, id=f"{exercise}: {mistake}")
        for exercise, answers in wrong.items()
        for mistake, answer in answers.items()
    ]


def expect_refusal(exercise: str, answer: Any) -> None:
    """The check of an exercise refuses an answer, and takes it for one."""
    verdict = exercises.check(exercise, answer)
    assert not verdict.solved
    assert verdict.hint not in ("", exercises.NO_ANSWER)


def expect_all_tested(cells: list[Cell], wrong: Mapping[str, Any]) -> None:
    """Each exercise of a page, and each solution, is among those that have wrong answers."""
    for tag in ("exercise", "solution"):
        assert {param.id for param in exercise_cells(cells, tag)} == set(wrong)


def run_cell(cell: Cell, names: dict[str, Any]) -> Any:
    """Runs a cell and returns the value of its last line, as a notebook does."""
    *body, last = ast.parse(cell.source).body
    exec(compile(ast.Module(body, []), "page", "exec"), names)
    return eval(compile(ast.Expression(last.value), "page", "eval"), names)


# How well colours can be seen and told apart: WCAG 2.2, and Machado, Oliveira and Fernandes

WHITE = (1.0, 1.0, 1.0)
# "A physiologically-based model for simulation of color vision deficiency" (2009), severity 1,
# for linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def linear(color) -> np.ndarray:
    """Linear light of an sRGB colour, which stands on white where it is not opaque."""
    *channels, alpha = to_rgba(color)
    seen = np.array(channels) * alpha + (1 - alpha)
    return np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)


def contrast(one, other=WHITE) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _oklab(light: np.ndarray) -> np.ndarray:
    """Ottosson (2020), "A perceptual color space for image processing"."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return to_lab @ np.cbrt(to_cones @ light)


def smallest_difference(colors, blindness: str) -> float:
    """Distance of the two colours that a reader can tell apart worst; black to white is 1."""
    seen = [_oklab(np.clip(BLINDNESS[blindness] @ linear(color), 0, 1)) for color in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
