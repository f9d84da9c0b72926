"""Sentences of the book that a run decides: measured over seeds, checked with a margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lessons_src import report

if TYPE_CHECKING:
    from lessons_src.data import TextDataset

_other_data: tuple[str, ...] = ()  # how this run's data differ from those of the claims


class ClaimError(AssertionError):
    """A sentence of the book is not true in this run."""


def on(dataset: TextDataset) -> None:
    """Says which data the following checks measure.

    The book's claims are about Keras' data. Where only other data can be had, the page still
    runs: a claim that does not hold on them is shown as such and does not stop the page.

    Args:
        dataset: The data of this page. The same texts in another order count as the same data.
    """
    global _other_data
    _other_data = tuple(x for x in dataset.differences if not x.startswith("order:"))


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
        ClaimError: The values break a bound, on the data that the claim is about; the message
            says what was measured.
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
    if not held:
        bounds = [f"above {above:g}"] if above is not None else []
        bounds += [f"below {below:g}"] if below is not None else []
        message = (
            f"claim {claim!r} does not hold: expected {'the mean' if mean else 'every value'} "
            f"{' and '.join(bounds)}, measured {', '.join(f'{value:.6g}' for value in measured)} "
            f"(mean {measured.mean():.6g}, standard deviation {spread:.3g}, seeds {seeds}). "
        )
        if not _other_data:
            raise ClaimError(message + "Change the sentence in both languages, not the bound.")
        print(message + f"The data are others: {' '.join(_other_data)}")
    evidence = {
        "values": measured.tolist(),
        "mean": float(measured.mean()),
        "spread": spread,
        "seeds": None if seeds is None else [int(seed) for seed in seeds],
        "bound": {"above": above, "below": below, "of": "mean" if mean else "every value"},
        "held": held,
    }
    report.publish(f"claim:{claim}", evidence)
