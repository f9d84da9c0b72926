"""The pool of a page: what its claims gave with seeds that nobody had looked at.

`book/pool/NAME.json` is committed. It holds for each claim with chance one value a seed, and where
the values are means over samples of a finite set, what the error of that set follows from. It
grows by whole sizes: seeds beyond the last full size wait, and decide nothing until the next one is
full, so that nobody decides by looking often.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bookwright import book, durable, files
from bookwright.environment import alone

FOLDER = book.ROOT / "book" / "pool"
FIRST_SEED = 1000  # far from those that pages and their authors look at
SIZE = 20  # seeds of the first decision; each further one takes twice as many
_SCHEMA = Path(__file__).with_name("pool.schema.json")
_TOLD = ("AVX2", "AVX512F", "NEON", "ASIMD")  # instructions that change last digits


def path(name: str) -> Path:
    """Where the pool of a page lies."""
    return FOLDER / f"{name}.json"


def read(name: str) -> dict[str, Any]:
    """The pool of a page; an empty one if it has none.

    Raises:
        ProblemError: The file is no pool.
    """
    file = path(name)
    if not file.exists():
        return {"runs": [], "claims": {}, "elsewhere": {}}
    where = files.name_of(file, book.ROOT)
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return files.read_json(file, where, schema, "restore it from git, or remove it to begin anew")


def _lines(entries: Mapping[str, Any], space: str) -> str:
    parts = [f"{space}{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(entries.items())]
    return "{\n" + ",\n".join(parts) + "\n" + space[1:] + "}" if parts else "{}"


def _text(pool: Mapping[str, Any]) -> str:
    """The pool as JSON with a line for each claim and run, so that a change is one of few lines."""
    runs = ",\n".join(f"  {json.dumps(run)}" for run in pool["runs"])
    elsewhere = ",\n".join(
        f"  {json.dumps(name)}: {{\n"
        f'   "runs": {json.dumps(of["runs"])},\n   "claims": {_lines(of["claims"], "    ")}\n  }}'
        for name, of in sorted(pool["elsewhere"].items())
    )
    return (
        f'{{\n "runs": [\n{runs}\n ],\n "claims": {_lines(pool["claims"], "  ")},\n'
        f' "elsewhere": {{\n{elsewhere}\n }}\n}}\n'
    )


def next_seed(pool: Mapping[str, Any]) -> int:
    """The first seed that no run of a pool has used, under whatever condition."""
    runs = [*pool["runs"], *(run for of in pool["elsewhere"].values() for run in of["runs"])]
    return max((run["seeds"][1] + 1 for run in runs), default=FIRST_SEED)


def lacking(pool: Mapping[str, Any], codes: Mapping[str, str], size: int) -> dict[str, int]:
    """How many seeds each claim of a page still lacks.

    Args:
        pool: A pool, or one of its conditions.
        codes: The hash of each claim's code as it is now.
        size: How many seeds there are to be.
    """
    found = {}
    for claim, code in codes.items():
        entry = pool["claims"].get(claim)
        has = len(entry["seeds"]) + len(entry["waiting"]["seeds"]) if entry else 0
        found[claim] = size - (has if entry and entry["code"] == code else 0)
    return {claim: n for claim, n in found.items() if n > 0}


def rule(claim: Mapping[str, Any]) -> dict[str, Any]:
    """What decides a claim: its kind, its bound, and where the bound comes from.

    `own` says that the claim departs from the table of margins, for a reason that its page gives.
    """
    margin = claim["margin"] and {part: claim["margin"][part] for part in ("of", "value", "set")}
    if margin:
        margin["own"] = claim["margin"]["because"] is not None
    return {"kind": claim["kind"], "bound": claim["bound"], "margin": margin}


def _nothing() -> dict[str, Any]:
    return {"seeds": [], "values": [], "variances": [], "sums": []}


def _started(claim: Mapping[str, Any], code: str, made: str) -> dict[str, Any]:
    """An entry without seeds: the code, and the rule as it was before anything was measured."""
    n_samples = claim["sampling"] and claim["sampling"]["n_samples"]
    begun = {"code": code, "rule": rule(claim), "measured": made, "n_samples": n_samples}
    return begun | _nothing() | {"waiting": _nothing()}


def _short(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _sum(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return _short(np.add(one, other)) if one else _short(other)


def _take(entry: dict[str, Any], claim: Mapping[str, Any], sizes: Sequence[int]) -> None:
    """Moves a run's seeds into an entry; those beyond its size, or the last one, are left out."""
    waiting = entry["waiting"]
    groups = claim["sampling"] and np.array(claim["sampling"]["groups"])
    for number, seed in enumerate(claim["seeds"]):
        has = len(entry["seeds"])
        size = next((size for size in sizes if size > has), None)
        if size is None:
            return
        if seed in entry["seeds"] or seed in waiting["seeds"]:
            continue
        waiting["seeds"].append(seed)
        waiting["values"] += _short([claim["values"][number]])
        if groups is not None:
            means = groups[number]
            waiting["variances"] += _short([means.var(ddof=1) / len(means)])
            waiting["sums"] = _sum(waiting["sums"], means)
        if has + len(waiting["seeds"]) == size:
            for part in ("seeds", "values", "variances"):
                entry[part] += waiting[part]
            entry["sums"] = _sum(entry["sums"], waiting["sums"])
            entry["waiting"] = _nothing()
            return


