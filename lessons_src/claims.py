"""Sentences of the book that a run decides: measured over seeds, checked with a margin.

A false sentence stops no page: it is printed, marked wherever the page shows it, and listed at the
end of the build.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lessons_src import contract

if TYPE_CHECKING:
    from lessons_src.data import TextDataset

_WIDTH = 78  # columns of a line, which then fits the box of an output

_other_data: tuple[str, ...] = ()  # how this run's data differ from those of the claims


def on(dataset: TextDataset) -> None:
    """Says which data the following checks measure.

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


def _told(claim: str, evidence: dict[str, Any]) -> str:
    """What a page and a reader's notebook print of a claim that does not hold, in both languages.

    The cells are the same in both languages, so one message has to do for both.
    """
    bound = evidence["bound"]
    whole = "mean / 평균" if bound["of"] == "mean" else "every value / 모든 값"
    limits = [f"> {bound['above']:g}"] if bound["above"] is not None else []
    limits += [f"< {bound['below']:g}"] if bound["below"] is not None else []
    lines = [
        f"claim {claim!r} does not hold in this run / 이번 실행에서는 성립하지 않습니다",
        f"  condition / 조건: {whole} {', '.join(limits)}",
        f"  measured / 측정값: {', '.join(f'{value:.6g}' for value in evidence['values'])}",
    ]
    if len(evidence["values"]) > 1:
        lines.append(f"  mean / 평균: {evidence['mean']:.6g}")
        lines.append(f"  standard deviation / 표준편차: {evidence['spread']:.3g}")
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


def check(
    claim: str,
    values: Sequence[float] | np.ndarray,
    *,
    seeds: Sequence[int] | None = None,
    above: float | None = None,
    below: float | None = None,
    mean: bool = False,
) -> None:
    """Checks a claim's measured values and hands the evidence to the page.

    A claim that does not hold stops nothing. It is printed with what was measured; the page marks
    its sentence; `make test` and `make book STRICT=1` fail if the data are those it is about.

    Args:
        claim: The id that `{claim}` has in the prose, in both languages.
        values: The measured quantity, one value a seed.
        seeds: The seeds, as many as `values`. None if no randomness is involved, as with a
            count or a size; `values` then holds one value for each case counted.
        above: Every value must be greater than this.
        below: Every value must be less than this. At least one of the two is given.
        mean: The bounds hold for the mean over the seeds instead of for every value. For
            effects that show on average only; the sentence must then say "on average".

    Raises:
        ValueError: There is no bound, no value, a value is not finite, or seeds and values
            do not pair up; a claim about randomness needs at least 3 seeds.
    """
    measured = np.asarray(values, dtype=float)
    if measured.ndim != 1 or measured.size == 0 or not np.isfinite(measured).all():
        raise ValueError(f"claim {claim!r}: expected a list of finite values, got {values!r}")
    if above is None and below is None:
        raise ValueError(f"claim {claim!r}: expected a bound, above= or below=, got none")
    if seeds is not None and len(seeds) != measured.size:
        raise ValueError(f"claim {claim!r}: got {measured.size} values for {len(seeds)} seeds")
    if seeds is not None and len(set(seeds)) < 3:
        raise ValueError(f"claim {claim!r}: expected at least 3 different seeds, got {seeds}")
    judged = measured.mean(keepdims=True) if mean else measured
    held = bool(
        (above is None or (judged > above).all()) and (below is None or (judged < below).all())
    )
    spread = float(measured.std(ddof=1)) if measured.size > 1 else 0.0
    evidence = {
        "values": measured.tolist(),
        "mean": float(measured.mean()),
        "spread": spread,
        "seeds": None if seeds is None else [int(seed) for seed in seeds],
        "bound": {"above": above, "below": below, "of": "mean" if mean else "every value"},
        "held": held,
        "counts": not _other_data,  # on other data than the claim is about it fails nothing
    }
    if not held:
        print(_told(claim, evidence))
    contract.publish(f"claim:{claim}", evidence)
