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
