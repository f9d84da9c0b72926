"""`{book-pdf}`: a link to the whole book as one PDF, which is made when all pages are."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookwright.places import pdf_name, pdf_wanted


class BookPdf(SphinxRole):
    """Role with the words of the link."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Links to the PDF of this build's language; the words alone where none is made."""
        if not self.config.bookwright_pdf:
            return [nodes.Text(self.text)], []
        up = "../" * self.env.docname.count("/")
        return [nodes.reference("", self.text, refuri=up + pdf_name(self.config.language))], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_config_value("bookwright_pdf", pdf_wanted(), "env", bool)
    app.add_role("book-pdf", BookPdf())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
