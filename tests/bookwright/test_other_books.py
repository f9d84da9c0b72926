"""Books that are not this one: other names, one language, another pair of languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from bs4 import BeautifulSoup

from bookwright import words
from bookwright.book import HEADER
from tests.helpers import Book, make_book

# The whole helper package of these books: it hands over what the contract asks for.
HELPER = '''"""Tides, and what a page about them says of itself."""

import datetime
import json
import sys

from IPython.display import display

PREFIX = "application/papermill.record/"


def hand_over(name, value):
    metadata = {"scrapbook": {"name": name, "mime_prefix": PREFIX}}
    display({f"{PREFIX}text/plain": json.dumps(value)}, raw=True, metadata=metadata)


def check(claim, values, above):
    hand_over(
        f"claim:{claim}",
        {
            "kind": "fact",
            "values": values,
            "seeds": None,
            "sampling": None,
            "bound": {"above": above, "below": None},
            "margin": None,
            "held": min(values) > above,
            "counts": True,
        },
    )


def end_page():
    hand_over(
        "run",
        {
            "date": datetime.date.today().isoformat(),
            "versions": {"python": "3"},
            "data": {"source": "harbour", "sha256": {}},
            "seconds": 0.5,
            "peak_memory_bytes": 1,
        },
    )


class data:
    @staticmethod
    def load_heights():
        sys.audit("bookwright.data", "heights", "harbour", "{}")
        return [1.0, 2.5]


def prepare(names):
    assert names == ["heights"], names
    return {"heights": {"source": "harbour", "sha256": {}}}
'''
CELL = """from tides import check, data, end_page

heights = data.load_heights()
check("tide-rises", heights, above=0.5)
end_page()"""
PAGE = """# {title}

{prose}

```{{code-cell}} ipython3
{cell}
```

:::{{claim}} tide-rises
{prose}
:::

```{{run-info}}
```
"""
PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "tides"
version = "2.0"
dependencies = ["ipython"]

[tool.setuptools]
packages = ["tides"]
"""
SAID = {
    "en": ("Tides", "The water rises by more than half a metre."),
    "de": ("Gezeiten", "Das Wasser steigt um gut einen halben Meter."),
}


def in_other_words(found: dict, mark: str) -> dict:
    """Every word with a mark, so that one of another language would be seen."""
    return {
        name: in_other_words(word, mark) if isinstance(word, dict) else f"{word} {mark}"
        for name, word in found.items()
    }


class OtherBook(NamedTuple):
    """A book of two pages, in a folder that holds nothing of this project."""

    book: Book

    @property
    def folder(self) -> Path:
        return self.book.folder

    @property
    def site(self) -> Path:
        return self.folder / "_build" / "html"

    def build(self) -> tuple[int, str]:
        return self.book.run("book", PYTHONPATH=str(self.folder / "not_here"))

    def page(self, path: str) -> BeautifulSoup:
        return BeautifulSoup(self.book.built(path), "html.parser")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def other_book(folder: Path, languages: list[str]) -> OtherBook:
    """Writes that book in some languages, and its helper package beside it."""
    helper = folder / "helper"
    write(helper / "tides" / "__init__.py", HELPER)
    for name, text in {
        "pyproject.toml": PROJECT,
        "README.md": "# Tides\n",
        "LICENSE": "Free.\n",
    }.items():
        write(helper / name, text)
    pages: dict[str, dict[str, str]] = {"start": {}, "moon": {}}
    for language in languages:
        title, prose = SAID[language]
        pages["start"][language] = f"{HEADER}# {title}\n\n{prose}\n"
        pages["moon"][language] = HEADER + PAGE.format(title=title, prose=prose, cell=CELL)
    said = {
        "languages": languages,
        "title": {language: SAID[language][0] for language in languages},
        "helper": "tides",
        "data": "tides:prepare",
        "beside": ["start"],
    }
    book = make_book(folder / "book", pages, said=said, project=helper)
    for name in OURS:  # what of this project must not be needed: whoever imports it fails
        write(book.folder / "not_here" / name / "__init__.py", f"raise ImportError({name!r})\n")
    return OtherBook(book)


OURS = ("lessons_src", "retraining", "reproduction_tables")


@pytest.fixture(scope="module")
def in_english(tmp_path_factory: pytest.TempPathFactory) -> OtherBook:
    found = other_book(tmp_path_factory.mktemp("tides"), ["en"])
    status, said = found.build()
    assert status == 0, said
    return found


