"""Makes the search index of the assembled site: one record for each section and language.

Pagefind finds whole words and their beginnings. For Korean that is not enough, so the text
is written down letter by letter (Unicode's NFD: 줄어든 begins with 줄어드 then) and each
particle stands apart from its noun. The script of the search dialog puts both together again.
"""

from __future__ import annotations

import builtins
import itertools
import json
import keyword
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from bookwright import blocks, book, glossary
from bookwright.search import korean

# What is no prose: outputs, evidence, long formulas, marks and switches of the theme.
NOT_TEXT = f"{blocks.NOT_SEARCHED}, {blocks.FURNITURE}, .cell_output, div.math"
CODE = "div.highlight, pre"
# Pagefind's own dialogs, and its worker: our script asks it to do without.
NOT_USED = ("*-ui.*", "pagefind-highlight.js", "pagefind-worker.js")
NOUNS_IN_A_FILE = 500
_ENTRY = "pagefind-entry.json"  # what Pagefind's script reads first: the index of each language
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")
NO_NAMES = {*keyword.kwlist, *dir(builtins)}
IDENTIFIER = re.compile(r"[^\W\d]\w{2,}", re.ASCII)
# Formulas mark functions and products with signs that show nothing, and would join two words.
UNSEEN = str.maketrans("\u2061\u2062\u2063", "   ")


class Section(NamedTuple):
    """What one search result leads to: a section of a page, or an entry of the glossary."""

    address: str
    page: str
    title: str
    text: str
    code: str = ""
    notes: str = ""
    kind: str = "title"


def _words(tag: HtmlElement) -> str:
    return " ".join(tag.text_content().translate(UNSEEN).split())


def _taken_out(tag: HtmlElement) -> HtmlElement:
    tag.drop_tree()  # what follows it stays
    return tag


def _sections(article: HtmlElement, name: str, page: str) -> Iterator[Section]:
    """Sections from the innermost outwards; each is taken out, so that its parent lacks it."""
    for tag in reversed(article.cssselect("section[id]")):
        if (heading := next(tag.iterchildren(*_HEADS), None)) is None:
            continue
        title = _words(_taken_out(heading))
        code = " ".join(_taken_out(block).text_content() for block in tag.cssselect(CODE))
        names = dict.fromkeys(word for word in IDENTIFIER.findall(code) if word not in NO_NAMES)
        notes = " ".join(_words(_taken_out(note)) for note in tag.cssselect("aside.footnote"))
        kind = "title"
        if name in book.BOOK.ranked_lower:
            kind = "lower"
        elif tag.cssselect(f".{blocks.EXERCISE.name}"):
            kind = "exercises"
        text, code = _words(_taken_out(tag)), " ".join(names)
        yield Section(f"{name}.html#{tag.get('id')}", page, title, text, code, notes, kind)


def _entries(article: HtmlElement, name: str, page: str) -> Iterator[Section]:
    """Entries of the glossary: all names of a term, and what it means."""
    for meaning in article.cssselect("dl.glossary > dd"):
        before = meaning.itersiblings("dt", "dd", preceding=True)
        terms = [*itertools.takewhile(lambda tag: tag.tag == "dt", before)][::-1]
        title, *others = [_words(_taken_out(term)) for term in terms]
        text = " · ".join([*others, _words(_taken_out(meaning))])
        yield Section(f"{name}.html#{terms[0].get('id')}", page, title, text, kind="term")


def sections(page: str, name: str) -> list[Section]:
    """Divides a built page into what can be found on it, in reading order.

    Args:
        page: The page, of whatever theme: only `article` or `main`, `section[id]` with its
            heading, and the classes of the book's own extensions are asked for.
        name: The page's name, as in the table of contents.
    """
    if (article := blocks.article(page)) is None:
        return []
    for tag in article.cssselect(NOT_TEXT):
        tag.drop_tree()
    heading = next(article.iter("h1"), None)
    title = name if heading is None else _words(heading)
    entries = list(_entries(article, name, title))
    return [*reversed(list(_sections(article, name, title))), *entries]


def names() -> list[list[str]]:
    """All names of each term of the glossary, for the query: whichever is typed, all are sought."""
    return [glossary.names(entry) for entry in glossary.entries()]


