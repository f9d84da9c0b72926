"""Whether files that another job measured are pools, and hold nothing else.

What that job ran is not trusted here: a file is read as data, by a schema that leaves no room for
anything but numbers, ids that the sources have, and short names. It may add to the pool that the
sources have and change nothing of it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

_Json: TypeAlias = Any  # what it is has to be found out

_LARGEST = 480_000  # bytes: less than what a commit may hold
_LARGEST_NUMBER = 1e300
_MOST_FILES = 500
_FIRST_SEED, _SIZE = 1000, 20  # as `bookwright/claims/pool.py` has them
_MOST = {"runs": 2000, "seeds": _SIZE * 2**7, "groups": 200, "names": 50}
_KINDS = ("effect", "equivalence", "every seed")
_DATE, _CODE, _HASH = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9a-f]{16}", r"[0-9a-f]{64}"
_NAME = r"[A-Za-z0-9 ._+()@/-]{1,100}"  # of a processor, a package, a file


class Refused(Exception):
    """A file is no pool, or not one that may take the place of what is there."""


def _need(good: bool, what: str) -> None:
    if not good:
        raise Refused(what)


def _text(value: _Json, pattern: str, what: str) -> None:
    _need(isinstance(value, str) and bool(re.fullmatch(pattern, value)), f"{what}: {value!r:.60}")


def _date(value: _Json, what: str) -> None:
    _text(value, _DATE, what)
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Refused(f"{what}: {value!r:.60}") from None


def _number(value: _Json, what: str, least: float = -_LARGEST_NUMBER) -> None:
    good = isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool))
    _need(good and least <= value <= _LARGEST_NUMBER, f"{what}: {value!r:.60}")


def _whole(value: _Json, what: str, least: int, most: int = 10**7) -> None:
    good = isinstance(value, int) and not isinstance(value, bool)
    _need(good and least <= value <= most, f"{what}: {value!r:.60}")


def _keys(value: _Json, names: str, what: str) -> None:
    _need(isinstance(value, dict) and sorted(value) == sorted(names.split()), f"{what}: its parts")


def _list(value: _Json, most: int, what: str) -> list:
    _need(isinstance(value, list) and len(value) <= most, f"{what}: no list of at most {most}")
    return value


def _names(value: _Json, what: str, check: Callable[[_Json, str], None]) -> None:
    _need(isinstance(value, dict) and len(value) <= _MOST["names"], f"{what}: no names")
    for name, each in value.items():
        _text(name, _NAME, what)
        check(each, f"{what} of {name}")


def _run(run: _Json, what: str) -> None:
    _keys(run, "seeds made seconds versions machine data", what)
    _need(len(_list(run["seeds"], 2, what)) == 2, f"{what}: seeds")
    first, last = run["seeds"]
    _whole(first, what, _FIRST_SEED)
    _whole(last, what, first, first + _MOST["seeds"])
    _date(run["made"], what)
    _number(run["seconds"], what, least=0)
    _names(run["versions"], what, lambda each, where: _text(each, _NAME, where))
    _keys(run["machine"], "system machine processor instructions", what)
    for name in ("system", "machine", "processor"):
        _text(run["machine"][name], f"({_NAME})?", what)
    for name in _list(run["machine"]["instructions"], _MOST["names"], what):
        _text(name, _NAME, what)
    files = lambda each, where: _text(each, _HASH, where)  # noqa: E731
    _names(run["data"], what, lambda each, where: _names(each, where, files))


def _rule(rule: _Json, what: str) -> None:
    _keys(rule, "kind bound margin", what)
    _need(rule["kind"] in _KINDS, f"{what}: kind")
    _keys(rule["bound"], "above below", what)
    limits = [limit for limit in rule["bound"].values() if limit is not None]
    _need(bool(limits), f"{what}: no bound")
    for limit in limits:
        _number(limit, what)
    if (margin := rule["margin"]) is not None:
        _keys(margin, "of value set own", what)
        _need(isinstance(margin["own"], bool), f"{what}: own")
        if margin["of"] is not None:
            _text(margin["of"], _NAME, what)
        if margin["set"] is not None:
            _date(margin["set"], what)
        if margin["value"] is not None:
            _number(margin["value"], what)


def _values(part: Mapping[str, Any], by_sample: bool, what: str) -> int:
    """Checks the values of some seeds; how many there are."""
    seeds = _list(part["seeds"], _MOST["seeds"], what)
    _need(len(set(map(str, seeds))) == len(seeds), f"{what}: a seed stands twice")
    for seed in seeds:
        _whole(seed, what, _FIRST_SEED)
    sums = _list(part["sums"], _MOST["groups"], what)
    for name, n in (("values", len(seeds)), ("variances", by_sample * len(seeds))):
        _need(len(_list(part[name], _MOST["seeds"], what)) == n, f"{what}: {name} of other seeds")
    _need(bool(sums) == bool(by_sample and seeds), f"{what}: sums")
    for number in (*part["values"], *sums):
        _number(number, what)
    for number in part["variances"]:
        _number(number, what, least=0)
    return len(seeds)


def _claim(entry: _Json, what: str) -> None:
    values = "seeds values variances sums"
    _keys(entry, f"code rule measured n_samples waiting {values}", what)
    _keys(entry["waiting"], values, what)
    _text(entry["code"], _CODE, what)
    _date(entry["measured"], what)
    _rule(entry["rule"], what)
    if entry["n_samples"] is not None:
        _whole(entry["n_samples"], what, 1)
    by_sample = entry["n_samples"] is not None
    decides = _values(entry, by_sample, what)
    waits = _values(entry["waiting"], by_sample, what)
    _need(decides in (0, *(_SIZE * 2**k for k in range(8))), f"{what}: {decides} seeds decide")
    _need(waits < (decides or _SIZE), f"{what}: {waits} seeds wait")
    both = {*entry["seeds"], *entry["waiting"]["seeds"]}
    _need(len(both) == decides + waits, f"{what}: a seed stands twice")


def _same(now: _Json, before: _Json) -> bool:
    """Whether two values are written alike; for Python 1, 1.0 and true are the same."""
    return json.dumps(now, sort_keys=True) == json.dumps(before, sort_keys=True)


def _grown(now: Mapping[str, Any], before: Mapping[str, Any], what: str) -> None:
    """Whether a claim's entry is as it was, with further seeds behind."""
    if now["code"] != before["code"]:
        return
    for name in ("rule", "measured", "n_samples"):
        _need(now[name] == before[name], f"{what}: its {name} changed")
    for name in ("seeds", "values", "variances"):
        was, grown = (entry[name] + entry["waiting"][name] for entry in (before, now))
        _need(_same(grown[: len(was)], was), f"{what}: {name} that were there changed")


