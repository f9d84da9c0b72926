"""Files and folders are whole or not there, whatever ended their writing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bookwright import durable
from tests.conftest import ROOT


def test_a_file_is_written_with_its_folder(tmp_path):
    path = tmp_path / "new" / "a.json"
    durable.write(path, "한글\n")
    durable.write(path, "다시\n")
    assert path.read_bytes() == "다시\n".encode()
    durable.write(path, b"\0\1")
    assert path.read_bytes() == b"\0\1"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_for_which_there_is_no_room_says_so_with_its_name(tmp_path, monkeypatch):
    assert durable.full(tmp_path) is None
    monkeypatch.setattr(durable, "_ROOM", 2**80)
    said = f"no room is left on the disk of {tmp_path}: free some, then give the command again"
    assert durable.full(tmp_path) == said

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=rf"^\[Errno 28\] {said}: '{tmp_path}/a'$"):
        durable.write(tmp_path / "a", "1")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_is_for_whom_the_users_mask_says(tmp_path):
    before = os.umask(0o027)
    try:
        durable.write(tmp_path / "a", "1")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch, error):
    path = tmp_path / "a"
    durable.write(path, "whole")

    def fail(descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        durable.write(path, "half")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


WRITING = """
import sys
from pathlib import Path
from bookwright import durable
number = 0
while True:
    durable.write(Path(sys.argv[1]), f"{number}," * 100_000 + "end")
    print(number, flush=True)
    number += 1
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_kill_leaves_a_whole_file(tmp_path):
    path = tmp_path / "a"
    for line in range(1, 6):
        command = [sys.executable, "-c", WRITING, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writing:
            for _ in range(line):
                writing.stdout.readline()
            writing.send_signal(signal.SIGKILL)
        assert path.read_text().endswith(",end")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "made"
    for name, text in (("a.html", "<p>page</p>"), ("sub/b.css", "p {}"), ("sub/empty", "")):
        durable.write(found / name, text)
    return found


def test_a_sealed_folder_is_whole_until_it_is_unsealed(folder):
    assert not durable.sealed(folder)
    durable.seal(folder)
    assert durable.sealed(folder)
    durable.seal(folder)
    assert durable.sealed(folder)
    durable.unseal(folder)
    assert not durable.sealed(folder)


def empty(folder):
    (folder / "a.html").write_text("")


def cut_short(folder):
    (folder / "a.html").write_text("<p>pa")


def remove(folder):
    (folder / "sub" / "b.css").unlink()


def add(folder):
    (folder / "sub" / "c.css").write_text("q {}")


def cut_the_seal(folder):
    seal = folder / "whole.json"
    seal.write_text(seal.read_text()[:-3])


def empty_the_seal(folder):
    (folder / "whole.json").write_text("")


@pytest.mark.parametrize("harm", [empty, cut_short, remove, add, cut_the_seal, empty_the_seal])
def test_a_folder_that_was_harmed_is_not_whole(folder, harm):
    durable.seal(folder)
    harm(folder)
    assert not durable.sealed(folder)


def test_a_folder_that_is_not_there_is_not_whole(tmp_path):
    durable.unseal(tmp_path / "not there")
    assert not durable.sealed(tmp_path / "not there")
