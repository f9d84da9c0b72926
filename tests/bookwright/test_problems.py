"""Problems reach people from one place."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bookwright import problems
from tests.conftest import ROOT


def test_problems_come_after_what_was_printed_and_each_of_them_once():
    code = (
        "from bookwright.problems import *; print('before'); tell_problems(['one', 'two', 'one'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["before", "one", "two"]


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (RuntimeError("do this"), 1, "do this\n"),
        (KeyboardInterrupt(), 130, "\nstopped; all kept\n"),
    ],
)
def test_work_that_ends_early_says_why_and_what_is_kept(error, status, expected, capsys):
    def work() -> int:
        raise error

    assert problems.attempt(work, "all kept") == status
    assert capsys.readouterr().err == expected
    assert problems.attempt(lambda: 0, "all kept") == 0


def test_no_tool_prints_what_is_wrong_by_itself():
    own = ROOT / "bookwright" / "problems.py"
    alone = ROOT / "bookwright" / "runs" / "recorder.py"  # runs in kernels, without the other tools
    for path in (ROOT / "bookwright").rglob("*.py"):
        if path not in (own, alone):
            assert not re.search(r"file=sys\.stderr|sys\.stderr\.write", path.read_text("utf-8")), (
                path
            )
