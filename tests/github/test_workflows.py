"""The workflows call nothing that cannot be run here, and may do no more than they need."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bookwright.__main__ import COMMANDS
from tests.conftest import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKE = re.compile(r'make "?([\w$-]+)"?((?: [A-Z]+=\S+)*)')
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def read(name: str) -> dict[Any, Any]:
    """A workflow; the key `on` is YAML's word for true."""
    found = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


def jobs() -> Iterator[tuple[str, str, dict]]:
    for path in FILES:
        for name, job in read(path.name)["jobs"].items():
            yield path.name, name, job


def steps() -> Iterator[tuple[str, dict, dict]]:
    for file, name, job in jobs():
        for step in job.get("steps", []):
            yield f"{file}:{name}", job, step


def called(step: dict, job: dict) -> set[str]:
    """The make targets that a step calls, with the values that a matrix gives to its variables."""
    found = MAKE.fullmatch(step["run"])
    assert found is not None, f"more than one make target: {step['run']!r}"
    target = found[1]
    if not target.startswith("$"):
        return {target}
    value = step["env"][target[1:]]
    axis = re.fullmatch(r"\$\{\{ matrix\.(\w+) \}\}", value)
    assert axis is not None
    return set(job["strategy"]["matrix"][axis[1]])


def test_there_are_workflows():
    names = {"browsers", "checks", "links", "newest", "pages", "publish", "weekly", "workflows"}
    assert names <= {path.stem for path in FILES}


def test_every_step_is_one_of_our_make_targets():
    missing = {
        f"{where}: make {target}"
        for where, job, step in steps()
        if "run" in step
        for target in called(step, job) - TARGETS
    }
    assert not missing


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(path):
    uses = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert uses
    for action in uses:
        own = action.startswith("./.github/workflows/")
        assert own or re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_one_action_has_one_version():
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    pinned: dict[str, set[str]] = {}
    for owner, action, commit in re.findall(r"uses: ([\w-]+)/([\w-]+)[\w/-]*@(\w+)", text):
        pinned.setdefault(f"{owner}/{action}", set()).add(commit)
    assert {action: commits for action, commits in pinned.items() if len(commits) > 1} == {}


def test_a_workflow_may_nothing_and_a_job_what_it_says():
    for path in FILES:
        assert read(path.name)["permissions"] == {}, path.name
    writes = {
        (file, name, permission)
        for file, name, job in jobs()
        for permission, level in job["permissions"].items()
        if level != "read"
    }
    assert writes == {
        ("publish.yml", "branch", "contents"),
        ("publish.yml", "pages", "pages"),
        ("publish.yml", "pages", "id-token"),
        ("weekly.yml", "issue", "issues"),
        ("newest.yml", "issue", "issues"),
        ("weekly.yml", "propose", "contents"),
        ("weekly.yml", "propose", "pull-requests"),
        ("weekly.yml", "propose", "issues"),
        ("links.yml", "issue", "issues"),
        ("browsers.yml", "issue", "issues"),
    }


def test_all_that_runs_by_itself_ends_in_an_issue_where_it_fails():
    by_itself = [path.name for path in FILES if "schedule" in read(path.name)["on"]]
    assert by_itself == ["browsers.yml", "links.yml", "newest.yml", "weekly.yml"]
    for name in by_itself:
        whole = read(name)["jobs"]
        trying = {job for job, each in whole.items() if "write" not in each["permissions"].values()}
        issue = whole["issue"]
        needs = issue["needs"]
        assert trying == set([needs] if isinstance(needs, str) else needs), name
        assert issue["if"].startswith("${{ !cancelled() && "), name
        handed = {  # one of its own for each job
            step["with"]["name"].partition("${{")[0]
            for job in trying
            for step in whole[job]["steps"]
            if step.get("uses", "").startswith("actions/upload-artifact@")
        }
        told = issue.get("strategy", {"matrix": {"include": []}})["matrix"]["include"]
        assert all(any(each["condition"].startswith(one) for one in handed) for each in told), name
        assert len({each["title"] for each in told}) == len(told), name


