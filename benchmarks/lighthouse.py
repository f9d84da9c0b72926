"""Lighthouse's mobile scores of built pages, served compressed as hosts do.

`python benchmarks/lighthouse.py [ko/rnn ...]` needs npm and Chromium; without pages it takes all.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from bookwright import book as pages
from bookwright import browser
from bookwright.places import SITE

_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


class _Compressed(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        try:
            body = gzip.compress(Path(self.translate_path(self.path)).read_bytes())
        except OSError:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(self.path.partition("?")[0]))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def scores(address: str) -> dict[str, int]:
    """The four scores of one page, in percent.

    Raises:
        RuntimeError: Lighthouse could not be run; the message is its own.
    """
    command = ["npx", "--yes", "lighthouse@12", address, "--output=json", "--quiet"]
    command += ["--chrome-flags=--headless=new --no-sandbox"]
    environment = os.environ | {"CHROME_PATH": browser.find() or ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {address}:\n{done.stderr}")
    found = json.loads(done.stdout)["categories"]
    return {name: round(100 * found[name]["score"]) for name in _CATEGORIES}


def main(wanted: list[str]) -> None:
    """Prints a line for each page."""
    handler = functools.partial(_Compressed, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in wanted or map(str, pages.all_pages()):
            found = scores(f"http://127.0.0.1:{server.server_port}/{page}.html")
            print(page, *(f"{name} {score}" for name, score in found.items()), flush=True)
        server.shutdown()


if __name__ == "__main__":
    main(sys.argv[1:])
