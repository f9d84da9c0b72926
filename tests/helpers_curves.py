"""A small book with figures of curves, and the lab of such a figure as its reader sees it."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Locator, Page

from bookwright.book import HEADER
from tests.helpers import Book, make_book
from tests.helpers_predict import ALL_RESULTS

DRAWN = """import numpy as np

from lessons_src import plotting, report

rng = np.random.default_rng(0)
figure, axes = plotting.subplots(2)
for ax, of in zip(axes, ["Loss", "Error"]):
    curves = {name: np.exp(rng.normal(size=(3, 20)).cumsum(axis=1)) for name in ["a, b", "c"]}
    plotting.learning_curves(curves, ylabel=of, ax=ax)
axes[1].set_yscale("log")
report.glue_figure("fig_runs", figure)
figure, ax = plotting.subplots()
plotting.learning_curves({"one": rng.random(7), "other": rng.random(7)}, ylabel="Loss", ax=ax)
report.glue_figure("fig_single", figure)
figure, ax = plotting.subplots()
ax.plot([0.5, 1, 2, 4, 8, 16], rng.random(6), label="not over epochs")
ax = figure.add_subplot(label="image")
ax.imshow(rng.random((6, 3)))
ax.set_title("Image")
report.glue_figure("fig_other", figure)"""
FIGURE = """
```{glue:figure} %s
:name: %s
:alt: %s.

%s.
```
"""
BOX = """
:::{lab} fig_single
%s

- {lab}`%s <fig_single curves=other smooth=1>`: %s.
:::
"""
WORDS = {
    "ko": ["그림", "질문입니까?", "하나", "문장"],
    "en": ["Figure", "Question?", "One", "Words"],
}


def page(language: str) -> str:
    name, *box = WORDS[language]
    shown = "".join(
        FIGURE % (key, key.replace("_", "-"), name, name)
        for key in ("fig_runs", "fig_single", "fig_other")
    )
    cell = f"```{{code-cell}} ipython3\n:tags: [remove-cell]\n\n{DRAWN}\n```\n"
    return f"{HEADER}# {name}\n\n{cell}{shown}{BOX % tuple(box)}"


def write(folder: Path) -> Book:
    """The book, not built yet."""
    return make_book(folder, {"index": {each: page(each) for each in WORDS}})


def values(path: Path) -> dict[tuple[str, str], dict[int, str]]:
    """The CSV of a figure: by panel and column the text of each place."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = int(row["row"]) if row["row"].isdecimal() else 0  # of a line across
            found.setdefault((row["panel"], row["column"]), {})[at] = row["value"]
    return found


SLOWED = 4  # times
CELLS = "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
# Ends with the frame after a slider's change, to its other end, first changed a drawing.
SHOWN = """async (slider) => {
  const stage = slider.closest(".lab").querySelector(".lab-stage");
  const changed = new Promise((done) => {
    new MutationObserver((_, own) => (own.disconnect(), done())).observe(
      stage, { childList: true, subtree: true, attributes: true });
  });
  slider.value = slider.value === slider.max ? slider.min : slider.max;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  await changed;
  await new Promise(requestAnimationFrame);
}"""


class Curves:
    """The lab of one figure on an open page."""

    def __init__(self, page: Page, key: str) -> None:
        self.page, self.key_ = page, key
        page.evaluate(ALL_RESULTS)  # a lab may stand in a result that waits for an answer
        self.box = page.locator(f"#lab-{key}")
        self.told = self.box.locator(".lab-told")
        self.status = self.box.locator(".lab-status")

    def open(self) -> Curves:
        """Presses its button."""
        self.box.locator(".lab-opener button").click()
        self.ended()
        return self

    def ended(self) -> None:
        """Waits until it has drawn."""
        self.box.locator(".lab-open").wait_for()
        self.page.wait_for_function(
            "id => !document.getElementById(id).ariaBusy", arg=f"lab-{self.key_}"
        )

    def figure(self, panel: str = "") -> Locator:
        """A panel that is shown, by its title, or the first one."""
        title = self.page.locator("figcaption").get_by_text(panel, exact=True)
        return self.box.locator(".lab-figure:visible", has=title if panel else None).first

    def drawing(self, panel: str) -> Locator:
        return self.figure(panel).locator("svg.lab-pointed")

    def key(self, panel: str) -> dict[str, list[str]]:
        """What stands below a panel: the values of each curve."""
        rows = self.figure(panel).locator(".lab-key tbody tr").evaluate_all(CELLS)
        return {name: cells for name, *cells in rows}

    def table(self, panel: str = "") -> list[list[str]]:
        """The table beside a panel, with its head; opens it."""
        figure = self.figure(panel)
        if not figure.locator("details table").is_visible():
            figure.locator("summary").click()
            figure.locator("details table").wait_for()
        return figure.locator("details tr").evaluate_all(CELLS)

    def paths(self, panel: str, kind: str = "") -> list[str]:
        """The lines of a panel, as they are drawn."""
        found = self.drawing(panel).locator(f".lab-curve{kind}")
        return found.evaluate_all("all => all.map((path) => path.getAttribute('d'))")

    def corner(self, panel: str, curve: str, part: str, epoch: int) -> tuple[float, float]:
        """Where a line is at an epoch, counted from 1; all curves and parts have to be shown."""
        names = self.table(panel)[0][1:]
        path = self.paths(panel)[names.index(f"{curve}, {part}")]
        x, y = path[1:].split("L")[epoch - 1].split()
        return float(x), float(y)

    def style(self, panel: str, selector: str, name: str) -> str:
        """A property of the first part of a panel that a selector finds."""
        found = self.figure(panel).locator(selector).first
        return found.evaluate("(node, name) => getComputedStyle(node)[name]", name)

    def seconds(self, control: str) -> float:
        """The processor's time until a change of a slider shows, on a slowed one."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def spent() -> float:
            metrics = session.send("Performance.getMetrics")["metrics"]
            return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

        before = spent()
        self.box.locator(f"#lab-{self.key_}-{control}").evaluate(SHOWN)
        return spent() - before
