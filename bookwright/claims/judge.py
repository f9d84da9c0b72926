"""Decides the claims of a page: by its run where one run can, by its pool where chance is in it.

An effect and an equivalence are t tests of the mean over the pool's seeds, one-sided and both
one-sided; a sentence about every seed is a binomial test of the share of seeds. Their p values
count together for a page (Holm 1979, "A simple sequentially rejective multiple test procedure"),
and the sizes at which a pool decides share the 5 percent, so that looking again decides nothing by
luck.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from bookwright import book
from bookwright.claims import pool as pools

LEVEL = 0.05  # of a page: the chance that any of its claims is carried and should not be
_INTERVAL = 0.95
_PREDICTION = 0.99  # the chance that the values of a whole book's run lie where they should
_SAME = 1e-6  # values nearer than this share of them do not differ: the record's precision
WITH_CHANCE = ("effect", "equivalence", "every seed")


def _quantile(freedom: float, share: float) -> float:
    """Student's t below which a share of its values lies."""
    # Imported here: a build of pages without pools asks for none. scipy.stats takes thrice as long.
    from scipy import special

    return float(special.stdtrit(freedom, share))


class Estimate(NamedTuple):
    """A mean over seeds, with the standard error and degrees of freedom of Student's t."""

    mean: float
    error: float
    freedom: float

    def interval(self, level: float = _INTERVAL) -> tuple[float, float]:
        """The confidence interval of the mean."""
        reach = _quantile(self.freedom, (1 + level) / 2) * self.error
        return self.mean - reach, self.mean + reach

    def above(self, bound: float) -> float:
        """The p value of the one-sided test that the mean is above a bound."""
        if self.error == 0:
            return 0.0 if self.mean > bound else 1.0
        from scipy import special  # as in `_quantile`

        return float(special.stdtr(self.freedom, (bound - self.mean) / self.error))


def estimate(
    values: Sequence[float], variances: Sequence[float] = (), sums: Sequence[float] = ()
) -> Estimate:
    """The mean over seeds, and over the samples of a finite set if values are means over one.

    Seeds and samples are crossed: every seed's model is scored on the same samples. The variance of
    the mean is that of the two-way random design without repetition, (MS_seeds + MS_samples -
    MS_both) / (seeds x groups), with Satterthwaite's degrees of freedom (Satterthwaite 1946, "An
    approximate distribution of estimates of variance components").

    Args:
        values: One value a seed, shape (n_seeds,).
        variances: For each seed the variance of its value, over groups of samples.
        sums: For each group of samples the sum over the seeds of its mean.
    """
    n_seeds, n_groups = len(values), len(sums)
    mean, by_seed = float(np.mean(values)), float(np.var(values, ddof=1))
    if not n_groups:
        return Estimate(mean, math.sqrt(by_seed / n_seeds), n_seeds - 1)
    seeds = n_groups * by_seed
    samples = n_seeds * float(np.var(np.divide(sums, n_seeds), ddof=1))
    within = n_groups * (n_groups - 1) * float(np.sum(variances))
    freedom = (n_seeds - 1) * (n_groups - 1)
    both = max(within - samples * (n_groups - 1), 0.0) / freedom
    # Each part alone is a lower bound; their difference can be anything where there is little data.
    whole = max(seeds + samples - both, seeds, samples)
    if whole == 0:
        return Estimate(mean, 0.0, n_seeds - 1)
    lost = seeds**2 / (n_seeds - 1) + samples**2 / (n_groups - 1) + both**2 / freedom
    return Estimate(mean, math.sqrt(whole / (n_seeds * n_groups)), whole**2 / lost)


def weight(n_seeds: int) -> float:
    """The share of the level that a pool of this size may use: 1/2 for 20, 1/4 for 40, and so on.

    All shares together are 1, so that whoever looks at every size still errs at most so often.
    """
    return 0.5 ** (1 + round(math.log2(n_seeds / pools.SIZE)))


