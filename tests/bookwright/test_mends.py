"""Mends of others' packages: the list of chapters beside a page, memory, what is no valid HTML."""

from __future__ import annotations

import gc
import re
from pathlib import Path

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


def _built(folder: Path, mend: bool) -> tuple[dict[str, bytes], int]:
    """Builds twelve pages that refer to each other; what was written, most trees in memory."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    toctree = ".. toctree::\n\n" + "\n".join(f"   page{k}" for k in range(11))
    for k in range(12):
        name, more = ("index", toctree) if k == 11 else (f"page{k}", "")
        text = f".. _at{k}:\n\nPage {k}\n=======\n\nSee :ref:`at{(k + 1) % 12}`.\n\n{more}\n"
        (pages / f"{name}.rst").write_text(text)
    held = []

    def count(*_: object) -> None:
        gc.collect()
        trees = [each for each in gc.get_objects() if isinstance(each, nodes.document)]
        held.append(sum(str(folder) in tree["source"] for tree in trees))

    with docutils_namespace():
        out, trees = folder / "html", folder / "trees"
        app = Sphinx(pages, None, out, trees, "html", status=None, warning=None)
        if mend:
            app.setup_extension("bookwright.mends.memory")
        for moment in ("env-updated", "build-finished"):
            app.connect(moment, count)
        app.build()
    written = {path.name: path.read_bytes() for path in out.glob("*.html")}
    return written, max(held)


def test_pages_that_are_read_are_not_kept_in_memory_and_written_as_before(tmp_path):
    theirs, n_theirs = _built(tmp_path / "theirs", mend=False)
    ours, n_ours = _built(tmp_path / "ours", mend=True)
    assert len(ours) > 12  # with the index and the search
    assert ours == theirs
    assert n_theirs >= 12 > 4 >= n_ours


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
