"""Formulas become what browsers carry, or are refused with what is wrong in them."""

from __future__ import annotations

import pytest
from docutils import nodes
from lxml import etree

from bookwright.formulas.convert import FormulaError, to_mathml
from bookwright.formulas.words import text_of


def parsed(latex: str, display: bool = False) -> etree._Element:
    return etree.fromstring(to_mathml(latex, display))


def shown(latex: str) -> str:
    """All that a formula shows."""
    return "".join(parsed(latex).itertext()).replace("\u2061", "").replace("\xa0", " ")


# MathML Core: https://www.w3.org/TR/mathml-core/#mathml-elements-and-attributes, and `menclose`,
# which the site's style draws where a browser does not.
ELEMENTS = {
    *("math", "maction", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo"),
    *("mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt"),
    *("mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder"),
    "munderover",
}
ATTRIBUTES = {
    *("accent", "accentunder", "class", "display", "displaystyle", "fence", "form", "height"),
    *("largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"),
    *("movablelimits", "notation", "rspace", "scriptlevel", "stretchy", "style", "symmetric"),
    *("voffset", "width", "depth"),
}
CONSTRUCTS = [
    r"\frac{a}{b} \tfrac{a}{b} \dfrac{a}{b} \binom{n}{k} \cfrac{1}{1 + \cfrac{1}{x}}",
    r"\sqrt{x} \sqrt[3]{x + 1} \sum_{i=1}^n x_i \prod_{i} x_i \int_0^1 f(x)\,dx",
    r"\lim_{x \to 0} f(x) \max_{x \in X} f(x) \operatorname*{arg\,max}_x f \operatorname{rank} A",
    r"\sum_{\substack{i < n \\ j < m}} x_{ij} \textstyle \sum_i {\scriptstyle x}",
    r"\hat{x} \tilde{x} \bar{x} \vec{x} \dot{x} \ddot{x} \widehat{xy} \overline{x + y}",
    r"\mathbf{x} \boldsymbol{\theta} \bm{x} \mathbb{R} \mathcal{L} \mathrm{d} \mathsf{X}",
    r"\left( \frac{a}{b} \right) \left. f \right|_{0} \bigl( x \bigr) \lVert x \rVert \{x\}",
    r"f'(x) f''(x) x^\top W_{ij}^{(l)} \not= \notin \cdots \ldots \quad \qquad \; \, \!",
    r"\underbrace{a + b}_{n} \overbrace{a + b}^{n} \overset{!}{=} \underset{x}{y}",
    r"\boxed{x = 1} \cancel{x} \phantom{x} \text{if } x > 0 \texttt{code}",
    r"\begin{aligned} a &= b \\ c + d &= e \end{aligned}",
    r"\begin{align} a &= b \\ c + d &= e \end{align}",
    r"\begin{split} a &= b \\ c + d &= e \end{split}",
    r"\begin{gathered} a = b \\ c = d \end{gathered}",
    r"f = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{array}{lr} a & b \\ c & d \end{array}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \begin{bmatrix} 1 \\ 0 \end{bmatrix}",
]


@pytest.mark.parametrize("latex", CONSTRUCTS)
@pytest.mark.parametrize("display", [True, False])
def test_the_usual_constructs_become_what_browsers_know(latex, display):
    math = parsed(latex, display)
    for element in math.iter():
        inside_text = element.getparent() is not None and element.getparent().tag == "mtext"
        assert element.tag in ELEMENTS or inside_text, element.tag
        assert set(element.keys()) <= ATTRIBUTES
        if element.tag != "mstyle":  # validators of HTML know no other place for these
            assert element.get("scriptlevel") is None
            assert element.get("displaystyle") is None or element.tag == "mtable"
        assert element.get("mathvariant", "normal") == "normal"  # browsers know no other
    assert math.get("display", "inline") == ("block" if display else "inline")
    assert not {"\\", "&", "$"} & set("".join(math.itertext()))


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\text{a<b}", "a<b"),
        (r"\text{<script>}", "<script>"),
        (r"\text{R\&D}", "R&D"),
        (r"\text{손실 L}", "손실 L"),
        (r"50\%", "50%"),
        (r"\{a\}", "{a}"),
        (r"\operatorname*{arg\,max}_x", "arg\u2009maxx"),
        (r"\not= \ne", "≠≠"),
    ],
)
def test_what_is_written_is_shown_and_is_no_markup(latex, text):
    assert shown(latex) == text
    assert parsed(latex).find(".//script") is None


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        (r"\mathbf{x}", "\N{MATHEMATICAL BOLD SMALL X}"),
        (r"\bm{x}", "\N{MATHEMATICAL BOLD ITALIC SMALL X}"),
        (r"\boldsymbol{\theta}", "\N{MATHEMATICAL BOLD ITALIC SMALL THETA}"),
        (
            r"\mathbf{W}\mathbf{0}",
            "\N{MATHEMATICAL BOLD CAPITAL W}\N{MATHEMATICAL BOLD DIGIT ZERO}",
        ),
        (r"\mathbb{1}", "\N{MATHEMATICAL DOUBLE-STRUCK DIGIT ONE}"),
        (r"\mathbb{E}", "\N{MATHEMATICAL DOUBLE-STRUCK CAPITAL E}"),
        (r"\mathbb{R}", "\N{DOUBLE-STRUCK CAPITAL R}"),
    ],
)
def test_bold_and_double_struck_letters_are_characters_of_their_own(latex, signs):
    assert shown(latex) == signs


