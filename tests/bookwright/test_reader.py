"""What a reader has: an environment without our package; the first cell and the wheel it brings."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest

from bookwright import book
from bookwright import words as interface
from bookwright.reader import environment, first_cell, wheel
from bookwright.reader.wheel import Wheel
from tests.conftest import ROOT
from tests.helpers import Steps, append, make_book

# No index is asked, for the helper or for what it needs.
WITHOUT_NETWORK = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_RETRIES": "0"}


def run_first_cell(
    folder: Path, python: Path | str, made: Wheel, site: str | None = None, language: str = "en"
) -> tuple[int, str]:
    done = subprocess.run(
        [str(python), "-c", first_cell.source(made, site, language)],
        cwd=folder,
        env={"PYTHONNOUSERSITE": "1"} | WITHOUT_NETWORK,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def helper(tmp_path_factory) -> Wheel:
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


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder of the notebook, with nothing in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def put(made: Wheel, folder: Path, content: bytes | None = None) -> str:
    """Puts a wheel, or what goes by its name, into a folder; the address of that place."""
    place = folder / made.name
    place.write_bytes(made.path.read_bytes() if content is None else content)
    return place.as_uri()


def changed(made: Wheel) -> bytes:
    """The same wheel with one more file in it."""
    content = io.BytesIO(made.path.read_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("lessons_src/more.py", "raise SystemExit('this was run')")
    return content.getvalue()


def older(folder: Path, python: Path, version: str) -> None:
    """Installs another helper of some version, as an index or somebody's hand would bring it."""
    sources = folder / "older"
    (sources / "lessons_src").mkdir(parents=True)
    (sources / "lessons_src" / "__init__.py").write_text("raise SystemExit('the older one ran')")
    project = f'[project]\nname = "lessons-src"\nversion = "{version}"\n'
    (sources / "pyproject.toml").write_text(f'{project}[tool.setuptools]\npackages=["lessons_src"]')
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    built = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), str(sources)]
    subprocess.run(built, check=True, capture_output=True)
    [found] = folder.glob("lessons_src-*.whl")
    put_in = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(found)]
    subprocess.run(put_in, check=True)


def test_the_first_cell_installs_the_wheel_beside_it_without_network(tmp_path, here, bare, helper):
    place = put(helper, here)
    status, said = run_first_cell(here, bare, helper)
    assert status == 0, said
    assert said == f"lessons_src {helper.version}: installed from {place}\n", "one line"
    status, said = run_first_cell(tmp_path, bare, helper)  # there now, so no wheel is needed
    assert status == 0, said
    assert said == f"lessons_src {helper.version}: already here\n"


def test_in_an_empty_folder_the_first_cell_takes_the_wheel_of_the_site(here, bare, helper):
    status, said = run_first_cell(here, bare, helper, f"{helper.path.parent.as_uri()}/", "ko")
    assert status == 0, said
    assert said == f"lessons_src {helper.version}: 설치한 곳: {helper.path.as_uri()}\n"


def test_an_older_helper_of_the_same_number_is_replaced_before_any_of_it_runs(
    tmp_path, here, bare, helper
):
    older(tmp_path, bare, helper.version.partition("+")[0])
    status, said = run_first_cell(here, bare, helper)
    assert status == 1
    assert f"another one is here, {helper.version.partition('+')[0]}" in said
    assert "the older one ran" not in said
    put(helper, here)
    status, said = run_first_cell(here, bare, helper)
    assert status == 0, said
    assert "installed from" in said


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_wheel_that_was_changed_is_not_installed(here, bare, helper, tmp_path, language):
    site = tmp_path / "site"
    site.mkdir()
    places = [put(helper, folder, changed(helper)) for folder in (here, site)]
    status, said = run_first_cell(here, bare, helper, f"{site.as_uri()}/", language)
    assert status == 1
    why = interface.of(language)["first_cell"]["changed"]
    for place in places:
        assert f"  {place}: {why}\n" in said
    assert importlib.metadata.PackageNotFoundError.__name__ not in said
    assert run_first_cell(tmp_path, bare, helper)[0] == 1, "nothing of it was installed"