def test_what_is_published_was_tried_in_a_browser_to_its_end():
    [site] = [job for file, name, job in jobs() if (file, name) == ("pages.yml", "site")]
    runs = [step["run"] for step in site["steps"] if "run" in step]
    assert runs.index("make live") == runs.index("make site") + 1
    assert not [step for step in site["steps"] if step.get("run") == "make live" and "if" in step]


def test_what_a_pull_request_can_reach_neither_writes_nor_knows_a_secret():
    on_request = [path.name for path in FILES if "pull_request" in read(path.name)["on"]]
    assert on_request == ["checks.yml", "workflows.yml"]
    for name in ("checks.yml", "pages.yml", "workflows.yml"):
        text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
        assert "secrets" not in text
        assert "github.token" not in text
        assert all(set(job["permissions"]) == {"contents"} for job in read(name)["jobs"].values())
    for path in FILES:
        assert not {"pull_request_target", "workflow_run"} & set(read(path.name)["on"]), path.name


def test_the_token_that_may_write_meets_no_installed_package():
    met = set()
    for _where, job, step in steps():
        if "write" in job["permissions"].values() and "run" in step:
            for target in called(step, job):
                met.add(target)
                assert ".venv/ready" not in needed(target)
                assert "$(RUN)" not in recipe(target)
                assert "$(BIN)" not in recipe(target)
    assert met == {"issue", "propose", "publish"}


def test_a_token_is_handed_to_no_other_step_than_these():
    handed = {
        target
        for _where, job, step in steps()
        if "github.token" in str(step)
        for target in called(step, job)
    }
    assert handed == {"issue", "propose", "publish", "lint-workflows"}
    assert "github.token" not in "".join(str(job.get("env")) for _, _, job in jobs())


def needed(target: str) -> list[str]:
    """What a make target needs first, and what that needs."""
    found = re.search(rf"^{re.escape(target)}:([^#\n]*)", read_makefile(), re.MULTILINE)
    assert found is not None, target
    first = found[1].split()
    return [*first, *(each for name in first for each in needed(name))]


def recipe(target: str) -> str:
    """The commands of a make target."""
    found = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)*)", read_makefile(), re.MULTILINE)
    assert found is not None, target
    return found[1]


def read_makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


# What could change what is published or proposed


def run_by(name: str) -> Iterator[tuple[str, str, dict]]:
    """The jobs of a workflow, with those of the workflows that it calls."""
    for job, content in read(name)["jobs"].items():
        if "uses" in content:
            yield from run_by(content["uses"].rpartition("/")[2])
        else:
            yield name, job, content


def writes_a_cache(step: dict) -> bool:
    """Whether a step does, or an action that it uses would by itself."""
    action = step.get("uses", "").partition("@")[0]
    own = action.startswith("actions/cache") and action != "actions/cache/restore"
    return own or bool({"cache", "enable-cache"} & set(step.get("with", {})))


def guarded() -> dict[tuple[str, str], dict]:
    """The jobs that change the repository, share a run with one that does, or write a cache.

    Whatever runs beside another job can put its own files in the place of those that it hands on.
    """
    changing = {file for file, _, job in jobs() if job["permissions"].get("contents") == "write"}
    found = {(file, name): job for path in changing for file, name, job in run_by(path)}
    for file, name, job in jobs():
        if any(writes_a_cache(step) for step in job.get("steps", [])):
            found[file, name] = job
    return found


def test_these_jobs_publish_propose_or_write_a_cache_or_run_beside_one_that_does():
    assert set(guarded()) == {
        ("publish.yml", "branch"),
        ("publish.yml", "pages"),
        ("checks.yml", "unit"),
        ("checks.yml", "translations"),
        ("pages.yml", "shard"),
        ("pages.yml", "site"),
        ("weekly.yml", "elsewhere"),
        ("weekly.yml", "replicate"),
        ("weekly.yml", "machines"),
        ("weekly.yml", "mutations"),
        ("weekly.yml", "propose"),
        ("weekly.yml", "issue"),
    }
    caching = {where for where, _, step in steps() if writes_a_cache(step)}
    assert caching == {"pages.yml:site"}


