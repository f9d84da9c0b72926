"""The whole book as one PDF for each language, read by another library; pages in print view."""

from __future__ import annotations

import copy
import io
import re
import unicodedata
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from lxml.html import HtmlElement
from pypdf import PdfReader

from bookwright import book
from bookwright.pdf import document as whole_book
from bookwright.pdf import print
from bookwright.places import pdf_name, pdf_wanted
from tests.conftest import SITE
from tests.site.conftest import built

pytestmark = pytest.mark.skipif(not pdf_wanted(), reason="BOOK_NO_PDF is set")
NAMES, LANGUAGES = book.page_names(), book.LANGUAGES
BOTH = pytest.mark.parametrize("language", LANGUAGES)
MILLIMETRE = 96 / 25.4
TEXT_WIDTH = round((210 - 2 * 18) * MILLIMETRE)  # A4 without its margins, in CSS pixels


@cache
def reader(language: str) -> PdfReader:
    path = SITE / language / pdf_name(language)
    if not path.exists():
        pytest.fail(f"{path} is missing: run `make book` first")
    return PdfReader(path)


@cache
def article(language: str, name: str) -> HtmlElement:
    """A page of the site as the reader sees it, without the marks beside its headings."""
    found = copy.deepcopy(built(f"{language}/{name}").find(".//article"))
    for mark in found.cssselect(".headerlink, .site-only"):
        mark.drop_tree()
    return found


@cache
def printed_text(language: str, number: int) -> str:
    """The text of a page, counted from 1."""
    return reader(language).pages[number - 1].extract_text()


def words(text: str) -> str:
    return " ".join(text.split())


