"""Runs every page that has no valid run yet, side by side, and keeps what ran.

`python -m bookwright run [--claims]` runs all pages; `--show en/index en/rnn` runs these, for a
build of Jupyter Book to show. Both languages of a page share one run, for their cells are the same.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import nbformat
from dask.system import CPU_COUNT
from nbformat import NotebookNode

from bookwright import book, glue
from bookwright.claims import collect
from bookwright.environment import alone
from bookwright.problems import Problem, attempt, keep_traceback, tell, tell_problem
from bookwright.reader import environment as reader
from bookwright.reader import wheel
from bookwright.runs import display, engine, outputs, seconds, store, used
from bookwright.runs.used import Settings
from bookwright.source.facts import facts

_TIMEOUT = 30  # seconds for a cell, where the book does not say: Jupyter Book's own default
SCHEDULER = "BOOK_SCHEDULER"  # the variable by which the Makefile names a running scheduler
_NAMED = 20  # pages that are named before they run, at most
KEPT = "what has run is kept, and the same command goes on from there"


class Job(NamedTuple):
    """Cells that are to run, and the pages that have them."""

    cells: str
    notebook: NotebookNode
    pages: list[book.Page]

    @property
    def name(self) -> str:
        """What people call it: the page, with its language where that has cells of its own."""
        names = {page.name for page in self.pages}
        both = {page.language for page in self.pages} == set(book.LANGUAGES)
        return names.pop() if both and len(names) == 1 else ", ".join(map(str, self.pages))


class Planned(NamedTuple):
    """Cells that are to run under some settings."""

    job: Job
    settings: Settings


class Ran(NamedTuple):
    """How cells ran: the run that is kept, or what went wrong, with the kernel's traceback."""

    run: store.Run | None
    problems: list[Problem]
    trace: str = ""
    page: str = ""  # whose pool decides the claims

    def __str__(self) -> str:
        if self.run is None:
            return "failed"
        fallen = collect.fallen(collect.judged(self.run.notebook(), self.page))
        how = f"ran in {self.run.record['seconds']:.1f} s"
        return how + (f", {len(fallen)} claims do not hold" if fallen else "")


def jobs(selected: Sequence[book.Page]) -> list[Job]:
    """The cells of some pages that are there, each once, in their order; without pages of prose."""
    found: dict[str, Job] = {}
    for page in [page for page in selected if page.source.exists()]:
        code = store.code_of(page)
        if code.notebook.cells:
            found.setdefault(code.cells, Job(*code, [])).pages.append(page)
    return list(found.values())


def task_of(name: str, job: Job, settings: Settings) -> engine.Task:
    """The task that runs some cells.

    Args:
        name: What the task is called.
        job: The cells.
        settings: How they run.
    """
    cost = seconds.cost_of(job.pages[0].name, seconds.recorded().pages)
    return engine.Task(
        name,
        "bookwright.runs.page:run",
        {
            "notebook": nbformat.writes(job.notebook),
            "settings": settings.plain(),
            "timeout": book.config().get("execute", {}).get("timeout", _TIMEOUT),
        },
        seconds=cost.seconds * seconds.scale(),
        memory=cost.memory,
        cores=settings.threads,
    )


def _of_pages(job: Job, what: str, cell: int | None = None) -> list[Problem]:
    """A problem of each page that has some cells, or of one of the cells."""
    found = []
    for page in job.pages:
        line = None
        if cell is not None:
            line = facts(page.source.read_text(encoding="utf-8")).cells[max(cell, 0)].line
        found.append(Problem(what, page.where, line))
    return found


def ran(job: Job, settings: Settings, done: engine.Done) -> Ran:
    """Keeps what a task brought back, or says what went wrong."""
    name = re.sub(r"\W+", "-", f"cells of {job.name}")
    if done.error is not None:
        what, _, rest = done.error.partition("\n")
        said = f"{what} (what it said: {keep_traceback(done.error, name)})" if rest else what
        return Ran(None, _of_pages(job, said))
    result = done.result
    if (error := result["error"]) is not None:
        what = "the cell that starts here" if error["cell"] >= 0 else "a cell added to the page"
        kept = keep_traceback(f"{error['trace']}\n", name)
        why = error["summary"]
        if os.strerror(errno.ENOSPC) in error["trace"]:  # there may be room again since it failed
            why = "no room is left on the disk: free some, or set TMPDIR to where there is room"
        problem = f"{what} failed: {why} (traceback: {kept})"
        return Ran(None, _of_pages(job, problem, error["cell"]), error["trace"])
    record = {
        "page": job.name,
        "settings": settings.plain(),
        "used": result["used"],
        "machine": result["machine"],
        "seconds": result["seconds"],
    }
    if reason := used.stale(record, settings):  # another machine, or a file saved meanwhile
        return Ran(None, _of_pages(job, f"the run does not count, for {reason} since it began"))
    notebook = nbformat.reads(result["notebook"], 4)
    if held := outputs.refused(notebook):
        return Ran(None, [each for cell, what in held for each in _of_pages(job, what, cell)])
    if problems := glue.problems(glue.of_notebook(notebook)):
        return Ran(None, [each for problem in problems for each in _of_pages(job, problem)])
    return Ran(store.save(job.cells, notebook, record), [], page=job.pages[0].name)


