"""What is wrong: one kind of object for all that finds something, and one place that prints it."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

# What moves the cursor or colours a terminal, and what some take for the end of a line.
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAMED_PLACES = 3  # more of them than that stand below the problem, each on a line of its own


class Problem(NamedTuple):
    """Something that is wrong.

    Attributes:
        what: What is wrong, and where that is known already, what to do after a colon.
        file: The file, from the book's folder; "" where there is none to name.
        line: Its line, from 1, or None.
        column: The column in that line, from 1, or None.
        cause: What several problems come from, and what to do about it; they are told together.
    """

    what: str
    file: str = ""
    line: int | None = None
    column: int | None = None
    cause: str = ""

    @property
    def place(self) -> str:
        """The place as editors and terminals take it: `file:line:column`."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" if self.file else self.what


class ProblemError(RuntimeError):
    """Something cannot be done because of problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)  # what another process makes it of again
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def of_error(error: BaseException) -> tuple[Problem, ...]:
    """The problems that an error is about; of one that is about none, its text."""
    return error.problems if isinstance(error, ProblemError) else (Problem(str(error)),)


def foreseen(error: BaseException) -> bool:
    """Whether an error's text says what is wrong: our own, or one of the system's."""
    slips = (NotImplementedError, RecursionError)  # though Python counts them among these
    return isinstance(error, OSError | RuntimeError) and not isinstance(error, slips)


def _plain(text: str) -> str:
    """A text whose control characters are to be seen, and do nothing."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def _order(problem: Problem) -> tuple:
    return (problem.file, problem.line or 0, problem.column or 0)


def _groups(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Problems of one cause, or that say the same of several places, together and in order."""
    found: dict[str, list[Problem]] = {}
    for each in sorted(dict.fromkeys(problems), key=_order):
        found.setdefault(each.cause or each.what, []).append(each)
    return list(found.values())


def _lines(group: list[Problem], mark: Callable[[str], str]) -> Iterator[str]:
    """One cause: what is wrong and where."""
    first = group[0]
    places = [each.place for each in group if each.file]
    if first.cause:
        yield f"{first.cause} ({len(group)} places)" if len(group) > 1 else first.cause
        yield from (f"  {mark(each.place)}: {each.what}" for each in group if each.file)
        yield from (f"  {each.what}" for each in group if not each.file)
    elif not places:
        yield first.what
    elif len(places) <= _NAMED_PLACES:
        yield f"{', '.join(map(mark, places))}: {first.what}"
    else:
        yield f"{first.what} ({len(places)} places)"
        yield from (f"  {mark(place)}" for place in places)


def told(problems: Iterable[Problem], colours: bool = False) -> str:
    """Problems as people read them: by cause, each once, in the order of files, the count last.

    Args:
        problems: What is wrong.
        colours: Whether places are to be coloured, for a terminal.
    """
    groups = _groups(
        each._replace(what=_plain(each.what), file=_plain(each.file), cause=_plain(each.cause))
        for each in problems
    )

    def mark(place: str) -> str:
        return f"\33[1m{place}\33[0m" if colours else place

    lines = [line for group in groups for line in _lines(group, mark)]
    if len(groups) > 1:
        files = {each.file for group in groups for each in group if each.file}
        among = f" in {len(files)} files" if len(files) > 1 else ""
        lines.append(f"{len(groups)} problems{among}")
    return "\n".join(lines)


def _escaped(text: str, more: str = "") -> str:
    """A text as a workflow command of GitHub takes it."""
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def annotated(problems: Iterable[Problem]) -> Iterator[str]:
    """Workflow commands by which GitHub shows problems on the lines of a pull request."""
    for each in dict.fromkeys(problems):
        if each.file:
            named = (("file", each.file), ("line", each.line), ("col", each.column))
            given = ",".join(f"{name}={_escaped(str(x), ':,')}" for name, x in named if x)
            what = f"{each.what} ({each.cause})" if each.cause else each.what
            yield f"::error {given}::{_escaped(what)}"


def _coloured(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")  # as no-color.org says it


def tell(problems: Iterable[Problem]) -> int:
    """Prints problems to standard error, below what was printed before; on GitHub on their lines.

    Returns:
        The exit status: 1 if there are any.
    """
    found = list(problems)
    if not found:
        return 0
    sys.stdout.flush()  # standard error is not held back, and would come first
    print(told(found, _coloured(sys.stderr)), file=sys.stderr, flush=True)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotated(found):
            print(line, flush=True)
    return 1


def tell_problem(problem: object) -> int:
    """Prints one problem, or those that an error is about; returns the exit status, 1."""
    if isinstance(problem, BaseException):
        return tell(of_error(problem))
    return tell([problem if isinstance(problem, Problem) else Problem(str(problem))])


def keep_traceback(text: str | None = None, name: str = "traceback") -> str:
    """Writes a traceback to a file, where it is in nobody's way.

    Args:
        text: The traceback; that of the error at hand by default.
        name: What the file is called, without its suffix.

    Returns:
        Where it is.
    """
    text = traceback.format_exc() if text is None else text
    kept = [Path("_build")] if Path("_toc.yml").exists() else []  # elsewhere is no book
    for folder in (*kept, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(exist_ok=True)
            (path := folder / f"{name}.log").write_text(text, encoding="utf-8")
        except OSError:  # a full disk, or a folder that cannot be written
            continue
        return str(path)
    return "nowhere, for no file can be written"


def unexpected(error: BaseException, doing: str = "") -> Problem:
    """What to say of an error that no check foresaw; its traceback goes to a file.

    Args:
        error: The error, while it is handled.
        doing: What was being done, if that is known.
    """
    where = f" {doing}" if doing else ""
    text = " ".join(str(error).split())
    said = f"{type(error).__name__}: {text:.300}" if text else type(error).__name__
    return Problem(f"something unexpected happened{where}: {said} (traceback: {keep_traceback()})")


def attempt(work: Callable[[], int], kept: str) -> int:
    """Does the work of a command, and says what is wrong if it cannot be done.

    Args:
        work: Returns the exit status; what is missing or refused it raises as a RuntimeError or an
            OSError, whose text says what is wrong.
        kept: What is not lost when the work is stopped by Ctrl-C.

    Returns:
        The exit status: 1 after an error, 130 after Ctrl-C.
    """
    try:
        return work()
    except KeyboardInterrupt:
        tell_problem(f"\nstopped; {kept}")
        return 130
    except Exception as error:
        if not foreseen(error):
            return tell([unexpected(error)])
        keep_traceback()
        return tell_problem(error)
