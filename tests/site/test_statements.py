"""The errata, the table of statements and the claims of the site say the same."""

from __future__ import annotations

import json
import re

import pytest
from reproduction_statements import claim_verdicts, errata_kinds
from reproduction_words import REPRODUCTION_WORDS

from bookwright import book
from lessons_src.reproduction import statements


@pytest.fixture(scope="module")
def found(site):
    """Every statement, judged by the site's own record of its claims."""
    claims = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    return statements.judged(claim_verdicts({"all": claims}))


@pytest.mark.parametrize("language", book.LANGUAGES)
def test_the_kind_of_each_erratum_is_what_its_statements_are_judged(site, found, language):
    words, kinds = REPRODUCTION_WORDS[language], errata_kinds(found)
    page = (book.ROOT / "book" / language / "errata.md").read_text(encoding="utf-8")
    html = (site / language / "errata.html").read_text(encoding="utf-8")
    judged = re.findall(r"^\{judged\}`erratum ([\w-]+)`", page, re.MULTILINE)
    assert len(judged) > 10
    for label in judged:
        [kind] = re.findall(rf'id="errata-{label}".*?<p>([^·<]+) ·', html, re.DOTALL)
        assert kind == words[f"erratum_{kinds[label]}"], label
        assert kinds[label] != "held", f"what {label} calls a mistake is borne out"


@pytest.mark.parametrize("language", book.LANGUAGES)
def test_the_table_has_the_verdict_of_each_statement(site, found, language):
    words = REPRODUCTION_WORDS[language]
    html = (site / language / "reproduction.html").read_text(encoding="utf-8")
    table = html[re.search(r"<table[^>]*statements", html).start() :]
    rows = re.findall(r"<tr.*?</tr>", table[: table.index("</table>")], re.DOTALL)[1:]
    verdicts = [re.findall(r"<td>\s*(?:<p>)?([^<]*)", row)[2] for row in rows]
    for one, shown in zip(found, verdicts, strict=True):
        assert shown.startswith(words[one.verdict]), one.id
