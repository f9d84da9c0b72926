"""What a run used decides whether it still counts; what else changes does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from bookwright import book
from bookwright.runs import recorder, shown, store, used
from bookwright.runs.used import Settings
from tests.conftest import ROOT


@pytest.fixture
def record(tmp_path, monkeypatch):
    """A run that used one file, one package and one data set."""
    monkeypatch.setattr(book, "ROOT", tmp_path)
    monkeypatch.setattr(book, "VERSIONS", tmp_path / "requirements.txt")
    monkeypatch.setattr(book, "data_set", lambda name: {"sha256": {"a.npz": "1"}})
    (tmp_path / "requirements.txt").write_text("numpy==2.0.1 \\\n    --hash=sha256:0\nruff==1\n")
    (tmp_path / "module.py").write_text("one = 1\n")
    found = {"settings": Settings().plain(), "used": {}}
    found["used"] = {
        "files": {"module.py": used.file_hash(tmp_path / "module.py")},
        "packages": {"numpy": "2.0.1", "pip": "1"},
        "data": {"a": {"source": "keras", "sha256": {"a.npz": "1"}}},
        "python": "{}.{}".format(*sys.version_info[:2]),
    }
    return json.loads(json.dumps(found))


def test_a_run_counts_while_all_that_it_used_is_the_same(record, tmp_path):
    assert used.stale(record, Settings()) is None
    (tmp_path / "other.py").write_text("")
    lock = tmp_path / "requirements.txt"
    lock.write_text(lock.read_text().replace("ruff==1", "ruff==2"))
    assert used.stale(record, Settings()) is None


def test_each_thing_that_it_used_is_named_when_it_changes(record, tmp_path, monkeypatch):
    assert used.stale(record, Settings(seed_offset=1)) == "it ran with other settings"
    assert used.stale(record, Settings(variables={"TF_ENABLE_ONEDNN_OPTS": "0"}))
    monkeypatch.setattr(book, "data_set", lambda name: {"sha256": {"a.npz": "2"}})
    assert used.stale(record, Settings()) == "the a data are others"
    (tmp_path / "requirements.txt").write_text("numpy==2.0.2\n")
    assert used.stale(record, Settings()) == "numpy is 2.0.2, was 2.0.1"
    (tmp_path / "module.py").write_text("two = 2\n")
    assert used.stale(record, Settings()) == "module.py changed"
    (tmp_path / "module.py").unlink()
    assert used.stale(record, Settings()) == "module.py changed"
    record["used"]["python"] = "2.7"
    assert used.stale(record, Settings()).endswith(", was 2.7")


@pytest.mark.parametrize("package", ["tensorflow", "numpy", "pyzmq", "protobuf"])
def test_the_lock_names_the_version_of_every_package_that_is_installed(package):
    from importlib import metadata

    assert used.pins(ROOT / "requirements.txt")[package] == metadata.version(package)


def test_a_pin_for_another_system_is_not_ours(tmp_path):
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        'colorama==0.4 ; sys_platform == "nowhere" \\\n    --hash=sha256:0\n'
        "numpy==1.0 ; python_version < '3' \\\n    --hash=sha256:0\n"
        "numpy==2.0 ; python_version >= '3' \\\n    --hash=sha256:0\n"
    )
    assert used.pins(lock) == {"numpy": "2.0"}


def test_the_kernels_environment_keeps_the_machines_and_drops_what_changes_numbers(monkeypatch):
    for name, value in {
        "KERAS_MAX_EPOCHS": "1",
        "PYTHONPATH": "elsewhere",
        "KERAS_BACKEND": "jax",
        "OMP_NUM_THREADS": "9",
        "MY_PROXY": "kept",
        "BOOK_LANGUAGE": "ko",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    found = used.environment(Settings(threads=2, variables={"ONEDNN_MAX_CPU_ISA": "AVX2"}))
    assert "KERAS_MAX_EPOCHS" not in found
    assert "PYTHONPATH" not in found
    assert found["KERAS_BACKEND"] == "tensorflow"
    assert found["OMP_NUM_THREADS"] == found["TF_NUM_INTRAOP_THREADS"] == "2"
    assert found["MY_PROXY"] == "kept"
    assert found["BOOK_LANGUAGE"] == "", "one run is shown to readers of all languages"
    assert found["ONEDNN_MAX_CPU_ISA"] == "AVX2"
    assert "TF_ENABLE_ONEDNN_OPTS" not in found, "the settings do not have it"
    assert used.environment(used.own_settings())["TF_ENABLE_ONEDNN_OPTS"] == "0"


RECORDED = """
import json, pathlib, sys
import page_recorder
import toy.used
pathlib.Path(toy.__file__).with_name("table.csv").read_text()
open("outside.txt", "w").close()
sys.audit("bookwright.data", "reuters", "keras", json.dumps({"reuters.npz": "f00"}))
sys.audit("bookwright.seeds", 7)
page_recorder.report("toy")
"""


def test_the_recorder_sees_modules_files_packages_data_and_seeds(tmp_path):
    package = tmp_path / "toy"
    package.mkdir()
    for name in ("__init__.py", "used.py", "unused.py", "table.csv", "unread.csv"):
        (package / name).write_text("import yaml\n" if name == "used.py" else "")
    (tmp_path / "page_recorder.py").write_bytes(Path(recorder.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", RECORDED],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert set(found["files"]) == {"toy/__init__.py", "toy/used.py", "toy/table.csv"}
    assert found["files"]["toy/used.py"] == used.file_hash(package / "used.py")
    assert "pyyaml" in found["packages"]
    assert "ruff" not in found["packages"]
    assert found["data"] == {"reuters": {"source": "keras", "sha256": {"reuters.npz": "f00"}}}
    assert found["seed_offsets"] == [7]
    assert found["machine"]["machine"]


def a_notebook(source: str, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Prose."), cell])


def test_cells_are_named_by_their_code_and_not_by_how_they_are_shown():
    plain = store.cells_hash(a_notebook("1"))
    assert store.cells_hash(a_notebook("1", ("hide-input",))) == plain
    assert store.cells_hash(a_notebook("2")) != plain
    assert store.cells_hash(a_notebook("# why\n1  # what")) == plain, "a comment is prose"
    string = 'x = """\n# text\n"""'
    assert store.cells_hash(a_notebook(string)) != store.cells_hash(a_notebook('x = """\n"""'))
    fails = ("raises-exception",)  # such an output shows the lines around the error
    assert store.cells_hash(a_notebook("1  # what", fails)) != store.cells_hash(
        a_notebook("1", fails)
    )
    assert store.cells_hash(a_notebook("1", ("raises-exception",))) != plain


