"""The claims of a run: which do not hold, what is said of them, and the site's `/claims.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from bookwright import book, glue
from bookwright.claims import judge
from bookwright.source import needed

SCHEMA = Path(__file__).with_name("claims.schema.json")  # of the site's `/claims.json`
_PREFIX = "claim:"  # of what a cell hands over


class ClaimsDiffer(Exception):
    """A claim stands in one language only, or its evidence is not the same in both."""


def of_values(given: Mapping[str, Any]) -> list[dict]:
    """The claims among what cells handed over: the id and the evidence of each."""
    return [
        {"id": name.removeprefix(_PREFIX), **evidence}
        for name, evidence in given.items()
        if name.startswith(_PREFIX)
    ]


def of_notebook(notebook: NotebookNode) -> list[dict]:
    """The claims that an executed notebook measured: the id and the evidence of each."""
    return of_values(glue.of_notebook(notebook))


def codes(notebook: NotebookNode) -> dict[str, str]:
    """The hash of the code by which each claim with chance of a notebook is measured."""
    return needed.claim_hashes(cell.source for cell in notebook.cells if cell.cell_type == "code")


def judged(notebook: NotebookNode, page: str) -> list[dict]:
    """The claims that an executed notebook measured, decided by it and by the pool of its page.

    Args:
        notebook: The page with its outputs.
        page: The page's name.
    """
    return judge.judged(of_notebook(notebook), page, codes(notebook))


def fallen(claims: list[dict]) -> list[dict]:
    """The claims that do not hold on the data they are about: those that fail a strict build."""
    return [claim for claim in claims if claim["held"] is False and claim["counts"]]


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


def _line(claim: dict) -> str:
    """A claim's id, its page if that is known, its condition and what was measured."""
    bound, pool = claim["bound"], claim.get("pool") or {}
    limits = [f"{key} {bound[key]:g}" for key in ("above", "below") if bound[key] is not None]
    if claim["kind"] == "identity":
        limits = [f"at most {bound['below']:g} from 0"]
    whole = "the mean" if claim["kind"] in ("effect", "equivalence") else "every value"
    place = f" ({claim['chapter']})" if "chapter" in claim else ""
    line = f"{claim['id']}{place}: expected {whole} {' and '.join(limits)}, measured "
    line += _numbers(claim["values"])
    if claim["seeds"] is not None:
        line += f", seeds {', '.join(map(str, claim['seeds']))}"
    if claim.get("why") in ("pool", "opposite", "outside"):
        line += f"; the pool of {pool['n']} seeds: mean {pool['mean']:.6g}, "
        line += f"95 % interval {_numbers(pool['interval'])}, p {pool['adjusted']:.2g}"
    if claim.get("why") == "outside":
        line += f"; this run was expected within {_numbers(pool['predicted'])}"
    return line


def told(claims: list[dict]) -> str:
    """What the end of a run says of its claims, a line for each that does not hold.

    Args:
        claims: Entries of `/claims.json`, or of `of_notebook` with the page as `chapter`.

    Returns:
        The lines; those on other data than the claim is about apart. Empty if all claims hold.
    """
    false = fallen(claims)
    beside = [claim for claim in claims if claim["held"] is False and not claim["counts"]]
    lines = []
    if false:
        lines.append("Claims that do not hold, and are marked so on their pages:")
        lines += [f"  {_line(claim)}" for claim in false]
        lines.append("Change the sentence in both languages or the experiment, never the bound.")
    if beside:
        lines.append("Claims that do not hold on other data than theirs, which fails nothing:")
        lines += [f"  {_line(claim)}" for claim in beside]
    return "\n".join(lines)


def collect(site: Path) -> list[dict]:
    """Merges each language's `claims.json` of a built site, and removes those files.

    Args:
        site: Folder with a folder of pages for each language.

    Returns:
        One entry a claim: id, chapter, the sentence in each language, and the evidence.

    Raises:
        ClaimsDiffer: The two languages do not claim the same.
    """
    found = {}
    for language in book.LANGUAGES:
        path = site / language / "claims.json"
        found[language] = {claim["id"]: claim for claim in json.loads(path.read_text("utf-8"))}
        path.unlink()
    first, second = book.LANGUAGES[0], book.LANGUAGES[-1]  # one and the same in some books
    if alone := set(found[first]) ^ set(found[second]):
        raise ClaimsDiffer(f"these claims are in one language only: {', '.join(sorted(alone))}")
    merged = []
    for claim, entry in found[first].items():
        sentences = {language: found[language][claim].pop("sentence") for language in found}
        if entry != found[second][claim]:
            raise ClaimsDiffer(
                f"the claim {claim!r} has other evidence in {first} than in {second}: "
                "the two pages show different runs, so let them run again"
            )
        merged.append({**entry, "sentence": sentences})
    return merged
