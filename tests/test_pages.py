"""Pages as notebooks: run once for each content, with failures that name the place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from lessons_src import report
from tests.conftest import ROOT
from tools import book as book_tool
from tools import pages
from tools.pages import HEADER

CELL = "```{code-cell} ipython3\n%s\n```\n"
PAGE = HEADER + "# Title\n\nProse.\n\n" + CELL
FIRST_LINE = (PAGE % "HERE").splitlines().index("HERE") + 1


class Book:
    """A copy of the project with one tiny chapter, run by the project's own tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("tools", "lessons_src", "book/_ext", "book/_static", "book/_templates"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in (
            *("requirements.txt", "_config.yml", "pyproject.toml"),
            *("book/landing.html", "book/references.bib"),
            *("README.md", "LICENSE"),  # of which the wheel is made
        ):
            shutil.copy(ROOT / name, folder / name)
        (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
        self.write("1 + 1")

    def write(self, code: str, *, korean: str | None = None, prose: str = "Prose.") -> None:
        for language, source in (("ko", korean or code), ("en", code)):
            path = self.folder / "book" / language / "index.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text((PAGE % source).replace("Prose.", prose), encoding="utf-8")

    def run(self, module: str = "tools.nbmake", *options: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", module, *options],
            cwd=self.folder,
            env=os.environ | {"LESSONS_NO_PDF": "1"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_two_languages_with_the_same_cells_run_once_and_never_again(book):
    status, output = book.run()
    assert status == 0, output
    assert output.count("ran in") == 1
    assert output.count("reused") == 1

    book.write("1 + 1", prose="Other prose, in both languages.")
    status, output = book.run()
    assert status == 0, output
    assert output.count("reused") == 2

    module = book.folder / "lessons_src" / "encoding.py"
    module.write_text(module.read_text() + "\n# changed\n")
    status, output = book.run()
    assert status == 0, output
    assert output.count("ran in") == 1, "a change of the helper package must run the page again"


def test_a_failing_cell_names_page_line_and_error(book):
    book.write("x = 1\nx / 0")
    status, output = book.run()
    assert status != 0
    for language in ("ko", "en"):
        assert f"book/{language}/index.md:{FIRST_LINE}: the cell that starts here" in output
    assert "failed: ZeroDivisionError: division by zero" in output


def test_a_cell_that_never_ends_is_stopped_and_named(book):
    config = book.folder / "_config.yml"
    config.write_text(config.read_text().replace("timeout: 240", "timeout: 2"))
    book.write("while True:\n    pass")
    status, output = book.run()
    assert status != 0
    assert f"book/ko/index.md:{FIRST_LINE}: " in output
    assert "A cell timed out" in output


def test_a_failed_page_builds_no_site_and_keeps_the_last_one(book):
    last = book.folder / "_build" / "html" / "index.html"
    last.parent.mkdir(parents=True)
    last.write_text("the last good site")
    book.write("raise RuntimeError('broken')")
    status, output = book.run("tools.book")
    assert status != 0
    assert "No site was built" in output
    assert last.read_text() == "the last good site"


def test_a_page_missing_in_one_language_is_named(book):
    (book.folder / "book" / "en" / "index.md").unlink()
    status, output = book.run()
    assert status != 0
    assert "book/en/index.md is missing" in output


def test_a_false_claim_fails_the_page_and_is_named(book):
    book.write(
        "from lessons_src import claims\n"
        "claims.check('faster', [0.2, 0.1, -0.3], seeds=[0, 1, 2], above=0.05)"
    )
    status, output = book.run()
    assert status != 0
    assert "claim 'faster' does not hold" in output
    assert "-0.3" in output
    assert f"book/ko/index.md:{FIRST_LINE}: " in output


TRAINING = """import keras
import numpy as np
import tensorflow as tf

from lessons_src import claims, report

keras.utils.set_random_seed(0)
tf.config.experimental.enable_op_determinism()
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 10)).astype("float32")
y = (x.sum(axis=1) > 0).astype(int)
losses = []
for seed in [0, 1, 2]:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(8, "relu"),
                              keras.layers.Dropout(0.2), keras.layers.Dense(2, "softmax")])
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    losses.append(model.fit(x, y, epochs=3, verbose=0).history["loss"][-1])
claims.check("learns", losses, seeds=[0, 1, 2], below=5)
report.glue(losses=losses)
"""


def test_a_page_run_twice_gives_the_same_numbers_to_the_last_digit(book):
    book.write(TRAINING)
    runs = []
    for _ in range(2):
        status, output = book.run()
        assert status == 0, output
        assert output.count("ran in") == 1
        notebook = nbformat.read(
            book.folder / ".pages" / "ko" / "index" / "index.ipynb", as_version=4
        )
        runs.append(report.glued(notebook))
        shutil.rmtree(book.folder / "_build")
    assert runs[0] == runs[1]
    assert len(set(runs[0]["losses"])) == 3


@pytest.mark.parametrize(
    ("package", "runs_again"),
    [("tensorflow", True), ("numpy", True), ("pyzmq", True), ("ruff", False), ("sphinx", False)],
)
def test_pages_run_again_for_a_version_that_they_load_and_for_no_tool(
    tmp_path, package, runs_again
):
    lock = tmp_path / "requirements.txt"
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lock.write_text(re.sub(rf"^{package}==\S+", f"{package}==0.1", text, flags=re.MULTILINE))
    assert lock.read_text() != text
    assert (pages._pins(lock) != pages._pins(ROOT / "requirements.txt")) is runs_again


def test_what_an_earlier_build_left_is_not_published(tmp_path):
    shown = '<img src="_images/new.svg"><a href="figures/rnn-a.csv">CSV</a>'
    files = {"rnn.html": shown, "gone.html": '<img src="_images/old.svg">', "sub/gone.html": ""}
    files |= {"_images/new.svg": "", "_images/old.svg": "", "figures/rnn-a.csv": ""}
    files |= {"figures/rnn-b.csv": "", "_static/site.css": ""}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    book_tool.drop_stale(tmp_path, {"rnn"})
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert left == {"rnn.html", "_images/new.svg", "figures/rnn-a.csv", "_static/site.css"}
