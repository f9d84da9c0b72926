"""What the commands of Jupyter Book do with a book that has a source folder for each language.

`jupyter-book build book/en --config _config.yml --toc _toc.yml` builds one language to where the
whole site has it. Sphinx knows one language and one source folder: a command that is given both
languages could only build them in others' processes, without the options that it was given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from bookwright import book
from bookwright.live import files as live
from bookwright.live import needs
from bookwright.places import SITE
from bookwright.site.landing import landing


def refusal(folder: Path) -> str:
    """What is said of a source folder that is no language's: which commands build the book."""
    commands = [
        f"jupyter-book build book/{language} --config _config.yml --toc _toc.yml"
        for language in book.LANGUAGES
    ]
    return (
        f"{folder} is no source folder of this book, which has one for each language.\n"
        f"Build it with: {' && '.join(commands)}"
    )


def _find_toc(app: Sphinx, config: Config) -> None:
    """Jupyter Book looks for it from the working folder, Sphinx would from the source folder."""
    config.external_toc_path = Path(config.external_toc_path).absolute().as_posix()


def _write_landing(app: Sphinx, exception: Exception | None) -> None:
    """Makes Jupyter Book's last words true: `_build/html/index.html` leads to what was built."""
    if exception is None:
        built = [each for each in book.LANGUAGES if (SITE / each / "index.html").exists()]
        (SITE / "index.html").write_text(landing(built), encoding="utf-8")
        if needs.any_live() and live.here():
            live.put(SITE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point.

    Raises:
        SystemExit: The source folder is no language's.
    """
    sources = [(book.ROOT / "book" / language).resolve() for language in book.LANGUAGES]
    if Path(app.srcdir) not in sources:
        raise SystemExit(refusal(Path(app.srcdir)))  # an exception would add a traceback
    app.connect("config-inited", _find_toc, priority=100)
    if Path(app.outdir) == SITE:  # Jupyter Book's own choice, the same for each language
        app.outdir /= Path(app.srcdir).name
        app.doctreedir /= Path(app.srcdir).name
        app.outdir.mkdir(parents=True, exist_ok=True)
        app.connect("build-finished", _write_landing)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