def test_a_changed_wheel_beside_the_notebook_gives_way_to_the_one_of_the_site(here, bare, helper):
    put(helper, here, changed(helper))
    status, said = run_first_cell(here, bare, helper, f"{helper.path.parent.as_uri()}/")
    assert status == 0, said
    assert said.endswith(f"installed from {helper.path.as_uri()}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_without_wheel_and_network_one_message_in_the_pages_language_says_what_to_do(
    here, bare, helper, language
):
    site = "https://127.0.0.1:9/"  # where nobody answers
    status, said = run_first_cell(here, bare, helper, site, language)
    assert status == 1
    assert said.count("Traceback") == 1
    words = interface.of(language)["first_cell"]
    message = said.partition("RuntimeError: ")[2].splitlines()
    assert message[0] == f"lessons_src {helper.version}: {words['missing']}"
    assert message[1].strip() == words["not_beside"].format(helper.name, here)
    assert message[2].startswith(f"  {site}{quote(helper.name)}: ERROR")
    assert message[3:] == [words["advice"].format(helper.name)]


def test_a_folder_of_the_same_name_is_neither_taken_nor_installed_over(here, bare, helper):
    put(helper, here)
    (here / "lessons_src").mkdir()
    (here / "lessons_src" / "__init__.py").write_text("raise SystemExit('it ran')")
    status, said = run_first_cell(here, bare, helper)
    assert status == 1
    assert said.splitlines()[-1].startswith(
        f"RuntimeError: {here / 'lessons_src'} comes before what this cell installs"
    )


def test_a_kernel_that_has_an_older_helper_goes_on_with_the_new_one(here, bare, helper, tmp_path):
    older(tmp_path, bare, "0.0.1")
    place = next((tmp_path / "layer").rglob("lessons_src/__init__.py"))
    place.write_text("OLD = True")
    put(helper, here)
    code = f"import lessons_src\n{first_cell.source(helper, None, 'en')}\n"
    code += "print(hasattr(lessons_src, 'OLD'), lessons_src.__doc__[:6])"
    command, environ = [str(bare), "-c", code], WITHOUT_NETWORK
    done = subprocess.run(command, cwd=here, env=environ, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False Helper", done.stderr


@pytest.mark.parametrize(
    ("language", "before", "named"), [("ko", None, "ko"), ("en", None, "en"), ("ko", "", "")]
)
def test_the_first_cell_names_its_language_unless_somebody_did(
    here, bare, helper, language, before, named
):
    put(helper, here)
    shown = "print('speaks', repr(os.environ['BOOK_LANGUAGE']))"
    code = f"{first_cell.source(helper, None, language)}\n{shown}"
    own = {} if before is None else {"BOOK_LANGUAGE": before}
    environ = WITHOUT_NETWORK | own
    command = [str(bare), "-c", code]
    done = subprocess.run(command, cwd=here, env=environ, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == f"speaks {named!r}", done.stderr


def test_the_wheel_is_the_same_each_time_and_holds_the_package(tmp_path, helper, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "nothing-yet")
    again = wheel.build(tmp_path)
    assert again.path.read_bytes() == helper.path.read_bytes()
    assert again == helper._replace(path=again.path)
    with zipfile.ZipFile(helper.path) as archive:
        held = {name for name in archive.namelist() if name.endswith(".py")}
        # Compressed, it would be other bytes with another Python.
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert held == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "lessons_src").rglob("*.py")
    }


