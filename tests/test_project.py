"""The project as a whole: its guides, and how its tests are laid out."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("level", ["## ", "| "])
def test_both_contributing_guides_have_the_same_sections_and_rows(level):
    counts = [
        sum(line.startswith(level) for line in (ROOT / name).read_text("utf-8").splitlines())
        for name in ("CONTRIBUTING.md", "CONTRIBUTING.ko.md")
    ]
    assert counts[0] == counts[1] > 0
