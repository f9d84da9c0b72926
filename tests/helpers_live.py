"""A small book with live cells, built, and what its reader does in a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

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
LOADED = 120_000  # milliseconds, on a machine that does other things, too
PROSE = {"ko": "# 제목\n\n설명입니다.", "en": "# Title\n\nProse."}

# Code that tries to reach AWAY, at PORT, and prints what became of each try.
WAYS_OUT = """
import asyncio, js, pyodide_js, socket, urllib.request
from pyodide.code import run_js
from pyodide.http import open_url, pyfetch

def attempt(name, way):
    try:
        found = way()
        if asyncio.iscoroutine(found) or asyncio.isfuture(found):
            asyncio.ensure_future(found)
        print(name, "began")
    except BaseException as error:
        print(name, type(error).__name__)

away = "AWAY/"
for name, way in {
    "fetch": lambda: js.fetch(away + "fetch"),
    "prototype": lambda: js.WorkerGlobalScope.prototype.fetch.call(js.self, away + "prototype"),
    "request": lambda: js.XMLHttpRequest.new().open("GET", away + "request", False),
    "socket": lambda: js.WebSocket.new(away.replace("http", "ws") + "socket"),
    "events": lambda: js.EventSource.new(away + "events"),
    "import": lambda: run_js(f"import('{away}import.js')"),
    "eval": lambda: js.eval(f"import('{away}eval.js')"),
    "function": lambda: js.Function.new(f"return import('{away}function.js')")(),
    "timeout": lambda: js.setTimeout(f"import('{away}timeout.js')", 0),
    "scripts": lambda: js.importScripts(away + "scripts.js"),
    "worker": lambda: js.Worker.new(away + "worker.js"),
    "blob": lambda: js.Worker.new(js.URL.createObjectURL(js.Blob.new([f"fetch('{away}blob')"]))),
    "package": lambda: pyodide_js.loadPackage(away + "package.whl"),
    "pyfetch": lambda: pyfetch(away + "pyfetch"),
    "open_url": lambda: open_url(away + "open_url"),
    "urllib": lambda: urllib.request.urlopen(away + "urllib", timeout=1),
    "connect": lambda: socket.create_connection(("127.0.0.1", PORT), timeout=1),
    "beacon": lambda: js.navigator.sendBeacon(away + "beacon"),
    "font": lambda: js.FontFace.new("a", f"url({away}font)").load(),
}.items():
    attempt(name, way)
"""


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


class Cell:
    """One live cell of an open page."""

    tag = "tag_live"

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        whole = page.locator(f".cell.{self.tag}").nth(number)
        self.box = whole.locator(".live")
        self.button, self.stop, self.reset = (
            self.box.locator("> button").nth(place) for place in range(3)
        )
        self.editor = whole.locator("textarea")
        self.status = self.box.locator("> .live-status").first
        self.output: Locator = self.box.locator(".live-output")
        self.note = self.box.locator(".live-note")

    def run(self, source: str | None = None) -> str:
        """Runs the cell to its end, changed if a source is given; what it shows."""
        self.start(source)
        return self.ended()

    def start(self, source: str | None = None) -> None:
        if source is not None:
            if not self.editor.count():
                self.run()
            self.editor.fill(source)
        self.button.click()

    def ended(self) -> str:
        stop = self.stop.and_(self.page.locator(":disabled"))
        stop.wait_for(timeout=LOADED)
        return self.output.text_content() or ""
