"""Links of pages and documents lead somewhere."""

from __future__ import annotations

import subprocess

import pytest

from bookwright.book import HEADER
from bookwright.checks import links
from tests.helpers import said


def page(folder, text, language="en"):
    path = folder / "book" / language / "page.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "# Title\n\n$$\nx\n$$ (eq-a)\n\n" + text, encoding="utf-8")
    return said(links.page_problems(language, folder))


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


def test_documents_are_looked_for_where_there_is_git_and_a_repository(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("# Title\n")
    assert links.documents(tmp_path) == [], "the project as a zip"
    for arguments in (["init", "--quiet"], ["add", "README.md"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert links.documents(tmp_path) == [tmp_path / "README.md"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert links.documents(tmp_path) == [], "no git"


def test_a_document_links_to_files_and_headings_that_are_there(tmp_path):
    (tmp_path / "other.md").write_text("# A title, with `code`\n\n## 찾기\n")
    document = tmp_path / "README.md"
    document.write_text("[a](other.md#a-title-with-code) [b](other.md#찾기) [c](https://x.org)\n")
    assert list(links.file_problems(document, tmp_path)) == []
    document.write_text("\n[a](other.md#none) [b](missing.md) [c](#none)\n")
    assert said(links.file_problems(document, tmp_path)) == [
        "README.md:2: other.md has no heading #none",
        "README.md:2: there is no missing.md",
        "README.md:2: README.md has no heading #none",
    ]
