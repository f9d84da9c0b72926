"""What a chapter still lacks before it may be merged, in the order to do it.

`make ready NAME=attention` lists it. A chapter that says `draft: true` in its header builds and
passes all the same; CI takes no draft. A chapter that does not say so must lack nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from bookwright import book
from bookwright.source.facts import Facts, Found, facts, options, tokens
from bookwright.source.header import is_draft

CLAIMS, EXERCISES, FIGURES = 2, 3, 1  # at least so many
_PLACEHOLDER = re.compile(
    r"\[([^\[]*(?:\[[^\]]*\][^\[]*)*)\]\{\.placeholder\}|:alt: ((?:To write|채울 곳).*)"
)
_CODE_PLACEHOLDER = re.compile(r"# PLACEHOLDER:? ?(.*)")
_FIGURES = ("{glue:figure}", "{figure}", "{image}")
_TITLED = ("{exercise}", "{admonition}", "{dropdown}")
_HANGUL, _LATIN = re.compile(r"[가-힣]"), re.compile(r"[A-Za-z]{2,}")


def _marked(where: str, text: str, mark: re.Pattern[str]) -> Iterator[str]:
    """Lines that still hold what only keeps a place."""
    for number, line in enumerate(text.splitlines(), start=1):
        for found in mark.finditer(line):
            said = next(filter(None, found.groups()), "code")
            yield f"{where}:{number}: a placeholder: {textwrap.shorten(said, 70, placeholder=' …')}"


def _foreign(prose: str, language: str, fewest: int) -> bool:
    """Whether words are those of the other language; so many Latin ones may be names."""
    words = _LATIN.findall(prose)
    if language == "ko":
        spoken = any(word.islower() for word in words)  # LSTM, Keras are no English
        return len(words) >= fewest and spoken and not _HANGUL.search(prose)
    return len(_HANGUL.findall(prose)) > len("".join(words))


def _wrong_language(where: str, text: str, language: str) -> Iterator[str]:
    """Paragraphs, headings, titles and descriptions of figures that nobody translated."""
    said = f"is not in {'Korean' if language == 'ko' else 'English'}"
    heading = False
    for token, line in tokens(text):
        if token.type == "inline":
            children = token.children or []
            prose = "".join(child.content for child in children if child.type == "text")
            if _foreign(prose, language, fewest=2 if heading else 6):
                yield f"{where}:{line}: this {'heading' if heading else 'paragraph'} {said}"
        elif token.info.startswith(_TITLED):
            if _foreign(token.info.partition(" ")[2], language, fewest=2):
                yield f"{where}:{line}: this title {said}"
        elif token.info.startswith(_FIGURES):
            for number, (option, value) in enumerate(options(token), start=1):
                if option == "alt" and _foreign(value, language, fewest=6):
                    yield f"{where}:{line + number}: this alternative text {said}"
        heading = token.type == "heading_open"


def _figures(where: str, text: str) -> Iterator[str]:
    """Figures without a description, for readers who do not see them."""
    for token, line in tokens(text):
        if not token.info.startswith(_FIGURES):
            continue
        alternative = dict(options(token)).get("alt", "")
        if len(alternative) < 20:
            name = token.info.split()[-1]
            yield (
                f"{where}:{line}: the figure {name!r} has no :alt: that says what is to be seen: "
                f"got {alternative!r}"
            )


def _parts(where: str, text: str, page: Facts) -> Iterator[str]:
    """Parts that every chapter has."""
    directives = [found.what.split()[0] for found in page.directives]
    for what, found, wanted, how in (
        ("claims", len(page.claims), CLAIMS, "mark what a run decides with {claim}"),
        ("figures", directives.count("{glue:figure}"), FIGURES, "see `report.glue_figure`"),
        ("exercises", directives.count("{exercise}"), EXERCISES, "each with hint and check"),
        ("hints", directives.count("{dropdown}"), directives.count("{exercise}"), "{dropdown}"),
        ("boxes on what one needs", directives.count("{admonition}"), 1, "{admonition}"),
        ("terms of the glossary", len(page.terms), 1, "link the first use with {term}"),
        ("numbered formulas", text.count("$$ ("), 1, "a label after the closing $$"),
        ("citations", text.count("{footcite"), 1, "{footcite:p}, from book/references.bib"),
        ("lists of references", directives.count("{footbibliography}"), 1, "{footbibliography}"),
    ):
        if found < wanted:
            yield f"{where}: {found} {what}, at least {wanted} needed: {how}"


def missing(name: str, root: Path = book.ROOT) -> list[str]:
    """Lists what a chapter lacks, in the order in which one would write it.

    Args:
        name: A chapter whose pages have a header.
        root: The project's folder.
    """
    texts = {}
    for language in book.LANGUAGES:
        path = root / "book" / language / f"{name}.md"
        texts[language] = path.read_text(encoding="utf-8") if path.exists() else ""
    found: list[str] = []
    first, text = next(iter(texts.items()))  # parity is checked elsewhere
    sources = [
        f"book/{first}/{name}.md",
        f"lessons_src/chapters/{name}.py",
        f"tests/chapters/test_{name}.py",
    ]
    for where in sources:
        path = root / where
        if not path.exists():
            found.append(f"{where} is missing: a chapter has a module and a test of its name")
            continue
        code = path.read_text(encoding="utf-8")
        found += _marked(where, code, _CODE_PLACEHOLDER)
    found += _parts(f"book/{first}/{name}.md", text, facts(text))
    for language, text in texts.items():
        where = f"book/{language}/{name}.md"
        found += _marked(where, text, _PLACEHOLDER)
        found += _figures(where, text)
    for language, text in texts.items():
        found += _wrong_language(f"book/{language}/{name}.md", text, language)
    for language in book.LANGUAGES:
        index = root / "book" / language / "index.md"
        if index.exists() and f"({name}.md)" not in index.read_text(encoding="utf-8"):
            found.append(f"book/{language}/index.md does not lead to the chapter: [...]({name}.md)")
    return found


def stubs(root: Path = book.ROOT) -> list[Found]:
    """Entries of the glossary that nobody has written yet."""
    path = root / "book" / "glossary.yml"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [
        Found(line.strip(), number)
        for number, line in enumerate(lines, start=1)
        if re.search(r'"(?:To write|채울 곳): ', line)
    ]


def problems(name: str, root: Path = book.ROOT) -> tuple[bool, list[str]]:
    """Whether a chapter is a draft, and what it lacks, the word `draft` last."""
    drafts = {
        language: re.search(r"^draft:", text, re.MULTILINE)
        for language in book.LANGUAGES
        if (path := root / "book" / language / f"{name}.md").exists()
        and is_draft(text := path.read_text(encoding="utf-8"))
    }
    found = missing(name, root)
    if drafts:
        found += [
            f"book/glossary.yml:{stub.line}: say in one sentence what the term means"
            for stub in stubs(root)
        ]
        found += [
            f"book/{language}/{name}.md: when nothing else is missing, delete `draft: true`"
            for language in drafts
        ]
    return bool(drafts), found
