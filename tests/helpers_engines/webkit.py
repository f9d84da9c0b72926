"""WebKitGTK's MiniBrowser by WebDriver: https://www.w3.org/TR/webdriver2/."""

from __future__ import annotations

import json
import re
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.helpers_engines import CALL, SECONDS, Engine, MissingError, program

_LOOKED_AT = 5  # seconds, after which a page has loaded


class WebKit(Engine):
    """A MiniBrowser on a screen that nobody sees."""

    def __init__(self) -> None:
        driver = program("WebKitWebDriver", package="webkit2gtk-driver")
        screen = program("xvfb-run", package="xvfb xauth")
        browsers = sorted(Path("/usr").glob("lib*/*/webkit2gtk-4.*/MiniBrowser"))
        if not browsers:
            raise MissingError("no MiniBrowser: apt-get install webkit2gtk-driver")
        super().__init__()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # The window may be as narrow as a telephone only if its tools are, too.
        style = Path(self._folder, ".config", "gtk-3.0", "gtk.css")
        style.parent.mkdir(parents=True)
        style.write_text("* { min-width: 0; margin: 0; padding: 0; border: 0; font-size: 1px; }")
        self._at = f"http://127.0.0.1:{port}"
        self._screen, self._browser = [screen, "-a"], str(browsers[-1])
        self._start([*self._screen, driver, f"--port={port}"], **self._settings)
        options = {"binary": self._browser, "args": ["--automation"]}
        self._begin({"alwaysMatch": {"webkitgtk:browserOptions": options}})
        self._send("POST", "timeouts", script=SECONDS * 1000, pageLoad=SECONDS * 1000)

    def _begin(self, wanted: dict[str, Any]) -> None:
        until = time.monotonic() + SECONDS
        while True:
            try:
                begun = self._send("POST", "/session", capabilities=wanted)
                break
            except urllib.error.URLError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        self._at += f"/session/{begun['sessionId']}/"

    def _send(self, method: str, path: str, **content: Any) -> Any:
        data = json.dumps(content).encode() if method == "POST" else None
        request = urllib.request.Request(self._at + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise RuntimeError(f"{path}: {said['error']}: {said['message']}") from None

    @property
    def _settings(self) -> dict[str, str]:
        # Root cannot start its sandbox, and it sees nothing but the book.
        sandbox = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        return {"HOME": self._folder, "LIBGL_ALWAYS_SOFTWARE": "1", **sandbox}

    @property
    def errors(self) -> list[str]:
        # Its console is told only by a window that nobody drives: one shows the page for a while.
        at_once = [program("stdbuf", package="coreutils"), "-oL"]  # what is printed
        tell = "--enable-write-console-messages-to-stdout=true"
        command = [*self._screen, *at_once, self._browser, tell, self._address]
        printed = self._start(command, **self._settings)
        time.sleep(_LOOKED_AT)
        self._end(self._started.pop())
        said = printed.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in said if re.search(r"\bCONSOLE .*\bERROR ", line)]

    def open(self, address: str) -> None:
        self._address = address
        self._send("POST", "url", url=address)

    def script(self, function: str, *arguments: Any) -> Any:
        script = f"const done = arguments[1]; ({CALL.format(function)})(arguments[0])"
        script += ".then((value) => done([value]), (error) => done([null, String(error)]))"
        value, *failed = self._send(
            "POST", "execute/async", script=script, args=[json.dumps(arguments)]
        )
        if failed:
            raise RuntimeError(failed[0])
        return json.loads(value)

    def act(self, actions: list[dict[str, Any]]) -> None:
        self._send("POST", "actions", actions=actions)

    def type(self, text: str) -> None:
        # Its keys are those of a keyboard, which has no Hangul.
        [element] = self._send("GET", "element/active").values()
        self._send("POST", f"element/{element}/value", text=text)

    def resize(self, width: int, height: int) -> None:
        self._send("POST", "window/rect", width=width, height=height)
