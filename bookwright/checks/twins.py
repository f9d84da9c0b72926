"""Whether a page's two languages have the same parts in the same order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bookwright.problems import Problem
from bookwright.source.facts import Cell, Facts, Found, left_over


class _Twin(NamedTuple):
    """A page in one language: its file, and what it holds."""

    where: str
    facts: Facts


def _spare(one: _Twin, two: _Twin) -> Iterator[Problem]:
    """What is named on one page and not on the other."""
    for what in ("labels", "directives", "claims", "terms"):
        for has, lacks in ((one, two), (two, one)):
            for found in left_over(getattr(has.facts, what), getattr(lacks.facts, what)):
                name = f"{what[:-1]} {found.what!r}"
                yield Problem(f"{lacks.where} lacks the {name}", has.where, found.line)


def _cell(number: int, where: tuple[str, str], one: Cell, two: Cell) -> Iterator[Problem]:
    """Where the same cell of both pages differs."""
    first, second = where
    if one.source != two.source:
        lines = itertools.zip_longest(one.source.split("\n"), two.source.split("\n"), fillvalue="")
        pairs = enumerate(lines)
        i, (a, b) = next((i, pair) for i, pair in pairs if pair[0] != pair[1])
        told = f"here {a!r}, in {second}:{two.line + i} {b!r}"
        yield Problem(f"code cell {number} differs: {told}", first, one.line + i)
    elif one.tags != two.tags:
        told = f"here {list(one.tags)}, in {second}:{two.line} {list(two.tags)}"
        yield Problem(f"code cell {number} differs in its tags: {told}", first, one.line)


def _cells(one: _Twin, two: _Twin) -> Iterator[Problem]:
    ours, theirs = one.facts.cells, two.facts.cells
    if len(ours) != len(theirs):
        yield Problem(f"{len(ours)} code cells, and {two.where} has {len(theirs)}", one.where)
    for number, pair in enumerate(zip(ours, theirs, strict=False), 1):
        yield from _cell(number, (one.where, two.where), *pair)


def _headings(one: _Twin, two: _Twin) -> Iterator[Problem]:
    ours, theirs = one.facts.headings, two.facts.headings
    for here, there in itertools.zip_longest(ours, theirs, fillvalue=Found("none", 1)):
        if here.what != there.what:
            yield Problem(
                f"the headings differ from here and from {two.where}:{there.line} on: {here.what} "
                f"against {there.what} ({len(ours)} headings against {len(theirs)})",
                one.where,
                here.line,
            )
            return


def compare(name: str, pages: Mapping[str, Facts]) -> list[Problem]:
    """Lists what a page has in one language and lacks in the other.

    Args:
        name: The page's name.
        pages: What it holds in each language; of one language there is nothing to compare.
    """
    if len(pages) < 2:
        return []
    one, two = (_Twin(f"book/{each}/{name}.md", held) for each, held in pages.items())
    problems = [*_spare(one, two), *_cells(one, two), *_headings(one, two)]
    orders = [[found.what for found in page.facts.directives] for page in (one, two)]
    if not problems and orders[0] != orders[1]:
        return [Problem(f"{two.where} has the same directives in another order", one.where)]
    return problems
