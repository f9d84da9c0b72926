"""Fresh seeds from a job that is not trusted: read as data, and proposed by one that may write."""

from __future__ import annotations

import copy
import json
import stat
import subprocess
import sys

import numpy as np
import pool as script
import propose
import pytest

from bookwright.claims import pool

MACHINE = {
    "system": "Linux",
    "machine": "x86_64",
    "processor": "Intel(R) Xeon(R) CPU @ 2.70GHz",
    "instructions": ["AVX2"],
}
NOTHING = {"runs": [], "claims": {}, "elsewhere": {}}
CODES = {"tide-rises": "0123456789abcdef", "tide-same": "fedcba9876543210"}


def claim(name: str, kind: str, scores: np.ndarray, seeds: list[int]) -> dict:
    """A claim as a page's cells hand it over."""
    by_sample = {"n_samples": 400, "groups": scores.tolist()} if scores.ndim == 2 else None
    return {
        "id": name,
        "kind": kind,
        "values": (scores.mean(axis=1) if by_sample else scores).tolist(),
        "seeds": seeds,
        "sampling": by_sample,
        "bound": {"above": 0.01, "below": None},
        "margin": {"of": "log ratio", "value": 0.01, "set": "2026-11-29", "because": None},
        "counts": True,
    }


def measure(n_runs: int, first: int = 0) -> None:
    """Adds runs of three seeds to the pool of the page `tides`, as `make replicate` does."""
    for number in range(first, first + n_runs):
        seeds = [1000 + 3 * number + k for k in range(3)]
        rng = np.random.default_rng(number)
        run = {
            "seeds": [seeds[0], seeds[-1]],
            "made": "2026-12-01",
            "seconds": 8.6,
            "versions": {"python": "3.12.1", "tensorflow": "2.21.0+cpu"},
            "machine": MACHINE,
            "data": {"heights": {"heights.npz": "0" * 64}},
        }
        found = [
            claim("tide-rises", "effect", rng.normal(0.1, 0.01, (3, 200)), seeds),
            claim("tide-same", "every seed", rng.normal(0.1, 0.01, 3), seeds),
        ]
        pool.add("tides", found, CODES, run)


