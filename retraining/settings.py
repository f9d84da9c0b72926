"""What all trainings agree on: their seeds, their names, and the networks of the chapter."""

from __future__ import annotations

from bookwright import book
from bookwright.source import facts as page_facts

SEEDS = (0, 1, 2, 3, 4)
# Networks that `retraining.trainings` builds in Keras.
KERAS = (
    *("000-default", "000-zeros", "000-normal", "000-glorot", "000-he", "000-batchnorm"),
    *("000-reordered", "000-normalized-after"),
    *("001-early-stopping", "001-nine-epochs", "001-sparse-labels", "001-twenty-epochs"),
    *("001-bottleneck", "004-original", "004-l2", "004-l2-early-stopping", "004-dropout"),
    "004-dropout-again",
)
# The source's network is a class of the recurrent chapter: without the transpose, and with it.
RECURRENT = {"002-source": "Untransposed", "002-transposed": "RecurrentNetwork"}
NAMES = (*KERAS, *RECURRENT)
# The chapter puts the class together in steps, each a class that the next one inherits from.
STEPS = ("RecurrentCell", "ThroughTime")
CHAPTER = book.Page("en", "rnn").source


def recurrent_sources() -> dict[str, str]:
    """The code of the networks that the cells of the recurrent chapter define."""
    cells = page_facts.facts(CHAPTER.read_text(encoding="utf-8")).cells
    return page_facts.class_sources(cells, [*STEPS, *RECURRENT.values()])
