"""With what the record was made: the code that its tasks had loaded, the versions, the data."""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import tokenize
from collections.abc import Mapping
from typing import Any

from bookwright import book
from lessons_src import data, report
from retraining import settings

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@functools.cache  # hundreds of results ask for the same few files
def deciding(source: str) -> str:
    """Python code without what decides no result: comments, docstrings and empty lines.

    The rest is left as it is written, since how Python's own `ast` writes it differs by version.
    """
    documented = {
        (node.body[0].lineno, node.body[0].col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None
    }
    lines = source.split("\n")
    kept: set[int] = set()  # lines within a text that is no docstring
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        (first, left), (last, right) = token.start, token.end
        place = (first, len(lines[first - 1][:left].encode())) if first <= len(lines) else (0, 0)
        if token.type == tokenize.STRING and place in documented:
            rest = " " * right + lines[last - 1][right:]
            lines[first - 1] = lines[first - 1][:left]
            lines[first:last] = [""] * (last - first)
            lines[last - 1] += rest[len(lines[last - 1]) :]
        elif token.type == tokenize.COMMENT:
            lines[first - 1] = lines[first - 1][:left]
        elif token.type == tokenize.STRING:
            kept |= set(range(first, last + 1))
    return "\n".join(
        line.rstrip() for number, line in enumerate(lines, 1) if line.strip() or number in kept
    )


def chapter_classes() -> list[str]:
    """What `code_hash` calls the networks that the recurrent chapter defines."""
    chapter = settings.CHAPTER.relative_to(book.ROOT).as_posix()
    return [f"{chapter}: {name}" for name in settings.recurrent_sources()]


def code_hash(name: str) -> str | None:
    """Hash of a part of the project as it is now; None if there is none.

    Args:
        name: A file, from the root of the project, or one of `chapter_classes`.
    """
    _, _, network = name.partition(": ")
    if network:
        source = settings.recurrent_sources().get(network)
        return source and hashlib.sha256(deciding(source).encode()).hexdigest()
    path = book.ROOT / name
    if not path.exists():
        return None
    content = path.read_bytes()
    if path.suffix == ".py":
        content = deciding(content.decode()).encode()
    return hashlib.sha256(content).hexdigest()


def changed(code: Mapping[str, str]) -> str | None:
    """The first part of the code that is no longer what it was; None if all is.

    Args:
        code: Names and hashes as `code_hash` has them.
    """
    return next((name for name, found in code.items() if code_hash(name) != found), None)


def conditions() -> dict[str, Any]:
    """What results depend on beside the code: versions, data.

    Raises:
        DataError: The data cannot be had.
    """
    found = data.prepare(["reuters", "imdb"])
    files = {name: copy["sha256"] for name, copy in found.items()}
    return {"versions": report.versions(), "data": files}


def stale(made_with: Mapping[str, Any]) -> str | None:
    """What to do if the record was made by other code than today's; None if it was not.

    Other versions or data on this machine do not make it stale: it says itself which it had.
    """
    if (name := changed(made_with["code"])) is None:
        return None
    return (
        f"lessons_src/reproduction/published/record.json was made before {name} changed. "
        "`make reproduce` makes it again."
    )
