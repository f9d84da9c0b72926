"""The local Sphinx extensions, on tiny books built by the project's own commands."""

from __future__ import annotations

import json
import re

import pytest

from bookwright.book import HEADER
from tests.helpers import Book

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


def write(book: Book, *, claim: bool = True, cell: bool = True, drop: str | None = None) -> None:
    (book.folder / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, sentence in SENTENCES.items():
        text = HEADER + "# Title\n\n$$\nx^2\n$$ (eq-a)\n\n{eq}`eq-a`\n\n"
        text += f"{TERM[language]}, {{book-pdf}}`on paper`\n\n"
        if claim and drop != language:
            text += f":::{{claim}} grows\n{sentence}\n:::\n\n"
        source = CLAIM_CELL if cell else CLAIM_CELL.replace("claims.check", "print")
        path = book.folder / "book" / language / "index.md"
        path.write_text(text + source + TAIL, encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    write(book)
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    return book


def page(book: Book, language: str) -> str:
    return (book.folder / "_build/html" / language / "index.html").read_text(encoding="utf-8")


def test_each_build_speaks_its_language(built):
    for language in ("ko", "en"):
        assert re.search(rf'<html [^>]*lang="{language}"', page(built, language))
    assert "본문으로 건너뛰기" in page(built, "ko")
    assert "Skip to the content" not in page(built, "ko")
    assert "Skip to the content" in page(built, "en")


def test_without_pdfs_no_page_links_to_one(built):
    for language in ("ko", "en"):
        assert "on paper" in page(built, language)
        assert ".pdf" not in page(built, language)


def test_the_sentence_shows_its_evidence_without_a_script(built):
    for language, word in (("ko", "근거"), ("en", "evidence")):
        details = re.search(
            r'<details class="claim-evidence">.*?</details>', page(built, language), re.S
        )
        assert details is not None
        assert word in details[0]
        for value in ("0.3", "0.25", "0.4"):
            assert f"<td>{value}</td>" in details[0]


def test_a_sentence_that_holds_has_no_mark(built):
    for language in ("ko", "en"):
        assert 'class="claim docutils' in page(built, language)
        assert "claim-mark" not in page(built, language)


def test_claims_json_holds_both_sentences_and_the_evidence(built):
    (claim,) = json.loads((built.folder / "_build/html/claims.json").read_text(encoding="utf-8"))
    assert claim["id"] == "grows"
    assert claim["sentence"] == {"ko": "값은 41.50까지 커집니다.", "en": "It grows to 41.50."}
    assert claim["values"] == [0.3, 0.25, 0.4]
    assert claim["mean"] == pytest.approx(sum(claim["values"]) / 3)
    assert claim["bound"]["above"] == 0.1
    assert claim["seeds"] == [0, 1, 2]
    assert claim["held"] is True
    assert claim["counts"] is True


def test_the_glossary_has_every_name_of_a_term_and_both_sentences(built):
    for language, first in (("ko", "손실"), ("en", "loss")):
        entry = re.search(r'<dl class="glossary">.*?</dl>', page(built, language), re.S)
        assert entry is not None
        names = re.findall(r"<dt[^>]*>([^<]+)<", entry[0])
        assert names[0] == first
        assert sorted(names) == ["loss", "비용", "손실"]
        other = {"ko": '<span lang="en">How wrong', "en": '<span lang="ko">틀린 정도'}
        assert other[language] in entry[0]


def test_a_term_links_to_its_entry_from_either_language(built):
    for language, shown in (("ko", "손실"), ("en", "loss")):
        link = re.search(rf'href="#(term-[\w-]+)"><span[^>]*>{shown}<', page(built, language))
        assert link is not None
        assert f'<dt id="{link[1]}">' in page(built, language)


def test_formulas_are_mathml_and_equations_are_numbered(built):
    text = page(built, "en")
    assert "<math" in text
    assert "<msup>" in text
    assert "MathJax" not in text
    assert '<span class="eqno">(1)' in text


def test_the_last_line_says_when_and_with_what_the_page_ran(built):
    record = json.loads((built.folder / "_build/html/build.json").read_text(encoding="utf-8"))
    run = record["pages"]["ko/index"]
    line = re.search(r'<p class="run-info">(.*?)</p>', page(built, "en"), re.S)
    assert line is not None
    assert run["date"] in line[1]
    assert record["versions"]["tensorflow"] in line[1]
    assert f"{run['peak_memory_bytes'] / 1e9:.2f} GB" in line[1]


def test_a_second_build_runs_no_page(built):
    status, output = built.run("book", "--unchecked")
    assert status == 0, output
    assert "ran in" not in output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cell": False}, "no cell measures the claim 'grows'"),
        ({"claim": False}, "no sentence is marked {claim} grows"),
        ({"drop": "en"}, "book/en/index.md lacks the claim 'grows'"),
    ],
)
def test_a_claim_without_its_other_half_is_refused(tmp_path, change, message):
    book = Book(tmp_path)
    write(book, **change)
    status, output = book.run("checks")
    assert status == 1
    assert message in output


def test_a_warning_of_the_build_is_an_error_and_keeps_the_last_site(tmp_path):
    book = Book(tmp_path)
    write(book)
    path = book.folder / "book" / "en" / "index.md"
    path.write_text(path.read_text() + "\n[nowhere](no-such-page.md)\n")
    last = book.folder / "_build" / "html" / "index.html"
    last.parent.mkdir(parents=True)
    last.write_text("the last good site")
    status, output = book.run("book", "--unchecked")
    assert status == 1
    assert "no-such-page.md" in output
    assert last.read_text() == "the last good site"
    status, output = book.run("book", "--unchecked")
    assert status == 1, "the warning must not vanish in the second, incremental build"