def _cost(tasks: Sequence[engine.Task], scheduler: str) -> str:
    """Where tasks are done, and about how long they take and how much memory."""
    if scheduler:
        return f"on the workers of {scheduler}"
    taken = seconds.makespan((task.seconds for task in tasks for _ in range(task.cores)), CPU_COUNT)
    most = sum(sorted((task.memory for task in tasks), reverse=True)[:CPU_COUNT])
    return (
        f"about {display.duration(taken)} on {CPU_COUNT} core"
        f"{'s' if CPU_COUNT > 1 else ''}, up to {most / 1e9:.1f} GB of memory"
    )


def execute(planned: Mapping[str, Planned], what: str) -> Iterator[tuple[str, Ran]]:
    """Runs cells side by side, after it has said about how long that takes.

    Args:
        planned: What is to run, by the name that it has on the display.
        what: What that is, as people say it.

    Yields:
        Each as it ends, with its name.

    Raises:
        RuntimeError: The environment for the runs could not be made, or the engine not be used.
    """
    if not planned:
        return
    reader.environment()  # both once, before many processes ask for them
    wheel.made()
    scheduler = os.environ.get(SCHEDULER, "")
    tasks = [task_of(name, *each) for name, each in planned.items()]
    print(f"{what}: {_cost(tasks, scheduler)}", flush=True)
    with display.Display(tasks, 0 if scheduler else CPU_COUNT) as screen:
        for done in engine.run_all(tasks, scheduler, screen.told, screen.say):
            found = ran(*planned[done.task.name], done)
            screen.ended(done.task, str(found))
            yield done.task.name, found


def claims_of(selected: Sequence[book.Page], settings: Settings) -> list[dict]:
    """The claims that the valid runs of some pages measured, decided by these and by the pools."""
    return [
        {**claim, "chapter": job.pages[0].name}
        for job in jobs(selected)
        if (run := store.find(job.cells, settings))
        for claim in collect.judged(run.notebook(), job.pages[0].name)
    ]


def show(selected: Sequence[book.Page]) -> None:
    """Hands the valid runs of some pages to the builds of Jupyter Book.

    Raises:
        DataError: A data set that a run used cannot be had.
    """
    from bookwright.runs import shown  # here: its database takes half as long as all other imports

    with shown.opened(store.SHOWN) as cache:
        for page in selected:
            shown.show(page, store.of_page(page), cache)  # MyST-NB runs what is not there


def _run(selected: Sequence[book.Page], settings: Settings) -> int:
    """Does the work of `run_pages`, and leaves to its caller what makes it impossible."""
    store.throw_away_old()
    if missing := [page for page in selected if not page.source.exists()]:
        return tell(
            Problem(f"is missing: _toc.yml lists {page.name!r}, and each language needs it", x)
            for page in missing
            if (x := page.where)
        )
    for name, found in book.data_sets().items():
        print(f"data: {name} from {found['source']}", flush=True)
    every = jobs(selected)
    waiting = [job for job in every if store.find(job.cells, settings) is None]
    for job in waiting:
        if why := store.why_again(job.cells, settings):
            print(f"{job.name} runs again: {why}")
    if reused := len(every) - len(waiting):
        print(f"{reused} of {len(every)} pages: reused an earlier run", flush=True)
    planned = {job.name: Planned(job, settings) for job in waiting}
    named = [*planned][:_NAMED] + ["..."] * (len(planned) > _NAMED)
    what = f"{len(waiting)} of {len(every)} pages run ({', '.join(named)})"
    return tell(each for _, found in execute(planned, what) for each in found.problems)


def run_pages(selected: Sequence[book.Page] | None = None, settings: Settings | None = None) -> int:
    """Runs the pages whose cells have no valid run; what went wrong, or is missing, it says.

    Args:
        selected: The pages; all of the book by default.
        settings: How they run; as the book says by default.

    Returns:
        The exit status: 0 only if every page has a valid run.
    """
    selected = book.all_pages() if selected is None else selected
    settings = used.own_settings() if settings is None else settings
    try:
        return _run(selected, settings)
    except (OSError, RuntimeError) as error:
        return tell_problem(error)


def _run_and_tell_claims() -> int:
    """Runs all pages; a claim that fell fails, too, and is told beside a page that failed."""
    status = _run(book.all_pages(), used.own_settings())
    found = claims_of(book.all_pages(), used.own_settings())
    if text := collect.told(found):
        print(text)
    return status or int(bool(collect.fallen(found)))


def _run_and_show(selected: Sequence[book.Page]) -> int:
    """Runs some pages and hands them to a build that has begun, beside no other command."""
    with alone(book.ROOT / "book"):
        if not (status := _run(selected, used.own_settings())):
            show(selected)
        return status


def main(arguments: Sequence[str]) -> int:
    """Runs all pages, or those that are to be shown; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright run", description=__doc__)
    parser.add_argument("--claims", action="store_true", help="fail if a claim does not hold")
    parser.add_argument("--show", nargs="+", metavar="PAGE", help="these, for Jupyter Book: en/rnn")
    given = parser.parse_args(arguments)
    if given.show:
        selected = [book.Page(*page.split("/", 1)) for page in given.show]
        return attempt(lambda: _run_and_show(selected), KEPT)
    return attempt(_run_and_tell_claims if given.claims else run_pages, KEPT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
