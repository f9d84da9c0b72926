"""Which statements of a page, and which parts of its helper package, a value is computed by.

Statements are chosen by names: those that bind a name which is needed or may change its object, and
what those need in turn. A drawing that only reads a value, a comment or a text is no part of it, so
that a hash of these parts says whether something is still measured as it was. Functions of the page
are looked into for what they change; those of libraries and of the helper package, whose result is
taken, are believed to leave their arguments as they are. Of functions that a module of the helper
package lists in `GIVES`, what they give stands for how they come by it.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import symtable
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bookwright import book
from bookwright.source import changes

# Arguments of a claim that say how it is decided, and not what is measured.
_RULE = ("above", "because", "below", "of", "within")
# Calls that hand over values with chance in them: those that a pool of runs decides.
_WITH_CHANCE = ("effect", "equivalence", "every_seed")
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Statement(NamedTuple):
    """A statement at the top level of a page or module.

    Attributes:
        node: The statement.
        binds: Names that it gives a value.
        uses: Names whose values it takes.
        changes: Names whose objects it may change.
        parts: Attributes that it takes of names: ("training", "train_over_seeds").
        alters: Which of its parameters it may change, if it defines a function.
        gives: What it gives to functions, as `changes.given` says it.
    """

    node: ast.stmt
    binds: frozenset[str]
    uses: frozenset[str]
    changes: frozenset[str]
    parts: frozenset[tuple[str, str]]
    alters: frozenset[int | str]
    gives: frozenset[tuple[str, int | str, str]]


def _names(table: symtable.SymbolTable, top: bool = True) -> Iterator[str]:
    """The names of the page that some code refers to, those inside functions too."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _names(child, top=False)


def _bound(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            yield symbol.get_name()


def _table(node: ast.AST) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(node), "page", "exec")


def names_taken(body: Iterable[ast.stmt], bound: set[str]) -> Iterator[str]:
    """The names whose values some statements take from before them.

    What a loop binds is no such name inside it: neither its variable nor what its body assigns
    first. Otherwise two loops over `seed` would hang together.

    Args:
        body: The statements, in their order.
        bound: Names that have got a value since; those that the statements bind are added.
    """
    for node in body:
        if isinstance(node, ast.For):
            parts = [part for part in ast.walk(node.target) if isinstance(part, ast.Name)]
            own = {part.id for part in parts if isinstance(part.ctx, ast.Store)}
            yield from ({*_names(_table(node.iter))} | {part.id for part in parts} - own) - bound
            yield from names_taken(node.body, bound | own)
            yield from names_taken(node.orelse, set(bound))
        else:
            table = _table(node)
            yield from set(_names(table)) - bound
            if isinstance(node, _SIMPLE):
                bound |= set(_bound(table))


def statement(node: ast.stmt) -> Statement:
    """What one statement at the top level takes, binds and changes."""
    table = _table(node)
    parts = {
        (part.value.id, part.attr)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)
    }
    return Statement(
        node,
        frozenset(_bound(table)),
        frozenset(names_taken([node], set())),
        frozenset(changes.changes(node)),
        frozenset(parts),
        frozenset(changes.altered(node) if isinstance(node, ast.FunctionDef) else ()),
        frozenset(changes.given(node)),
    )


def statements(source: str) -> list[Statement]:
    """The statements of a source, in their order."""
    return [statement(node) for node in ast.parse(source).body]


def _called(page: Iterable[Statement]) -> dict[str, frozenset[str]]:
    """What the functions and classes of a page need when they are called, by their names."""
    found: dict[str, frozenset[str]] = {}
    for one in page:
        if isinstance(one.node, ast.FunctionDef | ast.ClassDef):
            found[one.node.name] = found.get(one.node.name, frozenset()) | one.uses
    return found


def _closed(names: Iterable[str], called: dict[str, frozenset[str]]) -> set[str]:
    """Names with those that the functions and classes among them need, and so on."""
    found, waiting = set(), set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= called.get(name, frozenset()) - found
    return found


def needed(
    names: Iterable[str], before: Sequence[Statement], without: Collection[str] = ()
) -> list[Statement]:
    """The statements that give some names their values, in their order.

    Args:
        names: The names.
        before: All statements before the place where their values are taken.
        without: Names of libraries that are not there, so that nothing is set in them.
    """
    modules = {name for one in before for name in one.binds if _imports(one.node)}
    libraries = set(_libraries(before)) - set(without)
    alters = {one.node.name: one.alters for one in before if isinstance(one.node, ast.FunctionDef)}
    called = _called(before)
    wanted, found = _closed(names, called), []
    for one in reversed(before):
        changed = (one.changes | _inside(one, alters)) - modules
        if (one.binds | changed) & wanted or _sets(one.node, libraries):
            found.append(one)
            if isinstance(one.node, _SIMPLE):
                wanted -= one.binds
            wanted |= _closed(one.uses, called)
    return found[::-1]


def _inside(one: Statement, alters: Mapping[str, Collection[int | str]]) -> set[str]:
    """Names whose objects a statement changes by calling functions of the page with them."""
    return {
        name
        for function, place, name in one.gives
        if (of := alters.get(function)) and (place in of or place == -1)
    }


def _imports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _libraries(some: Iterable[Statement]) -> Iterator[str]:
    """The names of libraries that are imported whole, but for those that draw."""
    for one in some:
        if isinstance(one.node, ast.Import):
            for alias in one.node.names:
                if not alias.name.startswith("matplotlib"):
                    yield alias.asname or alias.name.partition(".")[0]


