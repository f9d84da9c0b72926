"""Problems reach people from one place."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.conftest import ROOT


def test_problems_come_after_what_was_printed_and_each_of_them_once():
    code = "from tools.problems import *; print('before'); tell_problems(['one', 'two', 'one'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["before", "one", "two"]


def test_no_tool_prints_what_is_wrong_by_itself():
    own = ROOT / "tools" / "problems.py"
    alone = ROOT / "tools" / "runs" / "recorder.py"  # runs in kernels, without the other tools
    for path in (ROOT / "tools").rglob("*.py"):
        if path not in (own, alone):
            assert not re.search(r"file=sys\.stderr|sys\.stderr\.write", path.read_text("utf-8")), (
                path
            )