def git(*arguments: object) -> str:
    done = subprocess.run(["git", *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """The sources of a book with a page of two claims, under git."""
    root = tmp_path / "sources"
    page = ":::{claim} tide-rises\nIt rises.\n:::\n\n:::{claim} tide-same\nIt does.\n:::\n"
    for language in ("en", "de"):
        (root / "book" / language).mkdir(parents=True)
        (root / "book" / language / "tides.md").write_text(page)
    git("init", "--quiet", "--initial-branch", "main", root)
    git("-C", root, "add", "--all")
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    git("-C", root, *who, "commit", "--quiet", "--message", "start")
    monkeypatch.setattr(pool, "FOLDER", tmp_path / "fresh")
    return root


@pytest.fixture
def fresh(sources, tmp_path):
    """What another job measured: a pool of 20 seeds, and three that wait for the next size."""
    measure(8)
    return tmp_path / "fresh"


def whole(fresh) -> dict:
    return json.loads((fresh / "tides.json").read_text())


# What is a pool


def test_what_make_replicate_writes_is_taken(fresh, sources):
    found = script.changed(fresh, sources)
    assert found == {"tides": whole(fresh)}
    assert len(found["tides"]["claims"]["tide-rises"]["sums"]) == 200
    assert len(found["tides"]["claims"]["tide-same"]["waiting"]["seeds"]) == 3


def test_a_pool_that_has_grown_is_taken_and_one_as_it_was_is_nothing_new(fresh, sources):
    kept = sources / "book" / "pool" / "tides.json"
    kept.parent.mkdir()
    kept.write_bytes((fresh / "tides.json").read_bytes())
    assert script.changed(fresh, sources) == {}
    measure(7, first=8)
    (grown,) = script.changed(fresh, sources).values()
    assert len(grown["claims"]["tide-rises"]["seeds"]) == 40


def test_a_claim_measured_by_other_code_begins_anew(fresh, sources):
    kept = sources / "book" / "pool" / "tides.json"
    kept.parent.mkdir()
    before = whole(fresh)
    for entry in before["claims"].values():
        entry["code"] = "a" * 16
        entry["values"] = [0.0] * 20
    kept.write_text(json.dumps(before))
    assert set(script.changed(fresh, sources)) == {"tides"}


def test_no_folder_is_nothing_new(sources, tmp_path):
    assert script.changed(tmp_path / "nowhere", sources) == {}


ENTRY = ("claims", "tide-rises")
CHANGES = {
    "another part": ((), "more", 1),
    "a run of other parts": (("runs", 0), "command", "rm"),
    "a date that is none": (("runs", 0), "made", "today; rm"),
    "a day that there is not": (("runs", 0), "made", "2026-13-99"),
    "a date in other digits": (("runs", 0), "made", "\u0662026-12-01"),
    "a long name": (("runs", 0, "machine"), "processor", "x" * 101),
    "a name of other signs": (("runs", 0, "machine"), "processor", "$(rm)"),
    "a name on two lines": (("runs", 0, "machine"), "system", "Linux\n"),
    "a version that is no text": (("runs", 0, "versions"), "keras", ["3"]),
    "a version with markup": (("runs", 0, "versions"), "keras", "<script>"),
    "data that are no hash": (("runs", 0, "data"), "heights", {"heights.npz": "../x"}),
    "seeds of the page itself": (("runs", 0), "seeds", [0, 2]),
    "seeds of another run": (("runs", 0), "seeds", [1000, 1003]),
    "far too many seeds": (("runs", 6), "seeds", [1018, 900_000]),
    "negative seconds": (("runs", 0), "seconds", -1),
    "seconds that are true": (("runs", 0), "seconds", True),
    "a claim of no page": (("claims",), "tide-falls", {}),
    "an entry that is none": (("claims",), "tide-rises", None),
    "another kind": ((*ENTRY, "rule"), "kind", "fact"),
    "no bound": ((*ENTRY, "rule"), "bound", {"above": None, "below": None}),
    "a margin that is a sentence": ((*ENTRY, "rule", "margin"), "own", "for a reason"),
    "a margin of no day": ((*ENTRY, "rule", "margin"), "set", "today"),
    "code that is no hash": (ENTRY, "code", "import os"),
    "a seed twice": (ENTRY, "seeds", [1000, *range(1000, 1019)]),
    "a seed that no run had": (ENTRY, "seeds", [*range(1000, 1019), 5000]),
    "a value too few": (ENTRY, "values", [0.1] * 19),
    "a value that is text": (ENTRY, "values", ["0.1"] * 20),
    "values beyond all numbers": (ENTRY, "values", [10**400] * 20),
    "variances below 0": (ENTRY, "variances", [-1.0] * 20),
    "sums of too many groups": (ENTRY, "sums", [0.1] * 201),
    "no sums": (ENTRY, "sums", []),
    "seeds between two sizes": (
        ENTRY,
        "waiting",
        {"seeds": [1020], "values": [0.1], "variances": [], "sums": [1.0]},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_no_pool_is_refused(fresh, sources, change):
    place, name, value = CHANGES[change]
    found = whole(fresh)
    part = found
    for each in place:
        part = part[each]
    assert part.get(name) != value
    part[name] = value
    (fresh / "tides.json").write_text(json.dumps(found))
    with pytest.raises(script.Refused, match=r"^tides\.json: "):
        script.changed(fresh, sources)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        '{"runs": [], "runs": [], "claims": {}, "elsewhere": {}}',
        '{"runs": [], "claims": {}, "elsewhere": {"x": NaN}}',
        '{"runs": [], "claims": {}, "elsewhere": {"x": Infinity}}',
        '{"runs": [], "claims": {}, "elsewhere": {"ü": 1}}',
        '{"runs": [], "claims": {}, "elsewhere": {}}' + " " * 500_000,
        "[]",
    ],
    ids=range(9),
)
def test_what_is_no_plain_json_is_refused(fresh, sources, text):
    (fresh / "tides.json").write_text(text, encoding="utf-8")
    with pytest.raises(script.Refused, match=r"^tides\.json: "):
        script.changed(fresh, sources)


@pytest.mark.parametrize("number", ["1e999", "NaN", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused(fresh, sources, number):
    first = whole(fresh)["claims"]["tide-same"]["values"][0]
    text = (fresh / "tides.json").read_text()
    assert text.count(f'"values": [{first},') == 1
    (fresh / "tides.json").write_text(text.replace(f'"values": [{first},', f'"values": [{number},'))
    with pytest.raises(script.Refused):
        script.changed(fresh, sources)


@pytest.mark.parametrize("name", ["Makefile", "waves.json", "../tides.json", "tides/tides.json"])
def test_another_file_than_a_pages_pool_is_refused(fresh, sources, name):
    folder = fresh / "inner"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(whole(fresh)))
    with pytest.raises(script.Refused, match="no page is called so"):
        script.changed(folder if ".." not in name else fresh, sources)


def test_a_link_is_refused(fresh, sources, tmp_path):
    (tmp_path / "elsewhere.json").write_bytes((fresh / "tides.json").read_bytes())
    (fresh / "tides.json").unlink()
    (fresh / "tides.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(script.Refused, match="no plain file"):
        script.changed(fresh, sources)


BEFORE = {
    "runs that were there": lambda found: found["runs"][0].update(seconds=1.0),
    "a value that was there": lambda found: found["claims"]["tide-same"]["values"].__setitem__(
        0, 9.0
    ),
    "a rule": lambda found: found["claims"]["tide-same"]["rule"]["bound"].update(above=0.001),
    "the day of the first measurement": lambda found: found["claims"]["tide-same"].update(
        measured="2026-12-02"
    ),
    "what ran elsewhere": lambda found: found["elsewhere"].update(
        {"onednn-avx2": {"runs": [], "claims": {}}}
    ),
}


@pytest.mark.parametrize("what", BEFORE)
def test_what_the_sources_have_is_not_changed(fresh, sources, what):
    kept = sources / "book" / "pool" / "tides.json"
    kept.parent.mkdir()
    kept.write_bytes((fresh / "tides.json").read_bytes())
    measure(2, first=8)
    found = copy.deepcopy(whole(fresh))
    BEFORE[what](found)
    (fresh / "tides.json").write_text(json.dumps(found))
    with pytest.raises(script.Refused, match="changed"):
        script.changed(fresh, sources)


def test_a_number_that_was_there_stays_one(fresh, sources):
    kept = sources / "book" / "pool" / "tides.json"
    kept.parent.mkdir()
    before = whole(fresh) | {"elsewhere": {"onednn-avx2": {"runs": [{"seconds": 1}], "claims": {}}}}
    kept.write_text(json.dumps(before))
    for other in ("true", "1.0"):
        text = json.dumps(before).replace('{"seconds": 1}', f'{{"seconds": {other}}}')
        (fresh / "tides.json").write_text(text)
        with pytest.raises(script.Refused, match="what ran under other conditions changed"):
            script.changed(fresh, sources)


# What is done with it

GH = """#!{python}
import json, pathlib, sys
state = pathlib.Path({state!r})
kept = json.loads(state.read_text())
what, command, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
some = kept[what]
given = dict(zip(arguments[::2], arguments[1::2]))
if command == "list":
    print(json.dumps([x for x in some if x["open"]]))
elif command == "create":
    if what == "pr" and not kept["allowed"]:
        sys.exit("pull request create failed: GraphQL: GitHub Actions is not permitted to create "
                 "or approve pull requests (createPullRequest)")
    if what == "pr" and kept["broken"]:
        sys.exit("HTTP 502")
    new = {{"number": 7, "title": given["--title"], "open": True, "said": [sys.stdin.read()]}}
    some.append(new | {{"for": [given.get("--head"), given.get("--base")]}})
else:
    (found,) = [x for x in some if str(x["number"]) == arguments[0]]
    if command in ("comment", "edit"):
        found["said"].append(sys.stdin.read())
    elif command == "close":
        found["open"] = False
state.write_text(json.dumps(kept))
"""


class GitHub:
    def __init__(self, state, remote):
        self.state, self.remote = state, remote

    def set(self, **changes):
        self.state.write_text(json.dumps(json.loads(self.state.read_text()) | changes))

    def __getitem__(self, what):
        return json.loads(self.state.read_text())[what]


@pytest.fixture
def github(tmp_path, sources, monkeypatch):
    """A repository with its requests and issues, behind a `gh` of the test's own."""
    remote = tmp_path / "remote.git"
    git("clone", "--bare", "--quiet", sources, remote)
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"pr": [], "issue": [], "allowed": True, "broken": False}))
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH.format(python=sys.executable, state=str(state)))
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.test")
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("GITHUB_RUN_ID", "42")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    return GitHub(state, remote)