def test_what_is_published_comes_from_no_cache():
    restoring = {
        where: step.get("if")
        for where, _, step in steps()
        if re.match(r"actions/cache(/restore)?@", step.get("uses", ""))
    }
    assert restoring == {"pages.yml:shard": "${{ github.event_name == 'pull_request' }}"}


# The modules of the machinery that fetch programs, or hand over what was fetched.
LOCKED = {"environment", "reader.environment"}  # by hash, from requirements.txt
ELSEWHERE = {"ci", "verify.nu", "runs.conditions"}  # of commands that no guarded job calls
NAMED = {"browser"}  # only where no browser is named
HASHED = {"live.files"}  # bytes for browsers, by hash; nothing of what it fetches runs here
# A reader's cell, a link, the name of a role.
NOT_HERE = {"reader.first_cell", "theme.page_menu", "checks.markdown"}
FETCHING = re.compile(r'"(install|download|npm|npx|tool|curl|wget|apt-get)"|\burlopen\(')


def test_nothing_else_of_the_machinery_fetches_programs():
    machinery = ROOT / "bookwright"
    found = {
        ".".join(path.relative_to(machinery).with_suffix("").parts)
        for path in machinery.rglob("*.py")
        if FETCHING.search(path.read_text(encoding="utf-8"))
    }
    assert found == LOCKED | ELSEWHERE | NAMED | HASHED | NOT_HERE
    for module in LOCKED:
        path = machinery.joinpath(*module.split(".")).with_suffix(".py")
        assert "--require-hashes" in path.read_text(encoding="utf-8"), module


# What a line of such a target may be: one program that is locked, or comes with the sources.
KNOWN = re.compile(
    r"(?:MUTATIONS=\S+\(.*?\),\d+\) )?\$\(RUN\) -m (?:bookwright|pytest) [^;&|`]*"
    r"|\$\(BIN\)/(?:ruff|mypy|lint-imports)\b[^;&|`]*"
    r"|\$\(PYTHON\) \.github/scripts/\w+\.py [^;&|`]*"
    r"|\$\(if \$\(whole\),,.*\$\(PYTHON\) -m bookwright\.environment\)"
)


def test_those_jobs_run_nothing_that_is_not_locked_by_hash():
    targets = {
        target
        for job in guarded().values()
        for step in job["steps"]
        if "run" in step
        for target in called(step, job)
    }
    assert {"unit", "shard", "merge", "site", "publish"} <= targets
    for target in targets:
        for name in (target, *needed(target)):
            assert "$(shell" not in recipe(name).replace("$(shell $(PYTHON) --version", ""), name
            for line in recipe(name).replace("\\\n", " ").splitlines():
                assert KNOWN.fullmatch(line.strip()), f"{name}: {line}"
            for command in re.findall(r"-m bookwright (\S+)", recipe(name)):
                assert COMMANDS[command][0] not in ELSEWHERE, f"make {target}"


def test_those_jobs_use_the_browser_that_their_machine_has():
    used = set()
    for (file, name), job in guarded().items():
        for step in filter(lambda step: "run" in step, job["steps"]):
            for target in called(step, job):
                every = "".join(map(recipe, (target, *needed(target))))
                if "-m bookwright browser" in every:
                    used.add(target)
                    named = step.get("env", {}).get("CHROMIUM", "none")
                    assert named.startswith("/usr/bin/"), f"{file}:{name}"
    assert {"unit", "site", "machines"} <= used


