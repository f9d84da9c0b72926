"""Live cells under WebAssembly, in node: what they show, and what raises there."""

from __future__ import annotations

import pytest

from bookwright import book as our
from bookwright.live import files, needs, wasm
from bookwright.source.facts import facts
from tests import helpers_live as live

FAULT = """import numpy as np

limits = np.array([np.iinfo(np.intp).max])
limits.tolist()"""


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs a page of this text."""
    if said := wasm.missing():
        pytest.skip(said)
    monkeypatch.setattr(our, "ROOT", tmp_path)
    page = our.Page("en", "index")

    def of(text: str):
        page.source.parent.mkdir(parents=True, exist_ok=True)
        page.source.write_text(text, encoding="utf-8")
        return wasm.run(page, needs.of_cells(page.where, facts(text).cells, tmp_path))

    return of


def test_a_cell_shows_what_a_browser_would_show(ran):
    done, problems = ran(live.simple(FAULT))
    assert problems == []
    [cell] = done
    assert cell.shown == f"[{2**31 - 1}]", "another machine than this one: 32 bits"
    assert cell.seconds >= 0


def test_what_raises_there_is_told_with_its_line(ran):
    text = live.simple(f"{FAULT}\nlimits[0] + np.ones(2**29)").replace("```{code", "\n```{code", 1)
    done, [problem] = ran(text)
    assert done == []
    line = 1 + text[: text.index("limits[0]")].count("\n")
    assert problem.file == "book/en/index.md"
    assert problem.line == line
    assert problem.what.startswith(
        "the live cell raises under WebAssembly: ValueError: array is too"
    )


def test_without_node_nothing_is_tried(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert wasm.missing() == "there is no node on the path"
    monkeypatch.undo()
    monkeypatch.setattr(files, "fetch", lambda: "nowhere")
    monkeypatch.setattr(wasm.shutil, "which", lambda name: name)
    assert wasm.missing() == "the Python of browsers is not to be had: nowhere"
