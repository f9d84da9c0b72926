"""Checks, the glossary, new chapters and translations in books of one language or another pair."""

import subprocess

import pytest

from bookwright import book, glossary, letters, words
from bookwright.book import HEADER
from bookwright.chapter import start
from bookwright.checks import all as checks
from bookwright.checks import ready, spelling
from bookwright.translation import lag, report
from tests.helpers import said

PAGE = HEADER + "# {title}\n\n{text} {{term}}`{term} <{target}>`.\n"
ENTRY = "- {de: Verlust, fr: perte, also: [Kosten], means: {de: Wie falsch., fr: Combien.}}\n"


@pytest.fixture
def speaking(monkeypatch):
    """Makes the book one of other languages, whose drafts begin with the same word."""

    def speak(*languages):
        monkeypatch.setattr(book, "LANGUAGES", languages)
        monkeypatch.setattr(words, "of", lambda language: {"to_write": "Noch zu tun"})

    return speak


def write(folder, language, name="one", title="Kopf", text="Das", target="perte"):
    path = folder / "book" / language / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PAGE.format(title=title, text=text, term="Wort", target=target), "utf-8")
    return path


# The checks


def test_a_page_in_one_language_has_no_twin_to_lack(speaking, tmp_path):
    speaking("de")
    write(tmp_path, "de")
    assert checks.all_problems(["one"], tmp_path / "book") == []
    assert said(checks.all_problems(["one", "two"], tmp_path / "book")) == [
        "book/de/two.md: is missing: _toc.yml lists 'two', and each language needs it"
    ]


def test_what_a_page_of_another_pair_lacks_is_named_with_both_files(speaking, tmp_path):
    speaking("de", "fr")
    line = write(tmp_path, "de").read_text("utf-8").splitlines().index("# Kopf") + 3
    write(tmp_path, "fr", target="poids")
    assert said(checks.page_problems("one", tmp_path / "book")) == [
        f"book/de/one.md:{line}: book/fr/one.md lacks the term 'perte'",
        f"book/fr/one.md:{line}: book/de/one.md lacks the term 'poids'",
    ]


@pytest.mark.parametrize(
    ("languages", "target"),
    [(("de", "fr"), "perte"), (("fr", "de"), "Verlust"), (("de",), "Verlust")],
)
def test_an_entry_is_known_by_its_name_in_the_last_language(speaking, tmp_path, languages, target):
    speaking(*languages)
    for language in languages:
        write(tmp_path, language, target=target)
    path = tmp_path / "book" / "glossary.yml"
    path.write_text(ENTRY, encoding="utf-8")
    assert checks.all_problems(["one"], tmp_path / "book") == []
    (entry,) = glossary.entries(path)
    assert glossary.term_id(entry) == target
    assert glossary.names(entry, languages[0])[0] == entry[languages[0]]
    assert set(glossary.names(entry)) == {"Kosten", *(entry[each] for each in languages)}
    for language in languages:
        write(tmp_path, language, target="autre")
    (problem,) = said(checks.all_problems(["one"], tmp_path / "book"))
    assert problem.startswith(f"book/glossary.yml:1:3: no chapter links to {target!r}")


def test_an_entry_without_a_name_or_a_sentence_in_a_language_is_named(speaking, tmp_path):
    speaking("de", "it")
    for language in book.LANGUAGES:
        write(tmp_path, language)
    (tmp_path / "book" / "glossary.yml").write_text(ENTRY, encoding="utf-8")
    assert said(checks.all_problems(["one"], tmp_path / "book")) == [
        "book/glossary.yml:1:3: the entry lacks `it: ...`",
        "book/glossary.yml:1:51: means lacks `it: ...`",
    ]


@pytest.mark.parametrize(
    ("text", "language", "other", "foreign"),
    [
        ("Nobody has yet translated all of this paragraph.", "ko", "en", True),
        ("LSTM, GRU, RNN, CNN, SGD, ReLU, GPU", "ko", "en", False),
        ("Keras의 fit은 one two three four five six", "ko", "en", False),
        ("아무도 옮기지 않은 문단", "en", "ko", True),
        ("The word 과대적합 means overfitting", "en", "ko", False),
        ("誰もこの段落を訳していない。", "en", "ja", True),
        ("Nobody has yet translated all of this paragraph.", "ja", "en", True),
        ("誰もこの段落を訳していない。", "ja", "en", False),
        ("誰もこの段落を訳していない。", "ko", "ja", True),
        ("아무도 옮기지 않은 문단", "ja", "ko", True),
        ("Никто ещё не перевёл этот абзац.", "de", "ru", True),
        ("हिन्दी में लिखा गया अनुच्छेद", "en", "hi", True),
        ("বাংলা ভাষায় লেখা", "bn", "en", False),
        ("Personne n'a encore traduit ce paragraphe.", "de", "fr", False),  # letters cannot tell
        ("Nobody has yet translated all of this paragraph.", "ko", None, False),
    ],
)
def test_a_text_in_the_other_language_is_told_by_its_letters(text, language, other, foreign):
    assert letters.is_foreign(text, language, other, fewest=6) == foreign


