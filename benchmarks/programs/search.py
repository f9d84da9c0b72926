"""Asks a side's own search the queries, as a reader does: `search hits|cost SIDE FOLDER LANGUAGE`.

Both print one line of JSON, for `benchmarks.turns`. A hit is counted where the result stands in the
list as shown: on the page that answers, and at the section that does.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page

from benchmarks.programs.engines import ENGINES, Engine
from benchmarks.programs.page import opened
from benchmarks.programs.sources import letters
from benchmarks.server import TELEPHONE, Served, served

QUERIES = Path(__file__).parents[1] / "queries.yml"
FIRST = (1, 3, 10)  # within how many results a hit is looked for
IN_A_ROW = 10  # queries of one reader, whose bytes are counted
START = "index"  # the page on which the search is opened


class Found(NamedTuple):
    """A result: its page, and the heading of its section as `letters`."""

    page: str
    heading: str


@functools.cache
def _page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def heading(page: BeautifulSoup, place: str) -> str:
    """The heading of the section in which a place is, as `letters`; of the page if it is nowhere.

    Args:
        page: A page of any side.
        place: The id that an address names after its `#`.
    """
    heads = ["h1", "h2", "h3", "h4", "h5", "h6"]
    tag = page.find(id=place) if place else None
    if not isinstance(tag, Tag):
        found = page.find("h1")
    elif tag.name in heads:
        found = tag
    else:
        # A target right before its heading, a section around it, or something further down in it.
        section = tag if tag.name == "section" else tag.find_parent("section")
        found = section.find(heads) if section else tag.find_previous(heads)
    return letters(found.get_text()) if isinstance(found, Tag) else ""


def result(folder: Path, address: str) -> Found:
    """What an address of a result leads to."""
    parts = urlsplit(address)
    path = folder / unquote(parts.path).lstrip("/")
    return Found(path.stem, heading(_page(path), unquote(parts.fragment)))


def ranks(found: Sequence[Found], wanted: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Where the first result stands that is on a page that answers, and the first at a section.

    Args:
        found: The results in order.
        wanted: Headings by page; a page without any answers as a whole.

    Returns:
        The two places, from 1 on; 0 where there is none.
    """
    page = section = 0
    for number, each in enumerate(found, start=1):
        if each.page not in wanted:
            continue
        page = page or number
        # Some sides number their headings.
        ends = tuple(letters(head) for head in wanted[each.page])
        if not section and (not ends or each.heading.endswith(ends)):
            section = number
    return page, section


def answers(
    engine: Engine, page: Page, folder: Path, language: str
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Opens a search and asks it all queries of a language, one when the last answer is taken.

    Args:
        engine: Whose search.
        page: A page that shows it.
        folder: The site.
        language: Which queries.

    Yields:
        A query, and its `ranks` among the results that are looked at.
    """
    engine.open(page, language)
    for wanted in yaml.safe_load(QUERIES.read_text(encoding="utf-8"))[language]:
        found = [result(folder, address) for address in engine.ask(page, wanted["query"])]
        yield wanted["query"], ranks(found[: max(FIRST)], wanted["find"])


def hits(side: str, folder: Path, language: str) -> dict[str, Any]:
    """Asks all queries of a language; returns how many are answered, and which are not.

    Args:
        side: Whose search.
        folder: Its site.
        language: Which queries.
    """
    with served(folder) as site, opened(1280) as page:
        page.goto(f"{site.address}/{language}/{START}.html", wait_until="networkidle")
        places = dict(answers(ENGINES[side](), page, folder, language))
    counted = {"queries": len(places)}
    for index, what in enumerate(("page", "section")):
        for first in FIRST:
            within = sum(1 <= place[index] <= first for place in places.values())
            counted[f"{what} within {first}"] = within
    return {**counted, "not found": [query for query, place in places.items() if not place[0]]}


def cost(side: str, folder: Path, language: str) -> dict[str, Any]:
    """What a reader's queries load and how long they take, over a telephone's connection.

    Args:
        side: Whose search.
        folder: Its site.
        language: Which queries; ten of them, from all kinds.
    """
    queries = yaml.safe_load(QUERIES.read_text(encoding="utf-8"))[language]
    asked = [each["query"] for each in queries][:: len(queries) // IN_A_ROW][:IN_A_ROW]
    engine, loaded, taken = ENGINES[side](), [], []
    with served(folder, TELEPHONE) as site, opened() as page:
        page.goto(f"{site.address}/{language}/{START}.html", wait_until="networkidle")
        before = sum(each.size for each in site.sent if "search" in each.path)
        site.sent.clear()
        for number, query in enumerate(asked):
            begun = time.perf_counter()
            if not number:
                engine.open(page, language)
            engine.ask(page, query)
            taken.append(1000 * (time.perf_counter() - begun))
            _quiet(site, page)
            loaded.append(sum(each.size for each in site.sent))
            site.sent.clear()
    return {
        "before any query, bytes": before,
        "first query, bytes": loaded[0],
        "first query, ms": round(taken[0]),
        "tenth query, bytes": loaded[-1],
        "tenth query, ms": round(taken[-1]),
    }


def _quiet(site: Served, page: Page) -> None:
    """Waits until nothing has been sent for a second."""
    count, since = -1, time.perf_counter()
    while time.perf_counter() - since < 1:
        if len(site.sent) != count:
            count, since = len(site.sent), time.perf_counter()
        page.wait_for_timeout(100)


def main(arguments: list[str]) -> int:
    """Prints what was asked for; returns the exit status."""
    what, side, folder, language = arguments
    found = {"hits": hits, "cost": cost}[what](side, Path(folder), language)
    print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
