"""What is wrong with the formulas of a page, found before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from bookwright.formulas.convert import FormulaError, to_mathml
from bookwright.problems import Problem
from bookwright.source.facts import is_directive, options, tokens

_BLOCKS = {"math_block", "math_block_label", "amsmath"}
_IN_TABLE = (
    r"a formula is cut at its |, which ends the cell: write \vert, or \lvert x \rvert for |x|"
)
_BAR_IN_TABLE = (
    r"a \| in a table is a single |: write \Vert, or \lVert x \rVert for a norm, and \vert for a |"
)
_ESCAPED_BAR = re.compile(r"(?<!\\)\$[^$]*\\\|[^$]*\$")
_ALONE = (
    r"a $ that begins no formula: write \$ for the sign, and a formula without line ends as $x$"
)
_PRICE = r"a digit follows the $ that ends a formula: write \$ for the sign, or put a space between"


def formula_problems(where: str, text: str) -> Iterator[Problem]:
    """Formulas that no page can show, and dollars that are taken for their ends.

    Args:
        where: The page, as problems name it.
        text: Its source.
    """
    cell = False
    lines = text.split("\n")
    for token, line in tokens(text):
        if token.type == "tr_open" and _ESCAPED_BAR.search(lines[line - 1]):
            yield Problem(_BAR_IN_TABLE, where, line)
        if token.type in ("td_open", "th_open", "td_close", "th_close"):
            cell = token.type.endswith("_open")
        for number, problem in _problems(token, line, cell):
            yield Problem(problem, where, number)


def _problems(token: Token, line: int, cell: bool) -> Iterator[tuple[int, str]]:
    if token.type in _BLOCKS:
        yield from _wrong(token.content, line, display=True)
    elif token.type == "inline":
        yield from _inline(token, line, cell)
    elif is_directive(token):
        name, _, argument = token.info.partition(" ")
        if name == "{math}":
            n = len(options(token))
            content = argument + "\n" * (n + 1) + "\n".join(token.content.split("\n")[n:])
            yield from _wrong(content, line, display=True)
        elif "$" in argument:
            for part, _ in tokens(argument):
                yield from _problems(part, line, cell=False)


def _inline(token: Token, line: int, cell: bool) -> Iterator[tuple[int, str]]:
    escaped = token.content.count(r"\$")
    after_formula = False
    for child in token.children or []:
        if child.type.startswith("math_inline") or child.meta.get("name") == "math":
            found = list(_wrong(child.content, line, display=False))
            yield from found
            line += child.content.count("\n")
            after_formula = child.type == "math_inline" and not found
            continue
        if child.type == "text":
            if after_formula and re.match(r"\d", child.content):
                yield line, _PRICE
            if child.content.count("$") > escaped:
                yield line, _IN_TABLE if cell else _ALONE
            escaped = max(0, escaped - child.content.count("$"))
        elif child.type in ("softbreak", "hardbreak"):
            line += 1
        after_formula = False


def _wrong(latex: str, line: int, display: bool) -> Iterator[tuple[int, str]]:
    try:
        to_mathml(latex, display)
    except FormulaError as error:
        yield line + error.line, str(error)