# With what a step may give to them; others could install, or keep a cache.
ACTIONS = {
    "actions/checkout": {"fetch-depth", "path", "persist-credentials", "ref"},
    "actions/setup-python": {"python-version"},
    "actions/cache/restore": {"key", "path", "restore-keys"},
    "actions/cache/save": {"key", "path"},
    "actions/upload-artifact": {"if-no-files-found", "name", "path", "retention-days"},
    "actions/download-artifact": {"merge-multiple", "name", "path", "pattern"},
    "actions/upload-pages-artifact": {"path"},
    "actions/deploy-pages": set(),
}
OF_A_JOB = "name needs if runs-on timeout-minutes permissions strategy environment steps"
OF_A_STEP = "id name if continue-on-error timeout-minutes uses with run env"


def test_those_jobs_are_nothing_but_steps_with_known_actions_on_hosted_machines():
    for (file, name), job in guarded().items():
        assert set(job) <= set(OF_A_JOB.split()), f"{file}:{name}"
        runners = [job["runs-on"]]
        if runners == ["${{ matrix.runner }}"]:
            runners = [each["runner"] for each in job["strategy"]["matrix"]["include"]]
        assert all(re.match(r"(ubuntu|macos|windows)-\d", runner) for runner in runners)
        for step in job["steps"]:
            assert set(step) <= set(OF_A_STEP.split()), f"{file}:{name}"
            if "uses" in step:
                known = ACTIONS[step["uses"].partition("@")[0]]
                assert set(step.get("with", {})) <= known, f"{file}:{name}"
    for path in FILES:  # a shell of another kind could do anything before each step
        assert not {"defaults", "env"} & set(read(path.name)), path.name


@pytest.mark.parametrize("path", ["requirements.txt", ".github/lychee.txt"])
def test_every_line_of_a_lock_has_a_hash(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    entries = re.findall(r"^[\w.-]+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)*", text, re.M)
    assert entries
    assert [entry for entry in entries if "--hash" not in entry] == []
    assert sum(entry.count("\n") + 1 for entry in entries) == len(text.splitlines()) - 2


SCRIPTS = sorted((ROOT / ".github" / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_what_gets_that_token_imports_the_standard_library_alone(path):
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    names = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    tops = {name.partition(".")[0] for name in names}
    assert "__future__" in tops, "it is read"
    assert tops - sys.stdlib_module_names - {each.stem for each in SCRIPTS} == set()


def test_nothing_but_one_module_of_theirs_starts_programs():
    starting = [path.stem for path in SCRIPTS if "subprocess" in path.read_text(encoding="utf-8")]
    assert starting == ["programs"]
    assert "shell=True" not in (SCRIPTS[0].parent / "programs.py").read_text(encoding="utf-8")


def test_every_checkout_forgets_its_credentials_and_every_job_ends():
    for where, _job, step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, where
    for file, name, job in jobs():
        assert "uses" in job or job["timeout-minutes"] <= 90, f"{file}:{name}"
    for path in FILES:
        if path.name != "pages.yml":  # called in a matrix: each call is one of several
            assert "concurrency" in read(path.name), path.name


def test_the_shards_of_the_matrix_are_all_of_them():
    shards = read("pages.yml")["jobs"]["shard"]["strategy"]["matrix"]["shard"]
    assert shards == [f"{number}/{len(shards)}" for number in range(1, len(shards) + 1)]


def test_the_supported_versions_of_python_are_those_of_the_package():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    checks = read("checks.yml")["jobs"]
    for job in ("unit", "pages"):
        versions = checks[job]["strategy"]["matrix"]["python"]
        first, last = versions[0], versions[-1].split(".")
        assert project["requires-python"] == f">={first},<{last[0]}.{int(last[1]) + 1}"


def test_the_branch_of_the_site_is_that_which_colab_and_binder_are_sent_to():
    branch = yaml.safe_load((ROOT / "_config.yml").read_text())["notebooks"]["site_branch"]
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert set(re.findall(r"ref: (\S+)", text)) == {branch}
    assert set(re.findall(r"BRANCH=(\S+)", text)) == {branch}
