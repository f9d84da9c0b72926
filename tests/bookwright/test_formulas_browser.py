"""Formulas in a browser, with the site's style and font: where their parts stand."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from bookwright import formulas
from bookwright.formulas import font
from bookwright.formulas.convert import to_mathml

STYLE = Path(formulas.__file__).parents[1] / "theme" / "static" / "book.css"
LARGE = 50  # pixels of type in which parts are measured
Show = Callable[..., Page]
# All that these tests show, so that the font is cut once.
SIGNS = font.characters(
    to_mathml(
        r"\mathbf{x}\bm{x}\boldsymbol{\theta}\theta\mathbb{E}\mathrm{E}\mathrm{d}\lVert g \rVert"
        r"\hat{x}\tilde{x}\bar{x}\vec{x}\dot{x}\sqrt{x}\left( x \right)\left[ x \right]"
        r"\begin{cases} a \end{cases} + - = > \leftarrow 0\,1\,2\,a\,b\,c\,d\,e\,i\,t\,x\,y",
        display=False,
    )
)
BOXES = "nodes => nodes.map(node => node.getBoundingClientRect().toJSON())"


@pytest.fixture(scope="module")
def show(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """Shows a formula, in large type unless told otherwise."""
    page = browser.new_page(viewport={"width": 1200, "height": 600})
    cut = tmp_path_factory.mktemp("font") / "math.woff2"
    font.write(SIGNS, cut)
    address = f"data:font/woff2;base64,{base64.b64encode(cut.read_bytes()).decode()}"
    style = STYLE.read_text(encoding="utf-8").replace("math.woff2", address)

    def shown(latex: str, *, display: bool = True, pixels: int = LARGE) -> Page:
        mathml = to_mathml(latex, display)
        assert font.characters(mathml) <= SIGNS
        body = f'<div class="math">{mathml}</div>' if display else f"<p>{mathml}</p>"
        sized = f"{style} math {{ font-size: {pixels}px }}"
        page.set_content(f"<!doctype html><style>{sized}</style>{body}")
        page.evaluate("document.fonts.ready")
        assert page.evaluate("[...document.fonts].every((font) => font.status === 'loaded')")
        return page

    yield shown
    page.close()


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    return page.locator(selector).evaluate_all(BOXES)


def ink(page: Page) -> np.ndarray:
    """What is drawn of the formula: true where its picture is dark."""
    picture = Image.open(io.BytesIO(page.locator("math").screenshot()))
    return np.asarray(picture.convert("L")) < 128


def changed(show: Show, latex: str, other: str) -> float:
    """How much of what two formulas draw is not at the same place, of what the first draws."""
    first, second = ink(show(latex)), ink(show(other))
    height, width = np.minimum(first.shape, second.shape)
    return (first[:height, :width] ^ second[:height, :width]).sum() / first.sum()


def test_the_columns_of_aligned_lines_meet_at_their_sign(show):
    latex = r"\begin{aligned} a &= b + c + d + e \\ a + b + c + d &\leftarrow e \end{aligned}"
    page = show(latex)
    (above, below) = boxes(page, "mtd:nth-child(2) > mo:first-child")
    assert above["x"] == pytest.approx(below["x"], abs=0.5)
    assert above["bottom"] <= below["top"]
    ends = boxes(page, "mtd:first-child > :last-child")
    assert ends[0]["right"] == pytest.approx(ends[1]["right"], abs=0.5)


@pytest.mark.parametrize(
    ("latex", "edges"),
    [
        (r"\begin{cases} 1 & x > 0 \\ x + 1 & y \end{cases}", ("left", "left")),
        (r"\begin{array}{lr} a & b \\ a + b & b + c \end{array}", ("left", "right")),
    ],
)
def test_the_columns_of_a_table_stand_on_the_edge_that_is_asked_for(show, latex, edges):
    page = show(latex)
    for number, edge in enumerate(edges, start=1):
        child = "first-child" if edge == "left" else "last-child"
        above, below = boxes(page, f"mtd:nth-child({number}) > :{child}")
        assert above[edge] == pytest.approx(below[edge], abs=0.5)
        assert above["width"] > 0


@pytest.mark.parametrize(
    ("bold", "plain"), [(r"\mathbf{x}", "x"), (r"\bm{x}", "x"), (r"\boldsymbol{\theta}", r"\theta")]
)
def test_bold_is_bold(show, bold, plain):
    assert ink(show(bold)).sum() > 1.2 * ink(show(plain)).sum()


@pytest.mark.parametrize(("latex", "other"), [(r"\mathbb{E}", r"\mathrm{E}"), (r"\mathrm{d}", "d")])
def test_double_struck_and_upright_letters_are_drawn_otherwise(show, latex, other):
    assert changed(show, latex, other) > 0.2


@pytest.mark.parametrize("latex", [r"\sqrt{x}", r"\left( x \right)", r"\left[ x \right]"])
def test_a_sign_that_grows_has_no_gap_behind_it(show, latex):
    page = show(latex, display=False)
    dark = ink(page).any(axis=0)
    assert dark[-1 - int(0.2 * LARGE) :].any(), "more than a fifth of the type size is empty"


def test_letters_that_reach_below_the_line_have_their_index_where_others_do(show):
    page = show("x_i y_i")
    (x, y) = boxes(page, "msub > :last-child")
    assert abs(x["bottom"] - y["bottom"]) < 0.1 * LARGE


@pytest.mark.parametrize("accent", ["hat", "tilde", "bar", "vec", "dot"])
def test_an_accent_stands_free_above_its_letter(show, accent):
    rows = ink(show(rf"\{accent}{{x}}", pixels=17)).any(axis=1).astype(int)
    assert np.count_nonzero(np.diff(np.r_[0, rows]) == 1) == 2  # where something dark begins


@pytest.mark.parametrize("accent", ["hat", "tilde", "bar", "vec", "dot"])
def test_an_accent_stands_over_the_middle_of_its_letter(show, accent):
    dark = ink(show(rf"\{accent}{{x}}"))
    rows = dark.any(axis=1)
    first = int(np.argmax(rows))
    gap = first + int(np.argmin(rows[first:]))  # where the accent ends
    above, below = (np.flatnonzero(part.any(axis=0)) for part in (dark[:gap], dark[gap:]))
    assert np.mean(above[[0, -1]]) == pytest.approx(np.mean(below[[0, -1]]), abs=0.1 * LARGE)


def test_the_double_bars_of_a_norm_are_no_taller_than_brackets(show):
    (bar, _) = boxes(show(r"\left\lVert \frac{a}{b} \right\rVert"), "mo")
    (bracket, _) = boxes(show(r"\left[ \frac{a}{b} \right]"), "mo")
    assert bar["height"] < 1.1 * bracket["height"]


@pytest.mark.parametrize("latex", [r"\boxed{x}", r"\cancel{x}", r"\bcancel{x}"])
def test_boxes_and_strokes_are_drawn(show, latex):
    assert ink(show(latex)).sum() > 1.2 * ink(show("x")).sum()


def test_a_norm_in_a_fraction_is_no_taller_than_what_it_encloses(show):
    bars = boxes(show(r"\frac{c}{\lVert g \rVert}"), "mfrac mo")
    (letter,) = boxes(show("g"), "mi")
    assert bars[0]["height"] < 1.6 * letter["height"]


def test_what_is_lowered_is_set_closely(show):
    minus = boxes(show("x_{t-1}"), "msub mo")[0]
    letter, digit = boxes(show("x_{t-1}"), "msub mrow > :not(mo)")
    assert minus["left"] - letter["right"] < 0.1 * LARGE
    assert digit["left"] - minus["right"] < 0.1 * LARGE
