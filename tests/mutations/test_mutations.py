"""Real pages and configuration, mutated: no traceback, no hang, nothing that is lost in silence.

`make mutations N=500` runs it; it is no part of `make test`.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

from tests.conftest import ROOT

N = int(os.environ.get("MUTATIONS", "50"))
MOST_SECONDS = 400  # of a loaded machine
SETTINGS = ("_config.yml", "_toc.yml", "book/glossary.yml", "book/words.yml", "book/chapter.yml")
SETTINGS += ("book/numbers.yml", "book/references.bib", "book/pool/errata.json")
PAGES = tuple(
    path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "book").glob("[a-z][a-z]/*.md"))
)
SIGNS = "\0\x07\t \u00a0\u200b\u202e\ufeff\u1112\u3164'\"`*_$%&|<>[]{}()#:-=\\^~!,가é\U0001f600"


class Mutation(NamedTuple):
    """What is done to the lines of a file."""

    what: str
    at: float  # a place, from 0 (the first line or byte) to 1 (the last)
    to: float
    sign: str

    def of(self, data: bytes) -> bytes:
        """The mutated file."""
        if self.what == "flip":
            place = min(int(self.at * len(data)), len(data) - 1)
            return data[:place] + bytes([data[place] ^ (1 << int(self.to * 7))]) + data[place + 1 :]
        if self.what == "cut short":
            return data[: int(self.at * len(data))]
        lines = data.decode().split("\n")
        one, other = (min(int(x * len(lines)), len(lines) - 1) for x in (self.at, self.to))
        LINES[self.what](lines, one, other, self)
        return "\n".join(lines).encode()


def _cut(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    del lines[one : one + 1 + int(mutation.to * 3)]


def _double(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    lines.insert(one, lines[one])


def _swap(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    lines[one], lines[other] = lines[other], lines[one]


def _indent(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    lines[one] = " " * (1 + int(mutation.to * 5)) + lines[one]


def _outdent(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    lines[one] = lines[one].lstrip()


def _unfence(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    marks = ("```", ":::", "$$", "---")
    if fences := [i for i, line in enumerate(lines) if line.lstrip().startswith(marks)]:
        del lines[fences[int(mutation.at * (len(fences) - 1))]]


def _sign(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    column = int(mutation.to * len(lines[one]))
    lines[one] = lines[one][:column] + mutation.sign + lines[one][column:]


def _drop(lines: list[str], one: int, other: int, mutation: Mutation) -> None:
    column = int(mutation.to * len(lines[one]))
    lines[one] = lines[one][:column] + lines[one][column + 1 :]


LINES = {
    "cut": _cut,
    "double": _double,
    "swap": _swap,
    "indent": _indent,
    "outdent": _outdent,
    "fence": _unfence,
    "sign": _sign,
    "drop a sign": _drop,
}
# Any place alike: left to itself Hypothesis tries the first and the last ones most.
PLACES = st.randoms(use_true_random=False).map(lambda source: source.random())
MUTATIONS = st.builds(
    Mutation,
    st.sampled_from(("flip", "cut short", *LINES)),
    PLACES,
    PLACES,
    st.sampled_from(SIGNS),
)
looked_at: list[list] = []
RECORD = ROOT / "_build" / "mutations.jsonl"


class Looker:
    """The process that looks at a copy of the book."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder, self.language = folder, language
        self._process: subprocess.Popen[str] | None = None
        self._before: set[str] = set()

    def start(self) -> None:
        """Begins anew, with every file whole, unless it is at work."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("looker.py")), self.language],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        # Pages that have not run lack what they glue.
        self._before = set(self.answer(10 * MOST_SECONDS)["problems"])

    def answer(self, seconds: float) -> dict:
        assert self._process is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ready:
            self.stop()
            raise AssertionError(f"no answer in {seconds:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise AssertionError("the process ended")
        return json.loads(line)

    def ask(self, file: str) -> dict:
        assert self._process is not None
        self._process.stdin.write(f"{file}\n")
        self._process.stdin.flush()
        answer = self.answer(MOST_SECONDS)
        answer["problems"] = [each for each in answer["problems"] if each not in self._before]
        return answer

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own files, and what its pages gave when they ran."""
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.unlink(missing_ok=True)
    folder = tmp_path_factory.mktemp("mutated") / "book"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    folder.mkdir()
    (folder / "bookwright").symlink_to(ROOT / "bookwright")  # another copy of it would be refused
    for name in filter(
        lambda each: each and not each.startswith("bookwright/"), listed.split("\0")
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for command in (["init", "--quiet"], ["add", "."]):  # checks ask it for the project's files
        subprocess.run(["git", *command], cwd=folder, check=True)
    if (runs := ROOT / "_build" / "cache" / "runs").exists():
        shutil.copytree(runs, folder / "_build" / "cache" / "runs")
    return folder


@pytest.fixture(scope="module")
def lookers(copy: Path) -> Iterator[dict[str, Looker]]:
    found = {language: Looker(copy, language) for language in ("ko", "en")}
    for each in found.values():
        each.start()
    yield found
    for each in found.values():
        each.stop()


def seen(folder: Path, file: str, lookers: dict[str, Looker]) -> dict:
    """What is said of a mutated file."""
    if file in PAGES:
        return lookers[file.split("/")[1]].ask(file)
    done = subprocess.run(
        [sys.executable, "-m", "bookwright", "checks"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    said = done.stderr.splitlines()
    unforeseen = [line for line in said if "Traceback" in line or "something unexpected" in line]
    assert (done.returncode != 0) == bool(said), done.stderr
    return {"problems": said, "trace": "\n".join(unforeseen) or None}


@settings(
    max_examples=N,
    deadline=None,
    derandomize="MUTATIONS_RANDOM" not in os.environ,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(file=st.sampled_from(PAGES + SETTINGS), mutation=MUTATIONS)
def test_whatever_happens_to_a_file_is_said_in_lines(copy, lookers, file, mutation):
    path = copy / file
    whole = path.read_bytes()
    mutated = mutation.of(whole)
    assume(mutated != whole)
    note(f"{file}: {mutation}")
    path.write_bytes(mutated)
    try:
        answer = seen(copy, file, lookers)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        answer = {"problems": [], "trace": str(error)}
    finally:
        path.write_bytes(whole)
        for each in lookers.values():
            each.start()
    looked_at.append([file, mutation, answer])
    with RECORD.open("a", encoding="utf-8") as record:  # a search broken off keeps its finds
        print(json.dumps(looked_at[-1], ensure_ascii=False), file=record)


def test_nothing_unforeseen_was_met():
    """Apart, so that one find does not end the search for others."""
    assert len(looked_at) >= N
    unforeseen = [each for each in looked_at if each[2]["trace"]]
    assert not unforeseen, f"{len(unforeseen)} of {len(looked_at)}: {RECORD}"
