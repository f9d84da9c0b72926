"""Which claims hang on the machine? Runs pages under other threads, instructions and libraries.

    python -m tools.elsewhere [--conditions NAME ...] [--pages NAME ...]

Each condition changes one thing of the book's own settings. Every page's run is added to the
committed record `benchmarks/elsewhere.json` as it ends, and kept beside the book's own runs, so
that a stop loses one page at most and the next call goes on. The table goes to
`_build/conditions/elsewhere.md`, and beside it there is `elsewhere.held` if every claim holds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dask.system import CPU_COUNT

from lessons_src import data, report
from tools import claims, conditions, pages, reader
from tools.problems import tell_problem
from tools.runs import display, engine, seconds, store
from tools.runs import run as runs
from tools.runs.used import Settings

RECORD = pages.ROOT / "benchmarks" / "elsewhere.json"
DEFAULT = "default"
# A bound as small as this is one of rounding, not of an effect.
_ROUNDING = 1e-3


def _numpy_without(*parts: str) -> str:
    """What of NumPy's instructions this processor has and NumPy can leave out, by name."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return " ".join(
        name
        for name in __cpu_dispatch__
        if __cpu_features__.get(name) and any(part in name for part in parts)
    )


def all_conditions() -> dict[str, Settings | str]:
    """Each condition's settings, or why it cannot be tried on this machine."""
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    only_x86 = f"{platform.machine()} has no such instructions"
    # NumPy's matrix products are those of OpenBLAS, which chooses its own instructions.
    avx512 = _numpy_without("AVX512", "X86_V4")
    avx2 = _numpy_without("AVX512", "X86_V4", "AVX2", "FMA3", "X86_V3")
    gpu = "there is no GPU: nvidia-smi is not on the path"
    return {
        DEFAULT: Settings(),
        "threads-2": Settings(threads=2),
        "onednn-sse41": Settings(variables={"ONEDNN_MAX_CPU_ISA": "SSE41"}) if x86 else only_x86,
        "onednn-avx2": Settings(variables={"ONEDNN_MAX_CPU_ISA": "AVX2"}) if x86 else only_x86,
        "onednn-off": Settings(variables={"TF_ENABLE_ONEDNN_OPTS": "0"}),
        "numpy-no-avx512": Settings(
            variables={"NPY_DISABLE_CPU_FEATURES": avx512, "OPENBLAS_CORETYPE": "Haswell"}
        )
        if avx512
        else "this processor has no AVX-512 for NumPy to leave out",
        "numpy-no-avx2": Settings(
            variables={"NPY_DISABLE_CPU_FEATURES": avx2, "OPENBLAS_CORETYPE": "Nehalem"}
        )
        if avx2
        else "this processor has no AVX2 for NumPy to leave out",
        "determinism-off": Settings(determinism=False),
        "gpu": Settings(gpu=True) if shutil.which("nvidia-smi") else gpu,
    }


def read() -> dict[str, dict[str, Any]]:
    """The committed record: for each condition and page what ran, where, and its claims."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def keep(condition: str, name: str, run: store.Run) -> None:
    """Adds a page's run to the record, which is written whole or not at all."""
    notebook = run.notebook()
    entry = {
        "made": run.record["made"][:10],
        "cells": run.path.parent.name,
        "machine": run.record["machine"],
        "versions": report.glued(notebook).get("run", {}).get("versions"),
        "seconds": round(run.record["seconds"], 1),
        "claims": {
            claim["id"]: {
                "values": [float(f"{value:.6g}") for value in claim["values"]],
                "seeds": claim["seeds"],
                "bound": claim["bound"],
                "held": claim["held"],
            }
            for claim in claims.of_notebook(notebook)
        },
    }
    record = read()
    record.setdefault(condition, {})[name] = entry
    partial = RECORD.with_suffix(".part")
    partial.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(RECORD)


def distance(claim: Mapping[str, Any], default: Mapping[str, Any] | None) -> str:
    """How far a claim is from falling, in the unit that suits its kind.

    Args:
        claim: The claim as the record keeps it.
        default: The same claim under the book's own settings.

    Returns:
        For an identity the bound over the largest value; for a count whether it is the same; else
        the value nearest to a bound, the bound, and their distance in standard deviations.
    """
    values, bound = claim["values"], claim["bound"]
    fell = "" if claim["held"] else "**fell** "
    if claim["seeds"] is None:
        same = default is None or values == default["values"]
        return f"{fell}{'equal' if same else 'not equal'}"
    if bound["above"] is None and bound["below"] <= _ROUNDING:
        largest = max(abs(value) for value in values)
        return f"{fell}{bound['below'] / largest:.1e} times" if largest else f"{fell}exact"
    mean = sum(values) / len(values)
    spread = (sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)) ** 0.5
    judged = [mean] if bound["of"] == "mean" else values
    gap, value, limit = min(
        (sign * (value - bound[side]), value, bound[side])
        for side, sign in (("above", 1), ("below", -1))
        if bound[side] is not None
        for value in judged
    )
    far = f"{gap / spread:+.1f} s" if spread else f"{gap:+.3g}"
    return f"{fell}{value:.4g} / {limit:g} ({far})"


