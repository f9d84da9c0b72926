"""What the files of a project say in a language, each text with the line that it begins in."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

from bookwright import files
from bookwright.source.facts import Found, facts, options, reading_problems, tokens
from bookwright.source.prose import linked, prose


def in_code(source: str, language: str, line: int = 1) -> Iterator[Found]:
    """What Python says in a language: texts under its name, in dictionaries and calls."""
    for node in ast.walk(ast.parse(source)):
        named: list[tuple[object, ast.expr]] = []
        if isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            named = [*zip(keys, node.values, strict=True)]
        elif isinstance(node, ast.Call):
            named = [(keyword.arg, keyword.value) for keyword in node.keywords]
        for each in [part for name, value in named if name == language for part in ast.walk(value)]:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield Found(each.value, line + each.lineno - 1)


def in_document(text: str, language: str) -> Iterator[Found]:
    """What a page or another document says itself, not in code or in quotation.

    Of a page's cells it is what a reader sees: on the fold, and texts that they show in a language.
    """
    yield from prose(text, linked, block_quotes=False)
    for token, line in tokens(text):
        if token.info.startswith("{code-cell}"):
            for number, (option, value) in enumerate(options(token), start=1):
                if option == "mystnb":
                    yield Found(value, line + number)
    for cell in () if reading_problems("", text) else facts(text).cells:
        with contextlib.suppress(SyntaxError):  # which another check names
            yield from in_code(cell.source, language, cell.line)


def in_data(
    data: Any,  # noqa: ANN401
    language: str,
    path: tuple[Hashable, ...] = (),
    *,
    within: bool = False,
) -> Iterator[tuple[str, tuple[Hashable, ...]]]:
    """What YAML or JSON says in a language, with its paths: texts in what is there under its name.

    Args:
        data: What the file holds.
        language: Of the texts.
        path: Where in the file that is.
        within: Whether it is in the language as a whole.
    """
    if isinstance(data, str) and within:
        yield data, path
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from in_data(value, language, (*path, key), within=within or key == language)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from in_data(value, language, (*path, number), within=within)


def in_file(path: Path, where: str, text: str, language: str) -> Iterator[Found]:
    """What a file says in a language; all of it, where its form does not tell languages apart.

    Args:
        path: The file. One in a folder of the language's name is in it as a whole.
        where: What problems call it.
        text: What it holds.
        language: Of the texts.

    Raises:
        ProblemError: It is no YAML or JSON, although its name says so.
    """
    if path.suffix == ".md":
        yield from in_document(text, language)
    elif path.suffix == ".py":
        yield from in_code(text, language)
    elif path.suffix in (".yml", ".json") and ".github" not in path.parts:
        document = files.yaml_document(text, where)
        named = path.parent.name == language
        for each, place in in_data(document.data, language, within=named):
            yield Found(each, document.places[place][0])
    else:
        yield Found(text, 1)
