"""A small book with all that a page may have, built once for the tests of several rooms."""

from __future__ import annotations

import pytest

from bookwright.book import HEADER
from tests.helpers import Book, make_book

CLAIM_CELL = """```{code-cell} ipython3
:tags: [remove-cell]

from lessons_src import claims, data, report

claims.check("grows", [0.3, 0.25, 0.4], seeds=[0, 1, 2], above=0.1)
dataset = data.TextDataset([], [], [], [], {}, (), "directory", {}, ())
report.glue(answer=41.5)
report.end_page(dataset)
```
"""
SENTENCES = {
    "ko": "값은 {glue:text}`answer:.2f`까지 커집니다.",
    "en": "It grows to {glue:text}`answer:.2f`.",
}
GLOSSARY = """- en: loss
  ko: 손실
  also: [비용]
  means:
    en: How wrong it is.
    ko: 틀린 정도입니다.
"""
TERM = {"ko": "{term}`손실 <loss>`", "en": "{term}`loss`"}
TAIL = "\n```{terms}\n```\n\n```{run-info}\n```\n"


def write_whole_page(
    book: Book, *, claim: bool = True, cell: bool = True, drop: str | None = None
) -> None:
    """Writes a page with a formula, a term, a claim and the glossary.

    Args:
        book: Where it goes.
        claim: Whether it has a sentence that claims something.
        cell: Whether it has a cell that measures it.
        drop: A language that lacks the sentence.
    """
    (book.folder / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, sentence in SENTENCES.items():
        text = HEADER + "# Title\n\n$$\nx^2\n$$ (eq-a)\n\n{eq}`eq-a`\n\n"
        text += f"{TERM[language]}, {{book-pdf}}`on paper`\n\n"
        if claim and drop != language:
            text += f":::{{claim}} grows\n{sentence}\n:::\n\n"
        source = CLAIM_CELL if cell else CLAIM_CELL.replace("claims.check", "print")
        book.page(language).write_text(text + source + TAIL, encoding="utf-8")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """That book, built; tests only read it."""
    book = make_book(tmp_path_factory.mktemp("book"))
    write_whole_page(book)
    status, said = book.run("book", "--unchecked")
    assert status == 0, said
    return book
