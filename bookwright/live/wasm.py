"""Runs the live cells of pages as browsers do, in node: does each run to its end?

WebAssembly is another machine: other last digits, 32 bits, no threads. A cell that raises there
fails; its numbers may differ, since a claim decides nothing there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bookwright import book
from bookwright.live import files, needs
from bookwright.problems import Problem
from bookwright.source.facts import facts

_SCRIPT = Path(__file__).with_name("node.mjs")
_RUNNER = Path(__file__).with_name("runner.py")
MOST_SECONDS = 600  # for a page


class Ran(NamedTuple):
    """A live cell under WebAssembly.

    Attributes:
        cell: Its number on the page.
        seconds: How long it ran.
        shown: What it printed, and its value.
    """

    cell: int
    seconds: float
    shown: str


def missing() -> str | None:
    """Why nothing can run here, or None."""
    if shutil.which("node") is None:
        return "there is no node on the path"
    said = files.fetch()
    return f"the Python of browsers is not to be had: {said}" if said else None


def _problem(page: book.Page, said: dict[str, Any]) -> Problem:
    """An exception, at the line of the page where the cell has it."""
    cell = facts(page.source.read_text(encoding="utf-8")).cells[said["cell"] - 1]
    last = said["error"]["traceback"].strip().splitlines()[-1]
    line = cell.line + (said["error"]["line"] or 1) - 1
    return Problem(f"the live cell raises under WebAssembly: {last}", page.where, line)


def run(page: book.Page, live: needs.Live | None = None) -> tuple[list[Ran], list[Problem]]:
    """Runs all that a page gives to browsers, from its first step to its last.

    Args:
        page: The page.
        live: What of it runs; what the page says by default.

    Returns:
        Its live cells that ran to their end, and what is wrong.
    """
    live = live or needs.of_page(page)
    of_live = {step.cell for step in live.steps if step.needs is not None}
    given = {
        "base": f"{files.runtime().folder.as_posix()}/",
        "modules": {**live.cut.modules, "live_runner.py": _RUNNER.read_text("utf-8")},
        "steps": [step._asdict() for step in live.steps],
    }
    try:
        done = subprocess.run(
            ["node", str(_SCRIPT)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [], [Problem(f"its live cells run for over {MOST_SECONDS} s", page.where)]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    ran = [
        Ran(each["cell"], each["seconds"], each["printed"] + (each["result"] or ""))
        for each in told
        if each["cell"] in of_live and not each.get("error")
    ]
    problems = [_problem(page, each) for each in told if each.get("error")]
    if done.returncode or (not problems and len(told) < len(live.steps)):
        why = (done.stderr.strip().splitlines() or ["it ended"])[-1]
        problems.append(Problem(f"node ended before the last live cell: {why}", page.where))
    return ran, problems


def report(pages: Sequence[book.Page]) -> tuple[str, list[Problem]]:
    """Runs the live cells of pages, one page after the other.

    Returns:
        A table in Markdown, and what is wrong.
    """
    lines = ["| page | live cells | seconds, the slowest |", "| --- | --- | --- |"]
    problems: list[Problem] = []
    for page in pages:
        if (live := needs.of_page(page)).steps:
            print(f"{page.name} under WebAssembly ...", flush=True)
            ran, found = run(page, live)
            problems += found
            slowest = max((each.seconds for each in ran), default=0.0)
            lines.append(f"| {page.name} | {len(ran)} | {slowest:.1f} |")
    return "\n".join(lines) + "\n", problems
