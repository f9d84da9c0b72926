"""A new chapter: refused under a bad name, whole or not at all, passing at once, removed again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from bookwright.book import HEADER
from bookwright.chapter import ready, start
from bookwright.claims import pool
from bookwright.problems import Problem
from bookwright.source import needed
from bookwright.source.facts import facts
from tests.conftest import ROOT
from tests.helpers import Book, make_book

GLOSSARY = """- en: accuracy
  ko: 정확도
  means:
    en: How often it is right.
    ko: 맞힌 비율입니다.

- en: loss
  ko: 손실
  means:
    en: How wrong it is.
    ko: 틀린 정도입니다.
"""
TOC = """# One list.
format: jb-book
root: index
parts:
  - numbered: true
    chapters:
      - file: reuters
      - file: rnn # the last one
  - chapters:
      - file: glossary
"""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "needs a name"),
        ("Attention", "small Latin letters"),
        ("self-attention", "small Latin letters"),
        ("2d", "small Latin letters"),
        ("_hidden", "small Latin letters"),
        ("end_", "small Latin letters"),
        ("a", "small Latin letters"),
        ("two__parts", "small Latin letters"),
        ("주의", "small Latin letters"),
        ("../up", "small Latin letters"),
        ("lambda", "Python's own"),
        ("match", "Python's own"),
        ("random", "something that pages or tools use"),
        ("keras", "something that pages or tools use"),
        ("np", "something that pages or tools use"),
        ("genindex", "something that pages or tools use"),
        ("aux", "something that pages or tools use"),
        ("rnn", "is taken: there is book/ko/rnn.md"),
        ("glossary", "is taken: there is book/ko/glossary.md"),
        ("errata", "is taken: there is book/ko/errata.md"),
    ],
)
def test_a_bad_or_taken_name_is_refused_with_its_reason(name, reason):
    assert reason in start.refusal(name)


@pytest.mark.parametrize("name", ["attention", "self_attention", "word2vec"])
def test_a_free_name_is_accepted(name):
    assert start.refusal(name) is None


def test_the_chapter_comes_after_the_last_one_and_comments_stay():
    toc = start.with_chapter(TOC, "attention").splitlines()
    place = toc.index("      - file: attention")
    assert toc[place - 1] == "      - file: rnn # the last one"
    assert [line for line in toc if line != "      - file: attention"] == TOC.splitlines()


def test_the_first_chapter_of_a_book_comes_before_the_pages_beside():
    toc = start.with_chapter("root: index\nchapters:\n  - file: glossary\n", "attention")
    assert toc == "root: index\nchapters:\n  - file: attention\n  - file: glossary\n"
    assert start.with_chapter("root: index\n", "attention").endswith("\n  - file: attention\n")


def test_a_term_stands_at_its_place_in_the_alphabet():
    glossary = start.with_term(GLOSSARY, "attention", "- en: attention\n\n")
    assert re.findall("^- en: (.+)", glossary, re.M) == ["accuracy", "attention", "loss"]
    glossary = start.with_term(GLOSSARY, "query", "- en: query\n")
    assert re.findall("^- en: (.+)", glossary, re.M) == ["accuracy", "loss", "query"]


def test_a_term_that_the_glossary_knows_is_linked_and_not_added_again():
    planned = {path.name: text for path, text in start.plan("dropout").items()}
    assert "glossary.yml" not in planned
    page = next(text for path, text in start.plan("dropout").items() if path.parent.name == "ko")
    assert "{term}`드롭아웃 <dropout>`" in page


@pytest.mark.parametrize(("name", "known"), [("dropout", True), ("no_such_thing", False)])
def test_what_the_glossary_says_of_the_name_already_is_told(name, known, monkeypatch, capsys):
    monkeypatch.setattr(start, "write", lambda planned: None)
    assert start.main([name]) == 0
    told = capsys.readouterr().out
    assert ("The glossary has 'dropout' already: Setting a random part" in told) == known


def test_a_failure_midway_leaves_no_half_chapter(tmp_path):
    toc, page = tmp_path / "_toc.yml", tmp_path / "page.md"
    toc.write_text("before")
    with pytest.raises(FileNotFoundError):
        start.write({toc: "after", page: "new", tmp_path / "no" / "such" / "folder": "x"})
    assert toc.read_text() == "before"
    assert list(tmp_path.iterdir()) == [toc]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A book with a front page, a glossary and what its tests need, under git."""
    book = make_book(tmp_path_factory.mktemp("project"))
    (book.folder / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, links in (
        ("ko", "{term}`정확도 <accuracy>` {term}`손실 <loss>`"),
        ("en", "{term}`accuracy` {term}`loss`"),
    ):
        text = f"{HEADER}# Title\n\n{links}\n\n```{{terms}}\n```\n"
        book.page(language).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "book" / "templates", book.folder / "book" / "templates")
    (book.folder / "tests" / "chapters").mkdir(parents=True)
    for name in ("__init__.py", "conftest.py", "helpers.py"):
        shutil.copy(ROOT / "tests" / name, book.folder / "tests" / name)
    shutil.copy(ROOT / "book" / "chapter.yml", book.folder / "book")
    shutil.copytree(ROOT / "benchmarks", book.folder / "benchmarks")
    shutil.copy(ROOT / "book" / "references.bib", book.folder / "book")
    config = yaml.safe_load((book.folder / "_config.yml").read_text(encoding="utf-8"))
    config["bibtex_bibfiles"] = ["../references.bib"]
    config["sphinx"]["config"]["suppress_warnings"].append("myst.footnote")
    (book.folder / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    (book.folder / "README.md").write_text("# A book\n")
    (book.folder / ".gitignore").write_text("_build/\n.venv-reader\n__pycache__/\n")
    git(book, "init", "--quiet")
    commit(book)
    return book


def git(book: Book, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=book.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(book: Book) -> None:
    git(book, "add", "--all")
    names = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    git(book, *names, "commit", "--quiet", "--message", "start", "--no-verify")


def run_tests(book: Book) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=book.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},  # what the helpers of tests import
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_chapter_is_made_passes_at_once_says_what_is_missing_and_is_removed(project, monkeypatch):
    status, output = project.run("lesson", "attention")
    assert status == 0, output
    remove = re.search(r"to remove it: (.+)", output)[1]

    status, built = project.run("page", "attention")
    assert status == 0, built
    for language, mark in (("ko", "채울 곳"), ("en", "To write")):
        page = project.folder / "_build/preview" / language / "html" / "attention.html"
        assert mark in page.read_text(encoding="utf-8")

    status, tested = run_tests(project)
    assert status == 0, tested

    monkeypatch.delenv("CI", raising=False)
    status, checked = project.run("checks")
    assert status == 0, checked
    assert "drafts build here, but CI takes none. They lack:" in checked
    assert "book/ko/attention.md:13: a placeholder: Attention" in checked
    monkeypatch.setenv("CI", "true")
    status, checked = project.run("checks")
    assert status == 1, "a merge is decided: no draft passes"

    status, lacking = project.run("ready", "attention")
    assert status == 1
    order = ["a placeholder: the smallest code", "lessons_src/chapters/attention.py:"]
    order += ["tests/chapters/test_attention.py:", "1 exercises", "0 citations"]
    order += ["a placeholder: 채울 곳", "a placeholder: To write"]
    order += ["book/ko/index.md: no link leads to the chapter: [...](attention.md)"]
    order += ["book/glossary.yml:", "delete `draft: true`"]
    order += ["is not replicated yet: make replicate PAGES=attention"]
    assert "the claim 'attention-effect' is not replicated" in lacking
    assert "the claim 'attention-identity'" not in lacking, "there is no chance in it"
    assert "a placeholder: To write: what this cell measures" in lacking
    assert sorted(order, key=lacking.index) == order

    status, refused = project.run("lesson", "attention")
    assert status == 2
    assert "is taken" in refused
    assert "Nothing was written" in refused

    subprocess.run(remove, shell=True, cwd=project.folder, check=True)
    assert git(project, "status", "--porcelain") == ""


# The pool, which nothing else asks for

MEASURED = (
    HEADER
    + """# Title

```{code-cell} ipython3
claims.effect("faster", [0.3, 0.2, 0.4], seeds=claims.seeds(3), of="loss")
claims.equivalence("alike", [0.0, 0.1, 0.0], seeds=claims.seeds(3), of="loss")
claims.every_seed("each", [1.0, 1.0, 1.0], seeds=claims.seeds(3), above=0)
claims.identity("exact", [0.0], within=0)
claims.fact("count", 5, above=4)
```
"""
)


NO_VALUES = {"seeds": [], "values": [], "variances": [], "sums": []}
RULE = {"kind": "effect", "bound": {"above": 0.1, "below": None}, "margin": None}
ENTRY = NO_VALUES | {"rule": RULE, "measured": "2026-01-02", "n_samples": None}


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """A chapter with claims of each kind, and a pool that holds what a test puts into it."""
    monkeypatch.setattr(ready, "chapter_facts", lambda name: facts(MEASURED))
    monkeypatch.setattr(pool, "FOLDER", tmp_path / "book" / "pool")
    monkeypatch.setattr(ready.book, "ROOT", tmp_path)
    pool.FOLDER.mkdir(parents=True)
    codes = needed.claim_hashes([facts(MEASURED).cells[0].source])

    def hold(**entries):
        begun = {claim: ENTRY | {"code": codes[claim], "waiting": NO_VALUES} for claim in entries}
        held = {claim: begun[claim] | entry for claim, entry in entries.items()}
        whole = {"runs": [], "claims": held, "elsewhere": {}}
        pool.path("tides").write_text(json.dumps(whole), encoding="utf-8")
        return ready.unreplicated("tides")

    return hold


def test_a_chapter_is_asked_for_the_pool_of_what_has_chance_in_it(measured):
    assert ready.unreplicated("tides") == measured()
    assert [line.split("'")[1] for line in measured()] == ["faster", "alike", "each"]
    for line in measured():
        assert line.startswith("book/pool/tides.json: the claim ")
        assert line.endswith(" is not replicated yet: make replicate PAGES=tides")


def test_a_pool_that_decides_is_asked_for_nothing_and_others_say_why_they_do_not(measured):
    decides, short = {"seeds": [*range(1000, 1020)]}, {"seeds": []}
    assert measured(faster=decides, alike=decides, each=decides) == []
    few, earlier = measured(faster=decides, alike=short, each=decides | {"code": "another"})
    assert "the claim 'alike' has too few fresh seeds yet: make replicate" in few
    assert "the claim 'each' was measured with an earlier version of its cells" in earlier


def test_what_waits_for_its_pool_fails_make_ready_alone(measured, monkeypatch, capsys):
    monkeypatch.setattr(ready.all, "page_problems", lambda name: [])
    monkeypatch.setattr(ready.ready, "problems", lambda name: (False, []))
    measured()
    assert ready._list("tides") == 1
    assert capsys.readouterr().out.startswith("replicate 1/3  book/pool/tides.json: ")
    wrong = Problem("wrong", "book/en/tides.md", 1)
    monkeypatch.setattr(ready.all, "page_problems", lambda name: [wrong])
    assert ready._list("tides") == 1
    assert "replicate" not in capsys.readouterr().out, "first what changes the cells"
