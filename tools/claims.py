"""Puts the claims of both languages' builds together into the site's `/claims.json`."""

from __future__ import annotations

import json
from pathlib import Path

from tools import pages


class ClaimsDiffer(Exception):
    """A claim stands in one language only, or its evidence is not the same in both."""


def collect(site: Path) -> list[dict]:
    """Merges `{ko,en}/claims.json` of a built site, and removes those two files.

    Args:
        site: Folder with the two languages' pages.

    Returns:
        One entry a claim: id, chapter, the sentence in each language, and the evidence.

    Raises:
        ClaimsDiffer: The two languages do not claim the same.
    """
    found = {}
    for language in pages.LANGUAGES:
        path = site / language / "claims.json"
        found[language] = {claim["id"]: claim for claim in json.loads(path.read_text("utf-8"))}
        path.unlink()
    first, second = pages.LANGUAGES
    if alone := set(found[first]) ^ set(found[second]):
        raise ClaimsDiffer(f"in one language only: {', '.join(sorted(alone))}")
    merged = []
    for claim, entry in found[first].items():
        sentences = {language: found[language][claim].pop("sentence") for language in found}
        if entry != found[second][claim]:
            raise ClaimsDiffer(f"{claim}: other evidence in {first} than in {second}")
        merged.append({**entry, "sentence": sentences})
    return merged
