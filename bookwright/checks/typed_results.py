"""Finds results and constants of experiments that somebody typed into a page's prose."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it.token import Token

from bookwright.source.facts import VERBATIM, is_directive, options, tokens

# A number in prose that looks like what a run gave, or like a constant of an experiment. A unit is
# none if the word goes on: 초기화 is not 초, 분류 not 분, 배치 not 배.
_TYPED = re.compile(
    r"""
      \d[\d.,]*\s*(?:%|퍼센트|percent|초(?!기)|분(?![류석포산할의])|배(?!치)
                  |seconds?|minutes?|times|ms|[KMG]i?B|바이트|bytes?)
    | \d+\.\d+
    | \d{1,3}(?:,\d{3})+
    | \d{4,}
    | \d+(?:\s|-|개의?|\s개)*(?:에포크|유닛|시드|주제|기사|epoch|unit|seed|topic|newswire)
    | (?:배치\s크기|batch\ssize)[^\d\0]{0,6}\d+
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Directives whose argument names something.
_NAMING = (*VERBATIM, "{claim}", "{glue:", "{figure}", "{image}", "{include}")


def _prose(children: Iterable[Token]) -> str:
    """Text that somebody typed; a role, code, formula or quotation in it becomes a NUL."""
    prose, quoted = "", []
    for child in children:
        if child.type == "span_open":
            quoted.append("quoted" in str(child.attrs.get("class", "")).split())
        elif child.type == "span_close":
            quoted.pop()
        elif child.type in ("softbreak", "hardbreak"):
            prose += "\n"
        elif child.type in ("text", "image") and not any(quoted):
            prose += child.content  # of an image, its alternative text
        elif child.type.endswith(("_open", "_close")):
            pass  # bold type or a link does not part a number from its unit
        else:
            prose += "\0"
    return prose


def typed_results(where: str, text: str) -> list[str]:
    """Finds results and constants of experiments that somebody typed instead of glueing them."""
    problems = []

    def look(prose: str, line: int) -> None:
        for found in _TYPED.finditer(prose):
            here = line + prose.count("\n", 0, found.start())
            number = " ".join(found[0].split())
            problems.append(
                f"{where}:{here}: {number!r} is typed: take it from a cell with "
                "{glue:text}, or mark a quotation as [...]{.quoted}"
            )

    for token, line in tokens(text):
        if token.type == "inline":
            look(_prose(token.children or []), line)
        elif is_directive(token):
            if not token.info.startswith(_NAMING):
                look(token.info.partition(" ")[2], line)
            for number, (option, value) in enumerate(options(token), start=1):
                look(value if option in ("alt", "caption") else "", line + number)
    return problems
