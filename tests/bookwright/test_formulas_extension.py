"""A wrong formula is a warning of the build with its page and line; the head shows no LaTeX."""

from __future__ import annotations

import io
from pathlib import Path

from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from bookwright.publication import publication

SETTINGS = {
    "extensions": [
        "myst_parser",
        "bookwright.formulas.extension",
        "bookwright.theme.head",
    ],
    "html_math_renderer": "mathml",
    "myst_enable_extensions": ["amsmath", "dollarmath"],
}


def built(folder: Path, text: str) -> tuple[BeautifulSoup, str]:
    """A page, and what Sphinx warned of."""
    (folder / "index.md").write_text(text, encoding="utf-8")
    warnings = io.StringIO()
    with docutils_namespace():
        app = Sphinx(
            folder, None, folder / "out", folder / "trees", "html", SETTINGS,
            status=None, warning=warnings,
        )  # fmt: skip
        app.add_config_value("bookwright_publication", tuple(publication({}, {})), "html")
        app.build()
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    return BeautifulSoup(page, "html.parser"), warnings.getvalue()


def test_a_wrong_formula_is_a_warning_with_its_page_and_line(tmp_path):
    text = "# Title\n\nThe slip: $x_1_2$.\n\n$$\n\\frac{1}\n$$\n"
    page, warnings = built(tmp_path, text)
    first, second = (line for line in warnings.splitlines() if "formula" in line)
    assert 'index.md:3: WARNING: the formula "x_1_2" is wrong at "_2"' in first
    assert r'index.md:5: WARNING: the formula "\frac{1}" is wrong at its end' in second
    assert page.select_one(".body code").text == "x_1_2"


def test_lines_of_one_equation_have_one_number_together(tmp_path):
    text = "# Title\n\n\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n\n$$\nx\n$$ (eq-x)\n"
    page, warnings = built(tmp_path, text)
    assert warnings == ""
    assert [number.text[:3] for number in page.select(".eqno")] == ["(1)", "(2)"]
    assert "(1)" not in "".join(math.text for math in page("math"))


def test_the_head_tells_formulas_in_signs(tmp_path):
    page, warnings = built(tmp_path, "# Why $\\beta_1 < 1$\n\nWith $\\sqrt{x}$, it is said.\n")
    assert warnings == ""
    assert page.title.text.startswith("Why β₁ < 1")
    head = {tag.get("name") or tag.get("property"): tag.get("content") for tag in page("meta")}
    assert head["description"] == head["og:description"] == "With √x, it is said."
    assert head["og:title"] == "Why β₁ < 1"