def letters(text: str) -> str:
    """What can be compared: extraction keeps ligatures, and loses blanks where lines end."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))


@cache
def outline(found: PdfReader) -> list[tuple[str, int, int]]:
    """Title, depth and page (from 1) of each entry."""

    def entries(items: list, depth: int):
        for item in items:
            if isinstance(item, list):
                yield from entries(item, depth + 1)
            else:
                yield words(item.title), depth, found.get_destination_page_number(item) + 1

    return list(entries(found.outline, 0))


@BOTH
def test_the_outline_holds_every_heading_of_every_page_in_order(language):
    say = whole_book.words(language)
    expected = [say["chapters"]]
    for name in NAMES:
        found = article(language, name)
        headings = [words(tag.text_content()) for tag in found.cssselect("h1, h2, h3")]
        if name == NAMES[0]:
            headings[0] = say["about"]
        if found.cssselect(".tag_solution"):
            headings.append(say["answers"])
        expected += headings
    assert [title for title, _, _ in outline(reader(language))] == expected


@BOTH
def test_the_contents_name_the_page_on_which_each_chapter_starts(language):
    found = reader(language)
    chapters = [(title, page) for title, depth, page in outline(found) if depth == 0][1:]
    assert len(chapters) == len(NAMES)
    contents = letters("".join(printed_text(language, i) for i in range(2, chapters[0][1])))
    for title, page in chapters:
        assert f"{letters(title)}{page}" in contents
        assert letters(title) in letters(printed_text(language, page))
        assert str(page) in printed_text(language, page).split(), "the number at the foot"


@BOTH
def test_the_text_of_each_page_can_be_extracted(language):
    found = reader(language)
    starts = [page for _, depth, page in outline(found) if depth == 0][1:]
    for name, start in zip(NAMES, starts, strict=True):
        paragraph = next(article(language, name).iter("p")).text_content()
        text = "".join(printed_text(language, page) for page in (start, start + 1))
        assert letters(paragraph)[:120] in letters(text), name
        assert ("가" <= max(paragraph) <= "힣") == (language == "ko")


@BOTH
def test_every_link_inside_the_book_has_a_place_and_no_other_leads_to_this_machine(language):
    found = reader(language)
    places = {name.removeprefix("/") for name in found.named_destinations}
    inside = 0
    for page in found.pages:
        for annotation in page.get("/Annots", []):
            link = annotation.get_object()
            if "/Dest" in link:
                inside += 1
                assert link["/Dest"].removeprefix("/") in places
            else:
                assert link["/A"]["/URI"].startswith(("https://", "http://"))
    assert inside > 500


@BOTH
def test_every_figure_is_there_with_its_alternative_text(language):
    expected = [
        image.get("alt")
        for name in NAMES
        for image in article(language, name).cssselect("img[alt]")
    ]
    with pikepdf.open(SITE / language / pdf_name(language)) as opened:
        shown = [
            str(item.Alt)
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary)
            and item.get("/S") == "/Figure"
            and "/Alt" in item
        ]
    assert sorted(shown) == sorted(expected)
    assert len(expected) > 20


def fonts(found: PdfReader) -> dict[int, dict]:
    """All fonts that pages use, by object number."""
    return {
        reference.idnum: reference.get_object()
        for page in found.pages
        for reference in page["/Resources"].get("/Font", {}).values()
    }


@BOTH
def test_every_font_is_embedded(language):
    names = set()
    for font in fonts(reader(language)).values():
        if font["/Subtype"] == "/Type3":  # its glyphs are drawings in the file itself
            continue
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), font["/BaseFont"]
        names.add(font["/BaseFont"])
    assert names


@BOTH
def test_the_file_says_what_it_is_and_is_small(language):
    found = reader(language)
    say = whole_book.words(language)
    assert (found.metadata.title, found.metadata.author) == (say["title"], say["authors"])
    root = found.root_object
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"], "a screen reader needs the tags"
    for page in found.pages:
        assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
    assert (SITE / language / pdf_name(language)).stat().st_size < 10e6


@BOTH
def test_the_front_page_links_to_it(visit, language):
    page = visit.open(f"{language}/index.html")
    for link in page.locator(f'a[href$="{pdf_name(language)}"]').all():
        address = link.evaluate("link => link.href")
        assert page.request.get(address).headers["content-type"] == "application/pdf"
    assert page.locator(f'article a[href$="{pdf_name(language)}"]').count() == 1
    assert page.locator(f'.page-menu a[href$="{pdf_name(language)}"]').count() == 1


# What sticks out of the paper, or is cut off in a box of its own.
TOO_WIDE = """width => [...document.querySelectorAll("article *")].filter((node) => {
  const box = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  const clipped = node.scrollWidth > node.clientWidth + 1
    && node.clientWidth > 0 && style.display !== "inline" && style.overflowX !== "visible";
  return box.width && (box.right > width + 1 || clipped);
}).map((node) => node.outerHTML.slice(0, 120))"""
SHOWN = """() => [...document.querySelectorAll(
  "header.book-header, nav, aside.toc-drawer, input, .headerlink, .site-only,"
  + "button:not(th button, .predict-choices button), details:not([open]) summary, dialog"
)].filter((node) => node.checkVisibility()).map((node) => node.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", [f"{lang}/{name}" for name in NAMES for lang in LANGUAGES])
def test_on_paper_a_page_is_light_and_fits_and_has_no_interface(visit, path):
    page = visit.page
    page.add_init_script("localStorage.setItem('theme', 'dark')")
    page.set_viewport_size({"width": TEXT_WIDTH, "height": 900})
    page.emulate_media(media="print", color_scheme="dark")
    visit.open(f"{path}.html")
    assert page.evaluate(TOO_WIDE, TEXT_WIDTH) == []
    assert page.evaluate(SHOWN) == []
    style = "getComputedStyle(document.querySelector('article p'))"
    assert page.evaluate(f"{style}.color") == "rgb(0, 0, 0)"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"


def test_what_a_reader_has_unfolded_is_printed(visit):
    page = visit.page
    page.emulate_media(media="print")
    visit.open("en/reuters.html")
    evidence = page.locator("details.claim-evidence").first
    assert not evidence.is_visible()
    evidence.evaluate("details => { details.open = true; }")
    assert evidence.locator("td").first.is_visible()


DOCUMENT = """<!doctype html><title>t</title><p><a href="#b">B</a>
<span class="page-number" data-of="b" data-say="page {}"></span></p>
<h1>A</h1><div style="break-before: page"></div><h1 id="b">B</h1>"""


def test_page_numbers_are_those_of_the_printed_pages(browser, tmp_path):
    document = tmp_path / "document.html"
    document.write_text(DOCUMENT, encoding="utf-8")
    page = browser.new_page()
    printed = print.render(page, document)
    page.close()
    assert "page 2" in words(PdfReader(io.BytesIO(printed)).pages[0].extract_text())
    described = PdfReader(io.BytesIO(print.describe(printed, "en", ["A", "B"])))
    assert outline(described) == [("A", 0, 1), ("B", 0, 2)]
    with pytest.raises(ValueError, match="2 entries for 1 headings"):
        print.describe(printed, "en", ["A"])


def test_a_missing_figure_is_named(browser, tmp_path: Path):
    document = tmp_path / "document.html"
    document.write_text(DOCUMENT + '<img src="_images/gone.svg">', encoding="utf-8")
    page = browser.new_page()
    with pytest.raises(FileNotFoundError, match=r"_images/gone\.svg"):
        print.render(page, document)
    page.close()
