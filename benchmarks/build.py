"""The build: from nothing, nothing changed, what authors change; 10, 100 and 1,000 chapters.

Books are generated, and both sides get the same pages with the same runs: ours, and stock
`jupyter-book build` with its own theme. Ours also makes the search index, the pages with both
languages and the notebooks, and checks what it made; PDFs are left out. Seconds are those of the
processor, which another program on the machine changes little.
"""

from __future__ import annotations

import functools
import math
import random
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import growth_book, query, results, show, turns
from bookwright.book import ROOT

FOLDER = ROOT / "_build" / "bench"
SIZES = (10, 100, 1000)
_ONCE = 1000  # a book of so many chapters is built once in each state
_NOTHING, _SAME = "from nothing", "nothing changed"
PLAIN = {"BOOK_NO_PDF": "1", "CI": ""}  # where CI is set, the checks take no draft
_FILES = ("benchmarks/growth_book.py", "benchmarks/fill.py", "benchmarks/stock.py")
_NEEDED = ("cache", "wheel")  # what a build from nothing has of ours: runs of pages


def clear(folder: Path) -> None:
    """Removes all that was built of a book, and leaves the runs of its pages."""
    for path in (folder / "_build").glob("*"):
        if path.name not in _NEEDED:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(folder / "_build" / "cache" / "shown", ignore_errors=True)


class Generated:
    """A generated book, as one of ours and for stock Jupyter Book, made when it is first needed."""

    def __init__(self, n_chapters: int) -> None:
        self.n_chapters = n_chapters
        self.folders = {side: FOLDER / f"{side}-{n_chapters}" for side in ("book", "stock")}

    def side(self, name: str, prepare: Callable[[], None] | None = None) -> turns.Side:
        """The command that builds it."""
        command = {
            "book": [sys.executable, "-m", "bookwright", "book", "--unchecked"],
            "stock": [sys.executable, "-m", "benchmarks.stock"],
        }
        return turns.Side(command[name], PLAIN, self.folders[name], prepare)

    def make(self) -> None:
        """Writes both, with their runs, unless they are there."""
        ours, stock = self.folders["book"], self.folders["stock"]
        if (stock / "runs").exists():
            return
        for folder in (ours, stock):
            shutil.rmtree(folder, ignore_errors=True)
        growth_book.write(ours, self.n_chapters)
        turns.run(turns.Side([sys.executable, "-m", "benchmarks.fill"], PLAIN, ours))
        growth_book.write_stock(stock, ours)
        shutil.copytree(ours / "_build" / "cache" / "shown", stock / "runs")

    def clear(self, name: str) -> None:
        """Leaves of a side nothing that was built."""
        self.make()
        clear(self.folders[name])

    def change(self, name: str, how: Callable[[Path], None] | None) -> None:
        """Changes a side that is built."""
        self.make()
        built = self.folders[name] / "_build" / ("html" if name == "book" else "ko")
        if not built.exists():
            turns.run(self.side(name))
        if how:
            how(self.folders[name])

    def sizes(self) -> dict[str, int]:
        """Bytes of what was built, in all, by kind."""
        site = self.folders["book"] / "_build" / "html"
        index = sum(path.stat().st_size for path in (site / "pagefind").rglob("*.*"))
        pages = sum(path.stat().st_size for path in site.rglob("*.html"))
        middle = site / "ko" / f"{growth_book.name_of(self.n_chapters // 2)}.html"
        words = (site / "pagefind" / "words.json").stat().st_size
        found = {"pages": pages, "middle page": middle.stat().st_size}
        word = growth_book.vocabulary("ko", random.Random("ko"))[30]
        asked = query.bytes_of_query(site, "ko", word)
        return found | {"search index": index, "search words": words, "a query": asked}


def _case(of: Generated, state: str, prepare: Callable[[str], None], only: str = "") -> turns.Case:
    sides = {
        name: of.side(name, functools.partial(prepare, name))
        for name in of.folders
        if only in ("", name)
    }
    runs = 1 if of.n_chapters >= _ONCE else 5
    return turns.Case(f"{of.n_chapters} chapters, {state}", sides, _FILES, runs)


