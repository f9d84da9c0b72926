"""What a book says of itself in its `_config.yml`, and what is said where it says it wrongly."""

from __future__ import annotations

import pytest
import yaml

from bookwright import book
from bookwright.problems import ProblemError
from tests.helpers import said

GOOD = {"languages": ["en"], "title": {"en": "Tides"}, "helper": "tides"}


def settings(folder, of):
    (folder / "_config.yml").write_text(yaml.safe_dump({"bookwright": of}), encoding="utf-8")
    return book.settings(folder)


def test_a_book_need_not_say_more_than_its_languages_title_and_helper(tmp_path):
    found = settings(tmp_path, GOOD)
    assert (found.languages, found.title, found.helper) == (("en",), {"en": "Tides"}, "tides")
    assert found.files == {"pdf": "tides", "notebooks": "tides"}
    assert (found.beside, found.drawn_in, found.data) == (("index",), "en", None)
    assert (found.opened_once, found.closed) == ((), ())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"languages": "en"}, r"_config\.yml:3:14: bookwright\.languages: 'en' is not of type "),
        ({"languages": [False, "en"]}, r"bookwright\.languages\.0: False is not of type 'string'"),
        ({"languages": ["en", "de", "fr"]}, r"bookwright\.languages: .* is too long"),
        (
            {"languages": ["xx"], "title": {"xx": "T"}},
            r"languages: unknown locale 'xx'",
        ),
        ({"languages": ["pt-br"]}, r"bookwright\.languages: expected only letters, got 'pt-br'"),
        ({"languages": ["en", "de"]}, r"bookwright\.title: nothing in 'de'"),
        ({"title": None}, r"bookwright\.title: None is not of type 'object'"),
        ({"colour": "blue"}, r"_config\.yml:2:3: bookwright has no setting 'colour': expected one"),
        ({"titke": {"en": "T"}}, r":5:3: bookwright has no setting 'titke': did you mean 'title'"),
        ({"files": {"zip": "x"}}, r":3:5: bookwright\.files: 'zip' is not one of \['pdf', 'notebo"),
        ({"files": {"pdf": "../x"}}, r"bookwright\.files\.pdf: '\.\./x' does not match"),
        ({"data": "tides"}, r"bookwright\.data: 'tides' does not match"),
        ({"beside": [1]}, r"bookwright\.beside\.0: 1 is not of type 'string'"),
        ({"closed": ["test.x"]}, r"bookwright\.closed\.0: 'test\.x' does not match"),
    ],
)
def test_what_is_said_wrongly_is_named_with_its_place(tmp_path, changed, message):
    with pytest.raises(RuntimeError, match=message):
        settings(tmp_path, GOOD | changed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is no book: it has no _config.yml"),
        ("title: [", r"^_config\.yml:1:9: is not YAML: .* line 1"),
        ("just words", "^_config.yml:1:1: the file: expected settings by name, got 'just words'"),
        ("", "^_config.yml: is empty: "),
        ("title: T", "^_config.yml:1:1: the file lacks `bookwright: ...`"),
    ],
)
def test_a_configuration_that_is_none_is_said_in_one_line(tmp_path, text, message):
    if text is not None:
        (tmp_path / "_config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(RuntimeError, match=message) as caught:
        book.settings(tmp_path)
    assert "\n" not in str(caught.value)


def test_all_that_is_wrong_with_a_configuration_is_named_at_once(tmp_path):
    text = "titke: Tides\nexecute: {timeout: long}\nbookwright: {languages: [en], helper: tides}\n"
    (tmp_path / "_config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        book.settings(tmp_path)
    assert said(caught.value.problems) == [
        "_config.yml:1:1: the file has no setting 'titke': did you mean 'title'?",
        "_config.yml:3:13: bookwright lacks `title: ...`",
        "_config.yml:2:20: execute.timeout: 'long' is not of type 'number'",
    ]


# The table of contents


def contents(folder, text):
    (folder / "_toc.yml").write_text(text, encoding="utf-8")
    return book.page_names(folder / "_toc.yml")


TOC = "format: jb-book\nroot: index\nchapters:\n  - file: tides\n  - file: waves\n"


def test_pages_have_the_order_of_the_table_of_contents(tmp_path):
    assert contents(tmp_path, TOC) == ["index", "tides", "waves"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("tides", "tides.md", ":4:11: pages are named without their suffix: tides"),
        ("index", "index.ipynb", ":2:7: pages are named without their suffix: index"),
        ("waves", "tides", ":5:11: the page 'tides' is there already, in line 4: name it once"),
        ("waves", "index", ":5:11: the page 'index' is there already, in line 2: name it once"),
        ("- file: waves", "- fil: waves", ":5:5: entry does not contain one of "),
        ("chapters:", "chapter:", ":3:1: Unknown keys found: {'chapter'}, allowed: "),
        ("format: jb-book", "format: book", ":1:1: 'format' key value not recognised: 'book'"),
        ("root: index\n", "", ":1:1: the file lacks `root: ...`"),
        ("format: jb-book\n", "", ":1:1: the file lacks `format: ...`"),
        ("file: tides", "file: 3", ":4:11: expected the name of a page in book/ko, got 3"),
        *(
            ("file: tides", f"file: {name}", ":4:11: expected the name of a page in book/ko, got ")
            for name in ("/etc/tides", "../../README", "part\\tides", "'tides '", "[tides]", "''")
        ),
        ("file: tides", "glob: '*'", ":4:11: pages are named one by one: file: NAME"),
        ("file: tides", "url: tides", ":4:3: entry validation: 'url' must match"),
        ("chapters:\n", "chapters: [", ":3:14: is not YAML: "),
        ("- file: tides", "- tides", ":4:5: "),
        (
            TOC,
            "- index\n",
            ":1:1: the file: expected `format`, `root` and `chapters`, got ['index']",
        ),
        (TOC, "", ": is empty: "),
    ],
)
def test_a_table_of_contents_that_is_none_is_named_with_its_line(tmp_path, old, new, problem):
    assert TOC.count(old) == 1
    with pytest.raises(ProblemError) as caught:
        contents(tmp_path, TOC.replace(old, new))
    (found,) = said(caught.value.problems)
    assert found.startswith(f"_toc.yml{problem}")
    assert "\n" not in found


# What pages load


def test_data_that_nothing_makes_are_named(monkeypatch):
    monkeypatch.setattr(book, "BOOK", book.BOOK._replace(data=None))
    monkeypatch.setattr(book, "data_sets", dict)
    with pytest.raises(RuntimeError, match=r"loads the tides data: bookwright\.data"):
        book.data_set("tides")


def test_the_book_is_found_from_any_folder_in_it(tmp_path):
    (tmp_path / "_toc.yml").touch()
    within = tmp_path / "book" / "en"
    within.mkdir(parents=True)
    assert book.root(within) == book.root(tmp_path) == tmp_path
    assert book.root(tmp_path.parent) == tmp_path.parent


def test_a_book_is_not_built_by_the_machinery_of_another_clone(tmp_path):
    book.check_own(tmp_path)  # it brings none along
    own, other = tmp_path / "own" / "bookwright", tmp_path / "other" / "bookwright"
    for place in (own, other):
        place.mkdir(parents=True)
        (place / "book.py").touch()
    (tmp_path / "linked").symlink_to("own")
    book.check_own(tmp_path / "own", own)
    book.check_own(tmp_path / "linked", own)
    with pytest.raises(RuntimeError, match=r"own/bookwright is not what runs, but .*PYTHONPATH"):
        book.check_own(tmp_path / "own", other)
