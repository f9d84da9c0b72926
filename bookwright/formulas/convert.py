"""Turns LaTeX into the MathML that browsers carry, and says what is wrong with it where it cannot.

MathML Core is what browsers have in common. What they would draw otherwise than LaTeX does, or
leave out, is refused.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
from collections.abc import Iterator

from lxml import etree
from math_core import LatexError, LatexToMathML

from bookwright.formulas import font

# Written in terms of what the converter knows.
_MACROS = {
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "dotsb": r"\cdots",
    "dotsc": r"\ldots",
}
_CONVERTER = LatexToMathML(macros=_MACROS, fancy_error=False)
# Equations are numbered by the book, and all lines of one together; `split` is `aligned` there.
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|equation|gather|multline|split)\}")
# What the converter takes, and readers would not see as it was meant.
_REFUSED = {
    r"(?<!\\)%": r"what follows a % is a comment that nobody reads: write \%",
    r"(?<=\S)[ \t]*\n\s*\n(?=\s*\S)": "LaTeX allows no empty line in a formula: leave it out",
    r"\\\\\[": r"browsers leave no gap for \\[...]: write \\ alone",
    r"\\x[a-zA-Z]*(?:arrow|harpoon)[a-zA-Z]*|\\xlongequal": "browsers do not stretch this sign: "
    r"write \overset{...}{\longrightarrow}",
    r"\\(?:text)?color\b": "no colour can be read on light and on dark ground: leave it out",
    r"\\begin\{(?:aligned|alignedat|array|gathered|split)\}\s*\[": "browsers set all tables on the "
    "middle of the line: leave the [...] out",
    r"(?s)\A(?:(?!\\left\b).)*\\middle\b": r"\middle stands between \left and \right",
    r"`": "a ` is a quotation mark in a formula: leave it out",
    r"\\label\b": "a formula has its label behind its $$, in brackets: $$ (label)",
    r"\\tag\b": "equations are numbered by the book: leave it out",
    r"\\(?:eq)?ref\b": "a formula cannot lead to another one: write {eq}`label` in the text",
    r"\\mathop\b": r"browsers set it apart from its limits: write \operatorname*{...}",
}
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot);)\w+;")  # HTML has names for these, XML has not
_WHOLE = re.compile(r"\\begin\{(\w+\*?)\}(?:(?!\\begin\{).)*?\\end\{\1\}", re.DOTALL)
_ROWS = {"math", "mrow", "mstyle", "mtd", "msqrt", "mpadded"}
_SCRIPTS = {"msub", "msup", "msubsup"}
_SMALLER = {"mfrac", "mover", "mroot", "munder", "munderover", *_SCRIPTS}
_SIZES = ("displaystyle", "scriptlevel")
_SHORT_WORDS = {*("and", "for", "per", "the"), *("cos", "det", "exp", "lim", "log", "max", "min")}
_LONGEST = 60  # characters of a formula in a message


class FormulaError(RuntimeError):
    """A formula that cannot be shown; its text says which one, where in it, and why.

    Args:
        latex: The formula.
        reason: What is wrong with it, and what to do.
        place: From which of its characters on; the whole of it unless given.

    Attributes:
        line: On which of its lines, from 0.
    """

    def __init__(self, latex: str, reason: str, place: int | None = None) -> None:
        where = ""
        if place is not None:
            rest = _short(latex[place:])
            where = f' at "{rest}"' if rest else " at its end"
        super().__init__(f'the formula "{_short(latex)}" is wrong{where}: {reason}')
        self.line = latex.count("\n", 0, place or 0)


def _short(latex: str) -> str:
    text = " ".join(latex.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@functools.lru_cache(maxsize=4096)  # the checks ask first, then the build, for both languages
def to_mathml(latex: str, display: bool) -> str:
    """The formula as MathML.

    Args:
        latex: What stands between its dollars.
        display: Whether it is a block of its own.

    Raises:
        FormulaError: It is wrong, or no browser can show it.
    """
    if not latex.strip():
        raise FormulaError(latex, "it is empty")
    if not display and latex != latex.strip():
        reason = r"it begins or ends with a space: write $x$ for a formula, and \$ for the sign"
        raise FormulaError(latex, reason)
    for pattern, reason in _REFUSED.items():
        if found := re.search(pattern, latex):
            raise FormulaError(latex, reason, found.start())
    if (place := _broken(latex)) is not None:
        reason = r"only an environment has lines: write \begin{aligned} ... \end{aligned} around it"
        raise FormulaError(latex, reason, place)
    known = _ENVIRONMENT.sub(_known, latex)
    try:
        mathml = _CONVERTER.convert_with_local_state(known, displaystyle=display)
    except LatexError as error:
        found = re.fullmatch(r"(\d+): (.*?)\.?", str(error), re.DOTALL)
        if found is None:
            raise FormulaError(latex, str(error)) from None
        raise FormulaError(known, found[2], int(found[1])) from None
    math = etree.fromstring(_NAMED.sub(lambda found: html.unescape(found[0]), mathml))
    for reason in _unreadable(math):
        raise FormulaError(latex, reason)
    _style(math)
    return etree.tostring(math, encoding="unicode")


def _known(found: re.Match[str]) -> str:
    name = "aligned" if found[2] == "split" else f"{found[2]}*"
    return rf"\{found[1]}{{{name}}}"


def _broken(latex: str) -> int | None:
    r"""Where a formula has a `\\` that no environment reads as the end of a line."""
    rest = re.sub(r"\\substack\{[^{}]*\}", lambda found: " " * len(found[0]), latex)
    while whole := _WHOLE.search(rest):
        rest = f"{rest[: whole.start()]}{' ' * len(whole[0])}{rest[whole.end() :]}"
    place = rest.find(r"\\")
    return None if place < 0 or r"\begin" in rest else place


def _style(math: etree._Element) -> None:
    """Sets sizes by `mstyle` alone, as validators of HTML ask, which know MathML 3."""
    for element in list(math.iter("mfrac", "mrow", "mtable")):
        if element.tag == "mrow":
            element.tag = "mstyle" if set(_SIZES) & set(element.keys()) else "mrow"
            continue
        names = _SIZES if element.tag == "mfrac" else ["scriptlevel"]
        sizes = {name: element.attrib.pop(name) for name in names if name in element.attrib}
        small = any(True for _ in element.iterancestors(*_SMALLER))
        if sizes and (small or element.tag != "mtable"):  # other tables have their size anyway
            style = etree.Element("mstyle", sizes)
            element.getparent().replace(element, style)
            style.append(element)


def _runs(math: etree._Element) -> Iterator[str]:
    """Letters that stand side by side as if they were multiplied."""
    for row in math.iter(*_ROWS):
        run = ""
        for child in row:
            letter = child[0] if child.tag in _SCRIPTS else child
            single = letter.tag == "mi" and not letter.attrib and len(letter.text or "") == 1
            run += letter.text if single else ""
            if not single or child is not letter:
                yield run
                run = ""
        yield run


def _is_word(run: str) -> bool:
    """Whether letters side by side were rather not meant to be multiplied, or as indices."""
    letters = set(run.lower())
    spelled = len(run) > 3 and len(letters) > 2 and not letters.isdisjoint("aeiou")
    return (spelled and not letters <= set("ijklmn")) or run.lower() in _SHORT_WORDS


def _unreadable(math: etree._Element) -> Iterator[str]:
    """Why readers could not read what the converter made."""
    for run in filter(_is_word, _runs(math)):
        yield rf'"{run}" is set as a product of letters: write \text{{{run}}}, or \, between them'
    letters = (element.text or "" for element in math.iter("mi", "mo"))
    if strange := sorted(filter(font.is_prose, itertools.chain(*letters))):
        yield rf"words stand in \text{{...}}, and {' '.join(strange)} does not"
    if signs := font.lacking(font.characters(etree.tostring(math, encoding="unicode"))):
        yield f"no font for {' '.join(signs)}"
