"""The font of the formulas: STIX Two Math, cut down to what the book's formulas show.

Formulas need a font that knows their spacing and tall signs (OpenType's table MATH). Telephones
and many Linux systems have none, so the site brings its own, fitted to how browsers use it.
"""

from __future__ import annotations

import functools
import html
import importlib.util
import logging
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

# The package that brings the font draws formulas, which is not what it is here for.
_SPEC = importlib.util.find_spec("ziamath")
SOURCE = Path((_SPEC and _SPEC.origin) or "", "..", "fonts", "STIXTwoMath-Regular.ttf").resolve()
# Where anything has set up logging for all, it would tell each step of cutting the font down.
logging.getLogger("fontTools").setLevel(logging.WARNING)
_NAMED = re.compile("HANGUL|CJK|HIRAGANA|KATAKANA")  # no font for formulas has them
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
# Signs that grow with what they enclose, and by how many thousandths of the type size at most a
# tall form is wider than the small one.
_GROWING = "√()[]{}⟨⟩⌈⌉⌊⌋"
_WIDER = 60
# How far above the foot, and below the top, of what they belong to scripts may stand. Browsers
# measure single letters, too, which TeX does not: y and z in a row would have theirs apart.
_PRIMES = "′″‴⁗"
# Accents whose sign is drawn to the left of where it stands, over the letter before it in a text.
# A browser centres what stands above a letter, and would show these beside it.
_ACCENTS = "\u20d7\u20db\u20dc"
# A bar that its parts cannot be fitted to: they may overlap by as little as brackets do.
_BARS = "‖"
_SUBSCRIPT_DROP, _SUPERSCRIPT_DROP = 0, 380


def italic(letter: str) -> str:
    """What a browser shows for a variable of one letter (MathML Core, section "math-auto")."""
    for first, last, start in (("a", "z", 0x1D44E), ("A", "Z", 0x1D434), ("α", "ω", 0x1D6FC)):
        if first <= letter <= last:
            # The italic h is where Planck's constant had been before.
            return "\u210e" if letter == "h" else chr(start + ord(letter) - ord(first))
    return {"∂": "𝜕", "ϵ": "𝜖", "ϕ": "𝜙", "ϑ": "𝜗"}.get(letter, letter)


def is_prose(letter: str) -> bool:
    """Whether a letter belongs to a text, in whose font it is shown in formulas, too."""
    return bool(_NAMED.match(unicodedata.name(letter, "")))


def _shows_nothing(character: str) -> bool:
    """Whether it only says how others are to be read or drawn."""
    name = unicodedata.name(character, "")
    return unicodedata.category(character) == "Cf" or name.startswith("VARIATION SELECTOR")


def characters(page: str) -> set[str]:
    """All that formulas of a built page show, beside the letters that only a text's font has."""
    found: set[str] = set()
    for formula in _FORMULA.findall(page):
        text = html.unescape(re.sub(r"<[^>]*>", " ", formula))
        found |= {each for each in text if not (each.isspace() or is_prose(each))}
        letters = html.unescape(" ".join(re.findall(r"<mi>([^<]*)</mi>", formula))).split()
        found |= {italic(letter) for letter in letters if len(letter) == 1}
        if re.search("<(?:msqrt|mroot)>", formula):
            found.add("√")  # the browser draws it
    return {each for each in found if not _shows_nothing(each)}


@functools.cache
def _held() -> frozenset[int]:
    with TTFont(SOURCE, lazy=True) as font:
        return frozenset(font.getBestCmap())


def lacking(shown: set[str]) -> list[str]:
    """Those of the characters that the font does not have."""
    return [each for each in sorted(shown) if ord(each) not in _held()]


