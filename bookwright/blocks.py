"""The blocks of a page that are more than prose, each by its CSS class, and what is done with them.

A directive takes the class of what it makes from here, and search, comparison, print and the pages
side by side ask here what to do with it: none of them knows a directive, and most directives need
nothing but a line here. This is no registry that the directives fill: these rooms work on built
pages, in processes that load no directive.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Literal, NamedTuple

from lxml import html
from lxml.html import HtmlElement


class Block(NamedTuple):
    """One kind of block; by default a page's own words, read everywhere.

    Attributes:
        name: Its CSS class.
        searched: Whether a search finds its words.
        compared: Whether other words in it are a change of the page, and not just of a run.
        on_paper: What becomes of it where nothing unfolds: it stays, or is opened, or is left out.
        side_by_side: How two languages' blocks of this kind meet on one page: "prose" in pairs;
            "same" if both have one of the same id; "shared" if one of the two is shown; "linked" if
            a link leads to the one on the page itself, for two languages' prose is heavy enough.
    """

    name: str
    searched: bool = True
    compared: bool = True
    on_paper: Literal["as it is", "open", "left out"] = "as it is"
    side_by_side: Literal["prose", "same", "shared", "linked"] = "prose"


CLAIM = Block("claim", side_by_side="same")
CLAIM_MARK = Block("claim-mark")
MEASURED = Block("claim-measured", searched=False)
OPEN = Block("claim-open", searched=False, compared=False)
EVIDENCE = Block(
    "claim-evidence", searched=False, compared=False, on_paper="open", side_by_side="linked"
)
RUN_INFO = Block("run-info", searched=False, compared=False)
FIGURE_DATA = Block("figure-data", searched=False, on_paper="left out", side_by_side="shared")
NEWER = Block("newer", searched=False)
MOVED = Block("moved", searched=False)
QUESTION = Block("predict", side_by_side="same")
CHOICES = Block("predict-choices", searched=False)
RESULT = Block("predicted", side_by_side="same")
ANSWER = Block(
    "predict-answer", searched=False, compared=False, on_paper="open", side_by_side="linked"
)
LIVE = Block("live", searched=False, compared=False, on_paper="left out", side_by_side="shared")
LAB = Block("lab", on_paper="left out", side_by_side="shared")
# Those of others' directives.
EXERCISE = Block("exercise", side_by_side="same")
FOLD = Block("sd-dropdown", on_paper="open")
GLOSSARY = Block("glossary", side_by_side="shared")

ALL = (
    *(CLAIM, CLAIM_MARK, MEASURED, OPEN, EVIDENCE, RUN_INFO, FIGURE_DATA, NEWER, MOVED, LIVE),
    *(QUESTION, CHOICES, RESULT, ANSWER),
    *(LAB, EXERCISE, FOLD, GLOSSARY),
)
# What the theme puts among the words of every page: marks, numbers, switches.
FURNITURE = ".headerlink, .section-number, nav, script, noscript, style, button"


def selector(found: Iterable[Block]) -> str:
    """The CSS selector of blocks."""
    return ", ".join(f".{block.name}" for block in found)


NOT_SEARCHED = selector(block for block in ALL if not block.searched)
NOT_COMPARED = selector(block for block in ALL if not block.compared)
NOT_PRINTED = selector(block for block in ALL if block.on_paper == "left out")
OPEN_ON_PAPER = {block.name for block in ALL if block.on_paper == "open"}
SAME = {block.name for block in ALL if block.side_by_side == "same"}
SHARED = tuple(block.name for block in ALL if block.side_by_side in ("shared", "linked"))
LINKED = tuple(block.name for block in ALL if block.side_by_side == "linked")


def article(page: str) -> HtmlElement | None:
    """What a built page says, without the theme's frame around it; None if it says nothing.

    Args:
        page: The page's HTML, of whatever theme.
    """
    document = html.document_fromstring(page)
    return next(itertools.chain(document.iter("article"), document.iter("main")), None)