@pytest.fixture(scope="module")
def in_two(in_english: OtherBook, tmp_path_factory: pytest.TempPathFactory) -> OtherBook:
    found = other_book(tmp_path_factory.mktemp("gezeiten"), ["en", "de"])
    (found.folder / ".venv-reader").symlink_to(in_english.folder / ".venv-reader")
    german = {"de": in_other_words(words.ours("en"), "auf Deutsch")}
    (found.folder / "book" / "words.yml").write_text(yaml.safe_dump(german), encoding="utf-8")
    status, said = found.build()
    assert status == 0, said
    return found


def test_a_book_in_one_language_has_no_way_to_another(in_english):
    page = in_english.page("en/moon.html")
    assert (
        page.select(".language-switch, .side-by-side, link[rel=alternate]:not([hreflang=en])") == []
    )
    assert not (in_english.site / "en" / "both").exists()
    assert page.html["lang"] == "en"
    assert page.select_one(".book-title").text == "Tides"
    assert in_english.page("index.html").select_one("main a")["href"] == "en/index.html"
    assert "start.html" in (in_english.site / "en" / "index.html").read_text()  # its first page


def test_the_page_of_another_helper_shows_its_claim_and_its_run(in_english):
    page = in_english.page("en/moon.html")
    assert SAID["en"][1] in page.select_one("#claim-tide-rises").text
    assert "on data from harbour" in page.select_one(".run-info").text
    (claim,) = json.loads((in_english.site / "claims.json").read_text())
    assert (claim["id"], claim["values"]) == ("tide-rises", [1.0, 2.5])
    assert json.loads((in_english.site / "build.json").read_text())["data"]["heights"]


def test_readers_files_have_the_names_of_their_book(in_english):
    [helper] = in_english.site.glob("*.whl")
    assert re.fullmatch(r"tides-2\.0\+[0-9a-f]{8}-py3-none-any\.whl", helper.name)
    assert (in_english.site / "en" / "notebooks" / "tides-en.zip").exists()
    cell = json.loads((in_english.site / "en" / "notebooks" / "moon.ipynb").read_text())["cells"][0]
    assert "import tides" in "".join(cell["source"])
    assert "lessons" not in "".join(cell["source"])


def test_a_pair_of_languages_leads_from_one_to_the_other(in_two):
    english, german = in_two.page("en/moon.html"), in_two.page("de/moon.html")
    assert english.select_one(".language-switch").text == "Deutsch"
    assert german.select_one(".language-switch").text == "English"
    assert english.select_one(".language-switch")["title"] == "Read this page in German"
    assert (
        german.select_one(".language-switch")["title"] == "Read this page in Englisch auf Deutsch"
    )
    both = in_two.page("de/both/moon.html")
    assert [each["lang"] for each in both.select("article div.pair > *")][:2] == ["de", "en"]
    assert german.select_one("meta[property='og:locale']")["content"] == "de_DE"
    (claim,) = json.loads((in_two.site / "claims.json").read_text())
    assert claim["sentence"] == {language: SAID[language][1] for language in ("en", "de")}


def test_the_interface_speaks_the_words_that_the_book_brings(in_two):
    page = in_two.page("de/moon.html")
    known = words.ours("en")
    for name, place in {
        "skip": ".skip-to-content",
        "evidence": ".claim-evidence summary",
        "page_menu": ".page-menu summary",
        "search_open": ".book-search-open",
    }.items():
        found = page.select_one(place)
        said = (found.text.strip().removeprefix("✓ "), found.get("aria-label"))
        assert f"{known[name]} auf Deutsch" in said


def test_a_word_that_the_book_does_not_bring_is_named(tmp_path, in_two):
    book = other_book(tmp_path, ["en", "de"])
    (book.folder / ".venv-reader").symlink_to((in_two.folder / ".venv-reader").resolve())
    german = in_other_words(words.ours("en"), "auf Deutsch")
    del german["skip"], german["pdf"]["about"]
    text = yaml.safe_dump({"de": german})
    (book.folder / "book" / "words.yml").write_text(text, encoding="utf-8")
    status, said = book.build()
    assert status == 1
    assert "book/words.yml has too few words of the interface in 'de'" in said
    assert "it lacks skip, pdf.about." in said
    assert "Traceback" not in said
    assert not book.site.exists()
