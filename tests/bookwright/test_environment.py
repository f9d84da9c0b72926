"""The environment: what uv is told, what is said when it cannot be made, what is repaired."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bookwright import environment
from tests.conftest import ROOT
from tests.helpers import Steps

LOCK = """alone==1.0 \\
    --hash=sha256:aa
uv==0.9.1 ; sys_platform != 'emscripten' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
uv-build==0.9.1 \\
    --hash=sha256:dd
"""


def test_only_uvs_own_lines_are_taken_from_the_lock():
    taken = environment.pinned("uv", LOCK)
    assert taken.splitlines() == LOCK.splitlines()[2:5]
    assert environment.pinned("uv-build", LOCK) == "uv-build==0.9.1 \\\n    --hash=sha256:dd\n"


def test_the_projects_lock_pins_uv_with_hashes():
    first, *hashes = environment.pinned("uv", (ROOT / "requirements.txt").read_text()).splitlines()
    assert Requirement(first.rstrip(" \\")).name == "uv"
    assert hashes
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)


def test_a_lock_without_uv_is_refused():
    with pytest.raises(ValueError, match=r"a line uv==\.\.\. in requirements\.txt"):
        environment.pinned("uv", "uvloop==1.0 \\\n    --hash=sha256:aa\n")


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ("", {}),
        (
            "global.index-url='https://a.test/simple'\n",
            {"UV_DEFAULT_INDEX": "https://a.test/simple"},
        ),
        (
            "global.index-url='https://a.test'\n:env:.index-url='https://b.test'\n",
            {"UV_DEFAULT_INDEX": "https://b.test"},
        ),
        (
            ":env:.index-url='https://b.test'\ninstall.index-url='https://a.test'\n",
            {"UV_DEFAULT_INDEX": "https://b.test"},
        ),
        (
            "global.extra-index-url='\\nhttps://a.test\\nhttps://b.test'\n",
            {"UV_INDEX": "https://a.test https://b.test", "UV_INDEX_STRATEGY": "unsafe-best-match"},
        ),
        (
            "global.find-links='https://a.test/w /is/not/there'\n",
            {"UV_FIND_LINKS": "https://a.test/w"},
        ),
        ("global.find-links='/is/not/there'\n", {}),
        ("global.no-index='true'\n", {"UV_OFFLINE": "1"}),
        (
            "global.no-index='true'\nglobal.find-links='https://a.test/w'\n",
            {"UV_FIND_LINKS": "https://a.test/w"},  # nothing of uv's says the first of the two
        ),
        ("global.no-index='false'\n", {}),
        (":env:.cert='/c.pem'\n", {"SSL_CERT_FILE": "/c.pem"}),
        ("global.trusted-host='a.test b.test'\n", {"UV_INSECURE_HOST": "a.test b.test"}),
        ("global.disable-pip-version-check='1'\ndownload.index-url='https://a.test'\n", {}),
    ],
)
def test_what_pip_has_been_told_is_told_to_uv(listing, expected):
    assert environment.uv_settings(listing) == expected


def test_pips_settings_are_pips_and_variables_of_the_machine_stay(tmp_path):
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://a.test/simple\ncert = /pips.pem\n")
    given = os.environ | {"PIP_CONFIG_FILE": str(settings), "SSL_CERT_FILE": "/own.pem"}
    for name in [name for name in given if name.startswith(("PIP_", "UV_"))]:
        if name != "PIP_CONFIG_FILE":
            del given[name]
    found = environment.uv_variables(Path(sys.executable), given)
    assert found["UV_DEFAULT_INDEX"] == "https://a.test/simple"
    assert found["SSL_CERT_FILE"] == "/own.pem"


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_FIND_LINKS"])
def test_who_tells_uv_itself_where_packages_are_is_not_overruled(name):
    nobody = Path("no-python-to-ask")
    assert environment.uv_variables(nobody, {name: "https://b.test"}) == {name: "https://b.test"}


def test_a_python_without_ensurepip_is_told_what_to_do(monkeypatch, capsys, tmp_path):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        environment.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "ensurepip" else find(name, *rest),
    )
    assert environment.main(tmp_path / ".venv") == 1
    said = capsys.readouterr().err
    version = ".".join(map(str, sys.version_info[:2]))
    assert f"apt-get install python{version}-venv" in said
    assert "make PYTHON=" in said
    assert not (tmp_path / ".venv").exists()


def test_a_step_is_silent_and_its_own_words_explain_why_it_failed(capfd):
    environment.run([sys.executable, "-c", "print('noise')"], os.environ, ROOT)
    assert capfd.readouterr() == ("", "")
    code = "print('WARNING: try 1\\nWARNING: try 2\\nERROR: no route'); raise SystemExit(1)"
    with pytest.raises(RuntimeError, match=r"^WARNING: try 2\nERROR: no route$"):
        environment.run([sys.executable, "-c", code], os.environ, ROOT)


def test_pips_own_words_explain_why_it_failed_and_no_traceback_does():
    said = (
        "Collecting a\nTraceback (most\n  File x\nERROR: no room left\nTraceback (most\nOSError\n"
    )
    assert environment.reason(said) == "ERROR: no room left"
    assert environment.reason("Traceback (most\n  File x\nOSError: full\n") == "OSError: full"
    assert environment.reason("") == ""


class Programs(Steps):
    """Stands in for pip, uv and venv."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        monkeypatch.setattr(environment, "run", self.run)
        monkeypatch.setattr(environment, "uv_variables", lambda python: {})
        monkeypatch.setattr(environment.venv, "create", self.create)

    def create(self, folder: Path, *, clear: bool, with_pip: bool, symlinks: bool) -> None:
        assert clear
        assert with_pip
        shutil.rmtree(folder, ignore_errors=True)
        python = environment.program(folder, "python.exe" if os.name == "nt" else "python")
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        version = ".".join(map(str, sys.version_info[:3]))
        (folder / "pyvenv.cfg").write_text(f"home = /nowhere\nversion = {version}\n")
        self.step("venv")

    def run(self, command: list[str], variables: object, folder: Path) -> None:
        if "pip" in command[:3]:  # python -m pip
            assert Path(command[-1]).read_text().startswith("uv==0.9.1 ")
            assert {"--require-hashes", "--only-binary"} <= set(command)
            self.step("uv alone")
        elif "--editable" in command:
            self.step("project")
        else:
            assert {"--require-hashes", "--no-build"} <= set(command)
            self.step("packages")


