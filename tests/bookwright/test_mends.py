"""Mends of others' packages: the list of chapters beside a page, what is no valid HTML."""

from __future__ import annotations

import re

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from bookwright.mends import valid_html
from bookwright.mends.navigation import AROUND, LONG, around

MORE = '<a class="reference internal" href="index.html">…</a>'


def tree(n_entries: int) -> str:
    entries = "".join(
        f'<li class="toctree-l1"><a class="reference internal" href="page{k}.html">Title {k}</a>'
        "</li>\n"
        for k in range(n_entries)
    )
    return f"<ul>\n{entries}</ul>\n"


def test_the_readers_own_page_is_marked_as_sphinx_marks_it():
    shown = around(tree(5), "page2.html", MORE)
    assert shown.startswith('<ul class="current">')
    own = '<li class="toctree-l1 current"><a class="current reference internal" href="#">Title 2<'
    assert own in shown
    assert shown.count("current reference") == 1
    assert [int(k) for k in re.findall(r'href="page(\d+)', shown)] == [0, 1, 3, 4]


def test_a_page_beside_the_list_sees_all_of_a_short_one():
    assert around(tree(LONG), "", MORE) == tree(LONG)


@pytest.mark.parametrize("here", [0, 3, 500, 997, 999])
def test_a_long_list_shows_the_neighbours_and_says_that_there_are_more(here):
    shown = around(tree(1000), f"page{here}.html", MORE)
    near = [k for k in range(here - AROUND, here + AROUND + 1) if 0 <= k < 1000 and k != here]
    assert [int(k) for k in re.findall(r'href="page(\d+)', shown)] == near
    assert shown.count(MORE) == (here > AROUND) + (here < 999 - AROUND)
    assert f'href="#">Title {here}<' in shown


def test_a_pages_list_does_not_grow_with_the_book():
    assert len(around(tree(4000), "page500.html", MORE)) == len(
        around(tree(1000), "page500.html", MORE)
    )


def test_lists_of_parts_keep_their_order_and_only_the_readers_part_is_open():
    two = tree(3) + tree(3).replace("page", "other")
    shown = around(two, "other1.html", MORE)
    assert shown.count("<ul>") == 1
    assert shown.index("<ul>") < shown.index('<ul class="current">')


@pytest.mark.parametrize("depth", ["flat", "nested", "parts"])
def test_every_page_has_the_list_that_sphinx_itself_makes_for_it(tmp_path, depth):
    toctree = ".. toctree::\n   :hidden:\n   :caption: {}\n\n{}\n"
    parts = {"flat": [("One", "ab")], "nested": [("One", "a")], "parts": [("One", "a"), ("2", "b")]}
    lists = [toctree.format(name, "\n".join(f"   {k}" for k in of)) for name, of in parts[depth]]
    for name in ("index", "a", "b"):
        more = "\n".join(lists) if name == "index" else ""
        if depth == "nested" and name == "a":
            more = toctree.format("Below", "   b")
        (tmp_path / f"{name}.rst").write_text(f"Title {name}\n=======\n\n{more}")
    seen = []

    def compare(app, pagename, template, context, doctree):
        if doctree is not None:
            given = {"collapse": False, "titles_only": True, "maxdepth": -1, "includehidden": True}
            theirs = app.builder._get_local_toctree(pagename, **given)
            seen.append((pagename, context["toctree"](**given) == theirs))

    with docutils_namespace():
        app = Sphinx(tmp_path, None, tmp_path / "out", tmp_path / "trees", "html", {}, status=None)
        app.setup_extension("bookwright.mends.navigation")
        app.connect("html-page-context", compare, priority=900)
        app.build()
    assert sorted(seen) == [("a", True), ("b", True), ("index", True)]


def test_the_texts_of_exercises_have_no_id_and_are_no_sections():
    document = new_document("page")
    outer = nodes.section(ids=["exercises"])
    for text in ("one", "two"):
        inner = nodes.section("", nodes.paragraph(text, text), ids=["exercise-content"])
        outer += nodes.admonition("", inner)
    document += outer
    valid_html._no_section_in_exercise(None, document)
    assert [section["ids"] for section in document.findall(nodes.section)] == [["exercises"]]
    boxes = list(document.findall(nodes.container))
    assert [(box["ids"], box.astext()) for box in boxes] == [([], "one"), ([], "two")]
