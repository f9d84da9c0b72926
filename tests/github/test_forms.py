"""The forms of issues: what a page fills in, and that they speak both languages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bookwright.publication import Publication
from tests.conftest import ROOT

FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


def test_a_page_fills_in_the_fields_of_the_form_that_reports_a_mistake():
    known = Publication("https://github.com/owner/name", "main", None, None)
    address = urlsplit(known.mistake("ko", "rnn", "abc123"))
    assert address.path == "/owner/name/issues/new"
    filled = parse_qs(address.query)
    form = yaml.safe_load((FORMS / filled.pop("template")[0]).read_text("utf-8"))
    fields = {part.get("id") for part in form["body"]}
    assert filled == {"page": ["ko/rnn"], "commit": ["abc123"]}
    assert set(filled) <= fields


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_form_speaks_both_languages_and_names_its_fields_once(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    if path.stem == "config":
        return
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    for part in form["body"]:
        text = part["attributes"].get("label", part["attributes"].get("value"))
        assert any("가" <= letter <= "힣" for letter in text), text
        assert any(letter.isascii() and letter.isalpha() for letter in text), text
