"""The built pages are valid HTML, and every link within the site leads somewhere."""

from __future__ import annotations

import re

import pytest

from bookwright import book
from bookwright.publication import publication
from bookwright.translation.sections import sections
from bookwright.verify import html as markup
from bookwright.verify.links import Site

EVERY_PAGE = pytest.mark.parametrize("path", [str(page) for page in book.all_pages()])


@EVERY_PAGE
def test_a_page_of_the_book_is_valid_html(site, path):
    assert markup.problems((site / f"{path}.html").read_text(encoding="utf-8")) == []


def test_the_pages_that_nobody_wrote_are_valid_html(site):
    written = {site / f"{page}.html" for page in book.all_pages()}
    others = {*site.rglob("*.html")} - written
    assert site / "index.html" in others
    for path in sorted(others):
        assert markup.problems(path.read_text(encoding="utf-8")) == [], path


def test_every_link_within_the_site_leads_to_a_file_and_a_place(site):
    assert Site(site, publication(book.config()).site).broken() == []


@EVERY_PAGE
def test_a_page_has_a_numbered_place_for_each_section_of_its_source(site, path):
    html = (site / f"{path}.html").read_text(encoding="utf-8")
    source = (book.ROOT / "book" / f"{path}.md").read_text(encoding="utf-8")
    places = re.findall(r'id="section-(\d+)"', html)
    assert places == [str(number) for number in range(len(sections(source)))]
