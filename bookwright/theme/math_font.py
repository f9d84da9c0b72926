"""The font of the formulas: STIX Two Math, cut down to what the book's formulas show.

Formulas need a font that knows their spacing and tall signs (OpenType's table MATH). Telephones
and many Linux systems have none, so the site brings its own.
"""

from __future__ import annotations

import html
import importlib.util
import logging
import re
import unicodedata
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError

# The package that brings the font draws formulas, which is not what it is here for.
_SPEC = importlib.util.find_spec("ziamath")
SOURCE = Path((_SPEC and _SPEC.origin) or "", "..", "fonts", "STIXTwoMath-Regular.ttf").resolve()
# Where anything has set up logging for all, it would tell each step of cutting the font down.
logging.getLogger("fontTools").setLevel(logging.WARNING)
_NAMED = re.compile("HANGUL|CJK|HIRAGANA|KATAKANA")  # no font for formulas has them
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)


def italic(letter: str) -> str:
    """What a browser shows for a variable of one letter (MathML Core, section "math-auto")."""
    for first, last, start in (("a", "z", 0x1D44E), ("A", "Z", 0x1D434), ("α", "ω", 0x1D6FC)):
        if first <= letter <= last:
            # The italic h is where Planck's constant had been before.
            return "\u210e" if letter == "h" else chr(start + ord(letter) - ord(first))
    return {"∂": "𝜕", "ϵ": "𝜖", "ϕ": "𝜙", "ϑ": "𝜗"}.get(letter, letter)


def characters(page: str) -> set[str]:
    """All that formulas of a built page show, beside the letters that only a text's font has."""
    found: set[str] = set()
    for formula in _FORMULA.findall(page):
        text = html.unescape(re.sub(r"<[^>]*>", " ", formula))
        found |= {each for each in text if not each.isspace() and not _NAMED.match(_name(each))}
        letters = html.unescape(" ".join(re.findall(r"<mi>([^<]*)</mi>", formula))).split()
        found |= {italic(letter) for letter in letters if len(letter) == 1}
        if re.search("<(?:msqrt|mroot)>", formula):
            found.add("√")  # the browser draws it
    return found


def _name(character: str) -> str:
    return unicodedata.name(character, "")


def lacking(shown: set[str]) -> list[str]:
    """Those of the characters that the font does not have."""
    with TTFont(SOURCE, lazy=True) as font:
        return [each for each in sorted(shown) if ord(each) not in font.getBestCmap()]


def write(shown: set[str], target: Path) -> None:
    """Writes a font that holds these characters, and the taller forms of those that have some."""
    options = subset.Options(layout_features=["ssty"], hinting=False, flavor="woff2")
    options.name_IDs = ["*"]  # the licence asks that the font still says whose it is
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(shown))
    with TTFont(SOURCE, recalcTimestamp=False) as font:  # the same to the byte each time
        cutter.subset(font)
        subset.save_font(font, str(target), options)


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    shown: set[str] = set()
    for path in Path(app.outdir).glob("*.html"):
        found = characters(path.read_text(encoding="utf-8"))
        if found - shown and (signs := lacking(found)):
            raise ExtensionError(f"{path.stem}.md: no font for {' '.join(signs)} in its formulas")
        shown |= found
    made, record = Path(app.outdir, "_static", "math.woff2"), Path(app.doctreedir, "math-font.txt")
    text = "".join(sorted(shown))
    if made.exists() and record.exists() and record.read_text("utf-8") == text:
        return
    if shown:
        write(shown, made)
        record.write_text(text, encoding="utf-8")


def _ask(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Tells the page's script to load the font at once (`theme.js`)."""
    context["has_formulas"] = "<math" in context.get("body", "")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("html-page-context", _ask)
    app.connect("build-finished", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
