"""What the workflows call: caches' names, lists of changes, reports, issues, the site's branch."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import stat
import subprocess
import sys
from importlib import metadata
from types import ModuleType

import pytest

from bookwright.reader import environment
from bookwright.runs import conditions
from bookwright.site import changed
from tests.conftest import ROOT
from tests.helpers import Book


def script(name: str) -> ModuleType:
    """A script of the workflows, which no package holds."""
    spec = importlib.util.spec_from_file_location(name, ROOT / ".github" / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


issue, publish = script("issue"), script("publish")

PAGE = """<html><body><article><section id="top"><h1>Title</h1><p>{intro}</p>
<section id="a"><h2>First | part</h2><p>{text}</p><div class="cell_output">{output}</div></section>
{more}<p class="run-info">{run}</p></section></article></body></html>"""
FIELDS = {"intro": "I.", "text": "One.", "output": "0.5", "more": "", "run": "1 s"}


def a_site(folder, **pages_):
    for language in ("ko", "en"):
        (folder / language).mkdir(parents=True)
        for name, fields in pages_.items():
            page = PAGE.format(**FIELDS | fields)
            (folder / language / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"run": "2 s, on another day"}, []),
        ({"output": "0.6"}, ["results only"]),
        ({"text": "Two."}, ["First | part"]),
        ({"intro": "J.", "text": "Two.", "output": "0.6"}, ["Title", "First | part"]),
        ({"more": '<section id="b"><h2>New</h2><p>N.</p></section>'}, ["New"]),
    ],
)
def test_a_page_changed_where_a_reader_sees_it(change, expected):
    old, new = PAGE.format(**FIELDS), PAGE.format(**FIELDS | change)
    assert changed.page_changes(old, new, "page") == expected
    if "more" in change:
        assert changed.page_changes(new, old, "page") == ["removed: New"]


def test_a_chapter_that_only_got_another_number_has_not_changed():
    number = '<h2><span class="section-number">{}.1. </span>F'
    old, new = (PAGE.replace("<h2>F", number.format(n)).format(**FIELDS) for n in (3, 4))
    assert old != new
    assert changed.page_changes(old, new, "page") == []


def test_a_page_with_many_changes_names_the_first_ones():
    table = changed.markdown({"page": {"ko": [f"절 {k}" for k in range(12)]}})
    assert table.endswith("절 6; 절 7; 4 more | – |\n")


def test_the_list_names_changed_new_and_removed_pages_in_both_languages(tmp_path, monkeypatch):
    old = a_site(tmp_path / "old", same={}, gone={}, other={})
    new = a_site(tmp_path / "new", same={"run": "9 s"}, fresh={}, other={})
    path = new / "ko" / "other.html"
    path.write_text(path.read_text().replace("One.", "하나."), encoding="utf-8")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert changed.main([str(old), str(new)]) == 0
    rows = [line for line in summary.read_text("utf-8").splitlines() if line.startswith("| ")][2:]
    assert rows == [
        "| fresh | new page | new page |",
        r"| other | First \| part | – |",
        "| gone | page removed | page removed |",
    ]


def test_what_is_no_site_is_named(tmp_path, capsys):
    site = a_site(tmp_path / "site", page={})
    assert changed.main([str(tmp_path / "nothing"), str(site)]) == 1
    assert "nothing is no built site" in capsys.readouterr().err


def test_the_cache_has_a_new_name_for_new_code_and_the_old_one_for_new_prose(tmp_path):
    book = Book(tmp_path)

    def names() -> dict[str, str]:
        status, output = book.run("cache-key")
        assert status == 0, output
        return dict(line.split("=") for line in output.splitlines())

    first = names()
    version = f"py{sys.version_info.major}.{sys.version_info.minor}"
    assert first["key"].startswith(first["prefix"])
    assert first["prefix"].startswith(f"pages-{version}-")
    book.write("1 + 1", prose="Other prose.")
    assert names() == first
    book.write("1 + 2")
    second = names()
    assert second["prefix"] == first["prefix"], "the other pages' runs are still good"
    assert second["key"] != first["key"]
    assert book.run()[0] == 0
    assert list((tmp_path / second["path"]).glob("*/*.json")), "that is where the runs are"
    module = tmp_path / "lessons_src" / "encoding.py"
    module.write_text(module.read_text() + "\n# changed\n")
    assert names()["prefix"] == first["prefix"], "pages that did not use it are still good"
    assert names()["key"] != second["key"]


FREEZE = """# Do not modify this file directly
google-colab @ file:///colabtools/dist/google-colab-1.0.0.tar.gz
ipython==7.34.0
keras==3.10.0
ml_dtypes==0.5.3
PyYAML==6.0.2
tensorflow==2.19.0
torch @ https://download.test/torch-2.6.0.whl#sha256=a81b
"""


def test_the_list_of_colab_becomes_constraints(tmp_path):
    path = tmp_path / "freeze.txt"
    path.write_text(FREEZE)
    assert conditions.freeze(str(path)).splitlines() == [
        "ipython==7.34.0",
        "keras==3.10.0",
        "ml-dtypes==0.5.3",
        "pyyaml==6.0.2",
        "tensorflow==2.19.0",
    ]


@pytest.mark.parametrize("text", ["", "<html>not found</html>", "numpy==2.0.2\n"])
def test_what_is_no_list_of_colab_ends_in_a_report_and_runs_nothing(tmp_path, monkeypatch, text):
    monkeypatch.setattr(conditions, "FOLDER", ROOT / "_build" / "conditions-of-a-test")
    path = tmp_path / "freeze.txt"
    path.write_text(text)
    try:
        assert conditions.try_out("colab", str(path)) == 1
        report = (conditions.FOLDER / "colab.md").read_text()
        assert "No page was run" in report
        assert "it pins no tensorflow" in report
        assert not (conditions.FOLDER / "colab.held").exists()
    finally:
        shutil.rmtree(conditions.FOLDER)


def test_the_report_says_what_was_tried_and_what_failed(monkeypatch):
    monkeypatch.setattr(conditions, "FOLDER", ROOT / "_build" / "conditions-of-a-test")
    said = "data: imdb\nbook/ko/rnn.md:7: the cell that starts here failed: ZeroDivisionError\n"
    said += "  gap (rnn): expected every value below 1, measured 2\nend\n"

    def resolve(name: str, constraints: str):
        path = conditions.FOLDER / "newest.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("tensorflow==9.9.9\nnumpy==8.8\n")
        return path

    monkeypatch.setattr(conditions, "resolve", resolve)
    try:
        for status, held in ((1, False), (0, True)):
            monkeypatch.setattr(conditions, "_run", lambda file, status=status: (status, said))
            assert conditions.try_out("newest") == status
            assert (conditions.FOLDER / "newest.held").exists() == held
            report = (conditions.FOLDER / "newest.md").read_text()
            assert f"| tensorflow | {metadata.version('tensorflow')} | 9.9.9 |" in report
            assert ("book/ko/rnn.md:7: the cell" in report) != held
            assert ("gap (rnn): expected every value" in report) != held
    finally:
        shutil.rmtree(conditions.FOLDER)


def test_pages_run_with_other_versions_are_kept_apart(tmp_path):
    book = Book(tmp_path)
    other = tmp_path / "_build" / "newest.txt"
    other.parent.mkdir(exist_ok=True)
    other.write_text("tensorflow==9.9.9\n")
    code = (
        "from tools import pages, reader; from bookwright.runs import used\n"
        "print(used.pins(pages.VERSIONS)['tensorflow'], reader.FOLDER.name)"
    )
    seen = []
    for variables in ({}, {"LESSONS_VERSIONS": str(other)}):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=book.folder,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=True,
        )
        seen.append(done.stdout.split())
    assert seen[0][0] == metadata.version("tensorflow")
    assert seen[1][0] == "9.9.9"
    assert [folder for _, folder in seen] == [environment.FOLDER.name, ".venv-conditions"]


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

    monkeypatch.setattr(publish.subprocess, "run", run)
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
