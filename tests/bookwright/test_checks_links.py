"""What a commit is checked for: spelling in both languages, links, large files; the forms."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bookwright.book import HEADER
from bookwright.checks import links, spelling
from bookwright.publication import Publication
from tests.conftest import ROOT


@pytest.fixture
def written(tmp_path):
    """Writes a page of a tiny project and says whether anything is misspelt in it."""

    def look(text: str, name: str = "book/ko/page.md") -> bool:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return spelling.misspelt(tmp_path)

    return look


# Pieced together, so that the check of this very file finds nothing.
@pytest.mark.parametrize(
    "text",
    ["이렇게 하면 되" + "요.", "모델이 됬" + "습니다.", "에폭" + "마다 잽니다.", "몇일" + " 동안"],
)
def test_a_misspelt_korean_word_is_found_whatever_follows_it(written, text, capsys):
    assert written(text)
    assert "page.md:1" in capsys.readouterr().out


def test_a_misspelt_english_word_is_found_on_either_page(written, capsys):
    assert written("We measure t" + "eh loss.", "book/en/page.md")
    assert written("t" + "eh loss", "book/ko/page.md")
    assert "page.md:1" in capsys.readouterr().out


def test_right_words_pass(written):
    assert not written("에포크마다 손실을 재면 됩니다. 며칠 동안 돼요. The loss falls.")


def test_a_korean_name_outside_the_korean_pages_is_not_sought(written):
    assert not written("에폭" + "은 에포크의 다른 이름", "book/en/page.md")


def test_the_project_is_spelt_right():
    assert not spelling.misspelt()


def page(folder, text, language="en"):
    path = folder / "book" / language / "page.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "# Title\n\n$$\nx\n$$ (eq-a)\n\n" + text, encoding="utf-8")
    return list(links.page_problems(language, folder))


@pytest.mark.parametrize(
    "text", ["[here](page.md)", "{eq}`eq-a`", "{eq}`it <eq-a>`", "[away](https://example.org/x.md)"]
)
def test_a_link_that_leads_somewhere_passes(tmp_path, text):
    assert page(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[here](pages.md)", "there is no page pages.md"),
        ("{eq}`eq-b`", "nothing has the label 'eq-b'"),
        ("{numref}`that one <fig-b>`", "nothing has the label 'fig-b'"),
    ],
)
def test_a_link_of_a_page_that_leads_nowhere_is_named_with_its_line(tmp_path, text, message):
    line = (HEADER + "# Title\n\n$$\nx\n$$ (eq-a)\n\n").count("\n") + 1
    assert page(tmp_path, text) == [f"book/en/page.md:{line}: {message}"]


def test_a_document_links_to_files_and_headings_that_are_there(tmp_path):
    (tmp_path / "other.md").write_text("# A title, with `code`\n\n## 찾기\n")
    document = tmp_path / "README.md"
    document.write_text("[a](other.md#a-title-with-code) [b](other.md#찾기) [c](https://x.org)\n")
    assert list(links.file_problems(document, tmp_path)) == []
    document.write_text("\n[a](other.md#none) [b](missing.md) [c](#none)\n")
    assert list(links.file_problems(document, tmp_path)) == [
        "README.md:2: other.md has no heading #none",
        "README.md:2: there is no missing.md",
        "README.md:2: README.md has no heading #none",
    ]


# Large files

HOOKS = ROOT / ".pre-commit-config.yaml"
MOST = 1024 * int(re.findall(r"--maxkb=(\d+)", HOOKS.read_text("utf-8"))[0])


@pytest.fixture
def commits(tmp_path, monkeypatch):
    """A repository with this project's hooks and one small file; says what a commit is told."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "kept"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # where a hook runs these tests, they name its repository
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(HOOKS, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "there.csv").write_text("1\n")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    def commit(name: str, size: int) -> tuple[int, str]:
        (folder / name).write_bytes(b"x" * size)
        assert run("git", "add", name).returncode == 0
        done = run(sys.executable, "-m", "pre_commit", "run", "large-files")
        return done.returncode, done.stdout

    who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    for arguments in (("init",), ("add", ".pre-commit-config.yaml", "there.csv")):
        assert run("git", *arguments).returncode == 0
    assert run("git", *who, "commit", "--message", "a file").returncode == 0
    return commit


def test_a_file_of_half_a_megabyte_is_refused_and_a_smaller_one_is_not(commits):
    assert 450_000 < MOST <= 500_000
    assert commits("small.csv", MOST)[0] == 0
    status, said = commits("large.csv", MOST + 1)
    assert status == 1
    assert "large.csv (489 KB) exceeds 488 KB" in said


def test_a_file_that_grew_too_large_is_refused(commits):
    status, said = commits("there.csv", MOST + 1)
    assert status == 1
    assert "there.csv" in said


def test_no_file_of_the_book_is_too_large():
    paths = [path for path in (ROOT / "book").rglob("*") if path.is_file()]
    assert [path for path in paths if path.stat().st_size > MOST] == []


# The forms


FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


def test_a_page_fills_in_the_fields_of_the_form_that_reports_a_mistake():
    known = Publication("https://github.com/owner/name", "main", None, None)
    address = urlsplit(known.mistake("ko", "rnn", "abc123"))
    assert address.path == "/owner/name/issues/new"
    filled = parse_qs(address.query)
    form = yaml.safe_load((FORMS / filled.pop("template")[0]).read_text("utf-8"))
    fields = {part.get("id") for part in form["body"]}
    assert filled == {"page": ["ko/rnn"], "commit": ["abc123"]}
    assert set(filled) <= fields


def test_without_a_repository_there_is_nowhere_to_report():
    assert Publication(None, "main", None, None).mistake("ko", "rnn", "") is None


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_form_speaks_both_languages_and_names_its_fields_once(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    if path.stem == "config":
        return
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    for part in form["body"]:
        text = part["attributes"].get("label", part["attributes"].get("value"))
        assert any("가" <= letter <= "힣" for letter in text), text
        assert any(letter.isascii() and letter.isalpha() for letter in text), text


@pytest.mark.parametrize("level", ["## ", "| "])
def test_both_contributing_guides_have_the_same_sections_and_rows(level):
    counts = [
        sum(line.startswith(level) for line in (ROOT / name).read_text("utf-8").splitlines())
        for name in ("CONTRIBUTING.md", "CONTRIBUTING.ko.md")
    ]
    assert counts[0] == counts[1] > 0
