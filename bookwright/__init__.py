"""Builds books whose pages run: one feature, one room. It knows nothing of any one book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Others' extensions in the order that they need: Jupyter Book's own without Thebe, comments and
# toggle buttons, which need scripts.
_OTHERS = (
    "myst_nb",
    "jupyter_book",
    "sphinx_comments",  # loads nothing unless configured; Jupyter Book sets its option anyway
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_exercise",
    "sphinx_external_toc",
    "sphinx_multitoc_numbering",
)
_CITING = ("sphinxcontrib.bibtex", "bookwright.mends.citations")
_OWN = (
    "checks.extension",
    "runs.extension",
    "theme.assets",
    "pdf.extension",
    "reading",
    "moved",
    "figures.from_chapter",
    "claims.extension",
    "figures.extension",  # replaces MyST-NB's {glue:figure}
    "live.extension",
    "predict.extension",
    "labs.extension",
    "translation.extension",
    "theme.head",
    "formulas.font",
    "formulas.extension",
    "mends.memory",
    "mends.navigation",
    "notebooks.extension",
    "theme.page_menu",
    "claims.run_info",
    "search.extension",
    "theme.terms",
    "mends.valid_html",
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point: loads every extension that a book needs.

    Raises:
        SystemExit: There is no book, or it says too little of itself.
    """
    from bookwright.mends import emphasis  # here: most imports of this package need no Sphinx

    emphasis.mend()
    try:
        app.setup_extension("bookwright.complaints")
        app.setup_extension("bookwright.site.extension")
        app.setup_extension("bookwright.theme.languages")  # the others ask for the language
    except RuntimeError as error:  # Jupyter Book would show its traceback
        raise SystemExit(str(error)) from error
    citing = _CITING if app.config.overrides.get("bibtex_bibfiles") else ()  # else it refuses
    for name in (*_OTHERS, *citing, *(f"bookwright.{name}" for name in _OWN)):
        app.setup_extension(name)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
