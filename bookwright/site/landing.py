"""The front door of a site with a folder for each language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from bookwright import book
from bookwright import words as interface
from bookwright.markup import POLICY


def landing(languages: Sequence[str]) -> str:
    """It leads to the reader's language, and without a script links to each.

    Args:
        languages: Those that the site has.
    """
    known = [
        {"tag": each, "title": interface.of(each)["title"], "read": interface.of(each)["read"]}
        for each in languages
    ]
    sphinx = book.config().get("sphinx", {}).get("config", {})
    icon = sphinx.get("html_favicon", "").rpartition("/")[2]
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    frame = templates.get_template("landing.html")
    page = frame.render(languages=known, icon=icon, policy=POLICY)
    return page + "\n"
