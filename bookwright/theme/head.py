"""A page's head for search engines and shared links, and anchors that both languages share."""

from __future__ import annotations

from html import escape
from typing import Any

from babel import Locale
from babel.core import get_global
from docutils import nodes
from sphinx.application import Sphinx

from bookwright.book import LANGUAGES
from bookwright.formulas.words import text_of
from bookwright.publication import Publication

_LONGEST = 200  # characters of a description that search engines show


def _number_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Gives each section an anchor by its number, the same in both languages.

    Headings differ by language and so do the anchors made from them; the language switch leads to
    these instead.
    """
    for number, section in enumerate(doctree.findall(nodes.section)):
        section["ids"].append(f"section-{number}")


def _locale(language: str) -> str:
    """The language with the place where most speak it, as shared links ask for: "ko_KR"."""
    likely = Locale.parse(get_global("likely_subtags").get(language, language))
    return f"{likely.language}_{likely.territory}" if likely.territory else likely.language


def _description(doctree: nodes.document) -> str:
    """The page's first paragraph, cut at a word."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    text = " ".join(text_of(paragraph).split()) if paragraph else ""
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"


def _add_head(
    app: Sphinx,
    pagename: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if doctree is None:
        return
    language = app.config.language
    site = Publication(*app.config.bookwright_publication).site
    root = site or "../" * (pagename.count("/") + 1)
    addresses = {each: f"{root}{each}/{pagename}.html" for each in LANGUAGES}
    others = [each for each in LANGUAGES if each != language]
    title = doctree.next_node(nodes.title)
    description = _description(doctree)
    if title:
        context["title"] = escape(text_of(title))  # with formulas in signs, for <title>, too
    links = [("alternate", f' hreflang="{each}"', addresses[each]) for each in LANGUAGES]
    properties = [
        ("og:title", text_of(title) if title else app.config.project),
        ("og:site_name", app.config.project),
        ("og:type", "article"),
        ("og:description", description),
        ("og:locale", _locale(language)),
        *(("og:locale:alternate", _locale(other)) for other in others),
    ]
    if not app.config.html_favicon:  # or browsers would ask the host for one that is not there
        links.append(("icon", "", "data:,"))
    if site:  # only a full address is one for these
        links.append(("canonical", "", addresses[language]))
        properties.append(("og:url", addresses[language]))
    tags = [f'<link rel="{rel}"{more} href="{escape(href)}">' for rel, more, href in links]
    tags.append(f'<meta name="description" content="{escape(description)}">')
    tags += [f'<meta property="{k}" content="{escape(v)}">' for k, v in properties]
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("doctree-read", _number_sections)
    app.connect("html-page-context", _add_head)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
