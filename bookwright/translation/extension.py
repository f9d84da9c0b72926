"""Says below a section's heading that its text in the other language is newer.

`bookwright.translation.lag` tells from git's history which sections these are.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from bookwright import blocks, book
from bookwright import words as interface
from bookwright.publication import Publication, publication
from bookwright.translation import lag
from bookwright.translation.history import NoHistoryError
from bookwright.translation.lag import Newer

logger = logging.getLogger(__name__)


class NewerNote(nodes.Invisible, nodes.Element):
    """The note; invisible, for notebooks leave it out: what they carry away does not change."""


def _html(newer: Newer, language: str, known: Publication) -> str:
    """One line: which language is newer, since when, and a link to what changed."""
    words = interface.of(language)
    address = known.difference(newer.language, newer.page, newer.before, newer.commit)
    link, more = words["newer_difference"], ""
    if address is None:  # nobody knows the repository, or nothing is committed
        up = "../" * (newer.page.count("/") + 1)
        address = f"{up}{newer.language}/{newer.page}.html#section-{newer.number}"
        link, more = words["newer_section"], f' hreflang="{newer.language}"'
    date = newer.date or words["not_committed"]
    return (
        f'<p class="{blocks.NEWER.name}" role="note">{escape(words["newer"].format(date))} '
        f'<a href="{escape(address)}"{more}>{escape(link)}</a></p>\n'
    )


def _visit(translator: HTML5Translator, node: NewerNote) -> None:
    translator.body.append(node["html"])


def _depart(translator: HTML5Translator, node: NewerNote) -> None:
    pass


def _find(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Finds the notes of this language; pages whose notes changed are written again."""
    notes: dict[str, dict[int, str]] = defaultdict(dict)
    known = publication(book.config())
    try:
        for newer in lag.newer_sections(Path(app.srcdir).parents[1]):
            if newer.other == app.config.language:
                html = _html(newer, app.config.language, known)
                notes[newer.page][newer.number] = html
    except (NoHistoryError, ValueError) as error:
        logger.info("no section is marked as newer in the other language: %s", error)
    before = getattr(env, "bookwright_newer", {})
    env.bookwright_newer = dict(notes)  # type: ignore[attr-defined]
    changed = {page for page in {*before, *notes} if before.get(page) != notes.get(page)}
    return sorted(changed & env.found_docs)


def _insert(app: Sphinx, doctree: nodes.document, page: str) -> None:
    notes = getattr(app.env, "bookwright_newer", {}).get(page, {})
    for number, section in enumerate(list(doctree.findall(nodes.section))):
        if number in notes:
            after = section.first_child_matching_class(nodes.title)
            section.insert((after or 0) + 1, NewerNote(html=notes[number]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_node(NewerNote, html=(_visit, _depart))
    app.connect("env-updated", _find)
    app.connect("doctree-resolved", _insert)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
