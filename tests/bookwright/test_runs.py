"""Pages as notebooks: run once for each content, with failures that name the place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from bookwright import glue
from bookwright.book import HEADER
from tests.helpers import FIRST_LINE, Book, append, make_book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return make_book(tmp_path)


def test_two_languages_with_the_same_cells_run_once_and_never_again(book):
    status, output = book.run()
    assert status == 0, output
    assert output.count("ran in") == 1

    book.write("# a comment\n1 + 1  # and another", prose="Other prose, in both languages.")
    status, output = book.run()
    assert status == 0, output
    assert "1 of 1 pages: reused an earlier run" in output
    assert "ran in" not in output


def test_a_build_starts_no_kernel_and_shows_nothing_that_a_library_logs(book):
    book.write("import os\nos.write(2, b'logged by ' + b'C++')\nprint('shown')")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    shown = book.built("ko/index.html")
    assert "shown" in shown
    assert "logged by C++" not in shown, "or the build fails: a cell wrote to standard error"
    for language in ("ko", "en"):  # a page of prose
        book.page(language).write_text(HEADER + "# Title\n\nProse.\n", encoding="utf-8")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert "IPKernelApp" not in (book.folder / "_build" / "ko.log").read_text(encoding="utf-8")


def test_a_page_runs_again_for_what_it_used_and_for_nothing_else(book):
    book.write(
        "from lessons_src import encoding\n"
        "from lessons_src.reproduction import results\n"
        "results.record()"
    )
    assert book.run()[0] == 0
    for name, used in {
        "lessons_src/chapters/rnn.py": False,
        "lessons_src/encoding.py": True,
        "lessons_src/reproduction/published/record.json": True,
        "lessons_src/reproduction/published/statements.yml": False,
        "README.md": False,
    }.items():
        append(book.folder / name)
        status, output = book.run()
        assert status == 0, output
        assert output.count("ran in") == used, name
        assert (f"index runs again: {name} changed" in output) == used
    project = book.folder / "pyproject.toml"
    old = project.read_text(encoding="utf-8")
    new = re.sub(r'^version = ".*"$', 'version = "9.9.9"', old, flags=re.MULTILINE)
    assert new != old
    project.write_text(new, encoding="utf-8")
    assert "ran in" not in book.run()[1], "the helper package's version is not in the page's run"


def test_a_failing_cell_names_page_line_and_error(book):
    book.write("x = 1\nx / 0")
    status, output = book.run()
    assert status != 0
    places = ", ".join(f"book/{language}/index.md:{FIRST_LINE}" for language in ("en", "ko"))
    failed = "the cell that starts here failed: ZeroDivisionError: division by zero"
    assert f"{places}: {failed} (traceback: _build/cells-of-index.log)" in output
    assert "Traceback" not in output
    trace = (book.folder / "_build" / "cells-of-index.log").read_text(encoding="utf-8")
    assert "----> 2 x / 0" in trace


def test_a_kernel_that_dies_is_told_with_its_cell(book):
    book.write("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)  # as when memory runs out")
    status, output = book.run()
    assert status == 1
    assert f"book/ko/index.md:{FIRST_LINE}: the cell that starts here failed: its kernel" in output
    assert "Traceback" not in output


def test_a_cell_that_never_ends_is_stopped_and_named(book):
    config = book.folder / "_config.yml"
    text = config.read_text(encoding="utf-8")
    assert "timeout: 600" in text
    config.write_text(text.replace("timeout: 600", "timeout: 2"), encoding="utf-8")
    book.write("while True:\n    pass")
    status, output = book.run()
    assert status != 0
    assert f"book/ko/index.md:{FIRST_LINE}: " in output
    assert "A cell timed out" in output


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        ("raise ValueError('50%\\na, b::c\\r::error::x')", "ValueError: 50% a, b::c ::error::x"),
        ("raise KeyError", "KeyError"),
        ("raise ValueError('x' * 1000)", f"ValueError: {'x' * 288} ..."),
        (
            "import errno, os\nraise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), 'a file')",
            "no room is left on the disk: free some, or set TMPDIR to where there is room",
        ),
    ],
)
def test_what_a_cell_raises_is_told_in_one_line_with_its_name(book, code, summary):
    book.write(code)
    status, output = book.run(GITHUB_ACTIONS="true")
    assert status != 0
    said = f"the cell that starts here failed: {summary} (traceback: _build/cells-of-index.log)"
    places = [f"book/{language}/index.md:{FIRST_LINE}" for language in ("en", "ko")]
    lines = output.splitlines()
    assert lines[lines.index("      index failed") + 1] == f"{', '.join(places)}: {said}"
    annotations = [line for line in lines if line.startswith("::")]
    assert len(annotations) == len(places)


def test_a_failed_page_builds_no_site_and_keeps_the_last_one(book):
    last = book.folder / "_build" / "html" / "index.html"
    last.parent.mkdir(parents=True)
    last.write_text("the last good site")
    book.write("raise RuntimeError('broken')")
    status, output = book.run("book", "--unchecked")
    assert status != 0
    assert "No site was built" in output
    assert last.read_text() == "the last good site"


def test_a_page_missing_in_one_language_is_named(book):
    book.page("en").unlink()
    status, output = book.run()
    assert status != 0
    assert "book/en/index.md: is missing" in output


def test_a_false_claim_fails_no_page_and_its_cell_prints_what_was_measured(book):
    book.write(
        "from lessons_src import claims\n"
        "claims.every_seed('faster', [0.2, 0.1, -0.3], seeds=[0, 1, 2], above=0.05)"
    )
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    for language in ("ko", "en"):
        text = book.built(f"{language}/index.html")
        assert "does not hold in this run / 이번 실행에서는 성립하지 않습니다" in text
        assert "0.2, 0.1, -0.3" in text


def test_a_fallen_claim_is_told_beside_a_page_that_failed(book):
    book.contents("index", "chapter")
    book.write(
        "from lessons_src import claims\n"
        "claims.every_seed('faster', [0.2, 0.1, -0.3], seeds=[0, 1, 2], above=0.05)"
    )
    book.write("1 / 0", name="chapter")
    status, output = book.run("run", "--claims")
    assert status == 1
    assert f"book/en/chapter.md:{FIRST_LINE}, book/ko/chapter.md:{FIRST_LINE}: " in output
    assert "faster (index)" in output
    book.write("1 + 1", name="chapter")
    assert book.run("run", "--claims")[0] == 1, "the claim alone fails it, too"
    assert book.run()[0] == 0


def test_data_that_cannot_be_had_are_told_once_and_without_a_traceback(book):
    book.write("from lessons_src import data\ndata.load_reuters()")
    nowhere = str(book.folder / "nowhere")
    lacking = {"LESSONS_OFFLINE": "1", "LESSONS_DATA_DIR": nowhere, "HOME": nowhere}
    status, output = book.run("run", "--claims", **lacking)
    assert status == 1
    assert "LESSONS_DATA_DIR" in output
    assert len(output.splitlines()) == 1


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
claims.every_seed("learns", losses, seeds=[0, 1, 2], below=5)
report.glue(losses=losses)
"""