def _tall_forms(font: TTFont, sign: str) -> Iterator[str]:
    """The glyphs of which a browser makes a sign that grows, the smallest first."""
    variants = font["MATH"].table.MathVariants
    number = variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[ord(sign)])
    forms = variants.VertGlyphConstruction[number]
    yield from (form.VariantGlyph for form in forms.MathGlyphVariantRecord)
    yield from (part.glyph for part in getattr(forms.GlyphAssembly, "PartRecords", ()))


def _enlarge_primes(font: TTFont) -> None:
    """A prime is drawn as the small sign it is in a text, not as the large one for a script."""
    alternates: dict[str, list[str]] = {}
    for lookup in font["GSUB"].table.LookupList.Lookup if "GSUB" in font else ():
        for substitution in lookup.SubTable:
            alternates |= substitution.alternates
    for table in font["cmap"].tables:
        for prime in map(ord, _PRIMES):
            if others := alternates.get(table.cmap.get(prime, "")):
                table.cmap[prime] = others[0]


def _centre(font: TTFont, name: str) -> None:
    """Puts the middle of an accent that takes no room to where it stands."""
    glyph = font["glyf"][name]
    glyph.coordinates.translate((-(glyph.xMin + glyph.xMax) // 2, 0))
    glyph.recalcBounds(font["glyf"])
    font["hmtx"].metrics[name] = (0, glyph.xMin)


def _loosen(font: TTFont, name: str) -> None:
    """Lets all parts of a bar overlap as far as that one which may overlap most."""
    variants = font["MATH"].table.MathVariants
    number = variants.VertGlyphCoverage.glyphs.index(name)
    parts = variants.VertGlyphConstruction[number].GlyphAssembly.PartRecords
    most = max(part.StartConnectorLength for part in parts)
    for part in parts:
        part.StartConnectorLength = part.EndConnectorLength = most


def _fit(font: TTFont) -> None:
    """Changes what browsers would set otherwise than TeX.

    They keep room for the widest form of a sign that grows, whichever they draw: a small root or
    bracket would have a gap beside it. So the tall ones are made hardly wider.
    """
    widths, glyphs = font["hmtx"].metrics, font["glyf"]
    held = font.getBestCmap()
    for sign in filter(lambda each: ord(each) in held, _GROWING):
        smallest, *others = _tall_forms(font, sign)
        most = widths[smallest][0] + _WIDER
        for name in others:
            width = widths[name][0]
            if width > most:
                glyphs[name].coordinates.scale((most / width, 1))
                glyphs[name].recalcBounds(glyphs)
                widths[name] = (most, glyphs[name].xMin)
    for accent in filter(lambda each: ord(each) in held, _ACCENTS):
        _centre(font, held[ord(accent)])
    for bar in filter(lambda each: ord(each) in held, _BARS):
        _loosen(font, held[ord(bar)])
    constants = font["MATH"].table.MathConstants
    constants.SubscriptBaselineDropMin.Value = _SUBSCRIPT_DROP
    constants.SuperscriptBaselineDropMax.Value = _SUPERSCRIPT_DROP


def write(shown: set[str], target: Path) -> None:
    """Writes a font that holds these characters, and the taller forms of those that have some."""
    options = subset.Options(layout_features=["ssty"], hinting=False, flavor="woff2")
    options.name_IDs = ["*"]  # the licence asks that the font still says whose it is
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(shown))
    with TTFont(SOURCE, recalcTimestamp=False) as font:  # the same to the byte each time
        cutter.subset(font)
        _fit(font)
        _enlarge_primes(font)
        subset.save_font(font, str(target), options)


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    shown: set[str] = set()
    for path in Path(app.outdir).glob("*.html"):
        shown |= characters(path.read_text(encoding="utf-8"))
    made, record = Path(app.outdir, "_static", "math.woff2"), Path(app.doctreedir, "math-font.txt")
    text = (
        "".join(sorted(shown))
        + f" {_WIDER} {_SUBSCRIPT_DROP} {_SUPERSCRIPT_DROP} {_ACCENTS}{_BARS}"
    )
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
