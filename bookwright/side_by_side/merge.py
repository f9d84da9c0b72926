"""Sets a page's text in two languages side by side: what both share once, the rest in pairs.

Both languages have the same landmarks in the same order. Prose between two of them goes into two
columns, paragraph beside paragraph where both languages have the same paragraphs.
"""

from __future__ import annotations

import itertools

from lxml.html import HtmlElement
from lxml.html.builder import DIV, SPAN

from bookwright.blocks import SHARED
from bookwright.side_by_side.landmarks import HEADINGS, Landmark, blocks, is_anchor, landmark, words

# The same in both languages but for words of the interface; a glossary holds both languages.
_SHARED = ("code cell", "picture", *SHARED)
_LONGEST = 60  # characters of a code cell in a message


class Mismatch(Exception):
    """The two languages of a page are not built alike."""


def _divided(nodes: list[HtmlElement]) -> tuple[list[list[HtmlElement]], list[HtmlElement]]:
    """The runs of prose before, between and behind the landmarks; and the landmarks."""
    runs: list[list[HtmlElement]] = [[]]
    marks = []
    for node in nodes:
        if landmark(node) is None:
            runs[-1].append(node)
        else:
            marks.append(node)
            runs.append([])
    return runs, marks


def _shape(node: HtmlElement) -> tuple[str, str]:
    return node.tag, node.get("class", "")


def _with_id(node: HtmlElement) -> list[HtmlElement]:
    return node.xpath("descendant-or-self::*[@id]")


def _cells(table: HtmlElement) -> list[list[HtmlElement]]:
    """The cells of each row, and the caption."""
    return [row.xpath("self::caption|th|td") for row in table.iter("caption", "tr")]


def _formula(node: HtmlElement) -> str:
    """What a formula says, without the full stop that a sentence puts behind it."""
    return "".join(node.xpath(".//math//text()")).strip().rstrip(".,;")


def _unmark(node: HtmlElement) -> None:
    """Takes out the marks that link to headings and figures: the own ones are enough."""
    for mark in node.xpath(".//a[contains(@class, 'headerlink')]"):
        mark.drop_tree()


