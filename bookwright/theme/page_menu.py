"""The menu in each page's header: its notebook, its source, and where both can be opened."""

from __future__ import annotations

import functools
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from bookwright import book, publication
from bookwright import words as interface
from bookwright.places import pdf_name, unsolved_name, unsolved_zip_name, zip_name
from bookwright.publication import Publication


def entries(
    page: str,
    language: str,
    known: Publication,
    commit: str = "",
    *,
    pdf: bool = True,
    solutions: bool = False,
    any_solutions: bool = False,
) -> list[dict[str, str]]:
    """The entries that lead somewhere: each with its words, its address and what is special.

    Args:
        page: The page's name.
        language: The page's language.
        known: Where the site is published; what is not known is left out.
        pdf: Whether the site has the book as a PDF.
        commit: What the site is built from.
        solutions: Whether the page has solutions, so that there is a page and a notebook without.
        any_solutions: Whether any page has, so that there is a zip without.
    """
    words = interface.of(language)
    up = "../" * page.count("/")
    found = [
        ("download_notebook", f"{up}notebooks/{page}.ipynb", "download"),
        ("unsolved_notebook", solutions and f"{up}notebooks/{unsolved_name(page)}", "download"),
        ("unsolved_page", solutions and "?solutions=off", "here"),
        ("download_all", f"{up}notebooks/{zip_name(language)}", "download"),
        (
            "unsolved_all",
            any_solutions and f"{up}notebooks/{unsolved_zip_name(language)}",
            "download",
        ),
        ("download_pdf", pdf and f"{up}{pdf_name(language)}", "download"),
        ("open_colab", known.colab(language, page), "away"),
        ("open_binder", known.binder(language, page), "away"),
        ("view_source", known.source(language, page) or f"{up}_sources/{page}.md", "away"),
        ("edit_source", known.edit(language, page), "away"),
        ("report_mistake", known.mistake(language, page, commit), "away"),
    ]
    return [
        {"words": words[key], "address": address, "kind": kind}
        for key, address, kind in found
        if address
    ]


@functools.cache  # once for all pages
def _commit() -> str:
    return publication.commit()


def _add(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    context["unsolved"] = interface.of(app.config.language)["unsolved"]
    context["page_menu"] = (
        entries(
            page,
            app.config.language,
            Publication(*app.config.bookwright_publication),
            _commit(),
            pdf=app.config.bookwright_pdf,
            solutions=any("tag_solution" in x["classes"] for x in doctree.findall(nodes.container)),
            any_solutions=app.config.bookwright_solutions,
        )
        if doctree is not None
        else []
    )


def _any_solutions() -> bool:
    """Whether the book has solutions: by their tags alone, for this reads every page."""
    tagged = re.compile(r"^:tags: .*\bsolution\b", re.MULTILINE)
    sources = (page.source for page in book.all_pages() if page.source.exists())
    return any(tagged.search(source.read_text(encoding="utf-8")) for source in sources)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.setup_extension("bookwright.pdf.extension")
    app.setup_extension("bookwright.notebooks.extension")  # it reads where the site is published
    app.add_config_value("bookwright_solutions", _any_solutions(), "html", bool)
    app.connect("html-page-context", _add)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