def test_a_wheels_name_and_version_hold_a_hash_of_its_content(helper):
    number, _, digest = helper.version.partition("+")
    assert number == wheel.project()["version"]
    assert re.fullmatch("[a-f][0-9a-f]{7}", digest)
    assert helper.name == f"lessons_src-{helper.version}-py3-none-any.whl"
    assert helper.sha256 == hashlib.sha256(helper.path.read_bytes()).hexdigest()
    with zipfile.ZipFile(helper.path) as archive:
        said = archive.read(f"lessons_src-{helper.version}.dist-info/METADATA").decode()
    assert f"\nVersion: {helper.version}\n" in said


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_installers_take_a_wheel_by_an_address_and_a_file_that_name_its_hash(
    tmp_path, base, helper, installer
):
    python = environment.add_layer(tmp_path / "layer", base)
    wanted = tmp_path / "requirements.txt"
    wanted.write_text(f"lessons-src @ {helper.path.as_uri()}#sha256={helper.sha256}\n")
    start = ["uv", "pip", "install", "--python", str(python)] if installer == "uv" else []
    command = [sys.executable, "-m", *start] if start else [str(python), "-m", "pip", "install"]
    command += ["--quiet", "--no-index", "--no-deps", "-r", str(wanted)]
    subprocess.run(command, check=True)
    [found] = (tmp_path / "layer").rglob(f"lessons_src-{helper.version}.dist-info")
    shutil.rmtree(tmp_path / "layer")
    python = environment.add_layer(tmp_path / "layer", base)
    wanted.write_text(f"lessons-src @ {helper.path.as_uri()}#sha256={'0' * 64}\n")
    assert subprocess.run(command, capture_output=True).returncode, "another hash is refused"
    assert not found.exists()


def stand_in(monkeypatch: pytest.MonkeyPatch, said: list[str | None]) -> list[str]:
    """Builds a file with the next text each time, or breaks off at None; the texts it was."""
    built = []

    def build(sources: Path, folder: Path) -> None:
        digest = (sources / "setup.cfg").read_text().partition("+")[2][:8]
        text = said[len(built)] if len(built) < len(said) else "all of it"
        built.append(digest)
        path = folder / f"lessons_src-{wheel.project()['version']}+{digest}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("text", text or "half of it")
        if text is None:
            raise RuntimeError("the wheel could not be built")

    monkeypatch.setattr(wheel, "_build", build)
    return built


def text_of(made: Wheel) -> str:
    with zipfile.ZipFile(made.path) as archive:
        return archive.read("text").decode()


def test_a_wheel_is_built_once_for_one_state_of_its_sources(tmp_path, monkeypatch):
    project = make_book(tmp_path / "project").folder
    monkeypatch.setattr(book, "ROOT", project)
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    built = stand_in(monkeypatch, ["one", "two", "three"])
    first, second = (wheel.build(tmp_path / name) for name in ("first", "second"))
    assert text_of(first) == text_of(second) == "one"
    module = project / "lessons_src" / "encoding.py"
    module.write_text("changed")
    assert text_of(wheel.build(tmp_path / "other")) == "two"
    module.rename(f"{module}.old")
    assert text_of(wheel.build(tmp_path / "other")) == "three"
    assert len(set(built)) == len(built) == 3, "no two of them have one name"


def test_a_kept_wheel_that_a_power_cut_emptied_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    stand_in(monkeypatch, ["whole", "whole again"])
    wheel.made().path.write_bytes(b"")
    assert text_of(wheel.made()) == "whole again"


def test_a_wheel_that_could_not_be_built_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    stand_in(monkeypatch, [None])
    with pytest.raises(RuntimeError, match="could not be built"):
        wheel.build(tmp_path / "here")
    assert text_of(wheel.build(tmp_path / "here")) == "all of it"


def test_a_kept_wheel_that_was_cut_short_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    stand_in(monkeypatch, ["whole", "whole again"])
    kept = wheel.made().path
    kept.write_bytes(kept.read_bytes()[:20])
    assert text_of(wheel.made()) == "whole again"


