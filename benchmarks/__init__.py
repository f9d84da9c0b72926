"""What the book costs, measured."""

from pathlib import Path

# In the environment of a side: which turn it is, from 0.
TURN = "BENCH_TURN"
# What the sides start from, and environments of their own.
MADE = Path(__file__).parents[1] / "_build" / "benchmarks"
