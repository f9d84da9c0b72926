"""What a chapter still lacks before it may be merged, in the order to do it.

`make ready NAME=attention` lists it. A chapter that says `draft: true` in its header builds and
passes all the same; CI takes no draft. A chapter that does not say so must lack nothing.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from bookwright import book, files, letters, reading, words
from bookwright.problems import Problem
from bookwright.source.facts import Facts, Found, facts, options, tokens
from bookwright.source.header import is_draft

_PARTS = ("claims", "figures", "exercises", "hints", "boxes", "terms", "formulas")
_ALL_PARTS = (*_PARTS, "citations", "references")
_MOST = ("most_minutes", "most_words")
_NEEDS_SCHEMA = {
    "type": "object",
    "description": "numbers by what a chapter has at least",
    "additionalProperties": False,
    "properties": {
        part: {"type": "integer", "minimum": 0, "description": "a number"}
        for part in (*_ALL_PARTS, *_MOST)
    },
}
NEEDS = "book/chapter.yml"  # what a chapter has at least and at most: the book's own measure
TEMPLATES = "book/templates"  # what a chapter starts with
_PLACEHOLDER = r"\[([^\[]*(?:\[[^\]]*\][^\[]*)*)\]\{\.placeholder\}"
_CODE_PLACEHOLDER = re.compile(r"# PLACEHOLDER:? ?(.*)")
_FIGURES = ("{glue:figure}", "{figure}", "{image}")
_TITLED = ("{exercise}", "{admonition}", "{dropdown}")


def _placeholder(language: str) -> re.Pattern[str]:
    """What keeps a place on a page; what is only words, such as an option, can hold no markup."""
    to_write = re.escape(words.of(language)["to_write"])
    return re.compile(rf'(?::alt: |code_prompt_show: ")({to_write}[^"]*)|{_PLACEHOLDER}')


def _marked(where: str, text: str, mark: re.Pattern[str]) -> Iterator[Problem]:
    """Lines that still hold what only keeps a place."""
    for number, line in enumerate(text.splitlines(), start=1):
        for found in mark.finditer(line):
            said = next(filter(None, found.groups()), "code")
            what = f"a placeholder: {textwrap.shorten(said, 70, placeholder=' …')}"
            yield Problem(what, where, number)


def _wrong_language(where: str, text: str, language: str) -> Iterator[Problem]:
    """Paragraphs, headings, titles and descriptions of figures that nobody translated."""
    said = f"is not in {words.name_of(language, said_in='en')}"  # what the checks speak
    foreign = functools.partial(letters.is_foreign, language=language, other=book.other(language))
    heading = False
    for token, line in tokens(text):
        if token.type == "inline":
            children = token.children or []
            prose = "".join(child.content for child in children if child.type == "text")
            if foreign(prose, fewest=2 if heading else 6):
                what = "heading" if heading else "paragraph"
                yield Problem(f"this {what} {said}", where, line)
        elif token.info.startswith(_TITLED):
            if foreign(token.info.partition(" ")[2], fewest=2):
                yield Problem(f"this title {said}", where, line)
        elif token.info.startswith(_FIGURES):
            for number, (option, value) in enumerate(options(token), start=1):
                if option == "alt" and foreign(value, fewest=6):
                    yield Problem(f"this alternative text {said}", where, line + number)
        heading = token.type == "heading_open"


def _figures(where: str, text: str) -> Iterator[Problem]:
    """Figures without a description, for readers who do not see them."""
    for token, line in tokens(text):
        if not token.info.startswith(_FIGURES):
            continue
        alternative = dict(options(token)).get("alt", "")
        if len(alternative) < 20:
            name = token.info.split()[-1]
            wanted = "no :alt: that says what is to be seen"
            yield Problem(f"the figure {name!r} has {wanted}: got {alternative!r}", where, line)


def _parts(where: str, text: str, page: Facts, needs: Mapping[str, int]) -> Iterator[Problem]:
    """Parts that every chapter of the book has."""
    directives = [found.what.split()[0] for found in page.directives]
    exercises = directives.count("{exercise}")
    for need, what, found, how in (
        ("claims", "claims", len(page.claims), "mark what a run decides with {claim}"),
        ("figures", "figures", directives.count("{glue:figure}"), "place one with {glue:figure}"),
        ("exercises", "exercises", exercises, "each with hint and check"),
        ("hints", "hints", directives.count("{dropdown}"), "{dropdown}"),
        ("boxes", "boxes on what one needs", directives.count("{admonition}"), "{admonition}"),
        ("terms", "terms of the glossary", len(page.terms), "link the first use with {term}"),
        ("formulas", "numbered formulas", text.count("$$ ("), "a label after the closing $$"),
        ("citations", "citations", text.count("{footcite"), "{footcite:p}, from references.bib"),
        (
            "references",
            "lists of references",
            directives.count("{footbibliography}"),
            "{footbibliography}",
        ),
    ):
        wanted = needs.get(need, 0) * (exercises if need == "hints" else 1)
        if found < wanted:
            yield Problem(f"{found} {what}, at least {wanted} needed: {how}", where)


def _length(where: str, text: str, language: str, needs: Mapping[str, int]) -> Iterator[Problem]:
    """A page that is too long to be read at one go."""
    found = reading.length(text)
    how = "divide it, or put what nothing later needs into folds of the class `further`"
    most, minutes = needs.get("most_minutes"), found.minutes(language)
    if most is not None and minutes > most:
        yield Problem(f"takes {minutes:.0f} minutes to read, at most {most}: {how}", where)
    most = needs.get("most_words") if reading.in_words(language) else None
    if most is not None and found.words > most:
        yield Problem(f"has {found.words:,} words, at most {most:,}: {how}", where)


def beside(name: str, root: Path = book.ROOT) -> dict[str, str]:
    """A chapter's files beside its pages, by the template that each starts as.

    A book that has no such template has no such file.
    """
    files = {
        "module.py.txt": f"{book.BOOK.helper}/chapters/{name}.py",
        "test.py.txt": f"tests/chapters/test_{name}.py",
    }
    return {each: path for each, path in files.items() if (root / TEMPLATES / each).exists()}


def _texts(name: str, root: Path) -> dict[str, str]:
    """A page's source in each language; nothing where there is none."""
    paths = {each: root / "book" / each / f"{name}.md" for each in book.LANGUAGES}
    return {
        language: path.read_text(encoding="utf-8") if path.exists() else ""
        for language, path in paths.items()
    }


