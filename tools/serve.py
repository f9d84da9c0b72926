"""Live preview: serves the site on localhost and builds it again when a source is saved."""

from __future__ import annotations

import subprocess
import sys

from livereload import Server

from tools import book, pages


def build() -> int:
    """Builds in a process of its own, which sees the helper package as it is now."""
    command = [sys.executable, "-m", "tools.book", "--preview"]
    return subprocess.run(command, cwd=pages.ROOT, check=False).returncode


def main() -> int:
    """Builds once, then watches; a failed build leaves the last good site on show."""
    if status := build():
        return status
    server = Server()
    for watched in ("book", "lessons_src", "_config.yml", "_toc.yml"):
        server.watch(str(pages.ROOT / watched), build)
    server.serve(root=str(book.SITE), host="127.0.0.1", port=8000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
