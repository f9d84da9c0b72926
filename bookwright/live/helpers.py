"""The parts of the helper package that a page's live cells take, cut out of its modules.

A module that imports Keras at its top may hold a function of NumPy alone: of each module only what
is needed goes to the browser, found by names as `source.needed` finds it.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bookwright import book
from bookwright.source.needed import Statement, file_of, needed, statement

STAND_INS = Path(__file__).parent / "stand_ins"
# What readers' browsers have beside Python's own library.
_LIBRARIES = {"numpy"}


class Want(NamedTuple):
    """A part of a module of the helper package, or the whole module, that some code takes.

    Attributes:
        module: Its full name.
        part: The name in it; None for the module alone.
        because: The code that takes it, as people see it.
    """

    module: str
    part: str | None
    because: str


class Refusal(NamedTuple):
    """What cannot be had in a browser, and the code that takes it."""

    library: str
    because: str


def split_imports(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with one import for each name: who takes one of them leaves the others."""
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ast.copy_location(ast.Import([alias]), node)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node)
        else:
            yield node


def in_browser(module: str) -> bool:
    """Whether a module that is no part of the helper package can be imported in the browser."""
    top = module.partition(".")[0]
    return top in _LIBRARIES or top in sys.stdlib_module_names


def of_helper(module: str) -> bool:
    """Whether a module is one of the helper package."""
    return module.partition(".")[0] == book.BOOK.helper


def imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports in some code, wherever in it."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom))


def wants(found: Iterable[Statement], folder: Path) -> Iterator[Want | Refusal]:
    """What the imports among some statements take of other modules.

    Args:
        found: The statements that are to run.
        folder: Where the helper package lies.
    """
    all_of_them = list(found)
    for one in all_of_them:
        for node in imports(one.node):
            for alias in node.names:
                yield from _of_alias(node, alias, all_of_them, folder)


def _of_alias(
    node: ast.Import | ast.ImportFrom, alias: ast.alias, found: list[Statement], folder: Path
) -> Iterator[Want | Refusal]:
    said = ast.unparse(node)
    if isinstance(node, ast.Import):
        if of_helper(alias.name):
            yield Refusal(f"import {alias.name}, where only from ... import is followed", said)
        elif not in_browser(alias.name):
            yield Refusal(alias.name.partition(".")[0], said)
        return
    module = node.module or ""
    whole = f"{module}.{alias.name}"
    if node.level or not of_helper(module):
        if not node.level and _stand_in(whole).exists():
            yield from _of_stand_in(whole, alias.asname or alias.name, found, said)
        elif node.level or not in_browser(module):
            yield Refusal(module.partition(".")[0] or said, said)
        return
    if not file_of(whole, folder):
        yield Want(module, alias.name, said)
        return
    yield Want(whole, None, said)
    name = alias.asname or alias.name
    parts = {attr for one in found for base, attr in one.parts if base == name}
    yield from (Want(whole, part, f"{name}.{part}") for part in sorted(parts))


def _stand_in(module: str) -> Path:
    """What stands in for a module of the helper package, by its own name, or of a library."""
    inside = module.rpartition(".")[2] if of_helper(module) else module.replace(".", "/")
    return STAND_INS / f"{inside}.py"


def _of_stand_in(
    module: str, name: str, found: list[Statement], said: str
) -> Iterator[Want | Refusal]:
    """What some statements take of a library's module for which something stands in."""
    there = {name for one in _body(_stand_in(module), 0) for name in one.binds}
    yield Want(module, None, said)
    for attr in sorted({attr for one in found for base, attr in one.parts if base == name}):
        if attr not in there:
            yield Refusal(module.partition(".")[0], f"{name}.{attr}")


class _NoAnnotations(ast.NodeTransformer):
    """Takes out what functions say of types: no code needs it to run."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node


@functools.lru_cache(maxsize=64)
def _body(path: Path, changed: int) -> list[Statement]:
    tree = _NoAnnotations().visit(ast.parse(path.read_text(encoding="utf-8")))
    return [statement(node) for node in split_imports(tree.body)]


class Cut(NamedTuple):
    """What of the helper package goes to the browser.

    Attributes:
        modules: The code of each module, by the file's path in the browser.
        used: The files that it was cut out of.
        refused: What of it cannot run there.
    """

    modules: Mapping[str, str]
    used: set[Path]
    refused: list[Refusal]


def _of_data(module: str) -> bool:
    data = (book.BOOK.data or "").partition(":")[0]
    return bool(data) and (module == data or module.startswith(f"{data}."))


def cut(wanted: Iterable[Want | Refusal], folder: Path = book.ROOT) -> Cut:
    """Cuts out of the helper package what is wanted, and what that needs in turn.

    Args:
        wanted: As `wants` gives it.
        folder: Where the helper package lies.
    """
    waiting, refused, used = list(wanted), [], set()
    parts: dict[str, set[str]] = {}
    while waiting:
        want = waiting.pop()
        if isinstance(want, Refusal):
            refused.append(want)
            continue
        known = parts.setdefault(want.module, set())
        path, stem = file_of(want.module, folder), want.module.rpartition(".")[2]
        if _stand_in(want.module).exists() or want.part is None or want.part in known:
            continue
        if _of_data(want.module):
            refused.append(Refusal("the data", want.because))
            continue
        if stem in ("exercises", "plotting") or path is None:
            refused.append(Refusal(want.module, want.because))
            continue
        used.add(path)
        known.add(want.part)
        for each in wants(_needed(known, path), folder):
            why = want.because if isinstance(each, Refusal) else each.because
            waiting.append(each._replace(because=why))
    return Cut(_code(parts, folder), used, list(dict.fromkeys(refused)))


def _needed(names: Iterable[str], path: Path) -> list[Statement]:
    body = _body(path, path.stat().st_mtime_ns)
    return needed(names, body, without=foreign(body))


def foreign(some: Iterable[Statement]) -> set[str]:
    """The names that imports bind of what is not in the browser."""
    return {
        name
        for one in some
        if isinstance(one.node, ast.Import) and not in_browser(one.node.names[0].name)
        for name in one.binds
    }


def _code(parts: Mapping[str, set[str]], folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for module, names in sorted(parts.items()):
        steps = module.split(".")
        for n in range(1, len(steps)):
            found.setdefault("/".join([*steps[:n], "__init__.py"]), "")
        path, stand_in = file_of(module, folder), _stand_in(module)
        if stand_in.exists():
            code = stand_in.read_text(encoding="utf-8")
        elif path is None:
            continue
        else:
            code = "from __future__ import annotations\n"
            code += "".join(f"{ast.unparse(one.node)}\n" for one in _needed(names, path))
        package = path is not None and path.name == "__init__.py"
        found["/".join(steps) + ("/__init__.py" if package else ".py")] = code
    return found