def p_value(rule: Mapping[str, Any], values: Sequence[float], found: Estimate) -> float:
    """How likely a pool like this would be if the sentence were not true.

    Args:
        rule: `kind`, `bound` and `margin` of the claim.
        values: One a seed.
        found: What they estimate.
    """
    above, below = rule["bound"]["above"], rule["bound"]["below"]
    if rule["kind"] == "every seed":
        if not all(_inside(value, rule["bound"]) for value in values):
            return 1.0
        return float(rule["margin"]["value"] ** len(values))
    sides = [found.above(above)] if above is not None else []
    if below is not None:
        sides.append(Estimate(-found.mean, found.error, found.freedom).above(-below))
    return max(sides)


def _inside(value: float, bound: Mapping[str, float | None]) -> bool:
    above, below = bound["above"], bound["below"]
    return (above is None or value > above) and (below is None or value < below)


def holm(p_values: Sequence[float], n_tests: int) -> list[float]:
    """Adjusts p values so that each can be compared with the level of all.

    Args:
        p_values: Those of the tests that could be made.
        n_tests: How many there are; those that could not be made count as not carried.
    """
    order = np.argsort(p_values)
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, number in enumerate(order.tolist()):
        largest = max(largest, min(1.0, (n_tests - place) * p_values[number]))
        adjusted[number] = largest
    return adjusted


def predicted(values: Sequence[float], n_seeds: int, n_claims: int) -> tuple[float, float]:
    """Where the mean of a further run lies, simultaneously for all claims of a book.

    The prediction interval of Hahn and Meeker, "Statistical Intervals" (1991), section 4.8, at
    Bonferroni's level. The run is scored on the same samples as the pool, whose error is no part.

    Args:
        values: The pool, one a seed.
        n_seeds: The seeds of the run.
        n_claims: The claims of the book.
    """
    n, mean = len(values), float(np.mean(values))
    quantile = _quantile(n - 1, 1 - (1 - _PREDICTION) / (2 * max(n_claims, 1)))
    reach = quantile * float(np.std(values, ddof=1)) * math.sqrt(1 / n + 1 / n_seeds)
    reach = max(float(reach), _SAME * max(1.0, abs(mean)))
    return mean - reach, mean + reach


def proven(n_seeds: int, n_tests: int) -> float:
    """The share of seeds that a pool proves where each of its seeds is as the sentence says.

    The lower bound of Clopper and Pearson (1934), for all claims of the page at once.
    """
    return float((LEVEL * weight(n_seeds) / n_tests) ** (1 / n_seeds))


@functools.cache
def _n_claims_at(changed: tuple[tuple[str, int], ...]) -> int:
    names = [name for name, _ in changed]
    return sum(len(pools.read(name)["claims"]) for name in names)


def n_claims() -> int:
    """How many claims the pools of the book hold."""
    files = [(name, pools.path(name)) for name in book.page_names()]
    return _n_claims_at(
        tuple((name, path.stat().st_mtime_ns) for name, path in files if path.exists())
    )


def _of_entry(entry: Mapping[str, Any]) -> Estimate:
    """What the seeds of a pool's entry estimate."""
    return estimate(entry["values"], entry["variances"], entry["sums"])


def _pooled(entry: Mapping[str, Any], rule: Mapping[str, Any], n_tests: int) -> dict[str, Any]:
    """What a pool's full size says of a claim."""
    found, n = _of_entry(entry), len(entry["seeds"])
    whole = {"n": n, "seeds": entry["seeds"], "values": entry["values"], "mean": found.mean}
    whole |= {
        "interval": list(found.interval()),
        "p": min(1.0, p_value(rule, entry["values"], found) / weight(n)),
    }
    if rule["kind"] == "every seed":
        whole["proven"] = proven(n, n_tests) if whole["p"] < 1 else 0.0
    return whole


