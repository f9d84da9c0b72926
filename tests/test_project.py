"""The project as a whole: its guides, and how its tests are laid out."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TESTS = sorted(ROOT.glob("tests/**/*.py"))
ROOMS = {path.stem for path in (ROOT / "bookwright").iterdir() if path.stem[0] not in "_."}
OF_ALL_ROOMS = ("commands", "faults", "languages", "other_books", "rooms", "stock_commands")


@pytest.mark.parametrize("level", ["## ", "| "])
def test_both_contributing_guides_have_the_same_sections_and_rows(level):
    counts = [
        sum(line.startswith(level) for line in (ROOT / name).read_text("utf-8").splitlines())
        for name in ("CONTRIBUTING.md", "CONTRIBUTING.ko.md")
    ]
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("guide", ["CONTRIBUTING.md", "CONTRIBUTING.ko.md", "README.md"])
def test_every_place_that_a_guide_names_is_there(guide):
    tops = "|".join(path.name for path in ROOT.iterdir() if path.name[0] not in "_")
    named = re.findall(
        rf"`((?:{tops})/[\w./-]+|[\w-]+\.(?:yml|toml|txt))`", (ROOT / guide).read_text("utf-8")
    )
    there = {name.replace("NAME", "rnn").replace("attention", "rnn") for name in named}
    assert [name for name in sorted(there) if not (ROOT / name).exists()] == []


def test_no_package_lies_among_the_sources():
    """What is installed comes from the lock; nobody looks into an archive when it is reviewed."""
    tops = [path for path in ROOT.iterdir() if path.name[0] not in "._" and path.is_dir()]
    found = [*ROOT.glob("*.*"), *(path for top in tops for path in top.rglob("*.*"))]
    kinds = {".whl", ".egg", ".gz", ".zip", ".tar", ".so", ".pyd", ".dll", ".exe"}
    assert [path for path in found if path.suffix in kinds] == []


def test_what_needs_an_owner_is_there_and_waits_for_one():
    text = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8")
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    paths = [line[0] for line in lines if line]
    assert {"/.github/", "/requirements.txt", "/Makefile"} <= set(paths)
    for path in paths:
        found = ROOT / path.strip("/")
        assert found.is_dir() if path.endswith("/") else found.is_file(), path


def test_a_fault_is_reported_in_private_in_both_languages():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert text.count("Report a vulnerability") == 2
    assert "@" not in text


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            where = path.relative_to(ROOT).parent.parts
            parent = ".".join(where[: len(where) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [parent, node.module]))
            found |= {module, *(f"{module}.{each.name}" for each in node.names)}
    return found


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_test_file_imports_another_one(path):
    shared = {name for name in imports(path) if name.startswith("tests.")}
    assert [name for name in shared if name.rpartition(".")[2].startswith("test_")] == []
    allowed = ("tests.helpers", "tests.conftest", f"tests.{path.parent.name}.conftest")
    assert [name for name in shared if not name.startswith(allowed)] == []


def test_no_test_file_carries_a_books_machinery_along():
    copied = ("bookwright", "book/_ext", "retraining")
    for path in TESTS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and "copytree" in ast.unparse(node.func):
                assert not any(name in ast.unparse(node) for name in copied), path


@pytest.mark.parametrize("path", sorted((ROOT / "tests/bookwright").glob("test_*.py")), ids=str)
def test_a_file_of_tests_is_named_after_the_room_that_it_tests(path):
    assert path.stem.removeprefix("test_").startswith((*ROOMS, *OF_ALL_ROOMS))


STAND_IN = """#!/bin/sh
[ "$2" = bookwright.environment ] && echo whole
echo "$(basename "$0") $*" >> said
"""


def test_a_file_name_is_no_command_for_make(tmp_path):
    """`make external-links` reads the documents of the project, whatever they are called."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    needed = ("requirements.txt", "pyproject.toml", "bookwright/pyproject.toml", ".venv/ready")
    programs = (".venv/bin/python", ".venv/bin/uv", "_build/lychee/bin/lychee")
    for name in (*needed, *programs):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STAND_IN if name in programs else "")
        path.chmod(0o755)
    for name in ("a `touch here`.md", "b $(touch there).md", "c; touch where.md", "--version.md"):
        (tmp_path / name).touch()
    done = subprocess.run(["make", "external-links"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not [name for name in ("here", "there", "where.md") if (tmp_path / name).exists()]
    (line,) = [each for each in (tmp_path / "said").read_text().splitlines() if "--config" in each]
    assert "./a `touch here`.md ./b $(touch there).md ./c; touch where.md" in line
    assert "./--version.md" in line


@pytest.mark.parametrize("also", ["", "\n\ndef test_two():\n    assert 1 == 2, 'two is wrong'\n"])
def test_a_report_of_tests_names_those_that_failed_and_says_why(tmp_path, also):
    (tmp_path / "test_it.py").write_text(f"def test_one():\n    pass\n{also}", encoding="utf-8")
    report, settings = tmp_path / "new" / "report.md", tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(settings)]
    command += [str(tmp_path / "test_it.py"), "--report", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    first, _, *rest = report.read_text(encoding="utf-8").splitlines()
    assert first == f"{1 if also else 0} failed, 1 passed."
    assert rest[:1] == (["test_it.py::test_two"] if also else [])
    assert bool(also) == ("two is wrong" in "".join(rest))
    assert done.returncode == (1 if also else 0)
    assert report.with_suffix(".held").exists() == (not also)
