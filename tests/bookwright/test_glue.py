"""What crosses from cells to the book: the helper hands it over as the schema says."""

from __future__ import annotations

import hashlib
import json
import sys
import types

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from bookwright import glue
from bookwright.runs import recorder
from lessons_src import claims, contract, report
from lessons_src.data import copies

CLAIM = {
    "kind": "fact",
    "values": [1.0],
    "seeds": None,
    "sampling": None,
    "bound": {"above": 0.5, "below": None},
    "margin": None,
    "held": True,
    "counts": True,
}
MARGIN = {
    **{"of": "loss", "value": 0.02, "set": "2026-01-02"},
    **{"name": {"en": "loss"}, "reason": {"en": "It is seen."}, "because": None},
}


@pytest.fixture
def notebook(monkeypatch):
    """A notebook whose only cell shows what the test displays."""
    cell = nbformat.v4.new_code_cell()

    def display(data, raw, metadata):
        cell.outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))

    for module in (contract, report):
        monkeypatch.setattr(module, "display", display)
    return nbformat.v4.new_notebook(cells=[cell])


def test_all_that_the_helper_hands_over_is_as_the_schema_says(notebook):
    report.glue(loss=0.1, names=["a", "b"])
    seeds, scores = [0, 1, 2], np.arange(900.0).reshape(3, 300)
    because = {"en": "It is about tenths.", "ko": "십분의 일을 다룹니다."}
    claims.identity("an-identity", [0.0, 1e-9], within=1e-12)
    claims.fact("a-count", [3.0], above=2)
    claims.effect("an-effect", scores, seeds=seeds, of="accuracy")
    claims.effect("more-than-half", [0.6, 0.7, 0.8], seeds=seeds, above=0.5)
    claims.equivalence("the-same", scores, seeds=seeds, of="loss", within=1, because=because)
    claims.every_seed("each", [0.1, 0.2, 0.3], seeds=seeds, above=0)
    figure, axes = plt.subplots()
    axes.plot([0, 1], [2.0, 3.0], label="loss")
    axes.axhline(2.5)
    axes.set_title("Loss")
    axes.set_xlabel("epoch")
    report.glue_figure("curve", figure)
    report.end_page(types.SimpleNamespace(source="keras", sha256={"a.npz": "0" * 64}))
    given = glue.of_notebook(notebook)
    assert len([name for name in given if name.startswith("claim:")]) == 6
    assert {"loss", "claim:a-count", "claim:the-same", "figure:curve", "run"} <= set(given)
    assert glue.problems(given) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("claim:c", {**CLAIM, "held": "yes"}, "held: 'yes' is not of type 'boolean'"),
        ("claim:c", {k: v for k, v in CLAIM.items() if k != "seeds"}, "'seeds' is a required"),
        ("claim:c", {**CLAIM, "kind": "most"}, "kind: 'most' is not one of"),
        ("claim:c", {**CLAIM, "bound": {"above": 1}}, "bound: 'below' is a required"),
        ("claim:c", {**CLAIM, "values": []}, "values: [] should be non-empty"),
        ("claim:c", {**CLAIM, "seeds": [0, 0]}, "seeds: [0, 0] has non-unique"),
        ("claim:c", {**CLAIM, "margin": {"of": "loss"}}, "margin: 'value' is a required"),
        ("claim:c", {**CLAIM, "margin": {**MARGIN, "set": "soon"}}, "margin.set: 'soon' does not"),
        ("claim:c", {**CLAIM, "margin": {**MARGIN, "name": {"en": 1}}}, "margin.name.en: 1 is not"),
        ("claim:c", {**CLAIM, "sampling": {"n_samples": 9}}, "sampling: 'groups' is a required"),
        (
            "claim:c",
            {**CLAIM, "sampling": {"n_samples": 9, "groups": [[1.0]]}},
            "sampling.groups.0: [1.0] is too short",
        ),
        ("run", {"date": "today"}, "is a required property"),
        ("figure:f", [{"caption": "c"}], "0: 'head' is a required property"),
    ],
)
def test_what_is_laid_out_otherwise_is_named(name, value, said):
    problems = glue.problems({"loss": 0.1, name: value})
    assert any(f"{name!r} is not as glue.schema.json says" in each for each in problems)
    assert any(said in each for each in problems), problems


def test_a_claim_may_have_a_margin_and_what_one_run_does_not_decide():
    chance = {**CLAIM, "kind": "effect", "seeds": [0], "held": None, "margin": MARGIN}
    assert glue.problems({"claim:c": CLAIM, "claim:d": chance}) == []


def test_any_other_value_may_be_what_json_holds():
    assert glue.problems({"loss": [1, {"a": None}], "claims": "all", "running": {}}) == []


def test_the_recorder_hears_what_the_helper_says(monkeypatch):
    heard: dict[str, tuple] = {}
    monkeypatch.setattr("sys.audit", lambda event, *told: heard.setdefault(event, told))
    monkeypatch.setenv("BOOK_SEED_OFFSET", "700")
    claims.seeds(3)
    copy = copies.Copy("keras", {}, {"a.npz": "0" * 64})
    monkeypatch.setattr(copies, "_search", lambda name, online: copy)
    copies.locate("reuters")
    monkeypatch.setattr(recorder, "_offsets", set())
    monkeypatch.setattr(recorder, "_data", {})
    for event, told in heard.items():
        recorder._hear(event, told)
    assert recorder._offsets == {700}
    assert recorder.data() == {"reuters": {"source": "keras", "sha256": {"a.npz": "0" * 64}}}


def test_of_what_was_opened_the_recorder_names_the_files_of_the_package(tmp_path, monkeypatch):
    inside, beside = tmp_path / "wave", tmp_path / "waves"
    for folder in (inside, beside):
        folder.mkdir()
        for name in ("__init__.py", "margins.json"):
            (folder / name).write_text("{}")
    module = types.ModuleType("wave")
    module.__file__ = str(inside / "__init__.py")
    monkeypatch.setitem(sys.modules, "wave", module)
    monkeypatch.chdir(tmp_path)
    opened = {f"{folder}/{name}" for folder in ("wave", "waves") for name in ("gone.json", "a.pyc")}
    opened |= {"waves/margins.json", "wave/sub/../margins.json"}
    monkeypatch.setattr(recorder, "_opened", opened)
    assert recorder.own_files("wave") == {
        f"wave/{name}": hashlib.sha256(b"{}").hexdigest()
        for name in ("__init__.py", "margins.json")
    }


def test_the_schema_and_the_helper_name_the_same_kind_of_output():
    schema = json.loads(glue.SCHEMA.read_text(encoding="utf-8"))
    assert glue.PREFIX == contract.PREFIX
    assert f"{glue.PREFIX}text/plain" in schema["description"]
