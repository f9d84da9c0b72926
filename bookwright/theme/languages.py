"""Sets what differs between the two builds: language, title, the words of the interface."""

from __future__ import annotations

import gettext
import hashlib
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.locale import translators

from bookwright import book
from bookwright import words as interface

_OWN = Path(__file__).parents[1]
CATALOGS = _OWN / "locale"
# Each room holds its own scripts, styles and templates.
STATIC = sorted(_OWN.glob("*/static"))
TEMPLATES = [_OWN / "theme" / "templates"]


def _load_catalogs(app: Sphinx) -> None:
    """Puts our translations in front of those of Sphinx and the themes."""
    language = app.config.language
    folder = Path(app.doctreedir).parent / "locale"
    for source in sorted((CATALOGS / language).glob("*.po")):
        target = folder / language / "LC_MESSAGES" / f"{source.stem}.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as text, target.open("wb") as binary:
            write_mo(binary, read_po(text, locale=language))
        ours = gettext.translation(source.stem, folder, [language])
        theirs = translators.get(("general", source.stem))
        if theirs is not None:
            ours.add_fallback(theirs)
        translators["general", source.stem] = ours
    app.translator = translators["general", "sphinx"]


def _configure(app: Sphinx, config: Config) -> None:
    """Runs after all extensions are set up, before anything is read."""
    config.html_static_path = [*map(str, STATIC), *config.html_static_path]
    config.templates_path = [*map(str, TEMPLATES), *config.templates_path]
    _load_catalogs(app)
    _force_words(app)


def _force_words(app: Sphinx) -> None:
    """Sets interface words that only the configuration carries."""
    config = app.config
    words = interface.of(config.language)
    config.html_title = config.project = words["title"]
    config.nb_code_prompt_show = words["show_cell"]
    config.nb_code_prompt_hide = words["hide_cell"]
    config.html_theme_options = {}  # Jupyter Book fills in those of another theme


def _read_index_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """The front page shows a chapter's figure and numbers, so it changes with every chapter."""
    return [app.config.root_doc] if added | changed | removed else []


def _add_page_context(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Gives the templates the words of this language and the address in the other one."""
    other = book.other(app.config.language)
    context["words"] = interface.of(app.config.language)
    context["other_language"] = other
    depth = pagename.count("/") + 1
    context["other_page"] = f"{'../' * depth}{other}/{pagename}.html"
    context["side_by_side"] = f"both/{pagename}.html" if other and doctree is not None else None


def _translate_fixed_words(app: Sphinx, exception: Exception | None) -> None:
    """Replaces words that the theme and MyST-NB write without asking any catalogue."""
    if exception is not None:
        return
    fixed = interface.of(app.config.language)["fixed"]
    for path in Path(app.outdir).glob("**/*.html"):
        text = written = path.read_text(encoding="utf-8")
        for attribute in ("title", "aria-label"):
            for english, translated in fixed.items():
                text = text.replace(f'{attribute}="{english}"', f'{attribute}="{translated}"')
        if text != written:  # only the pages that this build wrote
            path.write_text(text, encoding="utf-8")


def _static_hash() -> str:
    """Hash of the scripts, styles and templates: every page is written again when one changes."""
    folders = (*STATIC, *TEMPLATES, book.ROOT / "book" / "_static")
    files = sorted(path for folder in folders for path in folder.rglob("*.*"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.config.language = Path(app.srcdir).name
    app._init_i18n()  # Sphinx loaded its translations before any extension could say which
    # Sphinx copies them only when it writes a page, and pages name them with a hash.
    app.add_config_value("bookwright_static", _static_hash(), "html")
    # Pages are read again when the book says something else of itself.
    app.add_config_value("bookwright_words", interface.digest(app.config.language), "env")
    app.connect("config-inited", _configure, priority=100)
    app.connect("env-get-outdated", _read_index_again)
    app.connect("html-page-context", _add_page_context)
    app.connect("build-finished", _translate_fixed_words)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
