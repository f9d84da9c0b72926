"""What goes into the search index."""

from __future__ import annotations

import json

import pytest

from bookwright import book
from bookwright.search import index, korean

PAGE = """<html><body><nav>menu</nav><article><section id="top">
<h1>순환 신경망<a class="headerlink">#</a></h1><p>첫 문단</p>
<div class="cell"><div class="highlight"><pre>import keras
keras.layers.SimpleRNN(16)</pre></div><div class="cell_output"><pre>0.123 출력</pre></div></div>
<section id="cell"><h2>순환 셀</h2><p>둘째 문단</p>
<figure><figcaption>그림의 설명</figcaption></figure>
<div class="claim">주장입니다.<details class="claim-evidence">근거</details></div>
<aside class="footnote">[1] Elman</aside></section></section></article></body></html>"""

GLOSSARY = """<article><section id="words"><h1>용어집</h1><p>모았습니다.</p><dl class="glossary">
<dt id="term-a">과대적합</dt><dt id="term-b">overfitting</dt><dd><p>외우는 현상</p></dd>
<dt id="term-c">편향</dt><dd><p>더하는 수</p></dd></dl></section></article>"""

TEXTS = ["데이터를 데이터의 데이터는 데이터", "규제를 규제의 규제", "결과", "값을 정리한다"]


def test_a_section_is_found_without_its_outputs_and_its_subsections():
    top, cell = index.sections(PAGE, "rnn")
    assert (top.address, top.title, top.text) == ("rnn.html#top", "순환 신경망", "첫 문단")
    assert cell.page == top.title
    assert cell.text == "둘째 문단 그림의 설명 주장입니다."


def test_names_in_code_and_notes_are_kept_apart_from_the_prose():
    top, cell = index.sections(PAGE, "rnn")
    assert top.code == "keras layers SimpleRNN"
    assert cell.notes == "[1] Elman"


def test_a_term_is_found_under_all_its_names():
    page, first, second = index.sections(GLOSSARY, "glossary")
    assert page.text == "모았습니다."
    assert first == index.Section(
        "glossary.html#term-a", "용어집", "과대적합", "overfitting · 외우는 현상", kind="term"
    )
    assert second.title == "편향"


def test_a_page_without_a_text_has_no_sections():
    assert index.sections("<html><body><p>moved</p></body></html>", "old") == []


def test_each_term_of_the_glossary_has_its_korean_and_its_english_name_first():
    names = {tuple(found[:2]) for found in index.names()}
    assert ("과대적합", "overfitting") in names


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("데이터를 본다", "데이터 \u2060를 본다"),
        ("ReLU는 0이다", "ReLU \u2060는 0 \u2060이다"),
        ("결과", "결과"),  # no 결 with a particle
        ("(규제의)", "(규제 \u2060의)"),
    ],
)
def test_a_particle_is_set_apart_from_a_word_that_the_text_knows(text, apart):
    splitter = korean.Splitter([*TEXTS, text])
    assert splitter.set_apart(text) == apart
    assert apart.replace(" \u2060", "") == text


def test_nouns_are_words_that_several_particles_follow():
    assert korean.Splitter(TEXTS).nouns == ["규제", "데이터"]


def test_a_file_of_nouns_holds_all_that_begin_with_its_syllables(tmp_path):
    nouns = sorted(f"{chr(0xAC00 + number % 97)}{chr(0xAC00 + number)}" for number in range(1700))
    folder = tmp_path / "nouns"
    n_files = index._write_nouns(nouns, folder)
    files = [
        json.loads((folder / f"{number}.json").read_text("utf-8")) for number in range(n_files)
    ]
    assert all(noun in files[ord(noun[0]) % n_files] for noun in nouns)
    assert sum(map(len, files)) == len(nouns)
    assert max(map(len, files)) < 2 * index.NOUNS_IN_A_FILE


def test_pagefind_finds_only_files_that_end_like_pages(tmp_path, monkeypatch):
    for language in book.LANGUAGES:
        (tmp_path / language).mkdir()
        (tmp_path / language / "rnn.html").write_text(PAGE, encoding="utf-8")
    seen = {}

    def look(folder, output):
        seen.update({path.relative_to(folder).as_posix(): path for path in folder.rglob("*.html")})
        assert all(path.is_file() for path in seen.values()), "it would try to read a folder"
        [language] = [path.name for path in folder.iterdir()]  # each by itself
        entry = {"version": "1", "languages": {language: {"hash": language}}}
        (output / "pagefind-entry.json").write_text(json.dumps(entry))

    monkeypatch.setattr(index, "_pagefind", look)
    index.build(tmp_path)
    found = index.sections(PAGE, "rnn")
    assert set(seen) == {
        f"{language}/{section.address.replace('.html#', '/')}.html"
        for language in book.LANGUAGES
        for section in found
    }
    entry = json.loads((tmp_path / "pagefind" / "pagefind-entry.json").read_text())
    assert entry["languages"] == {each: {"hash": each} for each in book.LANGUAGES}


def test_a_language_without_pages_has_no_index(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "rnn.html").write_text(PAGE, encoding="utf-8")
    index.build(tmp_path)
    entry = json.loads((tmp_path / "pagefind" / "pagefind-entry.json").read_text())
    assert [*entry["languages"]] == ["en"]


def test_what_pagefind_says_is_told_when_it_fails(tmp_path):
    with pytest.raises(RuntimeError, match=r"cannot write the search index:\nError: .*build"):
        index._pagefind(tmp_path, tmp_path / "out")


def test_signs_of_a_formula_that_show_nothing_join_no_words():
    formula = "<math><mi>log</mi><mo>\u2061</mo><mi>K</mi></math>"
    page = f'<article><section id="a"><h1>Loss</h1><p>At {formula}.</p></section></article>'
    assert index.sections(page, "a")[0].text == "At log K."