def proposed(github, sources, fresh) -> str:
    git("-C", sources, "checkout", "--quiet", "main")
    return propose.propose(fresh, sources, str(github.remote), "main")


def test_a_request_holds_the_pools_and_nothing_else_on_a_branch_of_one_name(github, sources, fresh):
    assert proposed(github, sources, fresh) == "fresh seeds for tides: proposed"
    (request,) = github["pr"]
    assert request["for"] == [propose.BRANCH, "main"]
    assert "| tides | 8 | 2 | 20 | 3 |" in request["said"][0]
    assert "dropped" not in request["said"][0]
    assert "https://github.test/owner/name/actions/runs/42" in request["said"][0]
    changed = git("-C", github.remote, "diff", "--name-only", "main", propose.BRANCH)
    assert changed == "book/pool/tides.json"
    kept = git("-C", github.remote, "show", f"{propose.BRANCH}:book/pool/tides.json")
    assert json.loads(kept) == whole(fresh)
    assert github["issue"] == []


def test_a_request_names_the_claims_whose_seeds_it_drops(github, sources, fresh):
    kept = sources / "book" / "pool" / "tides.json"
    kept.parent.mkdir()
    kept.write_bytes((fresh / "tides.json").read_bytes())
    measure(2, first=8)
    found = whole(fresh)
    found["claims"]["tide-rises"]["code"] = "a" * 16
    del found["claims"]["tide-same"]
    (fresh / "tides.json").write_text(json.dumps(found))
    proposed(github, sources, fresh)
    (said,) = github["pr"][0]["said"]
    assert "Seeds that were there are dropped" in said
    assert "`tides/tide-rises`, `tides/tide-same`." in said


