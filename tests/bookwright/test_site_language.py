"""One language of the site: half of a build is thrown away, and no build writes on by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bookwright.site import language

# Stands for Jupyter Book: writes a page, and does what the book's folder says by its files.
BUILDS = """
import sys, time
from pathlib import Path
from bookwright.runs import child
child.end_with_parent()
page = Path("_build", sys.argv[1], "page.html")
page.parent.mkdir(parents=True, exist_ok=True)
with page.open("a") as file:
    file.write("a build\\n")
while Path("wait").exists():
    time.sleep(0.05)
sys.exit(Path("fail").exists())
"""
COMMAND = [sys.executable, "-c", BUILDS]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder of a book whose languages are built by something quick."""
    monkeypatch.setattr(language.book, "ROOT", tmp_path)
    monkeypatch.setattr(language, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(language, "_COMMAND", COMMAND)
    (tmp_path / "_build").mkdir()
    (tmp_path / "_config.yml").write_text(
        "bookwright: {languages: [en], title: {en: A book}, helper: none}\n"
    )
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    return tmp_path


def build(folder: Path) -> list[str]:
    """Builds English, and what then stands in its page: a line for each build since the first."""
    with language.building("en") as process:
        process.wait()
    page = folder / "_build" / "en" / "page.html"
    return page.read_text().splitlines() if page.exists() else []


def test_a_build_goes_on_with_what_the_last_one_made(folder, capsys):
    assert [len(build(folder)) for _ in range(3)] == [1, 2, 3]
    assert capsys.readouterr().out == ""


def test_what_a_failed_build_made_is_thrown_away(folder, capsys):
    build(folder)
    (folder / "fail").touch()
    assert build(folder) == []
    (folder / "fail").unlink()
    assert len(build(folder)) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "harm", [lambda page: page.write_text(""), lambda page: page.write_text("a b"), Path.unlink]
)
def test_what_a_power_cut_harmed_is_built_anew_and_that_is_said(folder, harm, capsys):
    build(folder)
    harm(folder / "_build" / "en" / "page.html")
    assert build(folder) == ["a build"]
    assert "en was broken off: all of it is built" in capsys.readouterr().out


def test_a_build_that_is_stopped_ends_and_leaves_nothing_half_made(folder):
    (folder / "wait").touch()
    with pytest.raises(KeyboardInterrupt), language.building("en") as process:
        while not (folder / "_build" / "en" / "page.html").exists():
            time.sleep(0.05)
        raise KeyboardInterrupt
    assert process.poll() is not None
    assert not (folder / "_build" / "en").exists()


BUILDING = f"""
import sys
from pathlib import Path
from bookwright.site import language
language.book.ROOT = Path.cwd()
language.BUILD = Path("_build").absolute()
language._COMMAND = {COMMAND!r}
with language.building("en") as process:
    print(process.pid, flush=True)
    process.wait()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_after_a_kill_no_build_writes_on_and_what_it_made_does_not_count(folder, capsys):
    (folder / "wait").touch()
    variables = os.environ | {"PYTHONPATH": str(Path(language.__file__).parents[2])}
    command = [sys.executable, "-c", BUILDING]
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True
    ) as killed:
        sphinx = psutil.Process(int(killed.stdout.readline()))
        while not (folder / "_build" / "en" / "page.html").exists():
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
    psutil.wait_procs([sphinx], timeout=30)
    assert not sphinx.is_running() or sphinx.status() == psutil.STATUS_ZOMBIE
    (folder / "wait").unlink()
    assert build(folder) == ["a build"]
    assert "broken off" in capsys.readouterr().out
