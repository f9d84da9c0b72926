"""In the browser a claim shows what was measured and decides nothing.

The seeds are those of the page; whatever else is called shows the values that it was given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_RULE = ("within", "above", "below", "of")


def seeds(n_seeds: int) -> list[int]:
    """The seeds of the page's own run."""
    return list(range(n_seeds))


def on(dataset: object) -> None:
    """Does nothing: no data set is there."""


def _short(value: Any) -> str:  # noqa: ANN401
    try:
        import numpy as np

        numbers = np.asarray(value, dtype=float)
        if numbers.ndim == 2:  # by sample: what is decided is the mean
            numbers = numbers.mean(axis=1)
        return ", ".join(f"{each:.6g}" for each in numbers.ravel())
    except Exception:  # whatever a reader hands over
        return repr(value)


def _show(claim: object = "claim", values: object = (), *_: object, **rule: Any) -> None:  # noqa: ANN401
    said = ", ".join(f"{name} {rule[name]}" for name in _RULE if rule.get(name) is not None)
    print(f"{claim}: {_short(values)}" + (f" ({said})" if said else ""))


def __getattr__(name: str) -> Callable[..., None]:
    if name.startswith("_"):
        raise AttributeError(name)
    return _show
