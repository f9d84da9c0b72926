"""The tables of `benchmarks/README.md` are those that the results make."""

from __future__ import annotations

from benchmarks import __main__ as bench
from benchmarks import results, show


def test_the_document_shows_what_was_measured_and_has_a_place_for_each_point_of_its_own():
    [document] = bench.DOCUMENTS
    text = document.read_text(encoding="utf-8")
    assert show.fill(text, results.read()) == text
    for name in ("sites", "build", "runners", "profiles"):
        assert f"<!-- measured: {name} -->\n" in text
        assert name in bench.POINTS