def test_an_untranslated_paragraph_is_named_in_words_of_the_checks(speaking, tmp_path):
    speaking("ja", "ru")
    write(tmp_path, "ja", text="Никто ещё не перевёл этот абзац на другой язык")
    write(tmp_path, "ru", title="Название", text="Никто ещё не перевёл этот абзац")
    (found,) = [each for each in ready.missing("one", tmp_path) if "is not in" in each.what]
    assert found.file == "book/ja/one.md"
    assert found.what == "this paragraph is not in Japanese"


def test_pages_in_latin_letters_that_are_not_english_are_not_read_as_english(speaking, tmp_path):
    slip = "t" + "eh"
    write(tmp_path, "de", text=slip)
    speaking("de", "fr")
    assert not spelling.misspelt(tmp_path)
    speaking("ja", "en")
    assert spelling.misspelt(tmp_path)


# New chapters


@pytest.fixture
def templates(tmp_path):
    """A book whose new chapters start with little."""
    folder = tmp_path / "book" / "templates"
    folder.mkdir(parents=True)
    texts = {
        "page.de.md": "# @TITLE@\n\n@LINK_DE@\n\n@CELL@\n",
        "page.fr.md": "# @TITLE@\n\n@LINK_FR@\n\n@CELL@\n",
        "cells.py.txt": "# %% CELL\n@NAME@.draw()\n",
        "module.py.txt": "# @NAME@\n",
        "test.py.txt": "# @ID@\n",
        "term.yml": "- fr: @TERM@\n  de: @TERM@\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "book" / "glossary.yml").write_text(ENTRY.replace("de: V", "de: v"), "utf-8")
    (tmp_path / "_toc.yml").write_text("root: index\nchapters:\n  - file: one\n")
    return tmp_path


@pytest.mark.parametrize("languages", [("de", "fr"), ("de",)])
def test_a_new_chapter_has_a_page_in_each_language_of_the_book(speaking, templates, languages):
    speaking(*languages)
    planned = start.plan("long_memory", templates)
    names = {path.relative_to(templates).as_posix(): text for path, text in planned.items()}
    assert set(names) == {
        *(f"book/{each}/long_memory.md" for each in languages),
        f"{book.BOOK.helper}/chapters/long_memory.py",
        "tests/chapters/test_long_memory.py",
        "book/glossary.yml",
        "_toc.yml",
    }
    assert "long_memory.draw()" in names["book/de/long_memory.md"]
    assert "- fr: long memory\n" in names["book/glossary.yml"]


def test_a_new_chapter_links_to_the_entry_that_has_its_name(speaking, templates):
    speaking("de", "fr")
    planned = {path.name: text for path, text in start.plan("verlust", templates).items()}
    assert "glossary.yml" not in planned
    pages = {path.parent.name: text for path, text in start.plan("verlust", templates).items()}
    assert "{term}`verlust <perte>`" in pages["de"]
    assert "{term}`perte`" in pages["fr"]
    assert start.known_meaning("verlust", templates) == "Combien."


def test_a_template_that_a_language_lacks_is_named(speaking, templates):
    speaking("de", "fr")
    (templates / "book" / "templates" / "page.fr.md").unlink()
    with pytest.raises(ValueError, match=r"^book/templates/page\.fr\.md is missing: "):
        start.plan("verlust", templates)


# What one language changed and the other did not follow


def commit(folder, message):
    names = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    for command in (("add", "--all"), (*names, "commit", "--quiet", "--message", message)):
        subprocess.run(["git", *command], cwd=folder, check=True)


def test_a_section_that_one_language_of_another_pair_changed_is_newer_there(speaking, tmp_path):
    speaking("de", "fr")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    for language in book.LANGUAGES:
        write(tmp_path, language)
    commit(tmp_path, "both")
    assert lag.newer_sections(tmp_path, ["one"]) == []
    write(tmp_path, "fr", text="Une phrase. Encore une phrase.")
    commit(tmp_path, "one")
    (newer,) = lag.newer_sections(tmp_path, ["one"])
    assert (newer.language, newer.other) == ("fr", "de")


def test_in_a_book_of_one_language_nothing_is_newer_and_no_history_is_needed(speaking, tmp_path):
    speaking("de")
    assert lag.newer_sections(tmp_path, ["one"]) == []
    assert report.told() == ""
