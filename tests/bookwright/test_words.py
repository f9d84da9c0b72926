"""The words of the interface."""

import pytest

from bookwright import words


@pytest.mark.parametrize(
    ("language", "said_in", "name"),
    [
        ("ko", "en", "Korean"),
        ("en", "ko", "영어"),
        ("fr", "de", "Französisch"),
        ("ja", "ja", "日本語"),
    ],
)
def test_a_language_is_called_as_the_reader_calls_it(language, said_in, name):
    assert words.name_of(language, said_in) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ko: [", "book/words.yml:1:6: is not YAML"),
        ("- a word", "book/words.yml:1:1: the file: expected words by language and name"),
        ("ko: a word", "book/words.yml:1:5: ko: expected words by name, got 'a word'"),
        (
            "ko:\n  claims: {kinds: {fact: [a]}}",
            "book/words.yml:2:26: ko.claims.kinds.fact: expected a text, or texts by name, got ",
        ),
    ],
)
def test_words_that_are_none_are_said_in_one_line(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr(words.book, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / words.OWN).write_text(text, encoding="utf-8")
    with pytest.raises(RuntimeError, match=message) as caught:
        words.of.__wrapped__("ko")
    assert "\n" not in str(caught.value)


def test_a_language_without_words_of_its_own_in_the_book_speaks_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(words.book, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / words.OWN).write_text("en:\n", encoding="utf-8")
    assert words.of.__wrapped__("en")["skip"] == words.ours("en")["skip"]


def test_the_digest_changes_with_what_the_book_says_of_itself(monkeypatch):
    before = words.digest("en")
    files = {**words.book.BOOK.files, "pdf": "another-name"}
    monkeypatch.setattr(words.book, "BOOK", words.book.BOOK._replace(files=files))
    assert words.digest("en") != before
