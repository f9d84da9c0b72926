"""Pages with markup that would run, load something or hide it are refused, with page and line."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils.utils import new_document

from bookwright import book as pages
from bookwright.book import HEADER
from bookwright.checks import extension
from bookwright.checks.markup import drawing_problems, markup_problems
from tests.helpers import make_book, said

FIRST = HEADER.count("\n") + 1


def told(text: str) -> list[str]:
    return said(markup_problems("book/en/tides.md", HEADER + text))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("A line.\n\n<script>alert(1)</script>", 2, "pages may not hold <script>"),
        ("One\ntwo <b onclick='x'>three</b>", 1, "pages may not hold <b> with onclick"),
        ("- a\n- <iframe src='x'></iframe>", 1, "pages may not hold <iframe>"),
        ("```{note}\n:class: x\n\n<object>\n```", 3, "pages may not hold <object>"),
        ("```{raw} html\n\n<script>x</script>\n```", 0, "pages may not hold <script>"),
        ("```{raw} html\n:file: ../x.html\n```", 0, "{raw} of a file"),
        ("<div title='\n\n' onclick='alert(1)' x='", 0, "a tag or a comment without its end"),
        ("[press](javascript:alert(1))", 0, "the link leads to 'javascript:alert(1)'"),
        ("a\n[press][x]\n\n[x]: JavaScript:alert(1)", 1, "the link leads to 'JavaScript:alert(1)'"),
        ("a <javascript:alert(1)>", 0, "the link leads to 'javascript:alert(1)'"),
        ("[a](data:text/html,x)", 0, "the link leads to 'data:text/html,x'"),
        ("[a](file:///etc/passwd)", 0, "the link leads to 'file:///etc/passwd'"),
        ("![a](https://example.org/a.png)", 0, "'https://example.org/a.png' lies elsewhere"),
        ("![a](//example.org/a.png)", 0, "'//example.org/a.png' lies elsewhere"),
        ("![a](data:image/svg+xml;base64,AA)", 0, "'data:image/svg+xml;base64,AA' lies elsewhere"),
        ("```{figure} http://example.org/a.png\nA\n```", 0, "put it into book/_static"),
        ("```{eval-rst}\n.. raw:: html\n```", 0, "pages may not hold {eval-rst}"),
        ("```{include} x.md\n```", 0, "pages may not hold {include}"),
        # The same directives, as MyST and docutils read their names.
        ("```{include}\tx.md\n```", 0, "pages may not hold {include}"),
        ("```{Include}\u00a0x.md\n```", 0, "pages may not hold {include}"),
        ("```  {eval-rst}\t\n.. raw:: html\n```", 0, "pages may not hold {eval-rst}"),
        ("::: {META}\n:http-equiv=refresh: 0\n:::", 0, "pages may not hold {meta}"),
        ("```{메타}\n:http-equiv=refresh: 0\n```", 0, "pages may not hold {meta}"),
        ("```{포함} x.md\n```", 0, "pages may not hold {include}"),
        ("```{RAW}\thtml\n<script>x</script>\n```", 0, "pages may not hold <script>"),
        ("```{image}\thttp://example.org/a.png\n```", 0, "put it into book/_static"),
        ("<table>\n\n<tr onclick='x'>", 2, "pages may not hold <tr> with onclick"),
        ("```{raw-cell}\n    <script>x</script>\n```", 0, "pages may not hold {raw-cell}"),
        ("```{raw} html\n---\nfile: x.html\n---\n```", 0, "{raw} of a file"),
        ("```{raw} html\n:class: a\n  b\n:file: x.html\n```", 0, "{raw} of a file"),
        ("```{raw} latex\nwords\n```", 0, "readers do not see {raw} latex"),
        ("```{csv-table} T\n:url: https://example.org/a\n```", 0, "{csv-table} with :url:"),
    ],
)
def test_it_is_named_with_its_line(text, line, what):
    problems = told(text)
    assert any(
        problem.startswith(f"book/en/tides.md:{FIRST + line}: ") and what in problem
        for problem in problems
    ), problems


def test_a_header_by_which_a_page_would_be_read_in_another_way_is_named():
    header = HEADER.replace("kernelspec:", "myst:\n  url_schemes: [javascript]\nkernelspec:")
    assert said(markup_problems("a.md", header + "# A")) == [
        "a.md:1: the header may not hold 'myst': all pages are read in the one way"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[a](rnn.md#b), [c](https://example.org/), <https://example.org>, <a@example.org>, [d](#e)",
        "![a](_static/a.png) ![b](data:image/png;base64,AA==)",
        "Press <kbd>Enter</kbd>.<br>\n\n<!-- a note for who writes -->",
        "```html\n<script>x</script>\n```\n\nand `<script>`, `javascript:x`",
        "```{code-cell} ipython3\nprint('<script>')\n```",
        "$a < b$ and 1 < 2 > 0",
    ],
)
def test_what_only_shows_or_leads_somewhere_is_taken(text):
    assert told(text) == []


def test_a_drawing_in_the_books_folder_that_runs_something_is_named(tmp_path):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><g{}/></svg>'
    (tmp_path / "book" / "_static").mkdir(parents=True)
    (tmp_path / "book" / "_static" / "good.svg").write_text(drawing.format(""))
    (tmp_path / "book" / "bad.svg").write_text(drawing.format(' onclick="x"'))
    assert said(drawing_problems(tmp_path / "book")) == [
        "book/bad.svg: a drawing may not hold <g> with onclick: take it out"
    ]


def test_what_directives_and_roles_bring_is_refused_by_the_build(tmp_path):
    book = make_book(tmp_path / "book")
    (tmp_path / "linked.txt").write_text("a")
    (tmp_path / "shown.csv").write_text("a")
    (book.folder / ".hidden").mkdir()
    (book.folder / ".hidden" / "kept.txt").write_text("a")
    caption = ":mystnb: {figure: {caption: 'a <iframe></iframe>'}}"
    prose = (
        "```{card} Title\n:link: javascript:alert(1)\n\nText.\n```\n\n"
        "{bdg-link-primary}`x <javascript:alert(2)>`\n\n"
        "```{admonition} A <object></object>\nText.\n```\n\n"
        "[a](../../../linked.txt) {download}`b <../../.hidden/kept.txt>`\n\n"
        "```{csv-table} C\n :file: ../../../shown.csv\n```"
    )
    book.write(f"{caption}\n\n1 + 1", prose=prose)
    status, said = book.run("book", "--unchecked")
    assert status == 1
    for what in ("javascript:alert(1)", "javascript:alert(2)", "<object>", "<iframe>"):
        lines = [line for line in said.splitlines() if what in line]
        assert lines, what
        assert all("index.md:" in line for line in lines), lines
        assert any("the link leads to" in line or "may not hold" in line for line in lines)
    for name in ("linked.txt", "kept.txt", "shown.csv"):
        assert re.search(rf"index\.md.*: the page brings {name}, a hidden file or one from", said)
    assert not (book.folder / "_build" / "html").exists()


def test_files_are_looked_at_however_an_extension_notes_them(tmp_path: Path, monkeypatch):
    warnings = []
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(extension.logger, "warning", lambda what, **_: warnings.append(what))
    noted = {"tides": {"a.txt", tmp_path / "b.txt", tmp_path.parent / "c.txt", "../../../d.txt"}}
    env = SimpleNamespace(dependencies=noted)
    book = SimpleNamespace(
        env=env, srcdir=tmp_path / "book" / "en", outdir=tmp_path / "_build" / "html"
    )
    extension._look_at_files(book, new_document("tides"), "tides")
    assert [what.split(",")[0] for what in warnings] == [
        "the page brings d.txt",
        "the page brings c.txt",
    ]
