"""What a book says of itself in its `_config.yml`, and what is said where it says it wrongly."""

from __future__ import annotations

import pytest
import yaml

from bookwright import book

GOOD = {"languages": ["en"], "title": {"en": "Tides"}, "helper": "tides"}


def said(folder, of):
    (folder / "_config.yml").write_text(yaml.safe_dump({"bookwright": of}), encoding="utf-8")
    return book.settings(folder)


def test_a_book_need_not_say_more_than_its_languages_title_and_helper(tmp_path):
    found = said(tmp_path, GOOD)
    assert (found.languages, found.title, found.helper) == (("en",), {"en": "Tides"}, "tides")
    assert found.files == {"pdf": "tides", "notebooks": "tides"}
    assert (found.beside, found.drawn_in, found.data) == (("index",), "en", None)
    assert (found.opened_once, found.closed) == ((), ())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"languages": "en"}, r"bookwright\.languages: 'en' is not of type 'array'"),
        ({"languages": [False, "en"]}, r"bookwright\.languages\.0: False is not of type 'string'"),
        ({"languages": ["en", "de", "fr"]}, r"bookwright\.languages: .* is too long"),
        (
            {"languages": ["xx"], "title": {"xx": "T"}},
            r"languages: unknown locale 'xx'",
        ),
        ({"languages": ["pt-br"]}, r"bookwright\.languages: expected only letters, got 'pt-br'"),
        ({"languages": ["en", "de"]}, r"bookwright\.title: nothing in 'de'"),
        ({"title": None}, r"bookwright\.title: None is not of type 'object'"),
        ({"colour": "blue"}, r"'colour' was unexpected"),
        ({"data": "tides"}, r"bookwright\.data: 'tides' does not match"),
        ({"beside": [1]}, r"bookwright\.beside\.0: 1 is not of type 'string'"),
        ({"closed": ["test.x"]}, r"bookwright\.closed\.0: 'test\.x' does not match"),
    ],
)
def test_what_is_said_wrongly_is_named_with_its_place(tmp_path, changed, message):
    with pytest.raises(RuntimeError, match=message):
        said(tmp_path, GOOD | changed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is no book: it has no _config.yml"),
        ("title: [", r"_config\.yml is not YAML: .* line 1"),
        ("just words", "expected settings by name, got 'just words'"),
        ("", "'languages' is a required property"),
    ],
)
def test_a_configuration_that_is_none_is_said_in_one_line(tmp_path, text, message):
    if text is not None:
        (tmp_path / "_config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(RuntimeError, match=message) as caught:
        book.settings(tmp_path)
    assert "\n" not in str(caught.value)


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