def test_another_wheel_changes_the_first_cell_and_makes_no_page_run_again(tmp_path):
    book = make_book(tmp_path)
    book.write("import lessons_src\n\nprint(lessons_src.__file__)")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert output.count("ran in") == 1
    before = nbformat.reads(book.built("ko/notebooks/index.ipynb"), as_version=4)
    append(tmp_path / "lessons_src" / "encoding.py")  # which the page does not load
    (tmp_path / "lessons_src" / "margins.json").write_text("{}")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    assert "ran in" not in output
    said = json.loads(book.built("build.json"))["wheel"]
    assert (tmp_path / "_build" / "html" / said["file"]).exists()
    notebook = nbformat.reads(book.built("ko/notebooks/index.ipynb"), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert said["file"] in cells[0].source
    assert said["sha256"] in cells[0].source
    assert said["sha256"] not in before.cells[0].source
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
    monkeypatch.setattr(environment, "_locked", lambda *options: "")
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


PACKAGES = ("wave", "ipykernel", "pip", "left-out")
PROJECT = """[project]
name = "helper"
version = "1"
dependencies = ["wave"]
"""


def write_wheel(folder: Path, name: str, content: str) -> Path:
    """A wheel that holds one module."""
    name = name.replace("-", "_")
    path = folder / f"{name}-1-py3-none-any.whl"
    about = f"{name}-1.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", content)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture
def project(readers, tmp_path, monkeypatch) -> Path:
    """A project whose packages lie in a folder, each pinned by its hash."""
    (tmp_path / "wheels").mkdir()
    lock = ""
    for name in PACKAGES:
        content = write_wheel(tmp_path / "wheels", name, "kind = 'good'\n").read_bytes()
        lock += f"{name}==1 \\\n    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"
    (tmp_path / "requirements.txt").write_text(lock)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setattr(book, "ROOT", tmp_path)
    monkeypatch.setattr(book, "VERSIONS", tmp_path / "requirements.txt")
    told = {"OFFLINE": "1", "FIND_LINKS": tmp_path / "wheels", "CACHE_DIR": tmp_path / "cache"}
    variables = os.environ | {f"UV_{name}": str(value) for name, value in told.items()}
    monkeypatch.setattr(environment, "uv_variables", lambda python: variables)
    return tmp_path


def test_a_reader_has_what_the_helper_needs_and_no_more(project):
    python = environment.environment() / "bin" / "python"
    for name, there in (("wave", True), ("ipykernel", True), ("pip", True), ("left_out", False)):
        done = subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False)
        assert (done.returncode == 0) == there, name


@pytest.mark.parametrize("name", ["wave", "pip", "ipykernel"])
def test_what_is_not_the_pinned_file_is_not_installed(project, name):
    write_wheel(project / "wheels", name, "kind = 'bad'\n")
    with pytest.raises(RuntimeError, match=f"Hash mismatch for `{name}==1`"):
        environment.environment()
    assert not list(environment.FOLDER.rglob(f"{name}.py"))


def test_what_would_be_built_by_something_that_is_not_pinned_is_not_installed(project):
    mark = project / "mark"
    source, archive = project / "wave-1", project / "wheels" / "wave-1.tar.gz"
    source.mkdir()
    about = "Metadata-Version: 2.1\nName: wave\nVersion: 1\n"
    build = "[build-system]\nrequires = []\nbuild-backend = 'build'\nbackend-path = ['.']\n"
    for name, text in (("PKG-INFO", about), ("pyproject.toml", build)):
        (source / name).write_text(text)
    (source / "build.py").write_text(f"open({str(mark)!r}, 'w')\n")
    with tarfile.open(archive, "w:gz") as file:
        file.add(source, source.name)
    (project / "wheels" / "wave-1-py3-none-any.whl").unlink()
    lock = project / "requirements.txt"
    before = re.search(r"wave==1 .*\n.*sha256:(\w+)", lock.read_text())
    known = hashlib.sha256(archive.read_bytes()).hexdigest()
    lock.write_text(lock.read_text().replace(before[1], known))
    with pytest.raises(RuntimeError, match=r"wave.* no usable wheels"):
        environment.environment()
    assert not mark.exists(), "nothing of it ran"


def test_what_is_not_pinned_is_not_installed(project):
    (project / "pyproject.toml").write_text(PROJECT.replace('"wave"', '"wave", "unknown"'))
    write_wheel(project / "wheels", "unknown", "kind = 'bad'\n")
    with pytest.raises(RuntimeError, match=r"expected a line unknown==\.\.\. in requirements"):
        environment.environment()
