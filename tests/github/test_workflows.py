"""The workflows call nothing that cannot be run here, and may do no more than they need."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

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
    names = {"checks.yml", "links.yml", "pages.yml", "publish.yml", "weekly.yml"}
    assert names <= {path.name for path in FILES}


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
        ("weekly.yml", "propose", "contents"),
        ("weekly.yml", "propose", "pull-requests"),
        ("weekly.yml", "propose", "issues"),
        ("links.yml", "issue", "issues"),
    }


def test_what_a_pull_request_can_reach_neither_writes_nor_knows_a_secret():
    on_request = [path.name for path in FILES if "pull_request" in read(path.name)["on"]]
    assert on_request == ["checks.yml"]
    for name in ("checks.yml", "pages.yml"):
        text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
        assert "secrets" not in text
        assert "github.token" not in text
        assert all(set(job["permissions"]) == {"contents"} for job in read(name)["jobs"].values())
    for path in FILES:
        assert not {"pull_request_target", "workflow_run"} & set(read(path.name)["on"]), path.name


def test_the_token_that_may_write_meets_no_installed_package():
    for _where, job, step in steps():
        if "github.token" in str(step.get("env", {})):
            for target in called(step, job):
                recipe = re.search(rf"^{target}:(.*)\n((?:\t.*\n)+)", read_makefile(), re.MULTILINE)
                assert recipe is not None
                assert ".venv/ready" not in recipe[1]
                assert "$(RUN)" not in recipe[2]
                assert "$(BIN)" not in recipe[2]


def read_makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


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