ALL = ["venv", "uv alone", "packages", "project"]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Programs(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the environment of a small project goes."""
    project = tmp_path / "project"
    for place in (project, project / "bookwright"):
        place.mkdir()
        (place / "pyproject.toml").touch()
    (project / "requirements.txt").write_text(LOCK)
    return project / ".venv"


def test_an_environment_is_made_once_and_one_line_tells_of_it(steps, folder, capfd):
    assert environment.main(folder) == 0
    assert steps.done == ALL
    assert (folder / "ready").exists()
    out, err = capfd.readouterr()
    assert out.count("\n") == 1
    assert "GB to download" in out
    assert err == ""
    assert environment.main(folder) == 0
    assert steps.done == ALL
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("step", range(4))
def test_one_that_was_broken_off_is_made_anew(steps, folder, step, capsys):
    steps.ends_in = {step: KeyboardInterrupt()}
    assert environment.main(folder) == 130
    assert "the next make" in capsys.readouterr().err
    assert not (folder / "ready").exists()
    steps.done, steps.ends_in = [], {}
    assert environment.main(folder) == 0
    assert steps.done == ALL
    assert (folder / "ready").exists()


@pytest.mark.parametrize(
    "source", ["requirements.txt", "pyproject.toml", "bookwright/pyproject.toml"]
)
def test_what_is_new_goes_into_the_environment_that_is_there(steps, folder, source):
    environment.main(folder)
    os.utime(folder.parent / source, (later := (folder / "ready").stat().st_mtime + 10, later))
    steps.done, steps.ends_in = [], {2: KeyboardInterrupt()}
    assert environment.main(folder) == 130
    assert steps.done == ALL[1:]
    steps.done, steps.ends_in = [], {}
    assert environment.main(folder) == 0
    assert steps.done == ALL, "half brought up to date, it may hold half a package"


def moved(folder: Path) -> Path:
    """The project with its environment, somewhere else."""
    return folder.parent.rename(folder.parents[1] / "elsewhere") / folder.name


def copied(folder: Path) -> Path:
    """The same, with the project still there."""
    elsewhere = folder.parents[1] / "elsewhere"
    return shutil.copytree(folder.parent, elsewhere, symlinks=True) / folder.name


def renamed_back(folder: Path) -> Path:
    """The same, with another clone's environment under the old name."""
    shutil.move(folder, folder.with_name("kept"))
    environment.main(copied(folder))
    shutil.copytree(folder.parents[1] / "elsewhere" / folder.name, folder, symlinks=True)
    return folder


@pytest.mark.parametrize("how", [moved, copied, renamed_back])
def test_an_environment_that_lies_elsewhere_than_it_was_made_is_made_again(
    steps, folder, how, capsys
):
    environment.main(folder)
    there = how(folder)
    steps.done = []
    assert not environment.whole(there)
    assert environment.main(there) == 0
    assert steps.done == ALL
    assert "making .venv" in capsys.readouterr().out
    assert environment.whole(there)


def test_one_whose_python_was_taken_away_is_made_again(steps, folder):
    environment.main(folder)
    python = environment.program(folder, "python")
    python.unlink()
    python.symlink_to("/is/not/here")
    steps.done = []
    assert environment.main(folder) == 0
    assert steps.done == ALL


@pytest.mark.parametrize("said", ["", "/half/a/pa", "\0\0\0\0"])
def test_one_that_lost_its_last_file_when_the_power_went_is_made_again(steps, folder, said):
    environment.main(folder)
    (folder / "ready").write_text(said)
    steps.done = []
    assert environment.main(folder) == 0
    assert steps.done == ALL


def test_another_python_gets_an_environment_of_its_own(steps, folder):
    environment.main(folder)
    (folder / "pyvenv.cfg").write_text("version = 3.9.1\n")
    os.utime(folder / "ready", (1, 1))
    steps.done = []
    assert environment.main(folder) == 0
    assert steps.done == ALL


def test_what_failed_is_said_with_what_to_do(steps, folder, capsys):
    steps.ends_in = {2: RuntimeError("error: no space left on device")}
    assert environment.main(folder) == 1
    said = capsys.readouterr().err
    assert "error: no space left on device" in said
    assert "run make again" in said
    assert "Traceback" not in said
    assert not (folder / "ready").exists()


HOLD = """
import pathlib, sys
from bookwright.environment import alone
with alone(pathlib.Path(sys.argv[1])):
    print("inside", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(folder)]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_second_command_waits_for_the_first(folder):
    with environment.alone(folder):
        second = holder(folder)
        assert second.stdout.readline() == "another command is making .venv; waiting ...\n"
    assert second.communicate(timeout=60)[0] == "inside\n"


def test_a_command_that_was_killed_holds_nobody_up(folder, capsys):
    with holder(folder) as first:
        assert first.stdout.readline() == "inside\n"
        first.kill()
    with environment.alone(folder):
        assert capsys.readouterr().out == ""