def values(book: Book, name: str = "index") -> dict:
    """What a page's only run handed to the prose."""
    kept = (book.folder / "_build" / "cache" / "runs").glob("*/*.json")
    parts = [path.read_text(encoding="utf-8").partition("\n") for path in kept]
    [body] = [body for head, _, body in parts if json.loads(head)["page"] == name]
    return glue.of_notebook(nbformat.reads(body, as_version=4))


def test_a_page_run_twice_gives_the_same_numbers_to_the_last_digit(book):
    book.write(TRAINING)
    runs = []
    for _ in range(2):
        status, output = book.run()
        assert status == 0, output
        assert output.count("ran in") == 1
        runs.append(values(book))
        shutil.rmtree(book.folder / "_build")
    assert runs[0] == runs[1]
    assert len(set(runs[0]["losses"])) == 3


SETTINGS = """import os
import lessons_src
import keras
import matplotlib as mpl
import psutil

from lessons_src import claims, report

report.glue(
    backend=keras.backend.backend(),
    floatx=keras.config.floatx(),
    module=report.__file__,
    width=mpl.rcParams["lines.linewidth"],
    threads=[os.environ[name] for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")],
    instructions=os.environ.get("ONEDNN_MAX_CPU_ISA"),
    seeds=claims.seeds(2),
    cores=len(psutil.Process().cpu_affinity()),
)
"""


