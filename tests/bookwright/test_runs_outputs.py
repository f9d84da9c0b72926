"""Outputs that would run or load something are refused before they are kept."""

from __future__ import annotations

import json

import nbformat
import pytest

from bookwright.runs import outputs, store
from tests.helpers import FIRST_LINE, make_book

FILES = ("book/ko/index.md", "book/en/index.md")


def page(**data: str) -> nbformat.NotebookNode:
    """A page whose second code cell has an output."""
    shown = nbformat.v4.new_output("display_data", data)
    cells = [
        nbformat.v4.new_code_cell("a"),
        nbformat.v4.new_markdown_cell("b"),
        nbformat.v4.new_code_cell("c", outputs=[shown]),
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("kind", "content", "what"),
    [
        ("text/html", "<script>x</script>", "<script>, in text/html"),
        ("image/svg+xml", "<svg onload='x'/>", "<svg>, in image/svg+xml"),
        ("application/papermill.record/text/html", "<b onclick=x>", "<b> with onclick"),
        ("application/javascript", "alert(1)", "application/javascript, which the site"),
        ("application/vnd.plotly.v1+json", "{}", "application/vnd.plotly.v1+json, which"),
        ("image/png", 'AA==" onerror="x', "what is no picture, in image/png"),
        ("text/markdown", "<script>", "text/markdown, which the site cannot show"),
    ],
)
def test_what_would_run_is_refused_with_its_cell(kind, content, what):
    [found] = outputs.refused(page(**{kind: content, "text/plain": "a"}))
    assert found.cell == 1
    assert found.what.startswith(f"the output of the cell that starts here holds {what}")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        *(("text/plain", "<script>"), ("image/png", "AA==\n"), ("text/html", "<b>a</b>")),
        ("application/papermill.record/text/plain", "[1]"),
    ],
)
def test_what_only_shows_something_is_taken(kind, content):
    assert outputs.refused(page(**{kind: content})) == []


HOSTILE = """from IPython.display import HTML

HTML("<p id='probe'>before</p><script>1</script>")"""


def test_a_page_whose_output_has_a_script_is_named_with_its_line_and_not_kept(tmp_path):
    book = make_book(tmp_path)
    book.write(HOSTILE)
    for _ in range(2):  # nothing of the first time counts
        status, said = book.run()
        assert status == 1
        places = ", ".join(f"{file}:{FIRST_LINE}" for file in sorted(FILES))
        assert f"{places}: the output of the cell that starts here holds <script>" in said
    assert list(tmp_path.glob("_build/cache/runs/*/*.json")) == []
    book.write(HOSTILE.replace("<script>1</script>", ""))
    status, said = book.run()
    assert status == 0, said


def test_a_kept_run_that_holds_a_script_is_thrown_away(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(store, "RUNS", tmp_path)
    settings = store.used.own_settings()
    made = {"python": "", "files": {}, "packages": {}, "data": {}}
    monkeypatch.setattr(store.used, "stale", lambda record, settings: None)
    record = {"page": "tides", "settings": settings.plain(), "used": made, "seconds": 1.0}
    store.save("cells", page(**{"text/html": "<b>a</b>"}), record)
    kept = store.save("cells", page(**{"text/html": "<script>"}), {**record, "used": {}})
    assert json.loads(kept.path.read_text().partition("\n")[0])["page"] == "tides"
    found = store.find("cells", settings)
    assert found is not None
    assert "<b>a</b>" in str(found.notebook())
    assert not kept.path.exists()
    assert capsys.readouterr().out.startswith("a kept run holds what no page may show")
