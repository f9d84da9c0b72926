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
from bookwright.problems import Problem
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


def file_problems(path: Path, root: Path = book.ROOT) -> Iterator[Problem]:
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
                yield Problem(f"there is no {name}", where, line)
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                yield Problem(f"{name or where} has no heading #{anchor}", where, line)


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


def page_problems(language: str, root: Path = book.ROOT) -> Iterator[Problem]:
    """Links of one language's pages to pages and labels that are not there."""
    folder = root / "book" / language
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    labels: dict[str, tuple[str, int]] = {}
    for name, text in texts.items():
        where = f"book/{language}/{name}.md"
        for found in facts(text).labels:
            if found.what in labels:
                file, line = labels[found.what]
                first = f"line {line}" if file == where else f"{file}:{line}"
                what = f"the label {found.what!r} is there already, in {first}: rename one of them"
                yield Problem(what, where, found.line)
            labels.setdefault(found.what, (where, found.line))
    for name, text in texts.items():
        for token, line in tokens(text):
            for child in token.children or []:
                for reason in _lost(child, texts, labels.keys()):
                    yield Problem(reason, f"book/{language}/{name}.md", line)


def listed(root: Path, *patterns: str) -> list[Path]:
    """The repository's own files of some names; none where there is no repository."""
    command = ["git", "ls-files", "-z", *patterns]
    found = ""  # where there is no git or no repository
    with contextlib.suppress(OSError):
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        found = done.stdout.decode()
    return [root / name for name in found.split("\0") if name and (root / name).exists()]


def documents(root: Path = book.ROOT) -> list[Path]:
    """The repository's own Markdown files, without what lies in book/: pages, or parts of them."""
    return [path for path in listed(root, "*.md") if path.relative_to(root).parts[0] != "book"]


def problems(root: Path = book.ROOT) -> list[Problem]:
    """Every link of the pages and of the repository's documents that leads nowhere."""
    found = [problem for path in documents(root) for problem in file_problems(path, root)]
    for language in book.LANGUAGES:
        found += page_problems(language, root)
    return found
