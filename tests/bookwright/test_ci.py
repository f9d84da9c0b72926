"""The check of the workflows, and the program that it fetches."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile

import pytest

from bookwright import ci
from tests.conftest import ROOT


def test_a_workflow_that_is_unsafe_is_refused(tmp_path, monkeypatch, capfd):
    if ci.find_zizmor() is None:
        pytest.fail("zizmor is not here: it is one of the packages that make lint-workflows needs")
    folder = tmp_path / ".github"
    shutil.copytree(ROOT / ".github", folder)
    monkeypatch.setattr(ci, "FOLDER", folder)
    assert ci.zizmor()[0] == 0, capfd.readouterr().out
    path = folder / "workflows" / "checks.yml"
    unsafe = path.read_text().replace("run: make lint\n", "run: echo ${{ github.head_ref }}\n")
    path.write_text(unsafe)
    assert ci.zizmor()[0] != 0
    assert "template-injection" in capfd.readouterr().out


@pytest.mark.parametrize(("token", "offline"), [(None, True), ("", True), ("ghs_1", False)])
def test_only_with_a_token_is_github_asked_about_the_actions(monkeypatch, token, offline):
    asked = []

    def run(command, **options):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.delenv("GH_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("GH_TOKEN", token)
    monkeypatch.setattr(subprocess, "run", run)
    ci.zizmor()
    assert ("--offline" in asked[0]) == offline


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A release of actionlint that lies here, with the sum that is known of it."""
    monkeypatch.setattr(ci, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(ci, "RELEASE", tmp_path.as_uri())
    monkeypatch.setattr(ci.platform, "system", lambda: "Linux")
    monkeypatch.setattr(ci.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(ci.shutil, "which", lambda name, **options: None)
    path = tmp_path / f"actionlint_{ci.VERSION}_linux_amd64.tar.gz"
    program = b"#!/bin/sh\necho looked\n"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("actionlint")
        member.size = len(program)
        archive.addfile(member, io.BytesIO(program))
    known = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(ci, "SUMS", {"linux_amd64": known})
    return path


def test_the_known_release_is_fetched_once_and_run(release):
    assert ci.actionlint() == (0, "looked\n")
    release.unlink()
    assert ci.actionlint() == (0, "looked\n")


def test_another_release_than_the_known_one_is_not_run(release, monkeypatch, capsys):
    release.write_bytes(release.read_bytes() + b"\0")
    for given, expected in (("", 0), ("true", 1)):
        monkeypatch.setenv("CI", given)
        status, said = ci.actionlint()
        assert status == expected
        assert f"{release.as_uri()} is not the release whose sum" in said
    assert not ci.KEPT.exists()


def test_where_no_release_is_known_it_is_left_out(release, monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(ci.platform, "machine", lambda: "riscv64")
    assert ci.actionlint()[0] == 0
    assert "no sum of a release for linux_riscv64 is known" in capsys.readouterr().err


@pytest.mark.parametrize("status", [0, 1])
def test_the_report_holds_what_was_said(tmp_path, monkeypatch, status):
    monkeypatch.setattr(ci, "zizmor", lambda: (status, "one fault\n" if status else ""))
    monkeypatch.setattr(ci, "actionlint", lambda: (0, ""))
    report = tmp_path / "new" / "workflows.md"
    assert ci.main(["--report", str(report)]) == status
    assert report.read_text() == ("one fault\n" if status else "Nothing was found.\n")
    assert report.with_suffix(".held").exists() == (status == 0)