def table(record: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> str:
    """Claims by conditions, as Markdown.

    Args:
        record: What `read` gives.
        names: The conditions to show.
    """
    lines = ["| page | claim | " + " | ".join(names) + " |", "| --- " * (len(names) + 2) + "|"]
    for page in pages.page_names():
        found = {name: record.get(name, {}).get(page, {}).get("claims", {}) for name in names}
        default = record.get(DEFAULT, {}).get(page, {}).get("claims", {})
        for claim in dict.fromkeys(each for of in found.values() for each in of):
            cells = [
                distance(found[name][claim], default.get(claim)) if claim in found[name] else "–"
                for name in names
            ]
            lines.append(f"| {page} | {claim} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def fallen(record: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """Which claims fell under which condition."""
    return [
        f"{page}: {claim} under {name}"
        for name in names
        for page, entry in record.get(name, {}).items()
        for claim, found in entry["claims"].items()
        if not found["held"]
    ]


def _run(chosen: Mapping[str, Settings], every: Sequence[runs.Job]) -> list[str]:
    """Runs what has no run yet and adds all to the record; returns what went wrong."""
    waiting: dict[str, tuple[str, runs.Job]] = {}
    tasks = []
    for condition, settings in chosen.items():
        for job in every:
            if kept := store.find(job.cells, settings):
                keep(condition, job.pages[0].name, kept)
                continue
            name = f"{job.name} under {condition}"
            waiting[name] = (condition, job)
            tasks.append(runs.task_of(job, settings, name))
    if not tasks:
        return []
    reader.environment()
    taken = seconds.makespan([task.seconds for task in tasks], CPU_COUNT)
    print(f"{len(tasks)} runs, about {display.duration(taken)} on {CPU_COUNT} cores", flush=True)
    problems: list[str] = []
    with display.Display(tasks, CPU_COUNT) as shown:
        address = os.environ.get(runs.SCHEDULER, "")
        for done in engine.run_all(tasks, address, shown.told, shown.say):
            condition, job = waiting[done.task.name]
            ran = runs.ran(job, chosen[condition], done)
            if ran.run:
                keep(condition, job.pages[0].name, ran.run)
                shown.ended(done.task, f"ran in {ran.run.record['seconds']:.1f} s")
            else:
                problems += [f"under {condition}: {problem}" for problem in ran.problems]
                shown.ended(done.task, "failed")
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status: 0 only if every claim holds everywhere."""
    known = all_conditions()
    parser = argparse.ArgumentParser(prog="python -m tools.elsewhere")
    parser.add_argument("--conditions", nargs="*", choices=known, default=None)
    parser.add_argument("--pages", nargs="*", choices=pages.page_names(), default=None)
    given = parser.parse_args(arguments)
    chosen = {}
    for name in given.conditions or known:
        if isinstance(settings := known[name], Settings):
            chosen[name] = settings
        else:
            print(f"{name} is left out: {settings}")
    names = given.pages or pages.page_names()
    try:
        copies = pages.data_sets()
        if others := [name for name, copy in copies.items() if copy["source"] == "wheel"]:
            tell_problem(
                f"the {' and '.join(others)} data are not Keras', and the claims are about Keras': "
                "set LESSONS_DATA_DIR to a folder with its files",
            )
            return 1
        if folder := os.environ.get("LESSONS_DATA_DIR"):
            os.environ["LESSONS_DATA_DIR"] = str(Path(folder).absolute())
        every = runs.jobs([page for page in pages.all_pages() if page.name in names])
        problems = _run(chosen, every)
    except (data.DataError, RuntimeError) as error:
        tell_problem(error)
        return 1
    except KeyboardInterrupt:
        tell_problem("\nstopped; what has run is in the record")
        return 130
    conditions.FOLDER.mkdir(parents=True, exist_ok=True)
    if RECORD.exists():  # beside the report, for whoever keeps that
        shutil.copy(RECORD, conditions.FOLDER)
    record = read()
    fell = fallen(record, list(chosen))
    text = table(record, list(chosen))
    lines = [*problems, *fell] or ["Every claim holds under every condition."]
    conditions.write_report("elsewhere", "\n".join([*lines, "", text]), held=not (problems or fell))
    return 1 if problems or fell else 0


if __name__ == "__main__":
    sys.exit(main())
