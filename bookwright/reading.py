"""How long a page takes to read, and the role that says so on it: {reading-time}`minutes`.

Words or, where a language is not counted in words, characters at the pace of a textbook, and lines
of code that are not folded. A fold of the class `further` holds what nothing later needs, and does
not count; nor does a lab, which is for who wants to try.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookwright import book, letters
from bookwright.source.facts import facts, is_directive, options, tokens

WORDS_A_MINUTE = 200
CHARACTERS_A_MINUTE = 500  # without spaces
SECONDS_A_LINE = 4
_BY_CHARACTERS = {"HANGUL", "HIRAGANA", "KATAKANA", "CJK"}
_FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
_FURTHER = "further"
_STEP = 5  # nobody reads to the minute


class Length(NamedTuple):
    """What there is to read on a page.

    Attributes:
        words: Of the prose, with the marks of formulas and directives, as `wc -w` counts them.
        characters: Of the same, without spaces.
        lines: Of the code that is not folded, without empty ones.
    """

    words: int
    characters: int
    lines: int

    def minutes(self, language: str) -> float:
        """How long it takes in a language."""
        prose = self.words / WORDS_A_MINUTE
        if not in_words(language):
            prose = self.characters / CHARACTERS_A_MINUTE
        return prose + self.lines * SECONDS_A_LINE / 60


def in_words(language: str) -> bool:
    """Whether the length of a text is told in words in a language, and not in characters."""
    return not letters.scripts(language) & _BY_CHARACTERS


def length(text: str) -> Length:
    """Measures the source of a page."""
    lines = text.split("\n")
    for token, line in tokens(text):
        kind = dict(options(token)).get("class-container", "") if is_directive(token) else ""
        further = _FURTHER in kind.split() or token.info.startswith("{lab}")
        if token.map and (further or token.type == "front_matter" or _is_cell(token.info)):
            extent = token.map[1] - token.map[0]
            lines[line - 1 : line - 1 + extent] = [""] * extent
    words = " ".join(lines).split()
    cells = (cell for cell in facts(text).cells if not _FOLDED & set(cell.tags))
    code = sum(bool(line.strip()) for cell in cells for line in cell.source.split("\n"))
    return Length(len(words), sum(map(len, words)), code)


def _is_cell(info: str) -> bool:
    return info.startswith("{code-cell}")


class ReadingTime(SphinxRole):
    """The minutes of the page that it stands on, rounded up to five."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Measures the page as it is written."""
        text = Path(self.env.doc2path(self.env.docname)).read_text(encoding="utf-8")
        minutes = length(text).minutes(self.config.language)
        return [nodes.Text(str(_STEP * math.ceil(minutes / _STEP)))], []


def main(arguments: Sequence[str]) -> int:
    """Prints the words and minutes of every page in each language."""
    parser = argparse.ArgumentParser(prog="python -m bookwright reading", description=main.__doc__)
    parser.parse_args(arguments)
    for name in book.page_names():
        for language in book.LANGUAGES:
            text = (book.ROOT / "book" / language / f"{name}.md").read_text(encoding="utf-8")
            found = length(text)
            print(
                f"{name:20s} {language}  {found.words:6,} words  {found.characters:6,} characters  "
                f"{found.lines:4} lines of code  {found.minutes(language):5.1f} minutes"
            )
    return 0


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_role("reading-time", ReadingTime())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
