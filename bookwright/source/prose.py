"""What people wrote on a page in words, without its code, formulas and quotations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from markdown_it.token import Token

from bookwright.source.facts import VERBATIM, Found, is_directive, options, tokens

# Stands for a role, code or formula within a paragraph.
UNSEEN = "\0"
# Directives whose argument names something.
_NAMING = (*VERBATIM, "{claim}", "{predict", "{glue:", "{figure}", "{image}", "{include}")
# Options of directives that hold prose.
_WORDED = ("alt", "caption")
# Roles that show words which somebody wrote before the target: {term}`words <target>`.
_LINKING = ("term", "ref", "numref", "doc", "any")


def unseen(role: Token) -> str:
    """Takes a role for something that nobody wrote in words."""
    return UNSEEN


def linked(role: Token) -> str:
    """The words that a role makes a link of."""
    words = re.fullmatch(r"(?s)(.+?)\s*<[^<>]+>", role.content)
    if role.meta["name"] in _LINKING and words:
        return words[1]
    return role.content if role.meta["name"] == "term" else UNSEEN


def _paragraph(children: Iterable[Token], shown: Callable[[Token], str]) -> str:
    """The words of a paragraph, with its lines; a quotation in it is left out."""
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
        elif child.type == "myst_role" and not any(quoted):
            prose += shown(child)
        elif child.type.endswith(("_open", "_close")):
            pass  # bold type or a link does not part a word from what follows it
        else:
            prose += UNSEEN
    return prose


def prose(
    text: str, shown: Callable[[Token], str] = unseen, *, block_quotes: bool = True
) -> Iterator[Found]:
    """Paragraphs, headings, titles, captions and descriptions of figures, each with its first line.

    Args:
        text: A page, or another document in Markdown.
        shown: Which words a role shows.
        block_quotes: Whether block quotes are among them; spans of the class `quoted` never are.
    """
    depth = 0
    for token, line in tokens(text):
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if depth and not block_quotes:
            continue
        if token.type == "inline":
            yield Found(_paragraph(token.children or [], shown), line)
        elif is_directive(token):
            if not token.info.startswith(_NAMING):
                yield Found(token.info.partition(" ")[2], line)
            for number, (option, value) in enumerate(options(token), start=1):
                if option in _WORDED:
                    yield Found(value, line + number)
