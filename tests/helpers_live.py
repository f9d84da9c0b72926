"""A small book with live cells, built, and what its reader does in a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bookwright.book import HEADER
from bookwright.live import files
from tests.helpers import Book, make_book

FIRST = """import keras
import numpy as np

from lessons_src import claims, report
from lessons_src.encoding import one_hot

SEED = claims.seeds(1)[0]
print("imported")"""
CLASS = '''class Counter:
    """Counts."""

    def __init__(self):
        self.n = 0

    def more(self, by):
        self.n += by / STEP
        return self.n


STEP = 2'''
RUN = """print(one_hot([1], 2), Counter().more(1))
rng = np.random.default_rng(SEED)
rng.integers(0, 100, size=3)"""
LAST = """total = Counter()
report.glue(total=total.more(3))
total.n"""
PROSE = {"ko": "# 제목\n\n설명입니다.", "en": "# Title\n\nProse."}


def cell(source: str, *tags: str) -> str:
    named = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{named}{source}\n```\n"


def page(language: str) -> str:
    cells = [cell(FIRST), cell(CLASS, "live"), cell(RUN, "live"), cell(LAST, "live", "hide-input")]
    return "\n".join([f"{HEADER}{PROSE[language]}\n", *cells])


def write(folder: Path) -> Book:
    """The book, not built yet, with the files that run in browsers."""
    if said := files.fetch():
        pytest.skip(f"no Pyodide: {said}")
    plain = {each: f"{HEADER}{PROSE[each]}\n\n{cell('1 + 1')}" for each in PROSE}
    book = make_book(folder, {"index": plain, "cells": {each: page(each) for each in PROSE}})
    shutil.copytree(files.KEPT, folder / "_build" / "live")
    return book


def simple(source: str) -> str:
    """A page whose one cell is live."""
    return f"{HEADER}# Title\n\n{cell(source, 'live')}"
