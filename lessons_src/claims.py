"""Sentences of the book that are measured: what kind each is, its margin, and its values.

An identity, a fact and a sentence about every seed can be false in a single run: that is printed,
and stops no page. An effect and an equivalence are about the mean over seeds, which a few seeds do
not decide: the book holds their values against a pool of runs with other seeds.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lessons_src import contract

if TYPE_CHECKING:
    from lessons_src.data import TextDataset

_WIDTH = 78  # columns of a line, which then fits the box of an output
_FEWEST = 3  # seeds: fewer have no spread worth showing
_GROUPS = 200  # of samples; their spread is that of the samples, in a record 200 numbers long

Values: TypeAlias = Sequence[float] | Sequence[Sequence[float]] | np.ndarray

_other_data: tuple[str, ...] = ()  # how this run's data differ from those of the claims


def on(dataset: TextDataset) -> None:
    """Says which data the following claims are measured on.

    The book's claims are about Keras' data. Where only other data can be had, the page still
    runs: a claim that does not hold on them is shown as such and counts for nothing.

    Args:
        dataset: The data of this page. The same texts in another order count as the same data.
    """
    global _other_data
    _other_data = tuple(x for x in dataset.differences if not x.startswith("order:"))


def seeds(n_seeds: int) -> list[int]:
    """The seeds of a page's experiments: 0, 1, 2 and so on, unless the run asks for others.

    A page takes its seeds from here and from nowhere else, so that the same cells can be run again
    with seeds that nobody has looked at: `BOOK_SEED_OFFSET` is added to each of them.

    Args:
        n_seeds: How many.

    Raises:
        ValueError: `n_seeds` is not positive, or `BOOK_SEED_OFFSET` is no whole number from 0.
    """
    if n_seeds < 1:
        raise ValueError(f"expected at least 1 seed, got {n_seeds}")
    offset = os.environ.get("BOOK_SEED_OFFSET") or "0"
    if not offset.isdecimal():
        raise ValueError(f"expected BOOK_SEED_OFFSET to be a whole number, got {offset!r}")
    sys.audit("bookwright.seeds", int(offset))  # the record of a run says which seeds it had
    return list(range(int(offset), int(offset) + n_seeds))


@functools.cache
def margins() -> dict[str, dict[str, Any]]:
    """The smallest difference that matters, for each quantity of the book.

    Returns:
        By the quantity's name: `margin`; `unit`; the day on which it was `set`, before anything was
        measured by it; `name` and `reason` in each language.
    """
    return json.loads(Path(__file__).with_name("margins.json").read_text(encoding="utf-8"))


def identity(
    claim: str,
    differences: Sequence[float] | np.ndarray,
    *,
    within: float,
    seeds: Sequence[int] | None = None,
) -> None:
    """A sentence that is exact in mathematics: only rounding may lie between its two sides.

    Args:
        claim: The id that `{claim}` has in the prose, in both languages.
        differences: How far the two sides are apart, one value a seed or a case.
        within: How far rounding can carry them apart, as follows from the arithmetic: the number
            of operations and the unit roundoff. 0 if they must be equal.
        seeds: The seeds of the examples, as many as values; None if nothing was drawn.

    Raises:
        ValueError: A value is not finite, or seeds and values do not pair up.
    """
    measured = _measured(claim, differences, seeds, by_sample=False)
    held = bool((np.abs(measured) <= within).all())
    evidence = {"bound": {"above": 0 - within, "below": within}, "held": held}
    _publish(claim, "identity", measured, seeds, evidence)


def fact(
    claim: str,
    values: float | bool | Sequence[float] | np.ndarray,
    *,
    above: float | None = None,
    below: float | None = None,
) -> None:
    """A sentence about a count, a size, or what happens without any chance.

    Args:
        claim: The id that `{claim}` has in the prose, in both languages.
        values: What was counted, one value a case; or whether it is so, without a bound.
        above: Every value must be greater than this, a number that the sentence names.
        below: Every value must be less than this.

    Raises:
        ValueError: A value is not finite, or it takes a bound to decide what is no truth value.
    """
    measured = _measured(claim, np.atleast_1d(np.asarray(values)), None, by_sample=False)
    if above is None and below is None:
        if np.asarray(values).dtype != bool:
            raise ValueError(f"claim {claim!r}: expected above=, below= or True and False")
        above = 0.5
    bound = {"above": above, "below": below}
    _publish(claim, "fact", measured, None, {"bound": bound, "held": _within(measured, bound)})


def effect(
    claim: str,
    differences: Values,
    *,
    seeds: Sequence[int],
    of: str | None = None,
    above: float | None = None,
    below: float | None = None,
    because: Mapping[str, str] | None = None,
) -> None:
    """A sentence about a difference that matters: in the mean over seeds it is beyond the margin.

    Args:
        claim: The id that `{claim}` has in the prose, in both languages.
        differences: For each seed the difference in the direction that the sentence says, of shape
            (n_seeds,); or the differences by sample, of shape (n_seeds, n_samples), where scores
            on a finite set are compared, so that the error of that sample of texts counts, too.
        seeds: The seeds, each once: what is measured under several conditions is no repetition.
        of: The quantity, by its name in `margins()`: the mean must be above its margin.
        above: The mean must be above this instead, a number that the sentence names.
        below: The mean must be below this number of the sentence.
        because: Why the margin is not the one of the table, in each language; goes with `above`.

    Raises:
        ValueError: The values are not finite or do not pair up with at least 3 different seeds; no
            bound is given, or a margin of the book's table is departed from without a reason.
    """
    margin = _margin(claim, of, above, because)
    bound = {"above": margin["value"] if of else above, "below": below}
    if bound["above"] is None and below is None:
        raise ValueError(f"claim {claim!r}: expected of=, above= or below=, got none")
    measured = _measured(claim, differences, seeds)
    _publish(claim, "effect", measured, seeds, {"bound": bound, "margin": margin, "held": None})


def equivalence(
    claim: str,
    differences: Values,
    *,
    seeds: Sequence[int],
    of: str | None = None,
    within: float | None = None,
    because: Mapping[str, str] | None = None,
) -> None:
    """A sentence that finds no difference that matters: the mean over seeds is within a margin.

    The sentence prints the margin. It takes both one-sided tests (Schuirmann 1987, "A comparison of
    the two one-sided tests procedure and the power approach"), as `effect` takes one.

    Args:
        claim: The id that `{claim}` has in the prose, in both languages.
        differences: As for `effect`, with their signs.
        seeds: The seeds, each once.
        of: The quantity, by its name in `margins()`, whose margin it is.
        within: The mean must be less than this away from 0 instead.
        because: Why the margin is not the one of the table, in each language; goes with `within`.

    Raises:
        ValueError: As for `effect`.
    """
    margin = _margin(claim, of, within, because)
    size = margin["value"] if of else within
    if size is None:
        raise ValueError(f"claim {claim!r}: expected of= or within=, got none")
    measured = _measured(claim, differences, seeds)
    evidence = {"bound": {"above": -size, "below": size}, "margin": margin, "held": None}
    _publish(claim, "equivalence", measured, seeds, evidence)


def every_seed(
    claim: str,
    values: Sequence[float] | np.ndarray,
    *,
    seeds: Sequence[int],
    above: float | None = None,
    below: float | None = None,
) -> None:
    """A sentence that is to be true of each single run; the page prints the share proven of seeds.

    Args:
        claim: The id that `{claim}` has in the prose, in both languages.
        values: The measured quantity, of shape (n_seeds,).
        seeds: The seeds, each once.
        above: Every value must be greater than this number, which the sentence names.
        below: Every value must be less than this number.

    Raises:
        ValueError: There is no bound, a value is not finite, or values do not pair up with at least
            3 different seeds.
    """
    if above is None and below is None:
        raise ValueError(f"claim {claim!r}: expected a bound, above= or below=, got none")
    measured = _measured(claim, values, seeds, by_sample=False)
    bound = {"above": above, "below": below}
    evidence = {"bound": bound, "margin": _margin(claim, "share of seeds", None, None)}
    _publish(claim, "every seed", measured, seeds, evidence | {"held": _within(measured, bound)})


def _margin(
    claim: str, of: str | None, own: float | None, because: Mapping[str, str] | None
) -> dict[str, Any]:
    """The margin of a claim: the table's, one of its own with the reason, or none but a number."""
    if (own is None or of is None) != (because is None):
        raise ValueError(f"claim {claim!r}: a margin other than that of= and because= go together")
    nothing = dict.fromkeys(("of", "value", "set", "name", "reason", "because"))
    if of is None:
        return nothing | {"value": own}
    if of not in margins():
        raise ValueError(f"claim {claim!r}: expected of= one of {', '.join(margins())}, got {of!r}")
    row = margins()[of]
    if because is not None and set(because) != set(row["reason"]):
        languages = ", ".join(row["reason"])
        raise ValueError(f"claim {claim!r}: expected because= in {languages}, got {because!r}")
    return {
        "of": of,
        "value": row["margin"] if own is None else own,
        "set": row["set"],
        "name": row["name"],
        "reason": row["reason"],
        "because": because and dict(because),
    }


def _measured(
    claim: str, values: Values, seeds: Sequence[int] | None, by_sample: bool = True
) -> np.ndarray:
    measured = np.asarray(values, dtype=float)
    if measured.ndim not in (1, 2) or measured.size == 0 or not np.isfinite(measured).all():
        raise ValueError(f"claim {claim!r}: expected finite values, got {values!r}")
    if measured.ndim == 2 and not (by_sample and measured.shape[1] > 1):
        what = "a value a seed, or at least 2 samples" if by_sample else "one value a seed or case"
        raise ValueError(f"claim {claim!r}: expected {what}, got the shape {measured.shape}")
    if seeds is not None:
        if len(seeds) != len(measured):
            raise ValueError(f"claim {claim!r}: got {len(measured)} values for {len(seeds)} seeds")
        if len(set(seeds)) < max(_FEWEST, len(seeds)):
            raise ValueError(
                f"claim {claim!r}: expected at least {_FEWEST} seeds, each once, got {list(seeds)}"
            )
    return measured


def _within(values: np.ndarray, bound: dict[str, float | None]) -> bool:
    above, below = bound["above"], bound["below"]
    return bool(
        (above is None or (values > above).all()) and (below is None or (values < below).all())
    )


def _sampling(scores: np.ndarray) -> dict[str, Any]:
    """What a record of scores by sample needs, short: samples are put into groups.

    Args:
        scores: Shape (n_seeds, n_samples).

    Returns:
        `n_samples`; and `groups`, for each seed the mean over each group of samples. The mean
        squares of seeds, of groups and of both in a crossed design follow from these, and from them
        the variance of the mean over both.
    """
    # At random, and the same in every run: texts in order of their class are no smaller an error.
    order = np.random.default_rng(0).permutation(scores.shape[1])
    groups = [order[start::_GROUPS] for start in range(min(_GROUPS, len(order)))]
    means = np.array([scores[:, group].mean(axis=1) for group in groups]).T
    return {"n_samples": scores.shape[1], "groups": [_short(of_seed) for of_seed in means]}


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _publish(
    claim: str,
    kind: str,
    measured: np.ndarray,
    seeds: Sequence[int] | None,
    evidence: dict[str, Any],
) -> None:
    values = measured if measured.ndim == 1 else measured.mean(axis=1)
    whole = {
        "kind": kind,
        "values": values.tolist(),
        "seeds": None if seeds is None else [int(seed) for seed in seeds],
        "sampling": _sampling(measured) if measured.ndim == 2 else None,
        "margin": None,
        "counts": not _other_data,  # on other data than the claim is about it fails nothing
        **evidence,
    }
    if whole["held"] is False:
        print(_told(claim, whole))
    contract.publish(f"claim:{claim}", whole)


def _told(claim: str, evidence: dict[str, Any]) -> str:
    """What a page and a reader's notebook print of a claim that does not hold, in both languages.

    The cells are the same in both languages, so one message has to do for both.
    """
    bound = evidence["bound"]
    limits = [f"> {bound['above']:g}"] if bound["above"] is not None else []
    limits += [f"< {bound['below']:g}"] if bound["below"] is not None else []
    if evidence["kind"] == "identity":
        limits = [f"|x| <= {bound['below']:g}"]
    lines = [
        f"claim {claim!r} does not hold in this run / 이번 실행에서는 성립하지 않습니다",
        f"  condition / 조건: every value / 모든 값 {', '.join(limits)}",
        f"  measured / 측정값: {', '.join(f'{value:.6g}' for value in evidence['values'])}",
    ]
    if evidence["seeds"] is not None:
        lines.append(f"  seeds / 시드: {', '.join(map(str, evidence['seeds']))}")
    if _other_data:
        lines.append("  on other data than the claim is about / 주장이 다루는 것과 다른 데이터:")
        lines += [f"    {difference}" for difference in _other_data]
    return "\n".join(map(_wrapped, lines))


def _wrapped(line: str) -> str:
    hangul = sum("가" <= letter <= "힣" for letter in line)  # twice as wide as `textwrap` counts
    return textwrap.fill(
        line,
        _WIDTH - hangul,
        subsequent_indent="    ",
        break_on_hyphens=False,  # a minus sign is none
        break_long_words=False,
    )
