"""Tiny books for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bookwright.book import HEADER
from bookwright.reader import environment as reader
from bookwright.reader import wheel
from tests.conftest import ROOT

CELL = "```{code-cell} ipython3\n%s\n```\n"
PAGE = HEADER + "# Title\n\nProse.\n\n" + CELL
FIRST_LINE = (PAGE % "HERE").splitlines().index("HERE") + 1


class Book:
    """A copy of the project with one tiny chapter, run by the project's own tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("lessons_src", "book/_ext", "book/_static"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in (
            *("requirements.txt", "_config.yml", "pyproject.toml"),
            "book/references.bib",
            *("README.md", "LICENSE"),  # of which the wheel is made
        ):
            shutil.copy(ROOT / name, folder / name)
        reader.environment()
        (folder / reader.FOLDER.name).symlink_to(reader.FOLDER)  # it is never written to
        wheel.build(folder / "_build")  # named by its sources, so the same serves every book
        shutil.copytree(ROOT / "_build" / "wheel", folder / "_build" / "wheel")
        (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
        self.write("1 + 1")

    def write(self, code: str, *, korean: str | None = None, prose: str = "Prose.") -> None:
        for language, source in (("ko", korean or code), ("en", code)):
            path = self.folder / "book" / language / "index.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text((PAGE % source).replace("Prose.", prose), encoding="utf-8")

    def run(self, command: str = "run", *options: str, **variables: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "bookwright", command, *options],
            cwd=self.folder,
            env=os.environ | {"LESSONS_NO_PDF": "1"} | variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode, done.stdout


def append(path: Path, text: str = "\n") -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
