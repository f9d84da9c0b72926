"""The files that run in browsers: from any origin, by their hash alone, whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwright.live import files
from bookwright.problems import ProblemError

CONTENT = {"core.js": b"run()", "numpy.whl": b"arrays"}
LISTED = {
    name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "gzipped": 5}
    for name, content in CONTENT.items()
}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for what is found, and no folder named by the environment."""
    monkeypatch.setattr(files, "KEPT", tmp_path / "kept")
    monkeypatch.delenv("BOOK_LIVE_FILES", raising=False)
    return tmp_path / "kept"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "named"
    found.mkdir()
    monkeypatch.setenv("BOOK_LIVE_FILES", str(found))
    return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address that serves it."""
    place = tmp_path / "served"
    place.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments) -> None:
            super().__init__(*arguments, directory=str(place))

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield place, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def runtime(*origins: dict[str, str]) -> files.Runtime:
    return files.Runtime("1", "MPL-2.0", "somewhere", LISTED, list(origins))


def have(of: files.Runtime) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in of.folder.glob("*")}


def test_a_folder_that_is_named_may_hold_the_files_or_archives_of_them(kept, folder):
    (folder / "core.js").write_bytes(CONTENT["core.js"])
    with zipfile.ZipFile(folder / "mirror.whl", "w") as wheel:
        wheel.writestr("some/where/numpy.whl", CONTENT["numpy.whl"])
    assert files.fetch(runtime()) is None
    assert have(runtime()) == CONTENT


def test_what_one_origin_lacks_comes_from_the_next(kept, folder, served):
    with tarfile.open(folder / "core.tgz", "w:gz") as tar:
        member = tarfile.TarInfo("package/core.js")
        member.size = len(CONTENT["core.js"])
        tar.addfile(member, io.BytesIO(CONTENT["core.js"]))
    place, address = served
    (place / "numpy.whl").write_bytes(CONTENT["numpy.whl"])
    assert files.fetch(runtime({"address": address})) is None
    assert have(runtime()) == CONTENT


def test_a_file_of_another_hash_is_not_taken_from_anywhere(kept, folder, served):
    place, address = served
    (folder / "core.js").write_bytes(b"steal()")
    (place / "core.js").write_bytes(CONTENT["core.js"])
    (place / "numpy.whl").write_bytes(b"other arrays")
    said = files.fetch(runtime({"address": address}))
    assert said is not None
    assert "BOOK_LIVE_FILES: has no core.js, numpy.whl of this SHA-256" in said
    assert f"{address}: has no numpy.whl of this SHA-256" in said
    assert have(runtime()) == {"core.js": CONTENT["core.js"]}


def test_origins_that_are_out_of_reach_are_named_with_what_they_said(kept, monkeypatch):
    monkeypatch.setattr(files.shutil, "which", lambda name: None)
    said = files.fetch(runtime({"address": "http://127.0.0.1:1/"}, {"npm": "pyodide@0"}))
    assert said is not None
    first, second, third = said.split("; ")
    assert first == "BOOK_LIVE_FILES: not set"
    assert second.startswith("http://127.0.0.1:1/: ")
    assert third == "pyodide@0: there is no npm"


def test_a_kept_file_that_was_cut_short_is_found_anew(kept, folder):
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    assert files.fetch(runtime()) is None
    (runtime().folder / "core.js").write_bytes(b"ru")
    assert runtime().missing() == {"core.js"}
    assert files.fetch(runtime()) is None
    assert runtime().missing() == set()


def test_the_site_gets_all_of_them_and_their_license(kept, folder, tmp_path):
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    files.fetch(runtime())
    files.put(tmp_path / "site", runtime())
    put = tmp_path / "site" / "live" / runtime().digest
    assert {path.name for path in put.iterdir()} == {*CONTENT, "NOTICE.txt"}
    notice = (put / "NOTICE.txt").read_text(encoding="utf-8")
    assert notice.startswith("\ufeff"), "a host may not say in which letters it is"
    for each in ("MPL-2.0", "BSD-3-Clause", "PSF-2.0", "소스 코드: https://"):
        assert each in notice


def test_the_folder_has_another_name_once_a_file_is_another():
    changed = {**LISTED, "core.js": {**LISTED["core.js"], "sha256": "0" * 64}}
    assert runtime()._replace(files=changed).digest != runtime().digest


def test_the_list_says_what_a_reader_loads():
    listed = files.runtime()
    assert {"pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip"} < set(listed.files)
    assert [name for name in listed.files if name.startswith("numpy-")]
    assert 8 < listed.megabytes < 9


def test_the_listed_sizes_are_those_of_the_files():
    if missing := files.runtime().missing():
        pytest.skip(f"not on this machine: {', '.join(sorted(missing))}")
    for name, said in files.runtime().files.items():
        content = (files.runtime().folder / name).read_bytes()
        assert len(content) == said["bytes"], name
        assert len(gzip.compress(content, 6)) == pytest.approx(said["gzipped"], rel=0.02), name


def test_a_list_that_says_less_is_refused(tmp_path):
    text = Path(files.__file__).with_name("runtime.yml").read_text(encoding="utf-8")
    (tmp_path / "runtime.yml").write_text(text.replace("version: 0.27.7", ""), encoding="utf-8")
    with pytest.raises(ProblemError, match="lacks `version"):
        files.runtime(tmp_path / "runtime.yml")
