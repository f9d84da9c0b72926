"""Is a published number one that our runs could give, and is a difference more than chance?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.stats


class Comparison(NamedTuple):
    """One published number against our runs; `ours` has shape (n_seeds,)."""

    published: float
    digits: int  # decimals that the source prints
    ours: np.ndarray

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(self.ours.mean())

    @property
    def std(self) -> float:
        """Standard deviation over the seeds, with n - 1."""
        return float(self.ours.std(ddof=1))

    @property
    def distance(self) -> float | None:
        """How many standard deviations the source lies above our mean; None if there are none."""
        return (self.published - self.mean) / self.std if self.std > 1e-9 else None

    @property
    def inside(self) -> bool:
        """Whether the source's number is one that a further seed of ours could give.

        It lies in the 95 % prediction interval for one more run, mean ± t s √(1 + 1/n) with the
        quantile t of Student's distribution (Hahn and Meeker, "Statistical Intervals", ch. 4),
        after rounding as the source rounds.
        """
        n = len(self.ours)
        reach = scipy.stats.t.ppf(0.975, n - 1) * self.std * np.sqrt(1 + 1 / n)
        return bool(abs(self.published - self.mean) <= reach + 0.5 * 10.0**-self.digits)


def confidence_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % confidence interval of the mean, by Student's distribution; values of shape (n,)."""
    n = len(values)
    reach = scipy.stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return float(values.mean() - reach), float(values.mean() + reach)
