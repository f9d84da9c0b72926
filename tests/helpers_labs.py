"""A small book with the labs of this one, and a lab as its reader sees it in a browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from bookwright.book import HEADER
from tests.conftest import ROOT
from tests.helpers import Book, make_book
from tests.helpers_predict import ALL_RESULTS

LABS = ROOT / "book" / "labs"
# What the page `rnn` hands to the lab on reviews, smaller.
VOCABULARY = {"movie": 2, "good": 3, "not": 5, "bad": 6, "great": 7, "don't": 8, "10": 9}
N_WORDS, N_UNITS, N_TIMESTEPS = 12, 32, 200


def review() -> dict[str, Any]:
    """Weights that nobody trained, a vocabulary, and the length that a review is brought to."""
    rng = np.random.default_rng(5)
    sizes = {"w1x": N_WORDS * N_UNITS, "b1": N_UNITS, "w2": N_UNITS, "b2": 1}
    sizes |= {"bag": N_WORDS, "bag_bias": 1}
    arrays = {name: rng.normal(size=size) / 4 for name, size in sizes.items()}
    arrays["w1h"] = np.linalg.qr(rng.normal(size=(N_UNITS, N_UNITS)))[0].ravel()
    weights = {name: array.astype("float32").tolist() for name, array in arrays.items()}
    return {"n_timesteps": N_TIMESTEPS, "ids": VOCABULARY, "weights": weights}


def boxes(language: str) -> str:
    """The labs of this book's pages that are not a figure's, as they are written there."""
    found = []
    names = "|".join(path.parent.name for path in LABS.glob("*/lab.yml"))
    for path in sorted((ROOT / "book" / language).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        found += re.findall(
            rf"^(:::\{{lab\}} (?:{names})\n.*?^:::)$", text, re.DOTALL | re.MULTILINE
        )
    return "\n\n".join(found)


def write(folder: Path) -> Book:
    """The book, not built yet: one page with all labs of this book."""
    glued = f"report.glue(epochs=1, n_kept_words={len(VOCABULARY)}, review={review()!r})"
    cell = f"```{{code-cell}} ipython3\nfrom lessons_src import report\n\n{glued}\n```"
    pages = {each: f"{HEADER}# Title\n\n{cell}\n\n{boxes(each)}\n" for each in ("ko", "en")}
    book = make_book(folder, {"index": pages})
    shutil.copytree(LABS, folder / "book" / "labs")
    return book


# Notes that a lab has begun and ended its work: what a link or an address sets comes by a module,
# a moment later.
NOTE = """(box) => {
  delete box.dataset.worked;
  new MutationObserver((_, own) => {
    if (box.ariaBusy) return;
    own.disconnect();
    box.dataset.worked = "";
  }).observe(box, { attributes: true, attributeFilter: ["aria-busy"] });
}"""


def follow(link: Locator, box: Locator) -> None:
    """Follows a link to settings of a lab, and waits until the lab has done its work."""
    box.evaluate(NOTE)
    link.click()
    box.and_(box.page.locator("[data-worked]")).wait_for()


class Lab:
    """One lab on an open page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        page.evaluate(ALL_RESULTS)  # a lab may stand in a result that waits for an answer
        self.box = page.locator(f"#lab-{name}")
        self.opener: Locator = self.box.locator(".lab-opener button")
        self.links = self.box.locator("ul a")
        self.told = self.box.locator(".lab-told")
        self.status = self.box.locator(".lab-status")

    def control(self, words: str) -> Locator:
        """A control by its label."""
        return self.box.get_by_label(words, exact=True)

    def ended(self) -> None:
        """Waits until the lab has done its work."""
        self.box.locator(".lab-open").wait_for()
        self.page.wait_for_function(
            "name => !document.getElementById(`lab-${name}`).ariaBusy", arg=self.name
        )

    def follow(self, number: int) -> None:
        """Follows one of the lab's links, and waits until it has done its work."""
        follow(self.links.nth(number), self.box)

    def unfold(self) -> None:
        """Opens the tables beside all drawings; each is filled once it is open."""
        for fold in self.box.locator(".lab-figure details:visible").all():
            fold.locator("summary").click()
            fold.locator("tbody tr").first.wait_for()

    def table(self, title: str) -> list[list[float]]:
        """The numbers of the table beside a drawing, without its heads; opens it."""
        return [[float(value.replace("–", "nan")) for value in row] for row in self.cells(title)]

    def cells(self, title: str) -> list[list[str]]:
        """What the table beside a drawing says, without its heads; opens it."""
        figure = self.box.locator(
            ".lab-figure", has=self.page.locator("figcaption", has_text=title)
        )
        if not figure.locator("table").is_visible():
            figure.locator("summary").click()
            figure.locator("tbody tr").first.wait_for()
        found: list[list[str]] = figure.locator("tbody tr").evaluate_all(
            "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        return found


def column(rows: list[list[float]], number: int) -> list[Any]:
    """A column of a table."""
    return [row[number] for row in rows]
