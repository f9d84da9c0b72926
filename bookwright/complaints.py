"""What Sphinx and its extensions complain of, as problems."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError, SphinxError
from sphinx.locale import _
from sphinx.util.logging import (
    NAMESPACE,
    OnceFilter,
    WarningLogRecordTranslator,
    WarningStreamHandler,
    WarningSuppressor,
)

from bookwright import book, files
from bookwright.problems import Problem, foreseen, of_error, unexpected

_TYPE = re.compile(r"\s*\[\w+(?:\.\w+)?\]\s*$")  # by which a warning could be suppressed
_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>\d+))?:?(?:<[^>]*>)?")

_STDERR = re.compile(r"stderr was found in the cell outputs of cell \d+")  # as MyST-NB says it


def problem(said: str, location: str) -> Problem:
    """A complaint as a problem.

    Args:
        said: What Sphinx said.
        location: Where, as Sphinx says it: "/book/en/page.md:12", or "".
    """
    what = "the cell that starts here writes to standard error, as a warning does: see to it"
    said = _STDERR.sub(what, said)
    found = _PLACE.fullmatch(location) if location else None
    if found is None:
        return Problem(said)
    # Sphinx takes a path that some directives give for a page's name, and adds a suffix.
    path = book.ROOT.joinpath(re.sub(r"\.md\.rst$", ".md", found["file"]))
    file = files.name_of(path, book.ROOT)
    for folder in (path.parent, book.ROOT):  # what is said is the same in each clone and language
        said = said.replace(f"{folder.as_posix()}/", "")
    said = said.replace(f"{Path(file).parent.as_posix()}/", "")
    return Problem(said, file, int(found["line"]) if found["line"] else None)


class Collector(WarningStreamHandler):
    """Keeps the warnings and errors of a build, beside the stream that Sphinx writes them to.

    Attributes:
        found: What was complained of, in its order.
        at: The page that Sphinx is at, or None.
    """

    def __init__(self, app: Sphinx) -> None:
        # A handler of this kind is left out while Sphinx holds warnings back.
        super().__init__(io.StringIO())
        self.found: list[Problem] = []
        self.at: str | None = None
        self.setLevel(logging.WARNING)
        for each in (WarningSuppressor(app), WarningLogRecordTranslator(app), OnceFilter()):
            self.addFilter(each)
        logging.getLogger(NAMESPACE).addHandler(self)
        app.connect("source-read", self._read, priority=0)
        app.connect("doctree-resolved", self._write, priority=0)

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one."""
        if record.msg == _("unknown directive or role name: %s:%s"):
            return  # what looked for it says that, too, and where
        # Without the place and the level that Sphinx' own records put before it.
        said = " ".join(_TYPE.sub("", logging.LogRecord.getMessage(record)).split())
        self.found.append(problem(said, str(getattr(record, "location", None) or "")))

    def _read(self, app: object, page: str, source: object) -> None:
        self.at = page

    def _write(self, app: object, doctree: object, page: str) -> None:
        self.at = page

    def stopped(self, error: BaseException, language: str) -> tuple[Problem, ...]:
        """What stopped the build, with the page that Sphinx was at.

        Args:
            error: What was raised, while it is handled.
            language: The language of the build.
        """
        cause = error.orig_exc if isinstance(error, ExtensionError) else None
        reason = cause or (error.__cause__ if isinstance(error, SystemExit) else None) or error
        if isinstance(reason, SphinxError) or foreseen(reason):
            return of_error(reason)
        where = book.Page(language, self.at).where if self.at else ""
        return (unexpected(reason)._replace(file=where),)


collector: Collector | None = None  # of this process, in which Sphinx builds one language


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    global collector  # as Sphinx keeps the language
    collector = Collector(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
