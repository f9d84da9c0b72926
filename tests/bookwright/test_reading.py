"""How long a page takes to read: by words or characters, and by lines of code that are in sight."""

import pytest

from benchmarks import bare_book
from bookwright import reading
from bookwright.book import HEADER
from tests.helpers import make_book

CODE = "```{code-cell} ipython3\n%s\n\na = 1\n\nb = 2\n```\n"
FURTHER = ":::{dropdown} Further: more\n:class-container: further\nWords that do not count.\n:::\n"


def test_words_are_those_of_the_prose():
    prose = "# Four words of title\n\nAnd {ref}`six` more, with $x + y$.\n"
    assert reading.length(HEADER + prose) == (12, sum(map(len, prose.split())), 0)


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("", 2),
        (":tags: [exercise, remove-output]", 2),
        (":tags: [hide-input]", 0),
        (":tags: [remove-cell]", 0),
    ],
)
def test_of_code_the_lines_count_that_are_in_sight(options, lines):
    found = reading.length(HEADER + "# Title\n\n" + CODE % options)
    assert (found.words, found.lines) == (2, lines)


def test_a_lab_does_not_count():
    assert reading.length(":::{lab} one\nA question?\n:::\n").words == 0


def test_a_fold_counts_unless_it_is_marked_as_further():
    before = reading.length(HEADER + "# Title\n").words
    assert reading.length(HEADER + "# Title\n\n" + FURTHER).words == before
    marked = FURTHER.replace(":class-container: further\n", "")
    assert reading.length(HEADER + "# Title\n\n" + marked).words == before + 9


def test_a_minute_holds_200_words_or_500_characters_or_15_lines():
    found = reading.Length(words=200, characters=1_500, lines=15)
    assert found.minutes("en") == pytest.approx(2)
    assert found.minutes("de") == pytest.approx(2)
    assert found.minutes("ko") == pytest.approx(4)
    assert found.minutes("ja") == pytest.approx(4)


def test_a_page_says_how_long_it_takes_in_each_language(tmp_path):
    """And leads old addresses of what has left it to where that is now."""
    prose = "{reading-time}`minutes` minutes. " + "Word " * 1_100
    korean = "{reading-time}`minutes`분. " + "낱말 " * 3_000
    left = "\n```{moved} deep\n:ids: deep-networks index\n```\n"
    there = "# Other\n\n(deep)=\n## Deep\n\nProse.\n"
    book = make_book(
        tmp_path,
        {
            "index": {
                "en": HEADER + f"# Index\n\n{prose}\n{left}",
                "ko": HEADER + f"# 색인\n\n{korean}\n{left}",
            },
            "other": {
                "en": HEADER + there,
                "ko": HEADER + there.replace("Prose", "산문").replace("Deep", "깊이"),
            },
        },
        said=bare_book.SAID | {"beside": ["index", "other"]},
    )
    status, told = book.run("book")
    assert status == 0, told
    assert "10 minutes. Word" in book.built("en/index.html")
    assert "15분. 낱말" in book.built("ko/index.html")
    for language, title in (("en", "Deep"), ("ko", "깊이")):
        page = book.built(f"{language}/index.html")
        assert page.count('id="deep"') == 1
        assert page.count('id="deep-networks"') == 1
        assert page.count('id="index"') == 1  # the page's own title has that now
        assert f'href="other.html#deep"><span class="std std-ref">{title}</span>' in page
