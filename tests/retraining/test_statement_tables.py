"""What the pages say of the sources' statements follows from the claims of all pages."""

from __future__ import annotations

import io
import re

import pytest
from reproduction_words import REPRODUCTION_WORDS
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from lessons_src.reproduction import statements

WORDS = REPRODUCTION_WORDS["en"]
NOTE = {"ko": "설명", "en": "Note."}
HELD = {"holds": True, "fails": False, "undecided": None}
ENTRIES = [
    {"id": "taller", "claims": {"grows": "for"}, "erratum": "size"},
    {"id": "wider", "claims": {"narrow": "against"}, "erratum": "size"},
    {"id": "alone", "claims": {"narrow": "against"}, "beside": ["grows"]},
    {"id": "liked"},
]
PAGE = """Verdicts
========

Kind :judged:`erratum size`, taller :judged:`statement taller`, liked :judged:`statement liked`,
:judged:`statements held` held, :judged:`statements not-held` not, :judged:`errata part` in part.

.. statements-table::
"""
REST = "Rest\n====\n\n.. statements-table::\n   :without-erratum:\n"


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Builds two pages by what the book finds of its claims; returns their HTML and warnings."""
    whole = [
        {"sources": ["000"], "place": "1", "says": NOTE, "note": NOTE, **entry} for entry in ENTRIES
    ]
    monkeypatch.setattr(statements, "entries", lambda: whole)
    (tmp_path / "index.rst").write_text(PAGE + "\n.. toctree::\n\n   rest\n")
    (tmp_path / "rest.rst").write_text(REST)
    (tmp_path / "chapter.md").write_text(":::{claim} grows\n:::\n:::{claim} narrow\n:::\n")

    def build_it(verdicts, page=PAGE):
        if page != PAGE:
            (tmp_path / "index.rst").write_text(page)
        claims = [{"id": name, "held": HELD[is_], "counts": True} for name, is_ in verdicts.items()]
        warned, written = io.StringIO(), []
        with docutils_namespace():
            app = Sphinx(
                *(tmp_path, None, tmp_path / "html", tmp_path / "trees", "html"),
                confoverrides={
                    "extensions": ["reproduction_tables"],
                    "exclude_patterns": ["*.md"],  # only its claims are read
                    "language": "en",
                },
                status=io.StringIO(),
                warning=warned,
            )
            app.env.bookwright_claims = {"chapter": claims}
            app.connect("html-page-context", lambda app, name, *_: written.append(name))
            app.build()
        pages = [(tmp_path / "html" / f"{name}.html").read_text() for name in ("index", "rest")]
        return *pages, warned.getvalue(), written

    return build_it


def text(html):
    """The words of a page's body."""
    body = html[html.index('<div class="body"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_words_numbers_and_tables_follow_from_the_claims(built):
    index, rest, warned, _ = built({"grows": "holds", "narrow": "holds"})
    assert warned == ""
    said = text(index)
    for part in (
        f"Kind {WORDS['erratum_part']}, taller {WORDS['held']}, liked {WORDS['not-measured']},",
        "1 held, 2 not, 1 in part.",
        f"{WORDS['not-held']} narrow ({WORDS['against']}) {WORDS['beside']}: grows",
    ):
        assert part in said
    assert 'href="chapter.html#claim-grows"' in index
    assert rest.count("<tr") == 2  # the head, and the only refuted one without an entry


def test_a_claim_that_falls_changes_the_pages_that_did_not_change(built):
    built({"grows": "holds", "narrow": "holds"})
    index, rest, _, _ = built({"grows": "holds", "narrow": "undecided"})
    assert f"Kind {WORDS['erratum_open']}, taller {WORDS['held']}" in text(index)
    assert rest.count("<tr") == 1


def test_a_build_in_which_no_claim_changed_writes_no_page_again(built):
    verdicts = {"grows": "holds", "narrow": "fails"}
    assert {"index", "rest"} <= set(built(verdicts)[3])
    assert not {"index", "rest"} & set(built(verdicts)[3])


def test_a_name_that_nothing_has_is_a_warning(built):
    page = PAGE.replace("errata part", "errata whole")
    assert "nothing is called 'errata whole'" in built({}, page)[2]
