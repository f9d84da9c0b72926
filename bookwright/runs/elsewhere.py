"""Which claims hang on the machine? Runs pages under other threads, instructions and libraries.

Each condition changes one thing of the book's own settings. Every page's run is added to the
committed record `benchmarks/elsewhere.json` as it ends, and kept beside the book's own runs, so
that a stop loses one page at most and the next call goes on. The table goes to
`_build/conditions/elsewhere.md`, and beside it there is `elsewhere.held` if every claim holds.

One condition is of another kind: `wasm` runs the cells that run in browsers, and nothing else, in
WebAssembly. They show what their claims measure, and decide nothing; they have to run to their end.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from bookwright import book, durable, glue
from bookwright.claims import collect
from bookwright.environment import alone
from bookwright.live import wasm
from bookwright.problems import attempt
from bookwright.runs import conditions, store
from bookwright.runs import run as runs
from bookwright.runs.distances import fell, table
from bookwright.runs.used import Settings, own_settings

RECORD = book.ROOT / "benchmarks" / "elsewhere.json"
DEFAULT, WASM = "default", "wasm"


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
    own = own_settings()

    def under(**variables: str) -> Settings:
        return own._replace(variables={**own.variables, **variables})

    return {
        DEFAULT: own,
        "threads-2": own._replace(threads=2),
        "onednn-sse41": under(ONEDNN_MAX_CPU_ISA="SSE41") if x86 else only_x86,
        "onednn-avx2": under(ONEDNN_MAX_CPU_ISA="AVX2") if x86 else only_x86,
        "onednn-off": under(TF_ENABLE_ONEDNN_OPTS="0"),
        "numpy-no-avx512": under(NPY_DISABLE_CPU_FEATURES=avx512, OPENBLAS_CORETYPE="Haswell")
        if avx512
        else "this processor has no AVX-512 for NumPy to leave out",
        "numpy-no-avx2": under(NPY_DISABLE_CPU_FEATURES=avx2, OPENBLAS_CORETYPE="Nehalem")
        if avx2
        else "this processor has no AVX2 for NumPy to leave out",
        "determinism-off": own._replace(determinism=False),
        "gpu": own._replace(gpu=True) if shutil.which("nvidia-smi") else gpu,
    }


def read() -> dict[str, dict[str, Any]]:
    """The committed record: for each condition and page what ran, where, and its claims."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def of_now(
    record: Mapping[str, Mapping[str, Any]], names: Sequence[str], every: Sequence[runs.Job]
) -> dict[str, dict[str, Any]]:
    """What the record holds of some conditions and of the cells that some pages have now.

    Args:
        record: What `read` gives.
        names: The conditions.
        every: The pages' cells.
    """
    return {
        name: {
            job.pages[0].name: entry
            for job in every
            if (entry := record.get(name, {}).get(job.pages[0].name))
            and entry["cells"] == job.cells
        }
        for name in names
    }


def _written(record: Mapping[str, Mapping[str, Any]]) -> str:
    """The record as JSON, a line for each page, so that a change is one of few lines."""
    parts = {
        condition: ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(entry, sort_keys=True)}"
            for name, entry in sorted(of.items())
        )
        for condition, of in sorted(record.items())
    }
    lines = [f" {json.dumps(condition)}: {{\n{part}\n }}" for condition, part in parts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def keep(condition: str, name: str, run: store.Run) -> None:
    """Adds a page's run to the record, which is written whole or not at all."""
    notebook = run.notebook()
    entry = {
        "made": run.record["made"][:10],
        "cells": run.path.parent.name,
        "machine": run.record["machine"],
        "versions": glue.of_notebook(notebook).get("run", {}).get("versions"),
        "seconds": round(run.record["seconds"], 1),
        "claims": {
            claim["id"]: {
                "kind": claim["kind"],
                "values": [float(f"{value:.6g}") for value in claim["values"]],
                "bound": claim["bound"],
                "held": claim["held"],
                "predicted": (claim["pool"] or {}).get("predicted"),
            }
            for claim in collect.judged(notebook, name)
        },
    }
    with alone(book.ROOT / RECORD.name):
        record = read()
        record.setdefault(condition, {})[name] = entry
        durable.write(RECORD, _written(record))


def _under(chosen: Mapping[str, Settings], names: Sequence[str]) -> tuple[list[str], str]:
    """Runs what has no run yet, adds all to the record; what is wrong, and the table."""
    book.need_data_of_claims()
    every = runs.jobs([page for page in book.all_pages() if page.name in names])
    waiting: dict[str, tuple[str, runs.Planned]] = {}
    for condition, settings in chosen.items():
        for job in every:
            if kept := store.find(job.cells, settings):
                keep(condition, job.pages[0].name, kept)
            else:
                name = f"{job.name} under {condition}"
                waiting[name] = (condition, runs.Planned(job, settings))
    problems: list[str] = []
    planned = {name: each for name, (_, each) in waiting.items()}
    for name, ran in runs.execute(planned, f"{len(planned)} runs"):
        condition, (job, _) = waiting[name]
        if ran.run:
            keep(condition, job.pages[0].name, ran.run)
        problems += [f"under {condition}: {problem}" for problem in ran.problems]
    conditions.FOLDER.mkdir(parents=True, exist_ok=True)
    if RECORD.exists():  # beside the report, for whoever keeps that
        shutil.copy(RECORD, conditions.FOLDER)
    found = of_now(read(), list(chosen), every)
    text = table(found, of_now(read(), [DEFAULT], every)[DEFAULT])
    return [*problems, *fell(found)], text


def _work(chosen: Mapping[str, Settings], names: Sequence[str], in_wasm: bool) -> int:
    """Tries all that was chosen, and writes the report."""
    lines: list[str] = []
    tables: list[str] = []
    if in_wasm:
        pages = [page for page in book.all_pages() if page.name in names]
        text, problems = wasm.report([page for page in pages if page.language == book.LANGUAGES[0]])
        lines += map(str, problems)
        tables += [text]
    if chosen:
        wrong, text = _under(chosen, names)
        lines += wrong
        tables += [text]
    said = [*(lines or ["Every claim holds under every condition."]), "", *tables]
    conditions.write_report("elsewhere", "\n".join(said), held=not lines)
    return 1 if lines else 0


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status: 0 only if every claim holds everywhere."""
    known = all_conditions()
    every = [*known, WASM]
    parser = argparse.ArgumentParser(prog="python -m bookwright elsewhere", description=__doc__)
    for option, names in (("--conditions", every), ("--pages", book.page_names())):
        said = f"all, if none is named: {', '.join(names)}"
        parser.add_argument(option, nargs="*", choices=names, metavar="NAME", help=said)
    given = parser.parse_args(arguments)
    chosen, in_wasm = {}, False
    for name in given.conditions or every:
        if name == WASM:
            if why := wasm.missing():
                print(f"{name} is left out: {why}")
            in_wasm = not why
        elif isinstance(settings := known[name], Settings):
            chosen[name] = settings
        else:
            print(f"{name} is left out: {settings}")
    names = given.pages or book.page_names()
    return attempt(lambda: _work(chosen, names, in_wasm), "what has run is in the record")
