"""Formulas that no page can show are named before anything runs, with page and line."""

from __future__ import annotations

import pytest

from bookwright.checks.formulas import formula_problems


def problems(text: str) -> list[str]:
    return [str(each) for each in formula_problems("page.md", text)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# Title\n\nBefore $x$,\nthen $x_1_2$ and more.\n", 4),
        ("Before $x +\ny$,\nthen $x_1_2$.\n", 3),
        ("# About $x_1_2$\n", 1),
        ("- item\n- $x_1_2$\n", 2),
        ("| a | b |\n|---|---|\n| c | $x_1_2$ |\n", 3),
        ("Term\n: It is $x_1_2$.\n", 2),
        ("$$\na\n+ x_1_2\n$$\n", 3),
        ("$$\na + x_1_2\n$$ (eq-a)\n", 2),
        ("```{math}\n:label: eq-a\n\na +\nx_1_2\n```\n", 5),
        ("\\begin{align}\na &= b \\\\\nc &= x_1_2\n\\end{align}\n", 3),
        ("{math}`x_1_2`\n", 1),
        (":::{exercise} Why $x_1_2$\nDo it.\n:::\n", 1),
        (":::{exercise} Why\n:label: ex-a\n\nDo $x_1_2$.\n:::\n", 4),
        ("```{glue:figure} a\n:alt: b\n\nA caption, $x_1_2$.\n```\n", 4),
    ],
)
def test_a_wrong_formula_is_found_wherever_it_stands(text, line):
    (problem,) = problems(text)
    assert problem.startswith(f"page.md:{line}: the formula ")
    assert "Duplicate subscript or superscript" in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It costs $50 or $60 a month.\n", "begins or ends with a space"),
        ("It costs $50/$60 a month.\n", "a digit follows"),
        ("It costs $50 a month.\n", r"write \$"),
        ("The norm $x + y is long.\n", r"write \$"),
        ("| a | b | c |\n|---|---|---|\n| norm | $|x|$ | long |\n", r"write \vert"),
        ("| a | b |\n|---|---|\n| $\\|x\\|$ | $\\|y\\|$ |\n", r"write \Vert"),
    ],
)
def test_a_dollar_that_ends_no_formula_is_named(text, said):
    (problem,) = problems(text)
    assert said in problem


@pytest.mark.parametrize(
    "text",
    [
        "It costs \\$50 or \\$60, and $x$ costs \\$5.\n",
        "`$HOME` and `a $ b`\n\n```\n$x_1_2$\n```\n",
        "```{code-cell} ipython3\nprint('$x_1_2$')\n```\n",
        "| a | b |\n|---|---|\n| $\\lvert x \\rvert$ | \\$5 |\n",
        "$\\text{a<b}$\n",
        "The norm $\\|x\\|$.\n\n| a | b |\n|---|---|\n| `x\\|y` $z$ | $w$ |\n",
    ],
)
def test_other_dollars_are_left_alone(text):
    assert problems(text) == []