def _short(mark: Landmark | None) -> str:
    text = str(mark or "nothing more").replace("\\n", " ")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class Merger:
    """Writes the other language's text into a page.

    Args:
        own: The language of the page that is written into, which the interface speaks.
        other: The other language. Its ids get `other-` in front, so that each stays unique.
    """

    def __init__(self, own: str, other: str) -> None:
        self.own, self.other = own, other
        self.ids: dict[str, str] = {}  # what the other language's ids are on the merged page

    def merge(self, own: HtmlElement, other: HtmlElement) -> None:
        """Merges two nodes that mean the same: the children of `other` go into `own`.

        Raises:
            Mismatch: Their landmarks differ.
        """
        self._merge_anchors(own, other)
        runs_own, marks_own = _divided(blocks(own))
        runs_other, marks_other = _divided(blocks(other))
        for one, two in itertools.zip_longest(
            map(landmark, marks_own), map(landmark, marks_other), fillvalue=None
        ):
            if one != two:
                heading = own.xpath("ancestor-or-self::section[1]/*[starts-with(name(), 'h')]")
                place = f"in “{words(heading[0]).rstrip('#')}” " if heading else ""
                raise Mismatch(
                    f"{place}{self.own} has {_short(one)} where {self.other} has {_short(two)}"
                )
        followers = [*marks_own, None]
        for run_own, run_other, follower in zip(runs_own, runs_other, followers, strict=True):
            self._pair_run(own, run_own, run_other, follower)
        for mark_own, mark_other in zip(marks_own, marks_other, strict=True):
            self._merge_landmark(mark_own, mark_other)

    def _merge_landmark(self, own: HtmlElement, other: HtmlElement) -> None:
        mark = landmark(own)
        kind = mark.kind if mark else ""
        if kind == "section":
            self.merge(own, other)
        elif kind in _SHARED or words(own) == words(other):
            self._keep_own(own, other)
        elif kind == "title" or own.tag in HEADINGS:
            self._merge_title(own, other)
        elif kind == "table" and list(map(len, _cells(own))) == list(map(len, _cells(other))):
            self._merge_table(own, other)
        elif kind == "formula" and _formula(own) == _formula(other):
            self._keep_own(own, other)
        elif kind in ("formula", "table"):
            self._pair(own.getparent(), [own], [other], None)
        else:
            self.merge(own, other)

    def _pair_run(
        self,
        parent: HtmlElement,
        own: list[HtmlElement],
        other: list[HtmlElement],
        follower: HtmlElement | None,
    ) -> None:
        if list(map(_shape, own)) != list(map(_shape, other)):
            self._pair(parent, own, other, follower)  # one row: divided into other paragraphs
            return
        for left, right in zip(own, other, strict=True):
            if words(left) == words(right):
                self._keep_own(left, right)
            else:
                self._pair(parent, [left], [right], follower)

    def _pair(
        self,
        parent: HtmlElement,
        own: list[HtmlElement],
        other: list[HtmlElement],
        follower: HtmlElement | None,
    ) -> None:
        """Puts blocks into the two columns of a row, where the first own one stands."""
        row = DIV({"class": "pair"})
        if own:
            own[0].addprevious(row)
        elif follower is not None:
            follower.addprevious(row)
        else:
            parent.append(row)
        for language, column in ((self.own, own), (self.other, other)):
            if language == self.other:
                self._adopt(column)
            if len(column) != 1:
                column = [DIV(*column)]
            column[0].set("lang", column[0].get("lang", language))
            row.append(column[0])

    def _merge_title(self, own: HtmlElement, other: HtmlElement) -> None:
        """One heading that says both: two headings would be two entries of every list of them."""
        self._merge_anchors(own, other)
        inner = ".//span[@class='sd-summary-text']"  # beside it stands the mark that opens the box
        place, text = own.find(inner), other.find(inner)
        self._merge_content(own if place is None else place, other if text is None else text, SPAN)

    def _merge_table(self, own: HtmlElement, other: HtmlElement) -> None:
        """One table: a cell that differs says both."""
        cells = (itertools.chain(*_cells(own)), itertools.chain(*_cells(other)))
        for left, right in zip(*cells, strict=True):
            if words(left) != words(right):
                self._merge_content(left, right, DIV)
            else:
                self._keep_own(left, right)

    def _merge_content(self, own: HtmlElement, other: HtmlElement, maker: type) -> None:
        _unmark(other)
        self._adopt(list(other))
        columns = []
        for language, node in ((self.own, own), (self.other, other)):
            column = maker(node.text or "", *node, lang=language)
            columns.append(column)
        own.text = None
        own[:] = columns
        own.set("class", f"{own.get('class', '')} pair".strip())

    # What becomes of the other language's ids.

    def _keep_own(self, own: HtmlElement, other: HtmlElement) -> None:
        """Shows only the own one; links to the parts of the other one lead to its parts."""
        ours, theirs = _with_id(own), _with_id(other)
        for number, part in enumerate(theirs):
            if ours and part.get("id") not in self.ids:
                aim = ours[number if len(ours) == len(theirs) else 0]
                self.ids[part.get("id")] = aim.get("id")

    def _merge_anchors(self, own: HtmlElement, other: HtmlElement) -> None:
        ours = [own, *filter(is_anchor, own)]
        known = [node.get("id") for node in ours if "id" in node.attrib]
        for node in [other, *filter(is_anchor, other)]:
            label = node.get("id")
            if label is None:
                continue
            if not known:
                own.set("id", f"{self.other}-{label}")
                known = [own.get("id")]
            self.ids[label] = label if label in known else known[0]

    def _adopt(self, nodes: list[HtmlElement]) -> None:
        """Makes parts of the other page fit to stand on this one."""
        for node in nodes:
            _unmark(node)
            for part in _with_id(node):
                self.ids[part.get("id")] = f"{self.other}-{part.get('id')}"
                part.set("id", self.ids[part.get("id")])
