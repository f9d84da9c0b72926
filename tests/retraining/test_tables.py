"""What the reproduction page says when its record was made by other code."""

from __future__ import annotations

import io

import pytest
from reproduction_words import REPRODUCTION_WORDS
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from bookwright.site import build
from lessons_src.reproduction import results
from retraining import made_with


@pytest.fixture
def built(tmp_path):
    """Builds a page with the totals; returns its HTML, the build's output and its warnings."""

    def build_it(language):
        (tmp_path / "index.rst").write_text("Totals\n======\n\n.. reproduction-totals::\n")
        said, warned = io.StringIO(), io.StringIO()
        with docutils_namespace():
            app = Sphinx(
                *(tmp_path, None, tmp_path / "html", tmp_path / "trees", "html"),
                confoverrides={"extensions": ["reproduction_tables"], "language": language},
                status=said,
                warning=warned,
            )
            app.build()
        html = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
        return html, said.getvalue(), warned.getvalue()

    return build_it


@pytest.fixture
def code(monkeypatch):
    """The code that the record names, for a test to change."""
    names = ["retraining/sets.py", *made_with.chapter_classes()]
    found = {name: made_with.code_hash(name) for name in names}
    record = results.record()
    changed = {**record, "made_with": {**record["made_with"], "code": found}}
    monkeypatch.setattr(results, "record", lambda: changed)
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_stale_record_is_noted_on_the_page_and_in_the_output_and_is_no_warning(
    built, code, language
):
    note = REPRODUCTION_WORDS[language]["stale"]
    html, said, warned = built(language)
    assert note not in html
    assert build.notes(said) == []
    assert warned == ""
    code["retraining/sets.py"] = "of last year"
    html, said, warned = built(language)
    assert html.index(note) < html.index("<table")
    [line] = build.notes(said)
    assert "retraining/sets.py" in line
    assert "make reproduce" in line
    assert warned == ""


def test_both_languages_have_the_same_words():
    assert set(REPRODUCTION_WORDS["ko"]) == set(REPRODUCTION_WORDS["en"])
