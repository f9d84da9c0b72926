"""Markdown that spoils what its author wrote, or shows what is none of the project's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwright.checks.markdown import markdown_problems
from tests.helpers import said

WHERE = "book/en/tides.md"


def told(text: str, root: Path = Path("/project")) -> list[str]:
    return said(markdown_problems(WHERE, f"# Title\n\n{text}\n", root))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("| a | b | c |\n|---|---|\n| d | e | f |", 4, "this is no table"),
        ("```{dropdown} Title\n\n:open:\n\nText.\n```", 5, "an option is text here"),
        ("## Section {#place}", 3, "braces with attributes are text here"),
        ("{.class}\nA paragraph.", 3, "braces with attributes are text here"),
        ("Text\nand {{ value }}.", 4, "{{ is text here"),
        ("~~gone~~", 3, "~~ is text here"),
        ("_용어_는 중요합니다.", 3, "underscores before a letter"),
        ("또 __용어(term)__를 봅니다.", 3, "underscores before a letter"),
        ("Text\nof 2*3*4 numbers.", 4, "the * around '3' are emphasis here"),
        ("It is a**b**c.", 3, "the ** around 'b' are emphasis here"),
        ("\\begin{align}\na &= b", 3, "LaTeX is text here"),
        (r"Half of it: \frac{1}{2}.", 3, "LaTeX is text here"),
    ],
)
def test_syntax_that_is_shown_as_it_is_written_is_named_with_its_line(text, line, what):
    assert [each.startswith(f"{WHERE}:{line}: {what}") for each in told(text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        r"\{.class}, \{{ x }} and \~~, `{{ x }}`, `~~`, `{#a}`",
        "Text above\n| a | b |\n|---|---|\n| c | d |",
        "2 * 3 * 4, x_1_2, snake_case_word, 가_나_다, _용어_ 는, 가**나**다, un*like*ly, `2*3*4`",
        "[words]{.class} and [a link](https://example.org){.class}",
        "```{dropdown} Title\n:open:\n\nText: {1, 2}, 3:4, and a | b.\n```",
    ],
)
def test_syntax_that_is_read_as_such_is_no_problem(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("A [link](../../../a.txt#b)", 3, "a link"),
        ("One\ntwo ![picture](../../../a.png)", 4, "a picture"),
        ("{download}`../../../a.txt`", 3, "{download}"),
        ("{download}`Words </../../../a.txt>`", 3, "{download}"),
        ("[a](file:///etc/passwd)", 3, "a link"),
        ("```{literalinclude} tides.md\n:diff: ../../../a\n```", 4, "{literalinclude} with :diff:"),
        ("```{csv-table} T\n---\nfile: '../../../a'\n---\n```", 5, "{csv-table} with :file:"),
        ("```{csv-table} T\n:widths: 1,\n  2\n:file: ../../../a\n```", 6, "{csv-table} with"),
        ("```{csv-table} T\n:url: file:///etc/passwd\n```", 4, "{csv-table} with :url:"),
        ("```{figure} ../../../a.png\nText.\n```", 3, "{figure}"),
    ],
)
def test_what_shows_a_file_from_outside_the_project_is_named(text, line, what):
    (problem,) = told(text)
    assert problem.startswith(f"{WHERE}:{line}: {what}")
    assert "shows a file from outside the project" in problem


@pytest.mark.parametrize(
    "text",
    ["[a](../../a.txt) [b](https://example.org/../../x) [c](#d)", "![a](/../_static/a.png)"],
)
def test_files_of_the_project_may_be_shown(text):
    assert told(text) == []
