"""Live preview on localhost: a saved page is shown as soon as it is built, in a second or two.

Only the page's language is built, by a process that keeps it in memory. Cells run only if they
changed, in the background; the prose is shown meanwhile. Search finds what `make book` built last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path

import tornado.web
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.routing import HostMatches
from watchfiles import awatch

from bookwright import book as pages
from bookwright import places
from bookwright.preview import worker
from bookwright.preview.saved import Changes
from bookwright.problems import tell_problem

SCRIPT = Path(__file__).with_name("reload.js")
# Under no other name: a foreign page whose host's name leads here would read all that is served.
NAMES = re.compile(r"(?:127\.0\.0\.1|localhost)\Z")
WATCHED = ("book", pages.BOOK.helper, "_config.yml", "_toc.yml")


class Events(tornado.web.RequestHandler):
    """Tells open pages what was built and what is wrong (server-sent events)."""

    listeners: set[asyncio.Queue[str]] = set()  # noqa: RUF012
    says: dict[str, list[str]] = {}  # noqa: RUF012

    @classmethod
    def tell(cls, says: dict[str, list[str]], built: list[str]) -> None:
        """Sends one message to every open page."""
        cls.says = says
        message = cls._says() + "".join(f"event: built\ndata: {each}\n\n" for each in built)
        for listener in cls.listeners:
            listener.put_nowait(message)

    @classmethod
    def _says(cls) -> str:
        return f"event: says\ndata: {json.dumps(cls.says)}\n\n"

    async def get(self) -> None:
        """Stays open for as long as the page does."""
        self.set_header("Content-Type", "text/event-stream")
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._queue.put_nowait(self._says())
        self.listeners.add(self._queue)
        try:
            while self._queue in self.listeners:
                self.write(await self._queue.get())
                await self.flush()
        except StreamClosedError:
            pass  # the page was closed, or loaded again

    def on_connection_close(self) -> None:
        """Forgets a page that was closed."""
        self.listeners.discard(self._queue)
        self._queue.put_nowait("")  # ends the wait above


def file_of(path: str) -> Path:
    """The file that an address shows: the preview's, or that of the last `make book`.

    Args:
        path: The address, decoded.

    Returns:
        The file with its links followed; it need not exist.

    Raises:
        HTTPError: The address leads out of the folders that are shown.
    """
    language, _, rest = path.partition("/")
    shown = [(places.SITE, path)]
    if language in pages.LANGUAGES:
        shown.insert(0, (worker.FOLDER / language / "html", rest))
    for folder, name in shown:
        try:
            file = (folder / name).resolve()
            there = file.exists()
        except (OSError, RuntimeError, ValueError) as error:  # links in a circle; a null byte
            raise tornado.web.HTTPError(404) from error  # or a name that is too long
        if not file.is_relative_to(folder.resolve()):
            raise tornado.web.HTTPError(403)
        if there:
            break
    return file


class Files(tornado.web.StaticFileHandler):
    """Scripts, styles, figures, notebooks."""

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        """Where the file of an address lies."""
        return str(file_of(path))

    def set_extra_headers(self, path: str) -> None:
        """The browser asks again each time."""
        self.set_header("Cache-Control", "no-cache")


class Pages(tornado.web.RequestHandler):
    """Pages, with the script that loads them again."""

    def get(self, path: str) -> None:
        """Answers with the page and the script."""
        file = file_of(path)
        if not file.is_file():
            raise tornado.web.HTTPError(404)
        script = '<script src="/preview.js" defer></script></head>'
        self.set_header("Cache-Control", "no-cache")
        self.finish(file.read_text(encoding="utf-8").replace("</head>", script, 1))


class Script(tornado.web.RequestHandler):
    """The script itself."""

    def get(self) -> None:
        """Answers with it."""
        self.set_header("Content-Type", "text/javascript")
        self.finish(SCRIPT.read_bytes())


def application() -> tornado.web.Application:
    """What answers the browser, to requests by this machine's own names alone."""
    files = {"path": str(places.BUILD.resolve()), "default_filename": "index.html"}
    languages = "|".join(map(re.escape, pages.LANGUAGES))
    first = f"/{pages.LANGUAGES[0]}/{pages.page_names()[0]}.html"
    answers = [
        (r"/", tornado.web.RedirectHandler, {"url": first, "permanent": False}),
        (r"/preview-events", Events),
        (r"/preview\.js", Script),
        (rf"/((?:{languages})/.*\.html)", Pages),
        (r"/(.*)", Files, files),
    ]
    return tornado.web.Application(
        [
            (HostMatches(NAMES), answers),
            (r".*", tornado.web.ErrorHandler, {"status_code": 403}),
        ],
        log_function=lambda handler: None,
    )


async def serve(port: int) -> None:
    """Serves until it is stopped.

    Raises:
        RuntimeError: The port is taken, or none; or the book cannot be read.
    """
    try:
        sockets = bind_sockets(port, "127.0.0.1")  # first: the build takes longer
    except (OSError, OverflowError) as error:
        said = getattr(error, "strerror", None) or error
        other = port + 1 if port < 65535 else 8000
        raise RuntimeError(
            f"port {port} cannot be used ({said}): make serve PORT={other}"
        ) from None
    changes = Changes(Events.tell)
    try:
        print("reading the book ...", flush=True)
        await changes.start()
        server = HTTPServer(application())
        server.add_sockets(sockets)
        places = " and ".join(f"/{language}/" for language in pages.LANGUAGES)
        print(f"\nhttp://127.0.0.1:{port}{places}; Ctrl+C stops it", flush=True)
        async for changed in awatch(*(pages.ROOT / each for each in WATCHED), step=20):
            await changes.see({Path(path) for _, path in changed})
    finally:
        changes.stop()


def main(arguments: Sequence[str]) -> int:
    """Serves the preview; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright serve", description=__doc__)
    parser.add_argument("port", nargs="?", default="8000", help="of localhost; 8000, if left out")
    port = parser.parse_args(arguments).port
    if not port.isdecimal():
        tell_problem(f"expected PORT= a number, got {port!r}")
        return 2
    try:
        asyncio.run(serve(int(port)))
    except (OSError, RuntimeError) as error:  # such as data that cannot be had
        tell_problem(error)
        return 1
    except KeyboardInterrupt:
        print()
    return 0
