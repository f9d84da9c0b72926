"""A new chapter: refused under a bad name, whole or not at all, passing at once, removed again."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from bookwright.book import HEADER
from bookwright.chapter import start
from bookwright.checks import unfinished
from bookwright.source import facts as page_facts
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
    """A copy of the project with a front page and a glossary, under git."""
    book = make_book(tmp_path_factory.mktemp("project"))
    (book.folder / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, links in (
        ("ko", "{term}`정확도 <accuracy>` {term}`손실 <loss>`"),
        ("en", "{term}`accuracy` {term}`loss`"),
    ):
        path = book.folder / "book" / language / "index.md"
        path.write_text(f"{HEADER}# Title\n\n{links}\n\n```{{terms}}\n```\n", encoding="utf-8")
    shutil.copytree(ROOT / "book" / "templates", book.folder / "book" / "templates")
    (book.folder / "tests" / "chapters").mkdir(parents=True)
    for name in ("__init__.py", "conftest.py", "helpers.py"):
        shutil.copy(ROOT / "tests" / name, book.folder / "tests" / name)
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


def test_a_chapter_is_made_passes_at_once_says_what_is_missing_and_is_removed(project, monkeypatch):
    # The kernel takes the helper package of the copy, not the one that is installed.
    paths = [str(project.folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))

    status, output = project.run("lesson", "attention")
    assert status == 0, output
    remove = re.search(r"to remove it: (.+)", output)[1]

    status, built = project.run("page", "attention")
    assert status == 0, built
    for language, mark in (("ko", "채울 곳"), ("en", "To write")):
        page = project.folder / "_build/preview" / language / "html" / "attention.html"
        assert mark in page.read_text(encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    tested = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout

    monkeypatch.delenv("CI", raising=False)
    status, checked = project.run("checks")
    assert status == 0, checked
    assert "draft: book/ko/attention.md:13: a placeholder: Attention" in checked
    monkeypatch.setenv("CI", "true")
    status, checked = project.run("checks")
    assert status == 1, "a merge is decided: no draft passes"

    status, lacking = project.run("ready", "attention")
    assert status == 1
    order = ["a placeholder: the smallest code", "lessons_src/chapters/attention.py:"]
    order += ["tests/chapters/test_attention.py:", "1 claims", "1 exercises", "0 citations"]
    order += ["a placeholder: 채울 곳", "a placeholder: To write"]
    order += ["book/ko/index.md does not lead", "book/glossary.yml:", "delete `draft: true`"]
    assert sorted(order, key=lacking.index) == order

    status, refused = project.run("lesson", "attention")
    assert status == 2
    assert "is taken" in refused
    assert "Nothing was written" in refused

    subprocess.run(remove, shell=True, cwd=project.folder, check=True)
    assert git(project, "status", "--porcelain") == ""


# What a chapter that is no draft still has to have


FINISHED = {
    "claims": (":::{claim} c%d\nTrue.\n:::\n\n", 2),
    "exercises": (
        ":::{exercise} One\n:label: e%d\nDo.\n:::\n\n:::{dropdown} Hint\nSo.\n:::\n\n",
        3,
    ),
}


def chapter(**changed: tuple[str, int]) -> str:
    parts = "".join(
        "".join(text % number for number in range(count))
        for text, count in (FINISHED | changed).values()
    )
    return (
        f"{HEADER}# Title\n\n{{term}}`loss` {{footcite:p}}`he2015delving`\n\n"
        ":::{admonition} What you need\nTime.\n:::\n\n$$\nx\n$$ (eq-a)\n\n"
        "```{glue:figure} f\n:alt: A line that falls from left to right.\n\nCaption.\n```\n\n"
        f"{parts}```{{footbibliography}}\n```\n"
    )


@pytest.fixture
def finished(tmp_path):
    korean = {
        "# Title": "# 제목",
        "What you need": "준비",
        "A line that falls from left to right.": "왼쪽에서 오른쪽으로 가며 낮아지는 선 하나.",
    }
    for language, words in (("ko", korean), ("en", {})):
        folder = tmp_path / "book" / language
        folder.mkdir(parents=True)
        text = chapter()
        for english, translated in words.items():
            assert english in text
            text = text.replace(english, translated)
        (folder / "attention.md").write_text(text, "utf-8")
        (folder / "index.md").write_text("[Attention](attention.md)")
    for name in ("lessons_src/chapters/attention.py", "tests/chapters/test_attention.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("# code\n")
    return tmp_path


def test_a_finished_chapter_lacks_nothing(finished):
    assert unfinished.problems("attention", finished) == (False, [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":::{claim} c1", ":::{note} c1", "1 claims, at least 2 needed"),
        (":::{exercise} One\n:label: e2", ":::{note}\n", "2 exercises, at least 3 needed"),
        (":::{dropdown} Hint", ":::{note} Hint", "0 hints, at least 3 needed"),
        ("{footcite:p}`he2015delving`", "", "0 citations, at least 1 needed"),
        (":alt: 왼쪽에서 오른쪽으로 가며 낮아지는 선 하나.", ":alt: plot", "has no :alt:"),
        ("준비", "[준비]{.placeholder}", "a placeholder: 준비"),
        ("# 제목", "# A narrow valley", "this heading is not in Korean"),
        ("준비", "What you need", "this title is not in Korean"),
        ("{exercise} One", "{exercise} One small step", "this title is not in Korean"),
        (
            ":alt: 왼쪽에서 오른쪽으로 가며 낮아지는 선 하나.",
            ":alt: One line that falls from left to right.",
            "this alternative text is not in Korean",
        ),
        (
            "Caption.",
            "Nobody has yet translated this paragraph into the other language.",
            "this paragraph is not in Korean",
        ),
    ],
)
def test_what_a_chapter_lacks_is_named_with_its_place(finished, old, new, message):
    path = finished / "book" / "ko" / "attention.md"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    _, found = unfinished.problems("attention", finished)
    assert any(message in line and line.startswith("book/ko/attention.md") for line in found), found


def test_a_korean_paragraph_on_an_english_page_is_named(finished):
    path = finished / "book" / "en" / "attention.md"
    path.write_text(path.read_text("utf-8").replace("Caption.", "그림의 설명입니다."), "utf-8")
    (problem,) = unfinished.missing("attention", finished)
    assert "this paragraph is not in English" in problem


def test_names_make_no_heading_english(finished):
    path = finished / "book" / "ko" / "attention.md"
    path.write_text(path.read_text("utf-8").replace("# 제목", "# LSTM, GRU, Keras"), "utf-8")
    assert unfinished.missing("attention", finished) == []


def test_the_word_draft_is_what_goes_last(finished):
    path = finished / "book" / "ko" / "attention.md"
    path.write_text(path.read_text("utf-8").replace("---\n\n", "draft: true\n---\n\n", 1), "utf-8")
    draft, found = unfinished.problems("attention", finished)
    assert draft
    assert found == ["book/ko/attention.md: when nothing else is missing, delete `draft: true`"]


# Where seeds come from


DRAWS = ("default_rng", "set_random_seed", "RandomState", "seed", "SeedGenerator")


def from_names(seed: ast.expr) -> bool:
    """Whether an expression is made from variables, as SEED + 1, and not typed, as range(3)."""
    names = {part.id for part in ast.walk(seed) if isinstance(part, ast.Name)}
    return bool(names - {"range", "list"})


def typed_seeds(source: str) -> list[int]:
    """The lines of a cell that type a seed without saying on the same line why it is fixed."""
    found = []
    for node in ast.walk(ast.parse(source)):
        seeds: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            seeds += node.args[:1] if name in DRAWS else []
            seeds += [given.value for given in node.keywords if given.arg in ("seed", "seeds")]
        elif isinstance(node, ast.FunctionDef) and node.name != "__init__":
            # A class may have a default of its own; the cells that make one name the seed.
            names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
            with_default = names[len(names) - len(node.args.defaults) :]
            seeds += [
                default
                for name, default in zip(with_default, node.args.defaults, strict=True)
                if name == "seed"
            ]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(
            ("SEED", "SEEDS")
        ):
            seeds.append(node.value)
        found += [seed.lineno for seed in seeds if seed is not None and not from_names(seed)]
    lines = source.splitlines()
    return [number for number in found if "# fixed: " not in lines[number - 1]]


@pytest.mark.parametrize(
    ("source", "typed"),
    [
        ("SEEDS = [0, 1, 2]", True),
        ("MORE_SEEDS = list(range(3))", True),
        ("SEED = 0", True),
        ("SEEDS = claims.seeds(3)", False),
        ("SEED = SEEDS[0]", False),
        ("np.random.default_rng(0)", True),
        ("np.random.default_rng(SEED)", False),
        ("np.random.default_rng(1000 + seed)", False),
        ("np.random.default_rng(0)  # fixed: a drawing", False),
        ("def values(name, seed=0):\n    pass", True),
        ("def values(name, seed=SEED):\n    pass", False),
        ("class Network:\n    def __init__(self, seed=0):\n        pass", False),
        ("values('relu', seed=3)", True),
        ("follow(build, seeds=[SEED])", False),
    ],
)
def test_a_typed_seed_is_told_from_one_that_the_run_sets(source, typed):
    assert bool(typed_seeds(source)) == typed


@pytest.mark.parametrize("path", sorted((ROOT / "book" / "en").glob("*.md")), ids=lambda p: p.stem)
def test_no_page_types_its_seeds(path):
    facts = page_facts.facts(path.read_text(encoding="utf-8"))
    found = [cell.line + line - 1 for cell in facts.cells for line in typed_seeds(cell.source)]
    assert not found, f"{path.name}, lines {found}: take the seeds from claims.seeds"


def test_a_new_chapter_takes_its_seeds_from_the_run():
    text = next(text for path, text in start.plan("attention").items() if path.parent.name == "en")
    cells = page_facts.facts(text).cells
    assert any("SEEDS = claims.seeds(" in cell.source for cell in cells)
    assert not any(typed_seeds(cell.source) for cell in cells)