def where(runs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where runs ran: each processor with its instructions, and versions, once."""
    found = []
    for run in runs:
        machine = run["machine"]
        name = machine["processor"] or machine["machine"]
        if machine["instructions"]:
            name += f" ({', '.join(machine['instructions'])})"
        if (place := {"machine": name, "versions": run["versions"] or {}}) not in found:
            found.append(place)
    return found


def _apart(whole: Mapping[str, Any], claim: str, code: str | None) -> dict[str, Any]:
    """What a claim gave under conditions that are kept apart, and decide nothing."""
    found = {}
    for name, of in whole["elsewhere"].items():
        entry = of["claims"].get(claim)
        if entry and entry["code"] == code and len(entry["seeds"]) > 1:
            guess = _of_entry(entry)
            interval = list(guess.interval())
            found[name] = {"n": len(entry["seeds"]), "mean": guess.mean, "interval": interval}
    return found


def _opposite(rule: Mapping[str, Any], interval: Sequence[float]) -> bool:
    """Whether the interval lies beyond the margin on the side that the sentence denies."""
    low, high = interval
    above, below = rule["bound"]["above"], rule["bound"]["below"]
    if rule["kind"] == "equivalence":
        return low > below or high < above
    of = rule["margin"]["of"]
    return of is not None and above is not None and high < -above


def state(entry: Mapping[str, Any] | None, code: str | None) -> str:
    """Why a pool does not decide a claim, as `judged` says it; "decides" if it does.

    Args:
        entry: What the pool holds of the claim.
        code: The hash of the code that measures it now.
    """
    if entry is None:
        return "missing"
    if entry["code"] != code:
        return "earlier"
    return "decides" if entry["seeds"] else "short"


def _verdict(claim: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[bool | None, str | None]:
    """Whether a claim holds, and why not: by its run or by its pool."""
    if not claim["counts"]:
        return claim["held"], None
    if claim["held"] is False:
        return False, "run"
    if found["state"] != "decides":
        return None, found["state"]
    if found["adjusted"] > LEVEL:
        return False, "opposite" if _opposite(claim, found["interval"]) else "pool"
    low, high = found["predicted"]
    if claim["kind"] != "every seed" and not low <= float(np.mean(claim["values"])) <= high:
        return False, "outside"
    return True, None


def judged(
    measured: Iterable[Mapping[str, Any]], name: str, codes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The claims of a page's run with what decides each.

    Args:
        measured: The evidence that the cells handed over, with the claim's `id`.
        name: The page, whose pool it is.
        codes: The hash of each claim's code, as `source.needed.claim_hashes` gives it.

    Returns:
        The same, with `held` (None where nothing is decided), `why` it is not held, and for a claim
        with chance `pool`: `state` ("decides", "missing", "short", "earlier"); and where a pool is
        there `n` seeds, `seeds`, `values`, `mean`, `interval`, the p value `p` and that `adjusted`
        for the page, `predicted` for this run, the share `proven`, when it was `measured`, and
        `changed`: whether the rule is another one than before the measurement.
    """
    claims = [dict(claim) for claim in measured]
    whole = pools.read(name)
    chance = [claim for claim in claims if claim["kind"] in WITH_CHANCE]
    places = where(whole["runs"])
    for claim in chance:
        entry, code = whole["claims"].get(claim["id"]), codes.get(claim["id"])
        claim["pool"] = {"state": state(entry, code)}
        if entry:
            n_waiting = len(entry["waiting"]["seeds"])
            claim["pool"] |= {"measured": entry["measured"], "waiting": n_waiting}
            claim["pool"]["changed"] = entry["rule"] != pools.rule(claim)
            if entry["seeds"]:
                claim["pool"] |= _pooled(entry, claim, len(chance))
                claim["pool"]["where"] = places
                claim["pool"]["elsewhere"] = _apart(whole, claim["id"], code)
    decided = [claim for claim in chance if claim["pool"]["state"] == "decides"]
    adjusted = holm([claim["pool"]["p"] for claim in decided], len(chance))
    for claim, p in zip(decided, adjusted, strict=True):
        values = claim["pool"]["values"]
        claim["pool"]["adjusted"] = p
        claim["pool"]["predicted"] = list(predicted(values, len(claim["values"]), n_claims()))
    for claim in claims:
        claim.setdefault("pool", None)
        claim["held"], claim["why"] = (
            _verdict(claim, claim["pool"]) if claim["pool"] else (claim["held"], None)
        )
    return claims
