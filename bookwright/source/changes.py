"""Which names' objects a piece of code may change: by a method, by an item, or in a function.

This is decided by the code alone, without running it. What is known to read or to draw changes
nothing; what is not known, may.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# Modules of a helper package whose functions hand values on, and change none.
READERS = ("claims", "exercises", "plotting", "report")
# Methods of arrays, lists, dicts, texts and models that change nothing.
_READING = {
    *("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "count"),
    *("count_params", "cumsum", "dot", "endswith", "flatten", "format", "get", "get_weights"),
    *("index", "items", "join", "keys", "lower", "max", "mean", "min", "nonzero", "numpy"),
    *("predict", "ptp", "ravel", "repeat", "replace", "reshape", "round", "split", "squeeze"),
    *("startswith", "std", "strip", "sum", "take", "tolist", "transpose", "upper", "values", "var"),
}
# Methods that draw or take what they are given, and leave it as it is.
_TAKING = (
    *("annotate", "append", "ax", "bar", "build", "compile", "draw", "errorbar", "extend"),
    *("fill_between", "fit", "hist", "imshow", "insert", "legend", "pcolormesh", "plot", "scatter"),
    *("seed", "set_", "stairs", "update", "violinplot", "watch"),
)
# Calls whose items are those of what they are given.
_PASSING = ("enumerate", "items", "list", "reversed", "sorted", "tuple", "values", "zip")


def base(node: ast.expr) -> str | None:
    """The name at the start of a chain of attributes and items: `model` of `model.layers[0].w`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else base(call.func) or ""


def _reads_only(call: ast.Call) -> bool:
    """Whether a call whose result nobody takes is known to change none of its arguments."""
    return base(call.func) in (*READERS, "print") or _called(call).startswith(_TAKING)


def changes(node: ast.AST) -> Iterator[str]:
    """Names whose objects some code may change: by a method, an item, or as an argument."""
    for part in ast.walk(node):
        found: list[ast.expr] = []
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            found = [] if part.func.attr in _READING else [part.func.value]
        elif isinstance(part, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For | ast.Delete):
            targets = getattr(part, "targets", None) or [getattr(part, "target", None)]
            parts = [each for target in targets for each in ast.walk(target)]
            found = [each for each in parts if isinstance(each, ast.Attribute | ast.Subscript)]
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            given = [*part.value.args, *(keyword.value for keyword in part.value.keywords)]
            found = [] if _reads_only(part.value) else given
        yield from filter(None, map(base, found))


def _items_of(node: ast.expr) -> set[str]:
    """Names of which an expression may give the object itself, a part or an item."""
    if isinstance(node, ast.Call):
        if _called(node) not in _PASSING:
            return set()
        given = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        return {name for each in given for name in _items_of(each)}
    return {name} if (name := base(node)) else set()


def _bindings(function: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.expr]]:
    for part in ast.walk(function):
        if isinstance(part, ast.Assign):
            yield from ((target, part.value) for target in part.targets)
        elif isinstance(part, ast.For | ast.comprehension):
            yield part.target, part.iter


def altered(function: ast.FunctionDef) -> set[int | str]:
    """Which of its parameters a function may change, by their places and by their names."""
    places = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    names = [*places, *(each.arg for each in function.args.kwonlyargs)]
    stands_for = {name: {name} for name in names}
    for _ in range(2):  # a name may stand for another one that was bound below
        for target, value in _bindings(function):
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    of = [stands_for.get(each, set()) for each in _items_of(value)]
                    stands_for.setdefault(name.id, set()).update(*of)
    found = {
        parameter
        for statement in function.body
        for name in changes(statement)
        for parameter in stands_for.get(name, ())
    }
    return {*found, *(place for place, name in enumerate(places) if name in found)}


def given(node: ast.AST) -> Iterator[tuple[str, int | str, str]]:
    """What some code gives to functions: each function's name, the place or name, and what.

    The place of what is unpacked is -1, for it may be any.
    """
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            pairs: list[tuple[int | str, ast.expr]] = [
                (-1 if isinstance(each, ast.Starred) else place, each)
                for place, each in enumerate(part.args)
            ]
            pairs += [(each.arg or -1, each.value) for each in part.keywords]
            for place, value in pairs:
                if name := base(value):
                    yield part.func.id, place, name