def _record(section: Section, language: str, searchable: Callable[[str], str]) -> str:
    """The section as a page of its own, which Pagefind reads."""
    meta = {
        section.kind: searchable(section.title),
        "page": searchable(section.page),
        "code": section.code,
        "notes": searchable(section.notes),
    }
    fields = "".join(
        f'<i data-pagefind-meta="{name}[title]" title="{escape(text)}"></i>'
        for name, text in meta.items()
        if text
    )
    text = escape(searchable(section.text or section.title))
    body = f'{fields}<p data-pagefind-weight="{0.3 if section.kind == "lower" else 1}">{text}</p>'
    return f'<html lang="{language}"><body data-pagefind-body>{body}</body></html>'


def _pagefind(folder: Path, output: Path) -> None:
    """Has Pagefind index a folder, by its program: its client for Python takes a sixth more memory.

    Raises:
        RuntimeError: It failed; the message is what it said.
    """
    program = [sys.executable, "-m", "pagefind", "--silent"]
    command = [*program, "--site", str(folder), "--output-path", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Pagefind cannot write the search index:\n{done.stderr.strip()}")


def _index(folders: Iterable[Path], output: Path) -> None:
    """Has Pagefind index each folder by itself, for it holds all that it indexes in memory.

    Args:
        folders: One for each language, with the addresses of that language below it.
        output: Where the index of all languages goes.
    """
    output.mkdir()
    languages: dict[str, Any] = {}
    for folder in folders:
        with tempfile.TemporaryDirectory() as made:
            _pagefind(folder, Path(made))
            shutil.copytree(made, output, dirs_exist_ok=True)
        entry = json.loads((output / _ENTRY).read_text(encoding="utf-8"))
        languages |= entry["languages"]
        whole = json.dumps(entry | {"languages": languages}, ensure_ascii=False)
        (output / _ENTRY).write_text(whole, encoding="utf-8")


def _write_nouns(nouns: list[str], folder: Path) -> int:
    """Divides the nouns by their first syllable among files, of which a query loads one or two.

    Returns:
        The number of files; what a query loads does not grow with the book.
    """
    files: list[list[str]] = [[] for _ in range(1 + len(nouns) // NOUNS_IN_A_FILE)]
    for noun in nouns:
        files[ord(noun[0]) % len(files)].append(noun)
    folder.mkdir()
    for number, found in enumerate(files):
        (folder / f"{number}.json").write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return len(files)


def build(site: Path) -> None:
    """Writes the index of all pages below `site` into its folder `pagefind`."""
    found = {
        language: [
            section
            for path in sorted((site / language).glob("*.html"))
            for section in sections(path.read_text(encoding="utf-8"), path.stem)
        ]
        for language in book.LANGUAGES
    }
    shutil.rmtree(site / "pagefind", ignore_errors=True)
    korean_parts = found.get(korean.LANGUAGE, [])
    splitter = korean.Splitter(f"{section.title} {section.text}" for section in korean_parts)
    change: dict[str, Callable[[str], str]] = {korean.LANGUAGE: splitter.set_apart}
    with tempfile.TemporaryDirectory() as folder:
        for language, parts in found.items():
            for section in parts:
                # A file's path becomes the address; the script turns it back into page and anchor.
                # A folder must not end in ".html": Pagefind would try again and again to read it.
                page, _, anchor = section.address.partition(".html#")
                path = Path(folder, language, language, page, f"{anchor}.html")
                path.parent.mkdir(parents=True, exist_ok=True)
                record = _record(section, language, change.get(language, str))
                path.write_text(unicodedata.normalize("NFD", record), encoding="utf-8")
        # Pagefind takes a folder without pages for a mistake.
        _index([Path(folder, language) for language in found if found[language]], site / "pagefind")
    for pattern in NOT_USED:
        for path in (site / "pagefind").glob(pattern):
            path.unlink()
    words = {
        "sections": {language: len(parts) for language, parts in found.items()},
        "names": names(),
        "nounFiles": _write_nouns(splitter.nouns, site / "pagefind" / "nouns"),
        "particles": korean.PARTICLES,
        "endings": korean.ENDINGS,
    }
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    (site / "pagefind" / "words.json").write_text(text, encoding="utf-8")
