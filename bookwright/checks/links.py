"""Links inside the project that lead nowhere, before a build: files, headings, labels of a page.

The build checks the same once more, and the links between pages as readers get them.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Collection, Iterator, Set
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bookwright import book
from bookwright.source.facts import facts, tokens

_ROLES = {"numref", "eq", "ref", "doc"}
_ABROAD = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a Markdown file."""
    parsed = MarkdownIt().parse(text)
    headings = [
        parsed[number + 1].content.lower()
        for number, token in enumerate(parsed)
        if token.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def file_problems(path: Path, root: Path = book.ROOT) -> Iterator[str]:
    """Links of a Markdown file to files and headings that are not there."""
    where = path.relative_to(root).as_posix()
    for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        for child in token.children or []:
            address = str(child.attrs.get("href") or child.attrs.get("src") or "")
            if not address or _ABROAD.match(address):
                continue
            line = (token.map or [0])[0] + 1
            name, _, anchor = unquote(address).partition("#")
            target = (path.parent / name) if name else path
            if not target.exists():
                yield f"{where}:{line}: there is no {name}"
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                yield f"{where}:{line}: {name or where} has no heading #{anchor}"


def _lost(child: Token, names: Collection[str], labels: Set[str]) -> Iterator[str]:
    """Why a link or a role of a page leads nowhere."""
    address = str(child.attrs.get("href") or "")
    page, _, _ = address.partition("#")
    written = page.endswith(".md") and not _ABROAD.match(page)
    if written and page.removesuffix(".md") not in names:
        yield f"there is no page {page}"
    if child.type == "myst_role" and child.meta["name"] in _ROLES:
        label = re.sub(r".*<(.+)>", r"\1", child.content)
        if label not in labels and label not in names:
            yield f"nothing has the label {label!r}"


def page_problems(language: str, root: Path = book.ROOT) -> Iterator[str]:
    """Links of one language's pages to pages and labels that are not there."""
    folder = root / "book" / language
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    labels = {found.what for text in texts.values() for found in facts(text).labels}
    for name, text in texts.items():
        for token, line in tokens(text):
            for child in token.children or []:
                for reason in _lost(child, texts, labels):
                    yield f"book/{language}/{name}.md:{line}: {reason}"


def documents(root: Path = book.ROOT) -> list[Path]:
    """The repository's own Markdown files."""
    command = ["git", "ls-files", "-z", "*.md"]
    listed = ""  # where there is no git or no repository
    with contextlib.suppress(OSError):
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        listed = done.stdout.decode()
    paths = [Path(name) for name in listed.split("\0") if name]
    # What lies in book/ are pages, or parts of what is made.
    return [root / x for x in paths if x.parts[0] != "book" and (root / x).exists()]


def problems(root: Path = book.ROOT) -> list[str]:
    """Every link of the pages and of the repository's documents that leads nowhere."""
    found = [problem for path in documents(root) for problem in file_problems(path, root)]
    for language in book.LANGUAGES:
        found += page_problems(language, root)
    return found
