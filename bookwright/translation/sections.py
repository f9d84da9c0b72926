"""A page's prose, section by section, without what does not have to be translated."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from myst_parser.parsers.mdit import create_md_parser

from bookwright import durable
from bookwright.source import facts as source
from bookwright.source import header

# Blocks that are no prose: code cells are the same in both languages, which the checks see to.
_NO_PROSE = ("front_matter", "myst_target", "myst_line_comment", "myst_block_break")
# Options of directives say names and sizes, all but the alternative text.
_OPTION = re.compile(r"^:(?!alt:)[\w-]+:.*$", re.MULTILINE)
# Where a link leads, how a number is rounded, and how words are set off, are no words.
_NO_WORDS = (
    (re.compile(r"(\{[\w:-]+\}`[^`<]*?)\s*<[^`>]*>`"), r"\1`"),
    (re.compile(r"(\{glue:text\}`\w+):[^`]*`"), r"\1`"),
    (re.compile(r"\]\([^()\s]*\)"), "]"),
    (re.compile(r"\]\{[^{}]*\}"), "]"),
    (re.compile(r"[*`]|\{(?:term|ref|numref|eq)\}"), ""),
)


_STATEMENT = re.compile(r"[.?!](?=[\s)\"'’”*]|$)|^ *(?:[-*+|]|\d+[.)]) ", re.MULTILINE)


class Section(NamedTuple):
    """What stands from one heading to the next."""

    heading: str
    prose: str  # hash of the heading's level and words, and of all words below it
    statements: int  # sentences, items of lists and rows of tables
    line: int  # of the heading, from 1
    draft: bool = False  # the page says that it is not finished


@functools.cache
def _parser() -> MarkdownIt:
    parser = create_md_parser(source.parser_config(), RendererHTML)
    parser.core.ruler.enableOnly(["normalize", "block"])  # inline markup would cost five times more
    return parser


def _words(text: str) -> str:
    """Words alone: two texts with the same words differ in nothing that a translator would see."""
    text = _OPTION.sub("", text)
    for pattern, kept in _NO_WORDS:
        text = pattern.sub(kept, text)
    return " ".join(text.split())


def sections(text: str) -> list[Section]:
    """Divides a page's source at its headings, in the order of Sphinx' sections.

    Args:
        text: The page in MyST Markdown. What stands before the first heading belongs to none.
    """
    return list(_sections(text))


def _sections(text: str) -> Iterator[Section]:
    lines, draft = text.split("\n"), header.is_draft(text)
    starts: list[tuple[int, str]] = []
    tokens = _parser().parse(text)
    for number, token in enumerate(tokens):
        if token.level or token.map is None:  # a heading in a list or a quotation opens no section
            continue
        start, end = token.map
        if token.type == "heading_open":
            starts.append((start, tokens[number + 1].content))
        elif token.type in _NO_PROSE or token.info.startswith("{code-cell"):
            lines[start:end] = [""] * (end - start)
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    for (start, heading), end in zip(starts, ends, strict=True):
        text = "\n".join(lines[start:end])
        prose = hashlib.blake2b(_words(text).encode(), digest_size=16).hexdigest()
        yield Section(_words(heading), prose, len(_STATEMENT.findall(text)), start + 1, draft)


def _reading() -> str:
    """How pages are read: a hash of the code and of the syntax that the book has switched on."""
    code = [Path(path).read_bytes() for path in (__file__, header.__file__, source.__file__)]
    syntax = repr(sorted(source.parser_config().enable_extensions)).encode()
    return hashlib.blake2b(b"\0".join([*code, syntax]), digest_size=8).hexdigest()


class Reader:
    """Divides pages of any version, and remembers what it read from one build to the next.

    Args:
        memory: The file to remember it in; broken or missing, it is begun anew.
    """

    def __init__(self, memory: Path) -> None:
        self._path = memory.with_stem(f"{memory.stem}-{_reading()}")
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = {blob: [Section(*one) for one in found] for blob, found in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self._known = {}
        self._new = 0

    def unknown(self, blobs: Iterable[str]) -> list[str]:
        """Those of git's blobs that have to be read."""
        return sorted(set(blobs) - self._known.keys())

    def add(self, blob: str, text: str) -> None:
        """Divides a page that git knows by this hash."""
        self._known[blob] = sections(text)
        self._new += 1

    def sections(self, blob: str) -> list[Section]:
        """The sections of a page that was added, now or in an earlier build."""
        return self._known[blob]

    def read(self, path: Path) -> list[Section]:
        """The sections of a file as it is now, which may be one that git has."""
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        if blob not in self._known:
            return sections(content.decode("utf-8").replace("\r\n", "\n"))
        return self._known[blob]

    def save(self) -> None:
        """Writes the memory, whole or not at all: both languages' builds may do so at once."""
        if not self._new:
            return
        durable.write(self._path, json.dumps(self._known, ensure_ascii=False))
