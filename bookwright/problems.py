"""What is wrong reaches people from here, and from nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable


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


def attempt(work: Callable[[], int], kept: str) -> int:
    """Does the work of a command that takes long, and says what is wrong if it cannot be done.

    Args:
        work: Returns the exit status; what is missing or refused it raises as a RuntimeError or an
            OSError, whose text says what is wrong.
        kept: What is not lost when the work is stopped by Ctrl-C.

    Returns:
        The exit status: 1 after an error, 130 after Ctrl-C.
    """
    try:
        return work()
    except (OSError, RuntimeError) as error:
        tell_problem(error)
        return 1
    except KeyboardInterrupt:
        tell_problem(f"\nstopped; {kept}")
        return 130
