"""Firefox by WebDriver BiDi: https://w3c.github.io/webdriver-bidi/."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.helpers_engines import CALL, SECONDS, Engine, program

# Nothing of its own over the network, no first page, and no start page.
_SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "remote.active-protocols": 1,
}


class Firefox(Engine):
    """A Firefox without a window on the screen.

    Attributes:
        requests: The addresses that it asked for.
    """

    def __init__(self) -> None:
        command = program("firefox-esr", "firefox", package="firefox-esr")
        super().__init__()
        self._errors: list[str] = []
        self.requests: list[str] = []
        settings = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _SETTINGS.items()]
        Path(self._folder, "user.js").write_text("\n".join(settings), encoding="utf-8")
        options = ["--headless", "--no-remote", "--remote-debugging-port=0"]
        printed = self._start([command, *options, "--profile", self._folder], HOME=self._folder)
        # Playwright, whose loop may be running in this thread, lets no other one run in it.
        self._loop, self._last = asyncio.new_event_loop(), 0
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._socket = self._do(self._connect(f"{self._address(printed)}/session"))
        self._send("session.new", capabilities={})
        self._send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._window = self._send("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self, printed: Path) -> str:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self._started[0].poll() is None:
            said = printed.read_text(encoding="utf-8", errors="replace")
            if "WebDriver BiDi listening on " in said:
                return said.partition("WebDriver BiDi listening on ")[2].split()[0]
            time.sleep(0.1)
        raise RuntimeError(f"Firefox does not listen: {printed.read_text(errors='replace')}")

    async def _connect(self, address: str) -> WebSocketClientConnection:
        return await websocket_connect(address, max_message_size=2**26)

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def _send(self, method: str, **parameters: Any) -> Any:
        return self._do(self._asked(method, parameters))

    async def _asked(self, method: str, parameters: dict[str, Any]) -> Any:
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        await self._socket.write_message(json.dumps(message))
        while True:
            answer = await asyncio.wait_for(self._socket.read_message(), SECONDS)
            if answer is None:
                raise RuntimeError("Firefox has ended")
            heard = json.loads(answer)
            if heard["type"] == "event":
                self._heard(heard["method"], heard["params"])
            elif heard["id"] == self._last:
                if heard["type"] == "error":
                    raise RuntimeError(f"{method}: {heard['error']}: {heard['message']}")
                return heard["result"]

    def _heard(self, event: str, about: dict[str, Any]) -> None:
        if event == "network.beforeRequestSent":
            self.requests.append(about["request"]["url"])
        elif about["level"] == "error":
            self._errors.append(about["text"])

    @property
    def errors(self) -> list[str]:
        self.script("() => 0")  # what was said before this has been heard then
        return self._errors

    @property
    def heard(self) -> list[str]:
        return self.errors

    def open(self, address: str) -> None:
        self._errors, self.requests = [], []
        self._send("browsingContext.navigate", context=self._window, url=address, wait="complete")

    def script(self, function: str, *arguments: Any) -> Any:
        answer = self._send(
            "script.callFunction",
            functionDeclaration=CALL.format(function),
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self._window},
            awaitPromise=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def act(self, actions: list[dict[str, Any]]) -> None:
        self._send("input.performActions", context=self._window, actions=actions)

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter)

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._send("browsingContext.setViewport", context=self._window, viewport=size)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._socket.close)
        super().close()
        self._loop.call_soon_threadsafe(self._loop.stop)
