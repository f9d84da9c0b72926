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
LEFT, RIGHT = "\ue012", "\ue014"
# Where a part of the page is, once it is in sight, stands still for two frames, and would itself
# be hit there: a share of its width and height from its corner. Until then null, for a click that
# misses is not told by any engine.
PLACE = """async ([selector, across, down]) => {
  const part = document.querySelector(selector);
  part.scrollIntoView({ block: "center", behavior: "instant" });
  const place = () => {
    const { left, top, width, height } = part.getBoundingClientRect();
    return [Math.round(left + across * width), Math.round(top + down * height)];
  };
  const before = place();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const after = place();
  const hit = document.elementFromPoint(...after);
  return `${before}` === `${after}` && part.contains(hit) ? after : null;
}"""
# Notes from now on what scripts of the page report as wrong.
LISTEN = """() => {
  window.wrong = [];
  const note = (what) => wrong.push(String(what));
  addEventListener("error", ({ message }) => note(message));
  addEventListener("unhandledrejection", ({ reason }) => note(reason));
  addEventListener("securitypolicyviolation", ({ blockedURI }) => note(blockedURI));
  for (const kind of ["error", "warn"]) console[kind] = (...all) => note(all.join(" "));
}"""
# A function of the page, with its arguments and its value as JSON.
CALL = "async (given) => JSON.stringify((await ({})(...JSON.parse(given))) ?? null)"


class MissingError(Exception):
    """An engine is not installed; the message says what to install."""


def program(*names: str, package: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise MissingError(f"no {names[0]} on the path: apt-get install {package}")
    return found


def pointer_actions(x: int, y: int) -> list[dict[str, Any]]:
    """Presses and lets go at a place of the window, as both protocols have it."""
    move = {"type": "pointerMove", "x": x, "y": y, "duration": 0}
    press = [{"type": f"pointer{way}", "button": 0} for way in ("Down", "Up")]
    pointer = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
    return [pointer | {"actions": [move, *press]}]


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

    @property
    def heard(self) -> list[str]:
        """Those of them that it says at once."""
        return []

    @abstractmethod
    def open(self, address: str) -> None:
        """Opens a page and waits until it is there."""

    @abstractmethod
    def script(self, function: str, *arguments: Any) -> Any:
        """Calls a JavaScript function in the page; its value, once that is there."""

    @abstractmethod
    def act(self, actions: list[dict[str, Any]]) -> None:
        """Does what the protocols call actions."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Gives the page another size."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Types a text."""

    def press(self, *keys: str) -> None:
        """Presses keys at the same time."""
        self.act(key_actions(keys))

    def click(self, selector: str, across: float = 0.5, down: float = 0.5) -> None:
        """Presses the pointer on a part of the page, by default in its middle."""
        self.act(pointer_actions(*self.wait(PLACE, [selector, across, down])))

    def focus(self, selector: str) -> None:
        """What is typed then goes there."""
        self.script("(selector) => document.querySelector(selector).focus()", selector)

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
