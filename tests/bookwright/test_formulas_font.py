"""The font of the formulas holds all that they show, and still says whose it is."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from bookwright.formulas import font as math_font
from bookwright.formulas.convert import to_mathml


def shown(latex: str) -> set[str]:
    return math_font.characters(f"<p>prose</p>{to_mathml(latex, display=False)}<p>more</p>")


@pytest.mark.parametrize(
    ("latex", "characters"),
    [
        ("x", "x𝑥"),  # browsers show a variable in italics, which are letters of their own
        ("h", "hℎ"),
        (r"\sigma", "σ𝜎"),
        (r"\tanh", "tanh"),
        ("a < 1", "a𝑎<1"),
        (r"\sqrt{2}", "2√"),
        (r"\text{수}\,y", "y𝑦"),
    ],
)
def test_what_a_formula_shows_is_found(latex, characters):
    assert shown(latex) == set(characters)


def heights(font: TTFont, sign: str) -> list[int]:
    """Of the forms in which a sign may be drawn."""
    variants = font["MATH"].table.MathVariants
    number = variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[ord(sign)])
    forms = variants.VertGlyphConstruction[number].MathGlyphVariantRecord
    return [form.AdvanceMeasurement for form in forms]


def test_the_font_holds_these_characters_their_taller_forms_and_its_origin(tmp_path):
    wanted = shown(r"\sum_{i} \left( \frac{\sqrt{x_i}}{2} \right)")
    math_font.write(wanted, tmp_path / "math.woff2")
    whole, font = TTFont(math_font.SOURCE), TTFont(tmp_path / "math.woff2")
    assert set(map(ord, wanted)) <= set(font.getBestCmap())
    assert font["maxp"].numGlyphs < whole["maxp"].numGlyphs / 20
    for sign in "∑(√":
        assert len(heights(font, sign)) > 1
        assert heights(font, sign) == heights(whole, sign)
    for number in (0, 13, 14):  # copyright, licence and its address
        assert str(font["name"].getName(number, 3, 1)) == str(whole["name"].getName(number, 3, 1))


def test_a_character_that_the_font_lacks_is_named():
    assert math_font.lacking({"x", "∑", "💡", "수"}) == ["수", "💡"]
    assert math_font.lacking(shown(r"\text{수}\,y")) == []
