"""Where the built site lies, and the names of the files in it that readers take away."""

from __future__ import annotations

import os

from bookwright import book

BUILD = book.ROOT / "_build"
SITE = BUILD / "html"


def zip_name(language: str) -> str:
    """The file name of the zip with all notebooks of a language."""
    return f"{book.BOOK.files['notebooks']}-{language}.zip"


def unsolved_zip_name(language: str) -> str:
    """The file name of the zip with all notebooks of a language, without solutions."""
    return f"{book.BOOK.files['notebooks']}-{language}-without-solutions.zip"


def unsolved_name(page: str) -> str:
    """The file name of a page's notebook without solutions."""
    return f"{page}-without-solutions.ipynb"


def pdf_name(language: str) -> str:
    """The file name of the whole book in one language."""
    return f"{book.BOOK.files['pdf']}-{language}.pdf"


def pdf_wanted() -> bool:
    """Whether the site is to have PDFs: always, unless BOOK_NO_PDF=1."""
    return os.environ.get("BOOK_NO_PDF", "") in ("", "0")
