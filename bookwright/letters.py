"""In which letters a language is written: as far as that, texts of two languages differ."""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Set

from babel import Locale
from babel.core import get_global

LATIN = frozenset({"LATIN"})
# How Unicode's names of letters begin, where that is not the name of the script.
_SCRIPTS = {
    "Kore": frozenset({"HANGUL"}),
    "Jpan": frozenset({"HIRAGANA", "KATAKANA", "CJK"}),
    "Hans": frozenset({"CJK"}),
    "Hant": frozenset({"CJK"}),
    "Beng": frozenset({"BENGALI"}),
}


@functools.cache
def scripts(language: str) -> frozenset[str]:
    """The scripts of a language, each by the first word of its letters' names in Unicode.

    Args:
        language: A language's code, as Sphinx and the folders of pages have it.
    """
    known = get_global("likely_subtags")
    likely: str = known.get(language) or known.get(language.partition("_")[0], "")
    script = next((part for part in likely.split("_") if len(part) == 4), "Latn")
    return _SCRIPTS.get(script) or frozenset({Locale("en").scripts[script].split()[0].upper()})


@functools.cache
def _script(letter: str) -> str:
    letters = unicodedata.category(letter)[0] in "LM"  # a vowel may be a mark of its consonant
    return unicodedata.name(letter, "").split(" ")[0] if letters else ""


def words(text: str, written: Set[str]) -> list[str]:
    """The runs of letters of some scripts; a single Latin letter is a symbol and no word.

    Args:
        text: Prose of any language.
        written: The scripts, as `scripts` gives them.
    """
    runs = itertools.groupby(text, lambda letter: _script(letter) in written)
    found = ("".join(run) for ours, run in runs if ours)
    return [word for word in found if len(word) > 1 or written != LATIN]


def is_foreign(text: str, language: str, other: str | None, fewest: int) -> bool:
    """Whether a text is in the book's other language, if letters can tell.

    Args:
        text: Prose of a page, without code and formulas.
        language: The page's language.
        other: The book's other language, if it has one.
        fewest: In a language of other letters, fewer Latin words than so many may be names.
    """
    if other is None:
        return False
    own = words(text, scripts(language))
    foreign = words(text, scripts(other) - scripts(language))
    if scripts(other) == LATIN:
        spoken = any(word.islower() for word in foreign)  # LSTM, Keras are names
        return not own and spoken and len(foreign) >= fewest
    return len("".join(foreign)) > len("".join(own))
