"""What a reader has: an environment without our package; the first cell and the wheel it brings."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import nbformat
import pytest

from bookwright import book
from bookwright.reader import environment, first_cell, wheel
from tests.conftest import ROOT
from tests.helpers import Steps, make_book


def run_first_cell(folder: Path, python: Path | str, site: str | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [str(python), "-c", first_cell.source(site)],
        cwd=folder,
        env={"PYTHONNOUSERSITE": "1", "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def helper(tmp_path_factory) -> Path:
    return wheel.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder


@pytest.fixture
def bare(tmp_path: Path, base: Path) -> Path:
    """The Python of an environment with pip, but without our package."""
    return environment.add_layer(tmp_path / "layer", base)


def test_the_first_cell_installs_the_wheel_beside_it_without_network(tmp_path, bare, helper):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / helper.name).write_bytes(helper.read_bytes())
    status, said = run_first_cell(folder, bare)
    assert status == 0, said
    assert said.count("\n") == 1, "it says in one line what it did"
    assert f"installed from / 설치한 곳: {folder / helper.name}" in said
    status, said = run_first_cell(tmp_path, bare)  # there now, so no wheel is needed
    assert status == 0, said
    assert "already here" in said


def test_the_first_cell_takes_the_wheel_of_the_site(tmp_path, bare, helper):
    status, said = run_first_cell(tmp_path, bare, site=f"{helper.parent.as_uri()}/")
    assert status == 0, said
    assert f"installed from / 설치한 곳: {helper.as_uri()}" in said


def test_without_any_wheel_the_first_cell_says_what_to_do(tmp_path, bare):
    status, said = run_first_cell(tmp_path, bare)
    assert status != 0
    assert said.count("Traceback") == 1
    assert f"{first_cell.wheel_name()} is not in {tmp_path}" in said
    assert f"put {first_cell.wheel_name()} beside it" in said


def test_a_notebook_of_another_version_says_which_it_needs(tmp_path, bare, helper, monkeypatch):
    (tmp_path / helper.name).write_bytes(helper.read_bytes())
    assert run_first_cell(tmp_path, bare)[0] == 0
    version = first_cell.version()
    monkeypatch.setattr(first_cell, "version", lambda: "99.0")
    status, said = run_first_cell(tmp_path, bare)
    assert status != 0
    assert f"lessons_src {version} is here, this notebook needs 99.0" in said
    assert "download this notebook again" in said
    assert "lessons_src-99.0-py3-none-any.whl is not in" in said


def test_the_wheel_is_the_same_each_time_and_holds_the_package(tmp_path, helper, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "nothing-yet")
    assert wheel.build(tmp_path).read_bytes() == helper.read_bytes()
    with zipfile.ZipFile(helper) as archive:
        held = {name for name in archive.namelist() if name.endswith(".py")}
    assert held == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "lessons_src").rglob("*.py")
    }


def test_a_wheel_is_built_once_for_one_state_of_its_sources(tmp_path, monkeypatch):
    project, built = make_book(tmp_path / "project").folder, []

    def build(sources: Path, folder: Path) -> None:
        built.append(sources)
        (folder / first_cell.wheel_name()).write_text(f"wheel {len(built)}")

    monkeypatch.setattr(book, "ROOT", project)
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(wheel, "_build", build)
    first, second = (wheel.build(tmp_path / name) for name in ("first", "second"))
    assert first.read_text() == second.read_text() == "wheel 1"
    module = project / "lessons_src" / "encoding.py"
    for change in (lambda: module.write_text("changed"), lambda: module.rename(f"{module}.old")):
        before = len(built)
        change()
        assert wheel.build(tmp_path / "other").read_text() == f"wheel {len(built)}"
        assert len(built) == before + 1


def test_a_kept_wheel_that_a_power_cut_emptied_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(
        wheel, "_build", lambda sources, to: (to / first_cell.wheel_name()).write_text("whole")
    )
    wheel.made().write_text("")
    assert wheel.made().read_text() == "whole"


def test_a_wheel_that_could_not_be_built_is_not_kept(tmp_path, monkeypatch):
    said = ["half of it", "all of it"]

    def build(sources: Path, folder: Path) -> None:
        (folder / first_cell.wheel_name()).write_text(said.pop(0))
        if said:
            raise RuntimeError("the wheel could not be built")

    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(wheel, "_build", build)
    with pytest.raises(RuntimeError, match="could not be built"):
        wheel.build(tmp_path / "here")
    assert wheel.build(tmp_path / "here").read_text() == "all of it"


def test_the_first_cell_of_a_notebook_may_change_without_any_page_running_again(tmp_path):
    book = make_book(tmp_path)
    book.write("import lessons_src\n\nprint(lessons_src.__file__)")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert output.count("ran in") == 1
    path = tmp_path / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    old, new = f'version = "{first_cell.version()}"', 'version = "9.9.9"'
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert "ran in" not in output
    notebook = nbformat.reads(book.built("ko/notebooks/index.ipynb"), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "lessons_src-9.9.9-py3-none-any.whl" in cells[0].source
    assert "site-packages/lessons_src" in cells[1].outputs[0].text


# The environment


class Programs(Steps):
    """Stands in for uv, and for what is run once all is there."""

    def run(self, command: list[str], variables: object, folder: Path) -> None:
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)
            Path(command[-1], "ready").unlink(missing_ok=True)  # as --clear does
            self.step("reader's venv")
        else:
            install = "offline" if "--offline" in command else "online"
            self.step(install if "install" in command else "fonts")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    found = Programs()
    monkeypatch.setattr(environment, "run", found.run)
    monkeypatch.setattr(environment, "uv_variables", lambda python: {})
    return found


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(environment, "FOLDER", tmp_path / ".venv-reader")
    return environment.FOLDER


def test_many_who_ask_for_the_readers_environment_get_one(steps, readers):
    threads = [threading.Thread(target=environment.environment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps.done == ["reader's venv", "offline", "fonts"]
    assert environment.environment() == readers


def test_the_readers_environment_downloads_only_what_is_not_there(steps, readers):
    steps.ends_in = {1: RuntimeError("error: not in the cache")}
    environment.environment()
    assert steps.done == ["reader's venv", "offline", "online", "fonts"]


@pytest.mark.parametrize("step", range(3))
def test_a_readers_environment_that_was_broken_off_is_made_anew(steps, readers, step):
    steps.ends_in = {step: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        environment.environment()
    steps.done, steps.ends_in = [], {}
    assert environment.environment() == readers
    assert len(steps.done) == 3


def test_a_readers_environment_that_cannot_be_made_is_one_message(steps, readers):
    steps.ends_in = dict.fromkeys((1, 2), RuntimeError("error: no route to host"))
    with pytest.raises(RuntimeError, match="could not be made:\nerror: no route to host"):
        environment.environment()
