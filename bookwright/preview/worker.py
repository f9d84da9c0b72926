"""Builds one language again and again, in a process that keeps Sphinx and the book in memory.

Starting Sphinx takes ten times as long as building one page. The preview has folders of its own
below `_build/preview`: a page that fails here leaves the site of `make book` as it is.
"""

from __future__ import annotations

import gc
import io
import json
import multiprocessing
import shutil
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path

from bookwright import book as pages
from bookwright import complaints, durable
from bookwright.environment import alone
from bookwright.problems import Problem, unexpected
from bookwright.runs import store
from bookwright.verify import words

FOLDER = pages.ROOT / "_build" / "preview"


class Book:
    """Sphinx on one language; made once in its process, for Sphinx keeps the language globally."""

    def __init__(self, language: str) -> None:
        # Imported here: the process that waits for changes needs none of it.
        from jupyter_book.config import get_final_config
        from sphinx.application import Sphinx
        from sphinx.util.console import nocolor

        nocolor()
        self.language, self.log = language, io.StringIO()
        if not durable.sealed(FOLDER / language):  # a build was broken off
            shutil.rmtree(FOLDER / language, ignore_errors=True)
        source, output = pages.ROOT / "book" / language, FOLDER / language / "html"
        config, _ = get_final_config(
            user_yaml=pages.ROOT / "_config.yml",
            cli_config={  # what the command of Jupyter Book hands over
                "external_toc_path": str(pages.ROOT / "_toc.yml"),
                "latex_individualpages": False,
                "nitpicky": True,
            },
            sourcedir=source,
        )
        config["nb_execution_cache_path"] = str(store.PREVIEW)
        # Sphinx does not read an unchanged page again, and would forget what is wrong with it.
        self._wrong = FOLDER / language / "wrong.json"
        self.app = Sphinx(
            str(source),
            None,
            str(output),
            str(FOLDER / language / "doctrees"),
            "html",
            confoverrides=config,
            status=None,
            warning=self.log,
        )
        self.app.connect("env-get-outdated", self._read_again)
        assert complaints.collector is not None, "an extension of the book's"
        self.complaints = complaints.collector
        self.app.connect("doctree-resolved", self._note_written, priority=0)
        self._found: list[Problem] | None = None
        self._written: set[str] = set()

    def _read_again(self, *_: object) -> list[str]:
        """In the first build, the pages that something was wrong with when Sphinx read them."""
        if self._found is not None or not self._wrong.exists():
            return []
        wrong = json.loads(self._wrong.read_text(encoding="utf-8"))
        return [page for page in wrong if page in self.app.env.found_docs]

    def _note_written(self, app: object, doctree: object, page: str) -> None:
        self._written.add(pages.Page(self.language, page).where)

    def _number_from_one(self) -> None:
        """Sphinx-external-toc would number on where the last build of this process ended."""
        from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

        for listener in self.app.events.listeners["env-get-updated"]:
            collector = getattr(listener.handler, "__self__", None)
            if isinstance(collector, TocTreeCollectorWithStyles):
                collector.__init__()  # type: ignore[misc] # it holds nothing but its counters

    def build(self) -> list[Problem]:
        """Builds what changed; returns what is wrong, also with pages that did not change."""
        durable.unseal(FOLDER / self.language)
        try:
            found = self._build()
        except OSError:  # a file may be half written; and so it may if the process is ended
            raise
        except Exception:
            durable.seal(FOLDER / self.language)
            raise
        durable.seal(FOLDER / self.language)
        return found

    def _build(self) -> list[Problem]:
        self.log.seek(0)
        self.log.truncate()
        self.complaints.found.clear()
        self._written.clear()
        self._number_from_one()
        gc.disable()  # of all the nodes that a build makes, hardly any can go before its end
        try:
            self.app.build()
        finally:
            gc.enable()
        found = list(dict.fromkeys(self.complaints.found))
        names = {pages.Page(self.language, name).where: name for name in pages.page_names()}
        folder, sources = FOLDER / self.language / "html", pages.ROOT / "book" / self.language
        written = [names[where] for where in self._written if where in names]
        found += words.of_language(folder, sources, written, f"book/{self.language}")
        found += [x for x in self._found or [] if x.file and x.file not in self._written]
        self._found = found
        wrong = sorted({names[each.file] for each in found if each.file in names})
        self._wrong.write_text(json.dumps(wrong), encoding="utf-8")
        return found


def _alone(language: str) -> AbstractContextManager[None]:
    """Keeps two previews of a language from writing the same files at once."""
    return alone(pages.ROOT / f"preview-{language}")


def _work(language: str, connection: Connection) -> None:
    """Builds once for each message; before the first one it says that Sphinx is ready."""
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    book = None
    try:
        with patch_docutils(), docutils_namespace():
            with _alone(language):
                book = Book(language)
            connection.send((True, []))
            while connection.recv():
                with _alone(language):
                    found = book.build()
                connection.send((True, found))
                gc.collect()
    except (EOFError, OSError, KeyboardInterrupt):
        pass  # the preview was stopped
    except BaseException as error:
        at = complaints.collector
        stopped = at.stopped(error, language) if at else (unexpected(error),)
        connection.send((False, list(stopped)))


@contextmanager
def _unheard() -> Iterator[None]:
    """Keeps Ctrl-C from processes that start meanwhile: who started them ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    resource_tracker.ensure_running()  # the first process starts it, which lets Ctrl-C through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Worker:
    """The process that builds one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_work, args=(self.language, other), daemon=True)
        with _unheard():
            self._process.start()
        other.close()
        self._ready = self._asked = False

    def ask(self) -> None:
        """Asks for a build of what changed, in a new process if the last one failed."""
        if not self._process.is_alive():
            self.restart()
        if not self._ready:
            self._ready, self._complaints = self._receive()
        if self._ready:
            self._connection.send(True)
            self._asked = True

    def answer(self) -> list[Problem]:
        """Waits for the build; returns what is wrong."""
        if self._asked:
            self._ready, self._complaints = self._receive()
            self._asked = False
        return self._complaints

    def _receive(self) -> tuple[bool, list[Problem]]:
        try:
            good, found = self._connection.recv()
        except EOFError:
            good, found = False, [Problem(f"the build of {self.language} was ended")]
        if not good:
            self._process.join()
        return good, found

    def stop(self) -> None:
        """Ends the process."""
        self._connection.close()
        self._process.terminate()
        self._process.join()

    def restart(self) -> None:
        """Starts afresh, with the modules and the configuration as they are now."""
        self.stop()
        self._start()


def html(language: str, name: str) -> Path:
    """Where a preview of a page lies."""
    return FOLDER / language / "html" / f"{name}.html"
