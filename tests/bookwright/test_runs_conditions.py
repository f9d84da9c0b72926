"""Pages under other versions of the packages: what is tried, and what is said of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata

import pytest
from markdown_it import MarkdownIt

from bookwright.reader import environment
from bookwright.runs import conditions
from tests.conftest import ROOT
from tests.helpers import make_book

FREEZE = """# Do not modify this file directly
google-colab @ file:///colabtools/dist/google-colab-1.0.0.tar.gz
ipython==7.34.0
keras==3.10.0
ml_dtypes==0.5.3
PyYAML==6.0.2
tensorflow==2.19.0
torch @ https://download.test/torch-2.6.0.whl#sha256=a81b
"""


def test_the_list_of_colab_becomes_constraints(tmp_path):
    path = tmp_path / "freeze.txt"
    path.write_text(FREEZE)
    assert conditions.freeze(str(path)).splitlines() == [
        "ipython==7.34.0",
        "keras==3.10.0",
        "ml-dtypes==0.5.3",
        "pyyaml==6.0.2",
        "tensorflow==2.19.0",
    ]


@pytest.mark.parametrize("text", ["", "<html>not found</html>", "numpy==2.0.2\n"])
def test_what_is_no_list_of_colab_ends_in_a_report_and_runs_nothing(tmp_path, monkeypatch, text):
    monkeypatch.setattr(conditions, "FOLDER", ROOT / "_build" / "conditions-of-a-test")
    path = tmp_path / "freeze.txt"
    path.write_text(text)
    try:
        assert conditions.try_out("colab", str(path)) == 1
        report = (conditions.FOLDER / "colab.md").read_text()
        assert "No page was run" in report
        assert "it pins no tensorflow" in report
        assert not (conditions.FOLDER / "colab.held").exists()
    finally:
        shutil.rmtree(conditions.FOLDER)


@pytest.mark.parametrize("given", ["", "keras==3.10.0\n"])
def test_every_version_has_its_hashes_and_what_is_newest_is_some_days_old(
    tmp_path, monkeypatch, given
):
    asked = []

    def resolve(constraints, *options):
        asked.append((constraints.read_text(), options))
        return "keras==3.10.0 \\\n    --hash=sha256:aa\n"

    monkeypatch.setattr(conditions, "FOLDER", tmp_path)
    monkeypatch.setattr(environment, "resolve", resolve)
    assert "--hash" in conditions.resolve("newest", given).read_text()
    ((constraints, options),) = asked
    assert constraints == given
    assert "--generate-hashes" in options
    assert ("--exclude-newer" in options) == (given == "")


def test_what_failed_is_shown_as_code_whatever_it_holds(tmp_path, monkeypatch):
    def resolve(name, constraints):
        raise RuntimeError("no versions fit:\n```\n# A title\n\n@owner")

    monkeypatch.setattr(conditions, "FOLDER", ROOT / "_build" / "conditions-of-a-test")
    monkeypatch.setattr(conditions, "resolve", resolve)
    try:
        assert conditions.try_out("newest") == 1
        read = MarkdownIt().parse((conditions.FOLDER / "newest.md").read_text())
    finally:
        shutil.rmtree(conditions.FOLDER)
    assert read[-1].type == "code_block"
    assert read[-1].content == "no versions fit:\n```\n# A title\n\n@owner\n"


def test_the_report_says_what_was_tried_and_what_failed(monkeypatch):
    monkeypatch.setattr(conditions, "FOLDER", ROOT / "_build" / "conditions-of-a-test")
    said = "data: imdb\nbook/ko/rnn.md:7: the cell that starts here failed: ZeroDivisionError\n"
    said += "  gap (rnn): expected every value below 1, measured 2\nend\n"

    def resolve(name: str, constraints: str):
        path = conditions.FOLDER / "newest.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("tensorflow==9.9.9\nnumpy==8.8\n")
        return path

    monkeypatch.setattr(conditions, "resolve", resolve)
    try:
        for status, held in ((1, False), (0, True)):
            monkeypatch.setattr(conditions, "_run", lambda file, status=status: (status, said))
            assert conditions.try_out("newest") == status
            assert (conditions.FOLDER / "newest.held").exists() == held
            report = (conditions.FOLDER / "newest.md").read_text()
            assert f"| tensorflow | {metadata.version('tensorflow')} | 9.9.9 |" in report
            assert ("book/ko/rnn.md:7: the cell" in report) != held
            assert ("gap (rnn): expected every value" in report) != held
    finally:
        shutil.rmtree(conditions.FOLDER)


def test_pages_run_with_other_versions_are_kept_apart(tmp_path):
    book = make_book(tmp_path)
    other = tmp_path / "_build" / "newest.txt"
    other.parent.mkdir(exist_ok=True)
    other.write_text("tensorflow==9.9.9\n")
    code = (
        "from bookwright import book; from bookwright.reader import environment\n"
        "from bookwright.runs import used\n"
        "print(used.pins(book.VERSIONS)['tensorflow'], environment.FOLDER.name)"
    )
    seen = []
    for variables in ({}, {"BOOK_VERSIONS": str(other)}):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=book.folder,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=True,
        )
        seen.append(done.stdout.split())
    assert seen[0][0] == metadata.version("tensorflow")
    assert seen[1][0] == "9.9.9"
    assert [folder for _, folder in seen] == [environment.FOLDER.name, ".venv-conditions"]
