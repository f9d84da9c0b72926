"""Mends CommonMark's emphasis beside Korean, Chinese and Japanese letters (commonmark-spec #650).

`**용어(term)**를` is no bold type for CommonMark: it closes none between a sign and a letter, and
Korean puts its particles there without a blank. Here such a letter counts as a blank does on the
outer side of the asterisks, as the draft "CJK-friendly amendments to CommonMark" has it. Nothing
else changes; a line that is wrapped keeps its blank, which Korean needs.
"""

from __future__ import annotations

import functools
import unicodedata

from markdown_it.rules_inline.state_inline import Scanned, StateInline

_SCRIPTS = ("HANGUL", "CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "BOPOMOFO")
_scan = StateInline.scanDelims


@functools.lru_cache(maxsize=4096)
def _is_cjk(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(_SCRIPTS)


def _scan_beside_cjk(self: StateInline, start: int, can_split_word: bool) -> Scanned:
    """Whether a run of marks may open and close emphasis."""
    found = _scan(self, start, can_split_word)
    if not can_split_word:  # underscores, which do not stand within words
        return found
    end = start + found.length
    before = self.src[start - 1] if start > 0 else " "
    behind = self.src[end] if end < self.posMax else " "
    return Scanned(
        found.can_open or (_is_cjk(before) and not behind.isspace()),
        found.can_close or (_is_cjk(behind) and not before.isspace()),
        found.length,
    )


def mend() -> None:
    """Lets every parser of this process read emphasis so."""
    StateInline.scanDelims = _scan_beside_cjk  # type: ignore[assignment]
