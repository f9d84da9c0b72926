"""What a preview does about a saved file: builds a language, runs a page's cells, starts afresh."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bookwright import book
from bookwright.book import Page
from bookwright.preview import worker as preview
from bookwright.problems import Problem, ProblemError, foreseen, of_error, tell, told, unexpected
from bookwright.runs import latest, store
from bookwright.runs.latest import Run

Tell = Callable[[dict[str, list[str]], list[str]], None]


def _cells(page: Page) -> str:
    """Hash of a page's code cells, the same in both languages."""
    return store.code_of(page).cells


class Changes:
    """Keeps both languages' previews up to date.

    Args:
        tell: Called after each step with what there is to say about each language, and with the
            languages that were built.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._workers = {each: preview.Worker(each) for each in book.LANGUAGES}
        self._wrong: dict[str, list[Problem]] = {each: [] for each in book.LANGUAGES}
        self._known: dict[Page, str] = {}  # the cells of each page when it was last looked at
        self._without: set[Page] = set()  # pages that are shown without results
        self._earlier: set[Page] = set()  # or with those of other code
        self._mine: set[str] = set()  # names of the pages saved since the start
        self._runs: dict[str, asyncio.Task[None]] = {}  # by the cells that run
        self._failed: dict[str, str] = {}  # cells that failed, and what to say
        self._building = asyncio.Lock()

    async def start(self) -> None:
        """Builds both languages with the results that there are; runs nothing."""
        for page in filter(lambda page: page.source.exists(), book.all_pages()):
            self._known[page] = _cells(page)
            self._note(page, latest.take(page))
        await self._build(list(book.LANGUAGES))
        for what, names in (
            ("have not run yet and are shown without results", self._without),
            (f"are shown with results from before {book.BOOK.helper} changed", self._earlier),
        ):
            if names:
                listed = ", ".join(sorted({page.name for page in names}))
                print(f"{listed}: {what}. `make page NAME=...` runs one, `make book` all.")

    async def see(self, files: set[Path]) -> None:
        """Does what the change of some files asks for, and says what came out."""
        start = time.perf_counter()
        try:
            built = await self._see({file.relative_to(book.ROOT) for file in files})
        except Exception as error:  # such as a table of contents that is no YAML for a moment
            found = of_error(error) if foreseen(error) else (unexpected(error),)
            self._wrong = {language: list(found) for language in book.LANGUAGES}
            self._say([])
            return
        names = ", ".join(sorted(file.name for file in files))
        print(f"{names}: {' and '.join(built)} in {time.perf_counter() - start:.1f} s", flush=True)

    async def _see(self, files: set[Path]) -> list[str]:
        pages_now, changed, modules, others = book.all_pages(), set(), set(), set()
        for file in files:
            page = Page(file.parent.name, file.stem)
            if file.parts[0] == "book" and file.suffix == ".md" and page in pages_now:
                changed.add(page)
            elif file.parts[0] == book.BOOK.helper and file.stem in {x.name for x in pages_now}:
                modules.add(file.stem)
            elif file.as_posix() != "book/glossary.yml":
                others.add(file)
            else:
                changed |= {page for page in pages_now if page.name == "glossary"}
        if others:  # the modules and the configuration that Sphinx has loaded are no longer these
            for worker in self._workers.values():
                await asyncio.to_thread(worker.restart)
            changed |= {page for page in pages_now if page not in self._known}
        again = {page for page in pages_now if page.name in modules}
        for page in filter(lambda page: page.source.exists(), changed | again):
            self._mine.add(page.name)
            self._look(page, again=page in again)
        for page in changed:
            if not page.source.exists():
                raise ProblemError(Problem("is missing, but _toc.yml lists it", page.where))
        languages = {page.language for page in changed}
        return await self._build(list(book.LANGUAGES) if others else sorted(languages))

    def _look(self, page: Page, again: bool = False) -> None:
        """Takes a page's results; runs its cells if they, or their module, are new."""
        cells, run = _cells(page), latest.take(page)
        new = self._known.get(page) != cells or again
        self._known[page] = cells
        self._note(page, run)
        if new and run is not Run.NOW and cells not in self._runs:
            self._failed.pop(cells, None)
            self._runs[cells] = asyncio.create_task(self._run(page, cells))
        for old in self._runs.keys() - set(self._known.values()):
            self._runs[old].cancel()  # the cells were changed again

    def _note(self, page: Page, run: Run) -> None:
        """Remembers with what a page is shown."""
        (self._without.add if run is Run.NONE else self._without.discard)(page)
        (self._earlier.add if run is Run.EARLIER else self._earlier.discard)(page)

    async def _run(self, page: Page, cells: str) -> None:
        """Runs a page in a process of its own, and builds the languages that wait for it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bookwright.runs.latest", *page),
            cwd=book.ROOT,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # with its pytest it can be ended at once
        )
        try:
            _, said = await process.communicate()
            if process.returncode:  # what was wrong stands in the page until it is mended, too
                text = said.decode("utf-8", errors="replace").strip()
                self._failed[cells] = text or f"{page}: the cells failed"
        except asyncio.CancelledError:
            if os.name == "nt":
                process.terminate()
            else:
                os.killpg(process.pid, signal.SIGTERM)
            raise
        finally:
            del self._runs[cells]
        waiting = [page for page, own in self._known.items() if own == cells]
        for page in waiting:
            self._note(page, latest.take(page))
        await self._build(sorted({page.language for page in waiting}))

    async def _build(self, languages: list[str]) -> list[str]:
        async with self._building:
            for language in languages:
                await asyncio.to_thread(self._workers[language].ask)
            for language in languages:
                self._wrong[language] = await asyncio.to_thread(self._workers[language].answer)
        self._say(languages)
        return languages

    def _say(self, built: list[str]) -> None:
        """What is wrong with pages whose results are there, and what is running."""
        says: dict[str, list[str]] = {}
        found: list[Problem] = []
        cells_say: list[str] = []
        for language in book.LANGUAGES:
            without = {page.name for page in self._without if page.language == language}
            whole = not without and not any(x.language == language for x in self._earlier)
            shown = {Page(language, name).where for name in self._mine - without}
            # Without its results a page lacks what it glues, and others lack its figures.
            wrong = [
                each
                for each in self._wrong[language]
                if whole or each.file in shown or not each.file.endswith(".md")
            ]
            found += wrong
            says[language] = told(wrong).splitlines()
            for page, cells in self._known.items():
                if page.language == language and cells in self._runs:
                    cells_say.append(f"{page}: the cells are running ...")
                elif page.language == language and cells in self._failed:
                    cells_say.append(self._failed[cells])
                else:
                    continue
                says[language] += cells_say[-1].splitlines()
        tell(found)
        for text in dict.fromkeys(cells_say):
            print(text, flush=True)
        self._tell(says, built)

    def stop(self) -> None:
        """Ends all processes."""
        for run in self._runs.values():
            run.cancel()
        for worker in self._workers.values():
            worker.stop()