def _merge(
    into: dict[str, Any],
    measured: Iterable[Mapping[str, Any]],
    codes: Mapping[str, str],
    run: Mapping[str, Any],
    sizes: Sequence[int],
) -> None:
    into["runs"].append(dict(run))
    for claim in measured:
        code = codes.get(claim["id"])
        if code is None or not claim["counts"]:  # without chance, or on other data
            continue
        entry = into["claims"].get(claim["id"])
        if entry is None or entry["code"] != code:
            entry = into["claims"][claim["id"]] = _started(claim, code, run["made"])
        _take(entry, claim, sizes)
    for gone in set(into["claims"]) - set(codes):
        del into["claims"][gone]


def sizes() -> list[int]:
    """The numbers of seeds with which a pool decides: 20, 40, 80 and so on."""
    return [SIZE * 2**k for k in range(10)]


def next_size(pool: Mapping[str, Any], codes: Mapping[str, str]) -> int:
    """The size with which the pool of a page decides next: that of the claim with fewest seeds.

    Args:
        pool: The pool of a page.
        codes: The hash of each claim's code as it is now.
    """
    entries = {claim: pool["claims"].get(claim) for claim in codes}
    has = [
        len(entry["seeds"]) if entry and entry["code"] == codes[claim] else 0
        for claim, entry in entries.items()
    ]
    return next((size for size in sizes() if size > min(has, default=0)), sizes()[-1])


def add(
    name: str,
    measured: Iterable[Mapping[str, Any]],
    codes: Mapping[str, str],
    run: Mapping[str, Any],
    condition: str | None = None,
    seeds: int = SIZE,
) -> None:
    """Adds a run to the pool of a page; the file is written whole or not at all.

    Args:
        name: The page.
        measured: The evidence of its claims, as the run's cells handed it over.
        codes: The hash of each claim's code.
        run: Where the run ran: `made`, `seeds` (first and last), `seconds`, `versions`, `machine`,
            `data`.
        condition: Under which of the conditions of `elsewhere`, which are kept apart; none by
            default.
        seeds: How many seeds a condition is to have.
    """
    file = path(name)
    with alone(book.ROOT / f"pool-{name.replace('/', '-')}"):
        pool = read(name)
        into, asked = pool, sizes()
        if condition is not None:
            into = pool["elsewhere"].setdefault(condition, {"runs": [], "claims": {}})
            asked = [seeds]
        _merge(into, measured, codes, run, asked)
        durable.write(file, _text(pool))


def machine(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a pool keeps of the machine that a run's record names."""
    instructions = [name for name in _TOLD if name in found.get("instructions", ())]
    return {name: found[name] for name in ("system", "machine", "processor")} | {
        "instructions": instructions
    }
