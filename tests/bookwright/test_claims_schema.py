"""What `/claims.json` says of each claim, and the schema that is published beside it."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from bookwright.book import HEADER
from bookwright.claims import collect, pool
from bookwright.source import needed
from bookwright.source.facts import facts
from tests.helpers import make_book

CELL = """```{code-cell} ipython3
import numpy as np

from lessons_src import claims, data, report

SEEDS = claims.seeds(3)
found = np.array([np.random.default_rng(seed).normal(0.05, 0.01, 400) for seed in SEEDS])
means = found.mean(axis=1)
claims.effect("decided", found, seeds=SEEDS, of="accuracy")
claims.effect("not-carried", means, seeds=SEEDS, above=0.2)
claims.equivalence("of-its-own", means, seeds=SEEDS, of="loss", within=0.1, because=WHY)
claims.effect("short", means, seeds=SEEDS, of="share")
claims.every_seed("each", means, seeds=SEEDS, above=0.03)
claims.every_seed("fell", means, seeds=SEEDS, above=1)
claims.effect("missing", means, seeds=SEEDS, above=0, below=1)
claims.equivalence("earlier", means - 0.05, seeds=SEEDS, of="accuracy")
claims.identity("exact", [0.0], within=0)
claims.fact("count", [5, 7], above=4)
claims.fact("wrong", False)
report.end_page(data.TextDataset([], [], [], [], {}, (), "directory", {}, ()))
```
""".replace("WHY", '{"ko": "까닭", "en": "why"}')
IDS = [
    *("decided", "not-carried", "of-its-own", "short", "each", "fell", "missing", "earlier"),
    *("exact", "count", "wrong"),
]
POOLED = {"decided": 20, "not-carried": 40, "of-its-own": 20, "short": 3, "each": 20, "earlier": 20}
RUN = {
    "made": "2026-02-03",
    "seconds": 1.5,
    "versions": {"keras": "3"},
    "machine": {"system": "Linux", "machine": "arm64", "processor": "", "instructions": ["NEON"]},
    "data": {},
}


def measured(claim: str, n_seeds: int, first: int) -> dict:
    """What cells handed over of a claim, in a run with other seeds."""
    seeds = list(range(first, first + n_seeds))
    scores = np.array([np.random.default_rng(seed).normal(0.05, 0.01, 400) for seed in seeds])
    groups = scores.reshape(n_seeds, 200, 2).mean(axis=2)
    return {
        "id": claim,
        "kind": "every seed" if claim == "each" else "effect",
        "values": scores.mean(axis=1).tolist(),
        "seeds": seeds,
        "sampling": {"n_samples": 400, "groups": groups.tolist()} if claim == "decided" else None,
        "bound": {"above": 0.01, "below": None},
        "margin": {"of": "accuracy", "value": 0.01, "set": "2026-01-01", "because": None},
        "counts": True,
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A built book with claims of each kind, and pools in each state."""
    book = make_book(tmp_path_factory.mktemp("kinds"))
    sentences = "".join(f":::{{claim}} {name}\nIt is {name} so.\n:::\n\n" for name in IDS)
    text = f"{HEADER}# Title\n\n{sentences}{CELL}\n```{{run-info}}\n```\n"
    for language in ("ko", "en"):
        book.page(language).write_text(text, encoding="utf-8")
    codes = needed.claim_hashes([facts(text).cells[0].source], book.folder)
    codes = {claim: code if claim != "earlier" else "0" * 16 for claim, code in codes.items()}
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(pool, "FOLDER", book.folder / "book" / "pool")
        for first, names in (
            (1000, POOLED),
            (1020, [name for name in POOLED if POOLED[name] > 20]),
        ):
            some = [measured(claim, POOLED[claim], first) for claim in names]
            pool.add("index", some, codes, RUN | {"seeds": [first, first + 19]})
        apart = [measured("decided", 6, 2000)]
        pool.add("index", apart, codes, RUN | {"seeds": [2000, 2005]}, "onednn-avx2", 6)
    status, said = book.run("book", "--unchecked")
    assert status == 0, said
    return book


