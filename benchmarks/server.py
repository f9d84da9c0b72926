"""Serves a built site as hosts of static pages do: compressed, and kept by browsers for a while."""

from __future__ import annotations

import functools
import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# What is compressed by itself is sent as it is.
_COMPRESSED = {".png", ".woff", ".woff2", ".zip", ".whl", ".gz"}
_KEPT = "max-age=600"  # as GitHub Pages says


class Sent(NamedTuple):
    """One answer: the path asked for, without its query, and the bytes of its body as sent."""

    path: str
    size: int


class Line(NamedTuple):
    """A connection as slow as a telephone's.

    Attributes:
        delay: Seconds until an answer begins.
        rate: Bytes in a second, for all answers together.
    """

    delay: float
    rate: float


# What Lighthouse simulates: 150 ms and 1.6 Mbit/s.
TELEPHONE = Line(0.15, 1.6e6 / 8)


@functools.lru_cache(maxsize=4096)
def _body(path: Path, changed: int) -> bytes:
    del changed  # only part of the key
    content = path.read_bytes()
    # Without the time in its head, the same file has the same size each time.
    return content if path.suffix in _COMPRESSED else gzip.compress(content, mtime=0)


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line | None = None
    sent: list[Sent]
    busy: threading.Lock

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        try:
            if path.is_dir():
                path /= "index.html"
            body = _body(path, path.stat().st_mtime_ns)
        except OSError:
            self.sent.append(Sent(self.path.partition("?")[0], 0))
            self.send_error(404)
            return
        if self.line:
            time.sleep(self.line.delay)
            with self.busy:
                time.sleep(len(body) / self.line.rate)
        self.sent.append(Sent(self.path.partition("?")[0], len(body)))
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path.name))
        if path.suffix not in _COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", _KEPT)
        self.end_headers()
        self.wfile.write(body)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass  # a browser that left


class Served(NamedTuple):
    """A site that is served: its address, without a slash at the end, and all that was sent."""

    address: str
    sent: list[Sent]


@contextmanager
def served(folder: Path, line: Line | None = None) -> Iterator[Served]:
    """Serves a folder for a while, at a port of this machine.

    Args:
        folder: What is served.
        line: How slow the connection is; without one, as fast as this machine is.
    """
    sent: list[Sent] = []
    handler = type("_Handler_", (_Handler,), {"line": line, "sent": sent, "busy": threading.Lock()})
    with _Server(("127.0.0.1", 0), functools.partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Served(f"http://127.0.0.1:{server.server_port}", sent)
        server.shutdown()
