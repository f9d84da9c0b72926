"""Runs the cells of a page in the browser: one namespace a page, exceptions as Python shows them.

It goes to the browser as it is, and needs nothing but Python's own library.
"""

from __future__ import annotations

import ast
import json
import linecache
import sys
import traceback
from types import TracebackType
from typing import Any

# Letters and signs that keyboards and messengers put in the place of Python's.
_MENDS = {
    **dict.fromkeys(map(ord, "“”„‟«»＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛＇"), "'"),
    **dict.fromkeys(map(ord, "−–—"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000"), " "),
    **{full: chr(full - 0xFEE0) for full in range(0xFF01, 0xFF5F) if chr(full) not in "＂＇"},
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff"), None),
}

namespace: dict[str, Any] = {}


def fresh() -> None:
    """Forgets all that has run."""
    namespace.clear()
    namespace.update({"__name__": "__main__", "__builtins__": __builtins__})


fresh()


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def mended(source: str) -> str:
    """The source with Python's own signs, where only those make it Python; else as it is.

    In texts and comments of what is Python already, other signs are meant.
    """
    if _parses(source) or not _parses(other := source.translate(_MENDS)):
        return source
    return other


def _remember(name: str, source: str, line: int) -> None:
    """Lets tracebacks show the lines of a cell, of which each statement may come by itself."""
    lines = linecache.cache[name][2] if name in linecache.cache else []  # type: ignore[misc]
    own = [f"{each}\n" for each in source.split("\n")]
    lines = [*lines, *["\n"] * (line - 1 + len(own) - len(lines))]
    lines[line - 1 : line - 1 + len(own)] = own
    linecache.cache[name] = (len("".join(lines)), None, lines, name)


def _run(source: str, name: str, line: int) -> str | None:
    # As `ast.parse` does it, which would stand in tracebacks.
    tree = compile(source, name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    ast.increment_lineno(tree, line - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec", dont_inherit=True), namespace)
    if not isinstance(last, ast.Expr):
        return None
    expression = ast.Expression(last.value)
    value = eval(compile(expression, name, "eval", dont_inherit=True), namespace)
    if isinstance(error := getattr(value, "error", None), Exception):
        raise error  # what a reader's own code raised while it was checked
    return None if value is None else repr(value)


def _own_frames(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without what belongs to this file."""
    while trace is not None and trace.tb_frame.f_code.co_filename == _run.__code__.co_filename:
        trace = trace.tb_next
    return trace


def _told(error: BaseException, name: str) -> dict[str, Any]:
    """What to tell of an exception: as Python does, its kinds, and its line in the cell."""
    trace = _own_frames(error.__traceback__)
    lines = traceback.format_exception(type(error), error, trace)
    at = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == name]
    if isinstance(error, SyntaxError) and error.filename == name:
        at.append(error.lineno)
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return {"traceback": "".join(lines), "kinds": kinds, "line": at[-1] if at else None}


def run(source: str, name: str, line: int = 1) -> str:
    """Runs a cell, or a statement of one.

    Args:
        source: The code.
        name: What tracebacks call its cell.
        line: Where in the cell it begins.

    Returns:
        JSON: `result`, the last expression's value as Python shows it, or null; or `error`.
    """
    _remember(name, source, line)
    said: dict[str, Any] = {"result": None}
    try:
        said["result"] = _run(source, name, line)
    except BaseException as error:  # whatever a reader's code raises
        said["error"] = _told(error, name)
    sys.stdout.flush()
    sys.stderr.flush()
    return json.dumps(said)
