"""The links of the built site: those within it lead somewhere, the others are listed.

Each external address is printed with the pages that have it; no other host is asked. A link within
the site that leads to a file or a place that is not there is a failure.
"""

from __future__ import annotations

import argparse
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from bookwright import book as pages
from bookwright.places import SITE
from bookwright.problems import Problem, tell, tell_problem
from bookwright.publication import publication

# Attributes that hold addresses. A list of pictures (srcset) has several.
_ADDRESSES = ("href", "src", "poster", "data", "action", "xlink:href")
_IN_STYLE = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
_HERE = "http://site.invalid/"  # where the site's files stand while their links are followed


class Link(NamedTuple):
    """An address, and the line it stands on."""

    address: str
    line: int


class _Reader(HTMLParser):
    """Collects a page's links and the places that links can lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self.places: set[str] = {"", "top"}  # both are the start of every page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.places.add(value or "")
            elif name == "srcset":
                parts = [part.split()[0] for part in (value or "").split(",") if part.strip()]
                self.links += [Link(part, line) for part in parts]
            elif name == "style":
                self.links += [Link(address, line) for address in _IN_STYLE.findall(value or "")]
            elif name in _ADDRESSES:
                self.links.append(Link((value or "").strip(), line))


def _in_style(text: str) -> Iterator[Link]:
    for number, line in enumerate(text.splitlines(), start=1):
        yield from (Link(address.strip(), number) for address in _IN_STYLE.findall(line))


class Site:
    """The links of all pages and style sheets below a folder.

    Args:
        folder: The built site.
        address: Where it is published, with a slash at the end, if that is known: links that name
            the site by its address are links within it.
    """

    def __init__(self, folder: Path, address: str | None = None) -> None:
        self._folder, self._address = folder, address
        self._places: dict[str, set[str]] = {}
        self._links: dict[str, list[Link]] = {}
        for path in sorted(folder.rglob("*.html")):
            reader = _Reader()
            reader.feed(path.read_text(encoding="utf-8"))
            name = path.relative_to(folder).as_posix()
            self._places[name], self._links[name] = reader.places, reader.links
        for path in sorted(folder.rglob("*.css")):
            text = path.read_text(encoding="utf-8")
            self._links[path.relative_to(folder).as_posix()] = list(_in_style(text))

    def _all(self) -> Iterator[tuple[str, Link, str]]:
        """Each link with its file, and its address seen from the site's root."""
        for name, links in self._links.items():
            for link in links:
                address = urljoin(_HERE + name, link.address)
                if self._address and address.startswith(self._address):
                    address = _HERE + address.removeprefix(self._address)
                yield name, link, address

    def broken(self) -> list[Problem]:
        """What is wrong with the links within the site; those to one place come together."""
        return [
            Problem(link.address, name, link.line, cause=problem)
            for name, link, address in self._all()
            if (problem := self._problem(name, link.address, address))
        ]

    def _problem(self, name: str, written: str, address: str) -> str | None:
        parts = urlsplit(address)
        if parts.scheme == "javascript":
            return "is a script, not an address"
        if not address.startswith(_HERE):
            return None
        if written.startswith("/") and not written.startswith("//"):
            return "starts at the host's root, but the site may lie in a folder"
        relative = not urlsplit(written).scheme and not written.startswith("//")
        up = posixpath.normpath(posixpath.join(posixpath.dirname(name), urlsplit(written).path))
        if relative and up.startswith(".."):
            return "leads out of the site"
        path, place = unquote(parts.path).lstrip("/"), unquote(parts.fragment)
        if path.endswith("/") or not path:
            path += "index.html"
        if not (self._folder / path).is_file():
            return f"there is no {path}"
        if path in self._places and place not in self._places[path]:
            return f"{path} has no place {place!r}"
        return None

    def external(self) -> dict[str, list[str]]:
        """Addresses on other hosts, each with the files that have it."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, _, address in self._all():
            outside = urlsplit(address).scheme in ("http", "https", "mailto")
            if outside and not address.startswith(_HERE):
                found[address].add(name)
        return {address: sorted(found[address]) for address in sorted(found)}


def main(arguments: Sequence[str] = ()) -> int:
    """Prints the list; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright links", description=__doc__)
    parser.parse_args(arguments)
    if not (SITE / "index.html").exists():
        tell_problem("links: there is no built site: run `make book` first")
        return 1
    site = Site(SITE, publication(pages.config()).site)
    for address, names in site.external().items():
        print(address, *names, sep="\n    ")
    problems = site.broken()
    status = tell(problems)
    print(f"links: {len(site.external())} external, {len(problems)} broken within the site")
    return status