def _sets(node: ast.stmt, libraries: Collection[str]) -> bool:
    """Whether a statement sets something in a library, such as the seed of its generator."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and changes.base(node.value.func) in libraries
    )


def plain(node: Any) -> Any:  # noqa: ANN401
    """Code as JSON, the same from each version of Python: no places, no texts that document."""
    if isinstance(node, list):
        return [plain(each) for each in node]
    if not isinstance(node, ast.AST):
        return node if isinstance(node, str | int | float | bool | None) else repr(node)
    fields = {}
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list):
            value = [each for each in value if not _documents(each)]
        if value not in (None, []):
            fields[name] = plain(value)
    return [type(node).__name__, fields]


@functools.lru_cache(maxsize=4096)
def _statement_plain(node: ast.stmt) -> Any:  # noqa: ANN401
    """One statement, which many claims need."""
    return plain(node)


def _documents(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@functools.lru_cache(maxsize=256)
def _module(path: Path, changed: int) -> list[Statement]:
    return statements(path.read_text(encoding="utf-8"))


def file_of(module: str, folder: Path) -> Path | None:
    """The file of a module of the helper package, or None if it is no such module."""
    place = folder.joinpath(*module.split("."))
    return next((x for x in (place.with_suffix(".py"), place / "__init__.py") if x.exists()), None)


def _imported(some: Iterable[Statement], folder: Path) -> dict[str, tuple[str, str | None]]:
    """What some statements import of the helper package: module and part of it, by local name."""
    found: dict[str, tuple[str, str | None]] = {}
    for one in some:
        if isinstance(one.node, ast.ImportFrom) and one.node.module and not one.node.level:
            for alias in one.node.names:
                whole = f"{one.node.module}.{alias.name}"
                place: tuple[str, str | None] = (one.node.module, alias.name)
                if file_of(whole, folder):
                    place = (whole, None)
                if file_of(place[0], folder):
                    found[alias.asname or alias.name] = place
    return found


def _asked(
    some: Iterable[Statement], imports: dict[str, tuple[str, str | None]]
) -> Iterator[tuple[str, str]]:
    """The parts of modules that some statements take."""
    for one in some:
        for name in one.uses & imports.keys():
            module, part = imports[name]
            if module.rpartition(".")[2] in changes.READERS:
                continue
            if part is not None:
                yield module, part
            else:
                yield from ((module, attr) for base, attr in one.parts if base == name)


def _given(body: Iterable[Statement]) -> dict[str, str]:
    """What stands for what the functions of a module give, by their names, where it says so."""
    for one in body:
        if isinstance(one.node, ast.Assign) and "GIVES" in one.binds:
            return ast.literal_eval(one.node.value)
    return {}


def _of_helpers(
    some: Sequence[Statement], imports: dict[str, tuple[str, str | None]], folder: Path
) -> list[Any]:
    """The parts of the helper package that some statements need, and what those need in turn."""
    found: dict[tuple[str, str], Any] = {}
    waiting = list(_asked(some, imports))
    while waiting:
        module, part = waiting.pop()
        path = file_of(module, folder)
        if (module, part) in found or path is None:
            continue
        body = _module(path, path.stat().st_mtime_ns)
        if (gives := _given(body).get(part)) is not None:
            found[module, part] = gives
            continue
        own, theirs = needed([part], body), _imported(body, folder)
        found[module, part] = [_statement_plain(one.node) for one in own if not _imports(one.node)]
        waiting += _asked(own, theirs)
        if (handed_on := theirs.get(part)) and handed_on[1] is not None:
            waiting.append((handed_on[0], handed_on[1]))
    return [[*name, body] for name, body in sorted(found.items())]


def _claims(page: Sequence[Statement]) -> Iterator[tuple[str, int, ast.Call]]:
    """The claims with chance: id, number of the statement that hands it over, and the call."""
    for number, one in enumerate(page):
        for part in ast.walk(one.node):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.args:
                first = part.args[0]
                kind = part.func.attr if changes.base(part.func) == "claims" else ""
                if kind in _WITH_CHANCE and isinstance(first, ast.Constant):
                    yield str(first.value), number, part


def claim_hashes(cells: Iterable[str], folder: Path = book.ROOT) -> dict[str, str]:
    """Names the code by which each claim with chance of a page is measured.

    The rule that decides it is no part of that: neither the kind nor the margin.

    Args:
        cells: The code of the page's cells, in their order.
        folder: Where the helper package lies.

    Returns:
        A hash for each claim, by its id.
    """
    page = [one for cell in cells for one in statements(cell)]
    imports = _imported(page, folder)
    found = {}
    for claim, number, call in _claims(page):
        named = [keyword.value for keyword in call.keywords if keyword.arg not in _RULE]
        taken: list[ast.stmt] = [ast.Expr(part) for part in (*call.args[1:], *named)]
        if not isinstance(page[number].node, ast.Expr):  # in a loop or a function
            taken = [page[number].node]
        last = [statement(each) for each in taken]
        wanted = {name for one in last for name in one.uses}
        before = [one for one in needed(wanted, page[:number]) if not _imports(one.node)]
        parts = [_statement_plain(one.node) for one in (*before, *last)]
        helpers = _of_helpers((*before, *last), imports, folder)
        text = json.dumps([parts, helpers], ensure_ascii=False)
        found[claim] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found