def cases(of: Generated) -> list[turns.Case]:
    """What is built of a generated book, in an order in which each state follows from the last."""
    number = of.n_chapters // 2

    def prose(name: str) -> None:
        of.change(name, lambda folder: growth_book.change_prose(folder, number))

    def chapter(name: str) -> None:
        n, stock = of.n_chapters, name == "stock"
        of.change(name, lambda folder: growth_book.change_chapters(folder, n, stock))

    # Stock Jupyter Book does not see modules: it would go on to show the old results.
    return [
        _case(of, _NOTHING, of.clear),
        _case(of, _SAME, lambda name: of.change(name, None)),
        _case(of, "prose of one page", prose),
        _case(of, "a module", lambda name: of.change(name, growth_book.change_module), "book"),
        _case(of, "one new chapter", chapter),
    ]


def measure(point: results.Point, sizes: Sequence[int] = SIZES) -> None:
    """Builds what is not built yet."""
    for n_chapters in sizes:
        of = Generated(n_chapters)
        turns.take(point, (every := cases(of)))
        if (of.folders["book"] / "_build" / "html").exists():
            point.case(every[0].name, every[0].of()).note("bytes", of.sizes())


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The slope of the least-squares line through the logarithms: 1 is linear, 2 quadratic."""
    x, y = [math.log(each) for each in sizes], [math.log(each) for each in values]
    return statistics.linear_regression(x, y).slope


def _growing(cases: Mapping[str, Any]) -> Iterator[tuple[str, dict[int, float]]]:
    """What each side needs in each state, and the bytes of ours, by the number of chapters."""
    states: dict[str, dict[int, Any]] = {}
    for name, case in cases.items():
        size, _, state = name.partition(" chapters, ")
        states.setdefault(state, {})[int(size)] = case
    for state, of_state in states.items():
        for side in ("book", "stock"):
            runs = {n: case["runs"][side] for n, case in of_state.items() if side in case["runs"]}
            for number, what in (("cpu", "seconds"), ("memory", "memory")):
                middle = {n: statistics.median(run[number] for run in runs[n]) for n in runs}
                yield f"{state}: {side}, {what}", middle
    built = {n: case["bytes"] for n, case in states[_NOTHING].items() if "bytes" in case}
    for kind in next(iter(built.values()), ()):
        yield f"book, bytes of {kind}", {n: found[kind] for n, found in built.items()}


def _growth(cases: Mapping[str, Any]) -> list[list[str]]:
    """Exponents of what grows, over all sizes and from the last but one to the last."""
    sizes = sorted({int(name.split()[0]) for name in cases})
    rows = [["exponent", *(f"{sizes[k]:,} to {sizes[-1]:,}" for k in (0, -2))]]
    for what, values in _growing(cases):
        if values.keys() >= {*sizes}:
            slopes = [exponent(sizes[k:], [values[n] for n in sizes[k:]]) for k in (0, -2)]
            rows.append([what, *(f"{slope:.2f}" for slope in slopes)])
    return rows


def table(cases: Mapping[str, Any]) -> str:
    """One row for each state, and how what it takes grows with the chapters."""
    heads = ["", "seconds", "stock", "ratio", "memory, MB", "stock", "ratio"]
    rows = [heads]
    ordered = sorted(cases.items(), key=lambda case: int(case[0].split()[0]))
    for name, case in ordered:
        row, runs = [name], case["runs"]
        for number, scale in (("cpu", 1.0), ("memory", 1e6)):
            for side in ("book", "stock"):
                values = [run[number] / scale for run in runs.get(side, ())]
                row.append(show.spread(values) if values else "–")
            both = all(runs.get(side) for side in ("book", "stock"))
            ratio = turns.ratio(runs["book"], runs["stock"], number) if both else None
            row.append("{:.2f} ({:.2f} to {:.2f})".format(*ratio) if ratio else "–")
        rows.append(row)
    tables = [show.markdown(rows)]
    if len({name.split()[0] for name in cases}) > 1:
        tables.append(show.markdown(_growth(cases)))
    return "\n\n".join(tables)