def check(found: _Json, before: Mapping[str, Any], claims: set[str]) -> None:
    """Refuses what is no pool, or more than a pool that has grown.

    Args:
        found: What a file holds.
        before: The pool that the sources have.
        claims: The ids that the page has.

    Raises:
        Refused: It says what is wrong.
    """
    _keys(found, "runs claims elsewhere", "the file")
    for number, run in enumerate(_list(found["runs"], _MOST["runs"], "runs")):
        _run(run, f"run {number}")
    first = found["runs"][: len(before["runs"])]
    _need(_same(first, before["runs"]), "runs that were there changed")
    _need(_same(found["elsewhere"], before["elsewhere"]), "what ran under other conditions changed")
    ranges = sorted(tuple(run["seeds"]) for run in found["runs"])
    apart = all(one[1] < two[0] for one, two in itertools.pairwise(ranges))
    _need(apart, "two runs have the same seeds")
    _need(isinstance(found["claims"], dict), "claims: no names")
    for claim, entry in found["claims"].items():
        _need(claim in claims, f"the page has no claim {claim!r:.60}")
        _claim(entry, f"claim {claim}")
        if claim in before["claims"]:
            _grown(entry, before["claims"][claim], f"claim {claim}")
        for seed in (*entry["seeds"], *entry["waiting"]["seeds"]):
            ran = any(first <= seed <= last for first, last in ranges)
            _need(ran, f"claim {claim}: no run had seed {seed}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _need(len(dict(pairs)) == len(pairs), "a name stands twice")
    return dict(pairs)


def _no_number(name: str) -> None:
    raise Refused(f"{name} is no number")


def read(path: Path) -> dict[str, Any]:
    """A file as JSON, without what JSON has no place for.

    Raises:
        Refused: It is none, or too large.
    """
    _need(path.is_file() and not path.is_symlink(), "no plain file")
    _need(path.stat().st_size <= _LARGEST, f"larger than {_LARGEST} bytes")
    try:
        text = path.read_text(encoding="ascii")
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {type(error).__name__}") from None


def claims_of(root: Path) -> dict[str, set[str]]:
    """The ids of the claims that the sources of each page have, by the page's name."""
    found: dict[str, set[str]] = {}
    for path in sorted((root / "book").glob("*/*.md")):
        ids = re.findall(r"\{claim\} +(\S+)", path.read_text(encoding="utf-8"))
        found.setdefault(path.stem, set()).update(ids)
    return found


def _of_sources(root: Path, page: str) -> dict[str, Any]:
    own = root / "book" / "pool" / f"{page}.json"
    return read(own) if own.exists() else {"runs": [], "claims": {}, "elsewhere": {}}


def dropped(found: Mapping[str, Mapping[str, Any]], root: Path) -> list[str]:
    """The claims whose seeds in the sources no longer count: they begin anew, or are gone.

    Right if a page's cells changed since. What measured them says so, and it is not trusted.

    Args:
        found: What `changed` returned.
        root: The sources.
    """
    lost = []
    for page, now in found.items():
        for claim, before in _of_sources(root, page)["claims"].items():
            if now["claims"].get(claim, {}).get("code") != before["code"]:
                lost.append(f"{page}/{claim}")
    return lost


def changed(folder: Path, root: Path) -> dict[str, dict[str, Any]]:
    """The pools in a folder that are others than those of the sources, by the page's name.

    Args:
        folder: What another job measured.
        root: The sources.

    Raises:
        Refused: Something in the folder is no pool of a page.
    """
    paths = sorted(folder.rglob("*")) if folder.exists() else []
    _need(len(paths) <= _MOST_FILES, f"more than {_MOST_FILES} files")
    known, found = claims_of(root), {}
    for path in paths:
        here = path.relative_to(folder).as_posix()
        page = here.removesuffix(".json")
        _need(here.endswith(".json") and page in known, f"{here!r:.80}: no page is called so")
        before = _of_sources(root, page)
        try:
            now = read(path)
            check(now, before, known[page])
        except Refused as error:
            raise Refused(f"{here}: {error}") from None
        if now != before:
            found[page] = now
    return found