@pytest.mark.skipif(not hasattr(psutil.Process, "cpu_affinity"), reason="no affinity here")
def test_a_page_runs_with_this_clones_code_and_the_books_own_settings(book):
    home = book.folder / "home"
    home.mkdir()
    (home / "keras.json").write_text('{"floatx": "float16", "backend": "torch"}')
    (home / "matplotlibrc").write_text("lines.linewidth: 9\n")
    other = book.folder / "other"  # the code of a clone that this one was copied from
    (other / "lessons_src").mkdir(parents=True)
    (other / "lessons_src" / "__init__.py").write_text("raise RuntimeError('another clone')")
    book.write(SETTINGS)
    status, output = book.run(
        KERAS_HOME=str(home),
        KERAS_BACKEND="torch",
        MATPLOTLIBRC=str(home),
        OMP_NUM_THREADS="7",
        BOOK_SEED_OFFSET="5",
        ONEDNN_MAX_CPU_ISA="SSE41",
        PYTHONPATH=str(other),
        TMPDIR=str(home),  # where the cores are held that other tasks of this machine do not get
    )
    assert status == 0, output
    found = values(book)
    assert found["backend"] == "tensorflow"
    assert found["floatx"] == "float32"
    assert found["width"] == 1.5
    assert found["threads"] == ["1", "1"]
    assert found["cores"] == 1
    assert found["seeds"] == [0, 1], "only a command of ours moves the seeds"
    assert "site-packages" in found["module"]
    assert found["instructions"] == "SSE41", "what a machine sets for its processor stays"
    assert "ran in" in book.run()[1], "and a run with it is not one without it"


def test_the_site_shows_no_run_with_other_seeds(book):
    book.write("from lessons_src import claims\nprint('first seed', claims.seeds(1)[0])")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    code = (
        "from bookwright.runs import run, used\n"
        "run.run_pages(settings=used.Settings(seed_offset=100))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=book.folder, capture_output=True)
    assert b"ran in" in done.stdout, done
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert "1 of 1 pages: reused an earlier run" in output
    shown = book.built("ko/index.html")
    assert "first seed 0" in shown
    kept = list((book.folder / "_build" / "cache" / "runs").glob("*/*.json"))
    assert len(kept) == 2, "both runs are kept"


def test_a_damaged_run_is_told_and_runs_again(book):
    assert book.run()[0] == 0
    [path] = (book.folder / "_build" / "cache" / "runs").glob("*/*.json")
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    status, output = book.run()
    assert status == 0, output
    assert "a kept run was damaged and is thrown away: index" in output
    assert output.count("ran in") == 1


def test_a_stop_by_force_loses_no_finished_page_and_leaves_nothing_running(book):
    book.contents("index", "slow")
    book.write("import time\ntime.sleep(100)", name="slow")
    temporary = Path(tempfile.mkdtemp())
    with book.running(TMPDIR=str(temporary)) as process:
        said = ""
        while "index ran in" not in said:
            said += process.stdout.readline()
        time.sleep(5)  # into the other page
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 2, "a task's process and its kernel"
        process.kill()
    _, alive = psutil.wait_procs(started, timeout=15)
    assert alive == []
    assert {path.name for path in temporary.iterdir()} <= {"bookwright-cores", "dask-scratch-space"}
    shutil.rmtree(temporary)
    book.write("3", name="slow")
    status, output = book.run()
    assert status == 0, output
    assert "1 of 2 pages: reused an earlier run" in output
    assert output.count("ran in") == 1


def test_the_cache_has_a_new_name_for_new_code_and_the_old_one_for_new_prose(tmp_path):
    book = make_book(tmp_path)

    def names() -> dict[str, str]:
        status, output = book.run("cache-key")
        assert status == 0, output
        return dict(line.split("=") for line in output.splitlines())

    first = names()
    version = f"py{sys.version_info.major}.{sys.version_info.minor}"
    assert first["key"].startswith(first["prefix"])
    assert first["prefix"].startswith(f"pages-{version}-")
    book.write("1 + 1", prose="Other prose.")
    assert names() == first
    book.write("1 + 2")
    second = names()
    assert second["prefix"] == first["prefix"], "the other pages' runs are still good"
    assert second["key"] != first["key"]
    assert book.run()[0] == 0
    assert list((tmp_path / second["path"]).glob("*/*.json")), "that is where the runs are"
    module = tmp_path / "lessons_src" / "encoding.py"
    module.write_text(module.read_text() + "\n# changed\n")
    assert names()["prefix"] == first["prefix"], "pages that did not use it are still good"
    assert names()["key"] != second["key"]


BUSY = "import time\nstop = time.time() + 8 + {} / 9\nwhile time.time() < stop:\n    pass"


def test_a_page_runs_with_the_same_numbers_alone_and_beside_others(tmp_path):
    found = []
    for number, beside in enumerate([0, 3]):
        book = make_book(tmp_path / f"{number}")
        book.write(TRAINING)
        names = [f"other{k}" for k in range(beside)]
        book.contents("index", *names)
        for k, name in enumerate(names):
            book.write(BUSY.format(k), name=name)
        status, output = book.run()
        assert status == 0, output
        found.append(values(book))
    assert found[0] == found[1]
