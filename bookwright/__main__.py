"""The commands of a book: `python -m bookwright COMMAND`, anywhere in its folder."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Sequence

from bookwright.problems import attempt, tell_problem

# Each command with the module whose `main` does it, and what it is for. Only the module of the
# command that is given is imported: all of them take many times as long as one.
COMMANDS = {
    "book": ("site.command", "run every page that changed, build the site into _build/html"),
    "run": ("runs.run", "run every page that changed, and build nothing"),
    "page": ("preview.one_page", "run one page if needed, and build it"),
    "serve": ("preview.serve", "preview on localhost, built again on save"),
    "lesson": ("chapter.start", "start a new chapter"),
    "ready": ("chapter.ready", "what a chapter still lacks before it may be merged"),
    "checks": ("checks.all", "what is wrong with the pages before they run"),
    "spelling": ("checks.spelling", "misspelt words in both languages"),
    "reading": ("reading", "how long each page takes to read"),
    "parity": ("translation.report", "the sections that are newer in one language"),
    "notebooks": ("notebooks.pack", "the notebooks of the built site, unpacked"),
    "links": ("verify.links", "the links of the built site"),
    "html-check": ("verify.nu", "every built page through the W3C's HTML checker"),
    "changes": ("site.changed", "which pages differ from those of another built site"),
    "browser": ("browser", "look for the browser that prints and tests, or install it"),
    "seconds": ("runs.seconds", "how long the pages take on some cores"),
    "shard": ("runs.shards", "run one share of the pages, join shards, record their seconds"),
    "worker": ("runs.worker", "lend this machine's cores to a build elsewhere"),
    "conditions": ("runs.conditions", "do the pages hold with other versions?"),
    "elsewhere": ("runs.elsewhere", "do the claims hold under other threads and instructions?"),
    "replicate": ("runs.replicate", "run pages with fresh seeds, and add them to their pools"),
    "cache-key": ("runs.ci_key", "the name under which CI keeps the runs of the pages"),
    "workflows": ("ci", "lint the workflows of CI"),
}


def usage() -> str:
    """How to call this, and all commands, a line for each."""
    lines = [f"  {name:11s} {what}" for name, (_, what) in COMMANDS.items()]
    head = "usage: python -m bookwright COMMAND [...], with --help for what one of them takes"
    return "\n".join([head, "", *lines])


def main(arguments: Sequence[str] | None = None) -> int:
    """Does one command; returns its exit status, or 2 if there is none of that name."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name in ("-h", "--help"):
        print(usage())
        return 0
    if name not in COMMANDS:
        tell_problem(f"there is no command {name!r}: python -m bookwright --help lists them")
        return 2
    # Without a book, or with one that says too little of itself, the module cannot be imported.
    command = f"bookwright.{COMMANDS[name][0]}:main"
    return attempt(lambda: pkgutil.resolve_name(command)(rest), "run it again to go on")


if __name__ == "__main__":
    sys.exit(main())
