"""The source's recurrent network, as the cells of the chapter define it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lessons_src.chapters import rnn
from retraining import settings, task
from retraining.sets import imdb_sequences


def networks(sources: Mapping[str, str]) -> dict[str, Any]:
    """The classes of the chapter's cells, by name.

    Args:
        sources: What `settings.recurrent_sources` gives.
    """
    namespace: dict[str, Any] = {"np": np, "rnn": rnn}
    for source in sources.values():
        exec(source, namespace)  # so that what is trained is the class that the chapter teaches
    return namespace


def trained(network: type, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Trains a network for each seed with the source's own settings.

    Args:
        network: One of `networks`.
        seeds: Seeds of the weights and of the order of the samples.

    Yields:
        For each seed `history`, a list for each metric with one value an epoch.
    """
    train, validation, _ = imdb_sequences()
    for seed in seeds:
        one = network(int(train[0].max()) + 1, seed=seed)
        yield {"history": one.fit(*train, epochs=20, validation=validation)}


def train(job: dict[str, Any]) -> None:
    """Trains one run in a process of its own; tells each seed's result.

    Args:
        job: `run` and the `seeds` that are left.
    """
    found = networks(settings.recurrent_sources())
    network = found[settings.RECURRENT[job["run"]]]
    task.tell_each(job["seeds"], trained(network, job["seeds"]))
