"""The scripts of the workflows: issues about what was tried, and the branch of the built site."""

from __future__ import annotations

import json
import stat
import subprocess
import sys

import issue
import publish
import pytest

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


@pytest.fixture
def built(tmp_path):
    site = tmp_path / "html"
    for name in ("ko/index.html", "en/index.html", "ko/notebooks/rnn.ipynb", "ko/_static/a.css"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    for name in ("index.html", "build.json"):
        (site / name).write_text(name)
    return site


def git(*arguments: object) -> str:
    done = subprocess.run(["git", *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_branch_holds_the_site_in_its_root_and_no_history(built, tmp_path):
    remote = tmp_path / "remote.git"
    git("init", "--bare", "--quiet", remote)
    for text in ("first", "second"):
        (built / "index.html").write_text(text)
        publish.publish(built, "gh-pages", str(remote))
    assert git("-C", remote, "show", "gh-pages:index.html") == "second"
    assert git("-C", remote, "rev-list", "--count", "gh-pages") == "1"
    files = git("-C", remote, "ls-tree", "-r", "--name-only", "gh-pages").splitlines()
    assert {".nojekyll", "ko/notebooks/rnn.ipynb", "ko/_static/a.css"} <= set(files)
    assert not (built / ".git").exists()


def test_the_token_is_no_argument_of_git(built, tmp_path, monkeypatch):
    seen = []

    def run(command, **options):
        seen.append((command, options["env"]))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    publish.publish(built, "gh-pages", "https://github.test/a/b", token="ghs_secret")
    assert not any("secret" in str(command) for command, _ in seen)
    with_token = [command[1] for command, env in seen if "GIT_CONFIG_VALUE_0" in env]
    assert with_token == ["push"]


@pytest.mark.parametrize(
    ("branch", "lacking", "message"),
    [
        ("main", None, "expected a branch for the built site alone"),
        ("gh-pages", "build.json", "it lacks build.json: run make book"),
    ],
)
def test_sources_are_never_replaced_and_half_a_site_is_not_published(
    built, tmp_path, branch, lacking, message
):
    remote = tmp_path / "remote.git"
    git("init", "--bare", "--quiet", remote)
    if lacking:
        (built / lacking).unlink()
    with pytest.raises(RuntimeError, match=message):
        publish.publish(built, branch, str(remote))
    assert git("-C", remote, "branch", "--list") == ""


def test_a_refused_push_is_an_error_with_gits_own_words(built, tmp_path, capsys):
    arguments = [str(built), "--branch", "gh-pages", "--remote", str(tmp_path / "nowhere.git")]
    assert publish.main(arguments) == 1
    assert "git push: " in capsys.readouterr().err
