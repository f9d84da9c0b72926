"""What tests of several rooms need: a small book with all that a page may have, and claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bookwright.book import HEADER
from bookwright.claims import pool
from tests import helpers_exercises, helpers_live
from tests.helpers import Book, made_once, make_book, site_once

CLAIM_CELL = """```{code-cell} ipython3
:tags: [remove-cell]

from lessons_src import claims, data, report

claims.effect("grows", [0.3, 0.25, 0.4], seeds=claims.seeds(3), above=0.1)
dataset = data.TextDataset([], [], [], [], {}, (), "directory", {}, ())
report.glue(answer=41.5)
report.end_page(dataset)
```
"""
SENTENCES = {
    "ko": "값은 {glue:text}`answer:.2f`까지 커집니다.",
    "en": "It grows to {glue:text}`answer:.2f`.",
}
GLOSSARY = """- en: loss
  ko: 손실
  also: [비용]
  means:
    en: How wrong it is.
    ko: 틀린 정도입니다.
"""
TERM = {"ko": "{term}`손실 <loss>`", "en": "{term}`loss`"}
ABOVE = {"above": 0.1, "below": None}
TAIL = "\n```{terms}\n```\n\n```{run-info}\n```\n"


def write_whole_page(
    book: Book, *, claim: bool = True, cell: bool = True, drop: str | None = None
) -> None:
    """Writes a page with a formula, a term, a claim and the glossary.

    Args:
        book: Where it goes.
        claim: Whether it has a sentence that claims something.
        cell: Whether it has a cell that measures it.
        drop: A language that lacks the sentence.
    """
    (book.folder / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, sentence in SENTENCES.items():
        text = HEADER + "# Title\n\n$$\nx^2\n$$ (eq-a)\n\n{eq}`eq-a`\n\n"
        text += f"{TERM[language]}, {{book-pdf}}`on paper`\n\n"
        if claim and drop != language:
            text += f":::{{claim}} grows\n{sentence}\n:::\n\n"
        source = CLAIM_CELL if cell else CLAIM_CELL.replace("claims.effect", "dict")
        book.page(language).write_text(text + source + TAIL, encoding="utf-8")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """That book, built; tests only read it."""

    def make(folder: Path) -> None:
        book = make_book(folder)
        write_whole_page(book)
        status, said = book.run("book", "--unchecked")
        assert status == 0, said

    return Book(made_once("whole", make, tmp_path_factory))


def measured(claim: str, kind: str, values: Any, first_seed: int = 0, **changes: Any) -> dict:
    """A claim as a page's cells measured it: one value a seed, or one for each of its samples.

    Args:
        claim: Its id.
        kind: "identity", "fact", "effect", "equivalence" or "every seed".
        values: Of shape (n_seeds,), or (n_seeds, n_samples), where each sample is its own group.
        first_seed: Of seeds in a row.
        changes: What else of it is to be otherwise than for an effect above 0.1.
    """
    scores = np.asarray(values, dtype=float)
    by_sample = {"n_samples": scores.shape[-1], "groups": scores.tolist()}
    margin = {"of": "share", "value": 0.1, "set": "2026-01-02", "name": {}, "reason": {}}
    return {
        "id": claim,
        "kind": kind,
        "values": (scores if scores.ndim == 1 else scores.mean(axis=1)).tolist(),
        "seeds": list(range(first_seed, first_seed + len(scores))),
        "sampling": by_sample if scores.ndim == 2 else None,
        "bound": {"above": -0.1, "below": 0.1} if kind == "equivalence" else ABOVE,
        "margin": margin | {"because": None},
        "held": None,
        "counts": True,
    } | changes


def ran(first_seed: int, n_seeds: int, **changes: Any) -> dict:
    """Where a run ran that is added to a pool, and which seeds it had."""
    machine = {"system": "Linux", "machine": "x86_64", "processor": "A chip", "instructions": []}
    return {
        "seeds": [first_seed, first_seed + n_seeds - 1],
        "made": "2026-02-03",
        "seconds": 1.5,
        "versions": {"keras": "3"},
        "machine": machine,
        "data": {},
    } | changes


@pytest.fixture
def pools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of pools, with none in it."""
    monkeypatch.setattr(pool, "FOLDER", tmp_path / "pool")
    monkeypatch.setattr(pool.book, "ROOT", tmp_path)
    return tmp_path / "pool"


@pytest.fixture(scope="session")
def exercises_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book with exercises, built."""
    return site_once("exercises", helpers_exercises.write, tmp_path_factory)


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book with live cells, built."""
    return site_once("live", helpers_live.write, tmp_path_factory)
