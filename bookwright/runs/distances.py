"""How far claims are from falling under other conditions, as a table and in lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def distance(claim: Mapping[str, Any], default: Mapping[str, Any] | None) -> str:
    """How far a claim is from falling, in the unit that suits its kind.

    Args:
        claim: The claim as the record keeps it.
        default: The same claim under the book's own settings.

    Returns:
        For an identity the bound over the largest value; for a fact whether it is the same; for an
        effect and an equivalence how far the mean lies from the middle of what its pool predicts,
        as a share of the way to the end; for every seed the value nearest to a bound.
    """
    values, bound = claim["values"], claim["bound"]
    fell = "**fell** " if claim["held"] is False else ""
    if claim["kind"] == "fact":
        same = default is None or values == default["values"]
        return f"{fell}{'equal' if same else 'not equal'}"
    if claim["kind"] == "identity":
        largest = max(abs(value) for value in values)
        return f"{fell}{bound['below'] / largest:.1e} times" if largest else f"{fell}exact"
    mean = sum(values) / len(values)
    if claim["predicted"] and claim["kind"] != "every seed":
        low, high = claim["predicted"]
        return f"{fell}{mean:.4g} ({(2 * mean - low - high) / (high - low):+.0%})"
    if claim["kind"] != "every seed":
        return f"{fell}{mean:.4g} (no pool)"
    _, value, limit = min(
        (abs(value - limit), value, limit)
        for limit in bound.values()
        if limit is not None
        for value in values
    )
    return f"{fell}{value:.4g} / {limit:g}"


def table(found: Mapping[str, Mapping[str, Any]], default: Mapping[str, Any]) -> str:
    """Claims by conditions, as Markdown.

    Args:
        found: What `of_now` gives: its conditions, each with its pages.
        default: The pages under the book's own settings, for the counts.
    """
    lines = ["| page | claim | " + " | ".join(found) + " |", "| --- " * (len(found) + 2) + "|"]
    for page in dict.fromkeys(page for of in found.values() for page in of):
        here = [of.get(page, {}).get("claims", {}) for of in found.values()]
        own = default.get(page, {}).get("claims", {})
        for claim in dict.fromkeys(each for of in here for each in of):
            cells = [distance(of[claim], own.get(claim)) if claim in of else "–" for of in here]
            lines.append(f"| {page} | {claim} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def fell(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Which claims of what `of_now` gives fell, and under which condition."""
    return [
        f"{page}: {name} under {condition}"
        for condition, of in found.items()
        for page, entry in of.items()
        for name, claim in entry["claims"].items()
        if claim["held"] is False
    ]
