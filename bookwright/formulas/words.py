"""Formulas as plain text, for places that show nothing else: the head of a page."""

from __future__ import annotations

import re
import unicodedata

from docutils import nodes
from lxml import etree

from bookwright.formulas.convert import FormulaError, to_mathml

_RAISED = str.maketrans("0123456789+−=()ni′∗*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ′**")
_LOWERED = str.maketrans("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_UNSEEN = dict.fromkeys(
    map(ord, "\u2061\u2062\u2063\ufe00\ufe01")
)  # of functions, products, scripts
_ACCENTS = {"ˆ": "\u0302", "ˉ": "\u0304", "¯": "\u0304", "˜": "\u0303", "˙": "\u0307", "⃗": "\u20d7"}
_WHOLE = re.compile(r"\d+|[^\W\d](?:[^\W\d]|[\u0300-\u036f])*|.|\([^()]*\)")  # needs no brackets
_APART = set("=≠<>≤≥≈≡∼∝+−±×·⋅⊙←→⇒∈∉⊂∣")  # signs that stand between two spaces


def text_of(node: nodes.Node) -> str:
    r"""The text of a title or paragraph, its formulas in signs: "β₁ < 1" for `\beta_1 < 1`."""
    if isinstance(node, nodes.math):
        try:
            signs = _signs(etree.fromstring(to_mathml(node.astext(), display=False)))
        except FormulaError:  # said where the page shows it
            return node.astext()
        return " ".join(signs.translate(_UNSEEN).split())
    return "".join(map(text_of, node.children)) if node.children else node.astext()


def _signs(element: etree._Element) -> str:
    parts = [_signs(child) for child in element]
    match element.tag:
        case "mfrac":
            return "/".join(map(_grouped, parts))
        case "msqrt":
            return f"√{_grouped(''.join(parts))}"
        case "mroot":
            return f"{_moved(parts[1], _RAISED, '')}√{_grouped(parts[0])}"
        case "mover" if parts[1] in _ACCENTS:
            return unicodedata.normalize("NFC", parts[0] + _ACCENTS[parts[1]])
        case "msub" | "munder":
            return parts[0] + _moved(parts[1], _LOWERED, "_")
        case "msup" | "mover":
            return parts[0] + _moved(parts[1], _RAISED, "^")
        case "msubsup" | "munderover":
            return parts[0] + _moved(parts[1], _LOWERED, "_") + _moved(parts[2], _RAISED, "^")
        case "mspace":
            return " " if "width" in element.attrib else ""
        case "mtd":
            return f"{''.join(parts)} "
    text = element.text or ""
    return (
        f" {text} " if text in _APART and "lspace" not in element.attrib else text + "".join(parts)
    )


def _grouped(text: str) -> str:
    return text if _WHOLE.fullmatch(text) else f"({text})"


def _moved(text: str, to: dict[int, int], mark: str) -> str:
    moved = text.translate(to)
    untouched = set(text) & set(moved) - {"′", "*"}
    return f"{mark}{_grouped(text)}" if untouched and mark else moved