def test_an_open_request_is_brought_up_to_date(github, sources, fresh):
    proposed(github, sources, fresh)
    measure(7, first=8)
    proposed(github, sources, fresh)
    (request,) = github["pr"]
    assert "| tides | 15 | 2 | 40 | 3 |" in request["said"][-1]
    count = git("-C", github.remote, "rev-list", "--count", f"main..{propose.BRANCH}")
    assert count == "1", "the branch holds what is proposed now"


def test_where_workflows_may_open_no_request_an_issue_holds_the_file(github, sources, fresh):
    github.set(allowed=False)
    proposed(github, sources, fresh)
    (issue,) = github["issue"]
    assert issue["title"] == propose.TITLE
    assert "Allow GitHub Actions to create and approve pull requests" in issue["said"][0]
    assert (fresh / "tides.json").read_text() in issue["said"][0]
    assert f"compare/{propose.BRANCH}?expand=1" in issue["said"][0]
    proposed(github, sources, fresh)
    assert [len(each["said"]) for each in github["issue"]] == [2], "one issue, however often"

    github.set(allowed=True)
    proposed(github, sources, fresh)
    assert [each["open"] for each in github["issue"]] == [False]
    assert [each["open"] for each in github["pr"]] == [True]


def test_a_file_too_large_for_an_issue_is_only_linked(github, sources, fresh, monkeypatch):
    monkeypatch.setattr(propose, "_MOST_IN_ISSUE", 1000)
    github.set(allowed=False)
    proposed(github, sources, fresh)
    (issue,) = github["issue"]
    assert "```json" not in issue["said"][0]
    assert (
        "the artifact `pool` of https://github.test/owner/name/actions/runs/42" in issue["said"][0]
    )


def test_another_failure_of_github_is_told_and_opens_no_issue(github, sources, fresh, capsys):
    github.set(broken=True)
    with pytest.raises(RuntimeError, match="gh pr create: HTTP 502"):
        proposed(github, sources, fresh)
    assert github["issue"] == []


def test_what_is_refused_reaches_no_branch(github, sources, fresh, monkeypatch, capsys):
    (fresh / "Makefile").write_text("all:\n\trm -r .\n")
    monkeypatch.setattr(propose, "ROOT", sources)
    assert propose.main([str(fresh)]) == 1
    assert "'Makefile': no page is called so" in capsys.readouterr().err
    assert git("-C", github.remote, "branch", "--list", propose.BRANCH) == ""


def test_nothing_new_is_no_request(github, sources, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(propose, "ROOT", sources)
    assert propose.main([str(tmp_path / "nothing")]) == 0
    assert capsys.readouterr().out == "no fresh seeds\n"
    assert github["pr"] == []
