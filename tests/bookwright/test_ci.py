"""The check of the workflows."""

from __future__ import annotations

import shutil

import pytest

from bookwright import ci
from tests.conftest import ROOT


def test_a_workflow_that_is_unsafe_is_refused(tmp_path, monkeypatch, capfd):
    if ci.find_zizmor() is None:
        pytest.fail("zizmor is not here: it is one of the packages that make lint-workflows needs")
    folder = tmp_path / ".github"
    shutil.copytree(ROOT / ".github", folder)
    monkeypatch.setattr(ci, "FOLDER", folder)
    assert ci.zizmor() == 0, capfd.readouterr().out
    path = folder / "workflows" / "checks.yml"
    unsafe = path.read_text().replace("run: make lint\n", "run: echo ${{ github.head_ref }}\n")
    path.write_text(unsafe)
    assert ci.zizmor() != 0
    assert "template-injection" in capfd.readouterr().out
