"""What has to stand at the same place of a page in both languages: sections, code, figures, claims.

Whatever else stands between two landmarks is prose, which each language divides as it likes.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml.html import HtmlElement

from bookwright.blocks import SAME, SHARED

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOXES = ("section", "div", "details", "dl", "dd", "figure", "figcaption", "blockquote", "aside")
_NOT_PROSE = ".//img|.//div[contains(@class, 'cell') or contains(@class, 'math')]"


class Landmark(NamedTuple):
    """One place: its kind, and what tells it from others of its kind."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"the {self.kind} {self.name!r}" if self.name else f"a {self.kind}"


def is_anchor(node: HtmlElement) -> bool:
    """Whether the node is nothing but the aim of links."""
    return node.tag == "span" and "id" in node.attrib and not len(node) and not node.text


def blocks(node: HtmlElement) -> list[HtmlElement]:
    """The node's children, without comments and anchors."""
    return [child for child in node if isinstance(child.tag, str) and not is_anchor(child)]


def words(node: HtmlElement) -> str:
    """The node's text with single spaces."""
    return " ".join("".join(node.itertext()).split())


def _holds_text(node: HtmlElement) -> bool:
    """Whether words stand directly in the node, and not in a block of their own."""
    return any((text or "").strip() for text in [node.text, *(child.tail for child in node)])


def _content(node: HtmlElement, classes: set[str]) -> Landmark | None:
    """What the block shows, if that is the same in every language: code, a picture, a formula."""
    tag = node.tag
    if "cell" in classes:
        code = node.xpath("string(.//*[contains(@class, 'cell_input')]//pre)")
        return Landmark("code cell", code.strip())
    if tag == "img" or (tag in ("a", "picture") and node.find(".//img") is not None):
        address = node.xpath("string(descendant-or-self::img/@src)")
        return Landmark("picture", address.rpartition("/")[2])
    if tag == "div" and classes & {"math", "math-wrapper"}:
        return Landmark("formula", node.get("id", ""))
    if tag == "table" or "table-wrapper" in classes:
        return Landmark("table")
    found = [part for part in SHARED if part in classes]
    return Landmark(found[0]) if found else None


def _box(node: HtmlElement, classes: set[str]) -> Landmark | None:
    """What the block is, if it holds others."""
    tag, name = node.tag, node.get("id", "")
    if tag not in _BOXES or _holds_text(node):
        return None
    if tag in ("section", "figure"):
        return Landmark(tag, name if tag == "figure" else "")
    named = sorted(classes & SAME)
    return Landmark(named[0], name) if named else Landmark(".".join([tag, *sorted(classes)]))


def landmark(node: HtmlElement) -> Landmark | None:
    """What the block is, or None for prose."""
    tag, classes = node.tag, set(node.get("class", "").split())
    if tag in HEADINGS:
        return Landmark(f"heading {tag}")
    if tag in ("summary", "dt") or "admonition-title" in classes:
        return Landmark("title")
    if content := _content(node, classes):
        return content
    if tag in ("ul", "ol", "li"):
        return Landmark("list") if tag == "li" or node.xpath(_NOT_PROSE) else None
    return _box(node, classes)