@pytest.fixture(scope="module")
def claims(published) -> dict[str, dict]:
    return {claim["id"]: claim for claim in json.loads(published.built("claims.json"))}


@pytest.fixture(scope="module")
def schema(published) -> Draft202012Validator:
    found = json.loads(published.built("claims.schema.json"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def test_what_is_published_is_as_the_schema_beside_it_says(claims, schema):
    assert [error.message for error in schema.iter_errors(list(claims.values()))] == []
    assert list(claims) == IDS
    assert {claim["kind"] for claim in claims.values()} == {
        *("identity", "fact", "effect", "equivalence", "every seed")
    }


def test_the_verdict_and_its_reason_are_said_of_each(claims):
    verdicts = {name: (claim["held"], claim["why"]) for name, claim in claims.items()}
    assert verdicts == {
        "decided": (True, None),
        "not-carried": (False, "pool"),
        "of-its-own": (True, None),
        "short": (None, "short"),
        "each": (True, None),
        "fell": (False, "run"),
        "missing": (None, "missing"),
        "earlier": (None, "earlier"),
        "exact": (True, None),
        "count": (True, None),
        "wrong": (False, None),
    }


def test_the_pool_is_said_with_its_seeds_and_what_follows_from_them(claims):
    decided = claims["decided"]["pool"]
    assert (decided["n"], decided["seeds"]) == (20, list(range(1000, 1020)))
    assert decided["interval"][0] < decided["mean"] < decided["interval"][1]
    assert decided["elsewhere"]["onednn-avx2"]["n"] == 6
    assert decided["where"] == [{"machine": "arm64 (NEON)", "versions": {"keras": "3"}}]
    assert claims["not-carried"]["pool"]["n"] == 40
    assert 0.6 < claims["each"]["pool"]["proven"] < 1
    assert claims["of-its-own"]["margin"]["because"] == {"ko": "까닭", "en": "why"}
    assert claims["of-its-own"]["pool"]["changed"], "it was measured by another rule"
    assert claims["exact"]["pool"] is None


def test_how_many_samples_there_are_is_said_and_not_each_groups_mean(published, claims):
    assert claims["decided"]["n_samples"] == 400
    assert claims["missing"]["n_samples"] is None
    assert len(published.built("claims.json")) < 40_000


CHANGES = {
    "no kind": lambda claim: claim.pop("kind"),
    "another kind": lambda claim: claim.update(kind="check"),
    "no margin": lambda claim: claim.update(margin=None),
    "no bound": lambda claim: claim["bound"].update(above=None, below=None),
    "no pool": lambda claim: claim.update(pool=None),
    "a verdict in words": lambda claim: claim.update(held="yes"),
    "an unknown reason": lambda claim: claim.update(why="luck"),
    "a pool in another state": lambda claim: claim["pool"].update(state="good"),
    "a pool that decides by no p value": lambda claim: claim["pool"].pop("adjusted"),
    "half an interval": lambda claim: claim["pool"]["interval"].pop(),
    "a part nobody knows": lambda claim: claim.update(spread=1.0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_schema_refuses_what_is_not_so(claims, schema, change):
    claim = copy.deepcopy(claims["decided"])
    assert schema.is_valid([claim])
    CHANGES[change](claim)
    assert not schema.is_valid([claim])


def test_the_schema_refuses_an_identity_that_waits_for_a_pool(claims, schema):
    for changes in ({"held": None}, {"pool": {"state": "missing"}}):
        assert schema.is_valid([claims["exact"]])
        assert not schema.is_valid([claims["exact"] | changes])


def test_the_published_schema_is_that_of_the_machinery(published):
    assert published.built("claims.schema.json") == collect.SCHEMA.read_text(encoding="utf-8")
