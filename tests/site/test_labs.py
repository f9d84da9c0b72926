"""Every lab of every page opens by each of its links, in both languages, and stays on the site."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from bookwright import book
from tests.conftest import ROOT, Visit
from tests.helpers_labs import Lab

# A lab is written `:::{lab} NAME` on its page, which has the same labs in all languages.
LABS = [
    (path.stem, name)
    for path in sorted((ROOT / "book" / book.LANGUAGES[0]).glob("*.md"))
    for name in re.findall(r"^:::\{lab\} (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
]


def test_every_lab_of_the_book_is_on_a_page():
    folders = {path.parent.name for path in (ROOT / "book" / "labs").glob("*/lab.yml")}
    assert folders <= {name for _, name in LABS}  # others are figures'


@pytest.mark.parametrize(("page", "name"), LABS)
def test_both_languages_link_the_same_settings(visit: Visit, page, name):
    found = []
    for language in book.LANGUAGES:
        links = Lab(visit.open(f"{language}/{page}.html"), name).links
        found.append([link.get_attribute("href") for link in links.all()])
    assert found[0] == found[-1]
    assert len(found[0]) == 3


@pytest.mark.live
@pytest.mark.parametrize("language", book.LANGUAGES)
@pytest.mark.parametrize(("page", "name"), LABS)
def test_a_lab_opens_by_each_of_its_links(visit: Visit, language, page, name):
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.page.emulate_media(reduced_motion="reduce")
    visit.open(f"{language}/{page}.html")
    assert not [each for each in visit.requests if "/labs/" in each]
    lab = Lab(visit.page, name)
    for number in range(3):
        lab.follow(number)
        assert not lab.told.is_visible()
        lab.status.get_by_text(re.compile(r"\d")).wait_for()
    lab.unfold()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        found = Axe().run(visit.page, context={"include": [[".lab"]]}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    assert all(each.startswith(visit.address) for each in visit.requests)
    assert visit.errors == []


@pytest.mark.parametrize(("page", "name"), LABS)
def test_a_lab_opens_side_by_side_by_an_address(visit: Visit, page, name):
    lab = Lab(visit.open(f"en/both/{page}.html?lab={name}~1#lab-{name}"), name)
    lab.ended()
    assert not lab.told.is_visible()
    assert visit.errors == []
