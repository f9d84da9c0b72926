"""What is wrong reaches people from here, and from nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def tell_problems(problems: Iterable[object]) -> None:
    """Prints each problem once to standard error, below what was printed before.

    Args:
        problems: Texts, or exceptions whose text says what is wrong and what to do.
    """
    sys.stdout.flush()  # standard error is not held back, and would come first
    for text in dict.fromkeys(str(problem) for problem in problems):
        print(text, file=sys.stderr, flush=True)


def tell_problem(problem: object) -> None:
    """Prints one problem, as `tell_problems` does."""
    tell_problems([problem])