def test_runs_of_the_same_cells_are_kept_beside_each_other_and_the_newest_valid_one_is_found(
    record, tmp_path, monkeypatch
):
    monkeypatch.setattr(store, "RUNS", tmp_path / "runs")
    notebook = a_notebook("1")
    record["page"] = "toy"
    for offset in (0, 100, 0):
        settings = Settings(seed_offset=offset)
        store.save("cells", notebook, record | {"settings": settings.plain(), "seconds": offset})
    assert len(list((tmp_path / "runs").glob("*/*.json"))) == 2, "the same run replaces itself"
    assert store.find("cells", Settings()).record["seconds"] == 0
    assert store.find("cells", Settings(seed_offset=100)).record["seconds"] == 100
    assert store.find("cells", Settings(seed_offset=5)) is None
    assert store.find("others", Settings()) is None
    for package in range(20):  # runs of many states, under one condition
        other = {"settings": Settings(threads=2).plain(), "seconds": 1, "page": "toy"}
        store.save("cells", notebook, other | {"used": {"package": package}})
    assert store.find("cells", Settings()) is not None, "they push out only their like"
    assert len(list((tmp_path / "runs").glob("*/*.json"))) < 20
    assert store.why_again("cells", Settings(threads=3)) is None


@pytest.mark.parametrize("content", ["", "{", "[]\n{}", '{"format": 0}\n{}', "\x00\n"])
def test_what_is_no_run_is_thrown_away(record, tmp_path, monkeypatch, content):
    monkeypatch.setattr(store, "RUNS", tmp_path / "runs")
    path = tmp_path / "runs" / "cells" / "run.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert store.find("cells", Settings()) is None
    assert not path.exists()


def test_a_run_is_written_whole_or_not_at_all(record, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(Path, "replace", lambda self, target: 1 / 0)  # as when the disk is full
    with pytest.raises(ZeroDivisionError):
        store.save("cells", a_notebook("1"), record | {"page": "toy"})
    assert list((tmp_path / "runs" / "cells").iterdir()) == []


def test_what_former_versions_kept_is_thrown_away(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "ROOT", tmp_path)
    folder = tmp_path / "_build" / "cache"
    for name, path in {
        "FOLDER": folder,
        "RUNS": folder / "runs",
        "SHOWN": folder / "shown",
        "PREVIEW": folder / "preview",
    }.items():
        monkeypatch.setattr(store, name, path)
    for old in ("_build/cache/0123456789abcdef/executed", ".pages/ko", "_build/preview/cache"):
        (tmp_path / old).mkdir(parents=True)
    (folder / "runs" / "cells").mkdir(parents=True)
    store.throw_away_old()
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert left == {
        "_build",
        "_build/cache",
        "_build/cache/runs",
        "_build/cache/runs/cells",
        "_build/preview",
    }


def a_run(number: int) -> CacheBundleIn:
    cell = nbformat.v4.new_code_cell(f"{number}", execution_count=1)
    return CacheBundleIn(nbformat.v4.new_notebook(cells=[cell]), f"page{number}")


def test_no_run_is_forgotten_however_many_there_are(tmp_path):
    forgetful = get_cache(tmp_path / "small")
    with shown.opened(tmp_path / "ours") as cache:
        for number in range(5):
            cache.cache_notebook_bundle(a_run(number), check_validity=False)
            forgetful.change_cache_limit(3)
            forgetful.cache_notebook_bundle(a_run(number), check_validity=False)
        kept = [len(each.list_cache_records()) for each in (forgetful, cache)]
        limit = cache.get_cache_limit()
    forgetful.db.dispose()
    assert kept == [3, 5]
    assert limit > 50_000
