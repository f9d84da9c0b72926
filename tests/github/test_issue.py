"""Issues about what was tried: opened once, added to, closed, and safe to read."""

from __future__ import annotations

import json
import stat
import sys

import issue
import pytest
from markdown_it import MarkdownIt

GH = """#!{python}
import json, pathlib, sys
state = pathlib.Path({state!r})
issues = json.loads(state.read_text())
command, arguments = sys.argv[2], sys.argv[3:]
if command == "list":
    print(json.dumps([i for i in issues if i["open"]]))
elif command == "create":
    assert "--body-file" in arguments
    title = arguments[arguments.index("--title") + 1]
    issues.append({{"number": 7, "title": title, "open": True, "said": [sys.stdin.read()]}})
    print("https://github.test/issues/7")
else:
    (found,) = [i for i in issues if str(i["number"]) == arguments[0]]
    if command == "comment":
        found["said"].append(sys.stdin.read())
    elif command == "close":
        found["open"] = False
    else:
        sys.exit(f"no command {{command}}")
state.write_text(json.dumps(issues))
"""


@pytest.fixture
def tracker(tmp_path, monkeypatch):
    """A tracker with one issue that only has a similar title; behind a `gh` of the test's own."""
    state = tmp_path / "issues.json"
    near = {"number": 3, "title": "Pages do not hold, still", "open": True, "said": []}
    state.write_text(json.dumps([near]))
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH.format(python=sys.executable, state=str(state)))
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(program.parent))
    for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"):
        monkeypatch.setenv(f"GITHUB_{name}", name.lower())
    return lambda: {i["number"]: i for i in json.loads(state.read_text())}


def test_an_issue_is_opened_once_added_to_and_closed(tracker, tmp_path):
    report, held = tmp_path / "report.md", tmp_path / "report.held"
    arguments = ["Pages do not hold", "--report", str(report), "--held", str(held)]
    held.touch()
    assert issue.main(arguments) == 0
    assert set(tracker()) == {3}, "nothing to report, nothing opened"

    held.unlink()
    report.write_text("book/ko/rnn.md:7: failed\n")
    assert issue.main(arguments) == 0
    assert tracker()[7]["title"] == "Pages do not hold"
    assert "rnn.md:7" in tracker()[7]["said"][0]
    assert "server_url/repository/actions/runs/run_id" in tracker()[7]["said"][0]

    report.unlink()
    assert issue.main(arguments) == 0
    assert set(tracker()) == {3, 7}, "one issue, however often it fails"
    assert "ended before it could write a report" in tracker()[7]["said"][1]

    report.write_text("Every page holds.\n")
    held.touch()
    assert issue.main(arguments) == 0
    assert not tracker()[7]["open"]
    assert "Every page holds" in tracker()[7]["said"][2]
    assert tracker()[3]["open"]


def test_without_githubs_program_the_message_says_where_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["T", "--report", str(tmp_path / "r"), "--held", str(tmp_path / "h")]
    assert issue.main(arguments) == 1
    assert "the program gh is not here: https://cli.github.com" in capsys.readouterr().err


HOSTILE = """Every page fails.

```text
said
```
@everyone, see [this](https://example.test) <img src="https://example.test/x.png">
~~~~
# A heading\r@owner\x0b@owner\u2028@owner
| a | table |
|---|---|
</details> - [ ] a task
"""


def test_what_another_job_wrote_is_shown_as_it_is_and_means_nothing(tracker, tmp_path):
    (tmp_path / "r.md").write_text(HOSTILE, encoding="utf-8", newline="")
    arguments = ["T", "--report", str(tmp_path / "r.md"), "--held", str(tmp_path / "h")]
    assert issue.main(arguments) == 0
    read = MarkdownIt("gfm-like", {"linkify": False}).parse(tracker()[7]["said"][0])
    code, *rest = [token for token in read if token.content]
    assert code.type == "code_block"
    for line in HOSTILE.splitlines():
        assert line in code.content
    assert [token.content for token in rest] == [
        "[The run](server_url/repository/actions/runs/run_id)"
    ]


def test_a_report_longer_than_an_issue_is_cut(tmp_path):
    (tmp_path / "r.md").write_text("x\n" * 50_000)
    assert len(issue.quoted(tmp_path / "r.md")) < 65_536


def test_a_report_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "r.md").symlink_to(tmp_path / "secret")
    assert "secret" not in issue.quoted(tmp_path / "r.md")