@pytest.mark.parametrize("latex", [r"\mathrm{E}", r"\mathrm{d}x", r"{\rm E}", r"\text{E}"])
def test_a_single_letter_stands_upright_where_it_is_asked_for(latex):
    letter = next(each for each in parsed(latex).iter("mi", "mtext") if each.text)
    assert letter.tag == "mtext" or letter.get("mathvariant") == "normal"
    assert parsed("x").find("mi").get("mathvariant") is None  # browsers set these in italics


@pytest.mark.parametrize("environment", ["aligned", "split", "align", "align*"])
def test_aligned_columns_meet_at_their_sign(environment):
    rows = parsed(
        rf"\begin{{{environment}}} a &= b + c \\ a + b &= c \end{{{environment}}}", display=True
    ).findall(".//mtr")
    for row in rows:
        left, right = (cell for cell in row if len(cell))
        assert "text-align: right" in left.get("style")
        assert "text-align: left" in right.get("style")
        assert right[0].text == "="
    assert len(rows) == 2
    assert "(1)" not in "".join(rows[0].itertext())  # equations are numbered by the book


@pytest.mark.parametrize(
    ("latex", "where", "reason"),
    [
        ("x_1_2", 'at "_2"', "Duplicate subscript"),
        ("\\begin{aligned}\na &= b", "at its end", r"Expected closing token"),
        (r"\frac{1}", "at its end", "Expected argument"),
        (r"\left( x", "at its end", r"\right"),
        (r"a + \nosuch{b}", r'at "\nosuch{b}"', "Unknown command"),
        (r"\begin{nosuch} a \end{nosuch}", 'at "{nosuch}', "Unknown environment"),
        (r"a \\ b", r'at "\\ b"', r"\begin{aligned}"),
        (r"\begin{aligned} a \\[1em] b \end{aligned}", r'at "\\[1em]', "write \\\\ alone"),
        ("a = b\n\nc = d", 'at "c = d"', "no empty line"),
        ("a % b", 'at "% b"', r"write \%"),
        (r"\color{red} x", r'at "\color', "no colour"),
        (r"\eqref{eq-a}", r'at "\eqref', "{eq}`label`"),
        (r"a \xrightarrow{f} b", r'at "\xrightarrow', r"\longrightarrow"),
        (r"\mathop{\mathrm{f}}_x", r'at "\mathop', r"\operatorname*"),
        (r"\begin{aligned}[t] a &= b \end{aligned}", r'at "\begin{al', "leave the [...] out"),
        (r"a \middle| b", r'at "a \middle', r"between \left and \right"),
        ("`x`", 'at "`x`', "a quotation mark"),
        (r"\begin{align} a \label{b} \end{align}", r'at "\label', "$$ (label)"),
        (r"a = b \tag{1}", r'at "\tag', "numbered by the book"),
        (r"\begin{alignat}{2} a &= b \end{alignat}", r'at "{alignat}', "Unknown environment"),
        (r"\text{for $x$}", 'at "$x$}"', "Math mode within text mode"),
        ("50 or ", "wrong", "begins or ends with a space"),
        ("", "wrong", "it is empty"),
        ("loss = 0", '"loss"', r"\text{loss}"),
        ("x_{max}", '"max"', r"\text{max}"),
        ("5 and 6", '"and"', r"\text{and}"),
        ("손실 + x", "손 실", r"\text{...}"),
        ("💡", "wrong", "no font for 💡"),
    ],
)
def test_a_wrong_formula_is_refused_with_its_place_and_the_reason(latex, where, reason):
    with pytest.raises(FormulaError) as refused:
        to_mathml(latex, display=False)
    said = str(refused.value)
    assert said.startswith('the formula "')
    assert where in said
    assert reason in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "latex",
    [
        *("xyz", "W x_t + U h_{t-1}", "aaaa", r"f\,dx\,dy", "x_{ijkl}", r"\log xy"),
        r"\mathrm{softmax}(z)",
        r"\begin{aligned} x &= \begin{cases} a \\ b \end{cases} \\ y &= z \end{aligned}",
        "a\\% b",
    ],
)
def test_letters_that_are_multiplied_are_no_words(latex):
    assert shown(latex)


def test_a_wrong_line_is_counted_from_the_first():
    with pytest.raises(FormulaError) as refused:
        to_mathml("\n\\begin{aligned}\na &= b \\\\\nc &= \\nosuch\n\\end{aligned}\n", display=True)
    assert refused.value.line == 3


def test_a_long_formula_is_told_by_its_beginning():
    with pytest.raises(FormulaError) as refused:
        to_mathml("x + " * 90 + r"\nosuch", display=False)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        (r"\beta_1 < 1", "β₁ < 1"),
        (r"\sqrt{x}", "√x"),
        (r"\sqrt{2/n}", "√(2/n)"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"\frac{a + b}{2 n}", "(a+b)/(2n)"),
        (r"\hat{y} = \sigma^2", "ŷ = σ²"),
        ("x_{t-1}", "xₜ₋₁"),
        (r"\sigma_w^2", "σ_w²"),
        ("-x", "−x"),
        (r"\max(0, z)", "max(0,z)"),
        (r"\mathcal{L}", "ℒ"),
        (r"\text{손실}\,L", "손실 L"),
        (r"\frac{1}", r"\frac{1}"),  # refused elsewhere
    ],
)
def test_a_formula_is_told_in_signs_where_only_text_stands(latex, signs):
    paragraph = nodes.paragraph("", "", nodes.Text("Why "), nodes.math(latex, latex))
    assert text_of(paragraph) == f"Why {signs}"