def _code(name: str, root: Path) -> Iterator[Problem]:
    """The files beside the pages that are not there or not finished."""
    page = f"book/{book.LANGUAGES[0]}/{name}.md"  # cells are the same in all languages
    for where in (page, *beside(name, root).values()):
        path = root / where
        if path.exists():
            yield from _marked(where, path.read_text(encoding="utf-8"), _CODE_PLACEHOLDER)
        else:
            yield Problem("is missing: a chapter has a module and a test of its name", where)


def missing(name: str, root: Path = book.ROOT) -> list[Problem]:
    """Lists what a chapter lacks, in the order in which one would write it.

    Args:
        name: A chapter whose pages have a header.
        root: The project's folder.
    """
    texts = _texts(name, root)
    found = list(_code(name, root))
    first, text = next(iter(texts.items()))  # parity is checked elsewhere
    wanted = files.read_yaml(root / NEEDS, NEEDS, _NEEDS_SCHEMA, nothing={}).data
    found += _parts(f"book/{first}/{name}.md", text, facts(text), wanted)
    for language, text in texts.items():
        where = f"book/{language}/{name}.md"
        found += _marked(where, text, _placeholder(language))
        found += _figures(where, text)
        found += _length(where, text, language, wanted)
    for language, text in texts.items():
        found += _wrong_language(f"book/{language}/{name}.md", text, language)
    for language in book.LANGUAGES:
        index = root / "book" / language / "index.md"
        if index.exists() and f"({name}.md)" not in index.read_text(encoding="utf-8"):
            what = f"no link leads to the chapter: [...]({name}.md)"
            found.append(Problem(what, f"book/{language}/index.md"))
    return found


def stubs(root: Path = book.ROOT) -> list[Found]:
    """Entries of the glossary that nobody has written yet."""
    path = root / "book" / "glossary.yml"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    marks = [f'"{words.of(language)["to_write"]}: ' for language in book.LANGUAGES]
    return [
        Found(line.strip(), number)
        for number, line in enumerate(lines, start=1)
        if any(mark in line for mark in marks)
    ]


def problems(name: str, root: Path = book.ROOT) -> tuple[bool, list[Problem]]:
    """Whether a chapter is a draft, and what it lacks, the word `draft` last."""
    drafts = [language for language, text in _texts(name, root).items() if is_draft(text)]
    found = missing(name, root)
    if drafts:
        found += [
            Problem("say in one sentence what the term means", "book/glossary.yml", stub.line)
            for stub in stubs(root)
        ]
        found += [
            Problem(
                "when nothing else is missing, delete `draft: true`", f"book/{language}/{name}.md"
            )
            for language in drafts
        ]
    return bool(drafts), found
