"""Firefox and WebKit, each by the protocol that it speaks itself: no driver of another's is needed.

Firefox is told by WebDriver BiDi what to do, WebKit (its MiniBrowser, the nearest to Safari that
runs on Linux) by the WebDriver of its Debian package. Chromium is Playwright's, in all other tests.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

SECONDS = 90  # for an answer, on a machine that does other things, too
CONTROL, ESCAPE = "\ue009", "\ue00c"  # as WebDriver names keys
# A function of the page, with its arguments and its value as JSON.
CALL = "async (given) => JSON.stringify((await ({})(...JSON.parse(given))) ?? null)"


class MissingError(Exception):
    """An engine is not installed; the message says what to install."""


def program(*names: str, package: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise MissingError(f"no {names[0]} on the path: apt-get install {package}")
    return found


def key_actions(keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Presses keys together, as both protocols have it."""
    down = [{"type": "keyDown", "value": key} for key in keys]
    up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
    return [{"type": "key", "id": "keyboard", "actions": [*down, *up]}]


class Engine(ABC):
    """A browser with one window."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp()
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    @abstractmethod
    def errors(self) -> list[str]:
        """What its console has called errors since a page was opened."""

    @abstractmethod
    def open(self, address: str) -> None:
        """Opens a page and waits until it is there."""

    @abstractmethod
    def script(self, function: str, *arguments: Any) -> Any:
        """Calls a JavaScript function in the page; its value, once that is there."""

    @abstractmethod
    def press(self, *keys: str) -> None:
        """Presses keys at the same time."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Gives the page another size."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Types a text."""

    def wait(self, function: str, *arguments: Any, seconds: float = SECONDS) -> Any:
        """Waits until a JavaScript function has a value that is true, and returns it."""
        until = time.monotonic() + seconds
        while not (value := self.script(function, *arguments)):
            if time.monotonic() > until:
                raise TimeoutError(f"not true in {seconds} s: {function} {arguments}")
            time.sleep(0.1)
        return value

    def close(self) -> None:
        """Ends what was started."""
        for process in self._started:
            self._end(process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, command: list[str], **more: str) -> Path:
        """Starts a program in a group of its own; returns the file with all that it prints."""
        printed = Path(self._folder, f"printed-{len(self._started)}")
        with printed.open("wb") as target:
            process = subprocess.Popen(
                command,
                stdout=target,
                stderr=subprocess.STDOUT,
                env=os.environ | more,
                start_new_session=True,
            )
        self._started.append(process)
        return printed
