"""Makes the pages that show both languages side by side: `{ko,en}/both/NAME.html`.

One for each language of the interface, out of the two built pages, so that they need no script.
Links between pages stay among them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import html
from lxml.html import HtmlElement
from lxml.html.builder import CLASS, META, A

from bookwright.blocks import LINKED
from bookwright.side_by_side.merge import Merger, Mismatch

FOLDER = "both"
_ADDRESSES = ("href", "src", "data-root", "data-script", "data-content_root", "data-math-font")
_NAMES_IDS = ("for", "aria-labelledby", "aria-describedby", "headers")


def _read(path: Path) -> HtmlElement:
    return html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot()


def _move(root: HtmlElement, up: str, names: Sequence[str]) -> None:
    """Makes addresses right below `both/`; those of other pages stay, and lead to merged ones.

    Args:
        root: What to change.
        up: From the new place to the folder from which the addresses were.
        names: The pages that have a counterpart.
    """
    having = " or ".join(f"@{attribute}" for attribute in _ADDRESSES)
    for node in root.xpath(f"descendant-or-self::*[{having}]"):
        for attribute in _ADDRESSES:
            address = node.get(attribute)
            if address is None or re.match(r"$|[?#]|/|[a-z]+:", address):
                continue
            path = re.split(r"[?#]", address, maxsplit=1)[0]
            if path.removesuffix(".html") in names:
                continue
            end = "/" if path.endswith("/") else ""
            node.set(
                attribute, posixpath.normpath(posixpath.join(up, path)) + end + address[len(path) :]
            )


def _frame(page: HtmlElement, name: str, other: str) -> None:
    """Changes what the page says about itself and where its header leads."""
    page.set("class", f"{page.get('class', '')} {FOLDER}".strip())
    head = page.find("head")
    for link in head.xpath("link[@rel='alternate']"):
        link.drop_tree()
    head.insert(1, META(name="robots", content="noindex"))
    for link in page.xpath("//a[contains(@class, 'language-switch')]"):
        link.set("href", f"../../{other}/{FOLDER}/{name}.html")
    for link in page.xpath("//a[contains(@class, 'side-by-side')]"):
        link.set("href", f"../{name}.html")
        link.set("class", f"{link.get('class')} chosen")
        for attribute in ("title", "aria-label"):
            link.set(attribute, link.get("data-alone", ""))


def _link(article: HtmlElement, name: str) -> None:
    """Puts a link in the place of a fold that is only on the page itself, with the fold's words."""
    for block in LINKED:
        for fold in article.xpath(f".//details[contains(@class, '{block}')]"):
            parent, words = fold.getparent(), fold.find("summary").text_content().strip()
            link = A(CLASS(block), words, href=f"../{name}.html#{parent.get('id', '')}")
            parent.replace(fold, link)


def _only_once(page: HtmlElement) -> None:
    seen = set()
    for node in page.xpath("//*[@id]"):
        if node.get("id") in seen:
            del node.attrib["id"]
        seen.add(node.get("id"))


def _of_other(article: HtmlElement, other: str) -> list[HtmlElement]:
    """The elements of the other language's text."""
    return article.xpath(f".//*[@lang='{other}']/descendant-or-self::*")


def _lead(article: HtmlElement, name: str, other: str, ids: dict[str, dict[str, str]]) -> None:
    """Lets what the other language's text refers to be found under its new id."""
    for node in _of_other(article, other):
        if "#" in node.get("href", ""):
            path, anchor = node.get("href").split("#", 1)
            known = ids.get(path.removesuffix(".html") or name, {})
            node.set("href", f"{path}#{known.get(anchor, anchor)}")
        for attribute in _NAMES_IDS:
            if attribute in node.attrib:
                named = node.get(attribute).split()
                node.set(attribute, " ".join(ids[name].get(each, each) for each in named))


def merged(
    site: Path, names: Sequence[str], own: str, other: str
) -> Iterator[tuple[str, HtmlElement]]:
    """The pages with both languages' text, in the interface of one language.

    Each comes as soon as all pages are merged to which it leads: few of a long book wait.

    Args:
        site: Folder with the built pages of both languages.
        names: The pages.
        own: The interface's language, in the left column.
        other: The language in the right column.

    Raises:
        Mismatch: The two languages of a page are not built alike.
    """
    ids: dict[str, dict[str, str]] = {}
    waiting: dict[str, tuple[HtmlElement, set[str]]] = {}
    for name in names:
        page, text = (_read(site / language / f"{name}.html") for language in (own, other))
        _move(page, "..", names)
        _move(article := text.find(".//article"), f"../../{other}", names)
        merger = Merger(own, other)
        try:
            merger.merge(page.find(".//article"), article)
        except Mismatch as error:
            files = f"book/{own}/{name}.md and book/{other}/{name}.md"
            raise Mismatch(f"{files} cannot be set side by side: {error}") from None
        ids[name] = merger.ids
        links = [node.get("href", "") for node in _of_other(page.find(".//article"), other)]
        targets = {link.partition("#")[0].removesuffix(".html") for link in links if "#" in link}
        waiting[name] = page, targets & {*names}
        for each in [each for each, (_, needs) in waiting.items() if needs <= ids.keys()]:
            page, _ = waiting.pop(each)
            _lead(page.find(".//article"), each, other, ids)
            _link(page.find(".//article"), each)
            _frame(page, each, other)
            _only_once(page)
            yield each, page


def build(site: Path, names: Sequence[str], languages: Sequence[str]) -> None:
    """Writes the pages into the folder `both` beside each language's own.

    Raises:
        Mismatch: The two languages of a page are not built alike.
    """
    first, second = languages
    for own, other in ((first, second), (second, first)):
        folder = site / own / FOLDER
        folder.mkdir()
        for name, page in merged(site, names, own, other):
            text = html.tostring(page, encoding="unicode", doctype="<!doctype html>")
            (folder / f"{name}.html").write_text(text, encoding="utf-8")
