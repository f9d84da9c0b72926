"""Writes each page as a notebook that runs alone, into `notebooks/` beside the pages."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.base import JupyterCacheAbstract
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from bookwright import book
from bookwright import words as interface
from bookwright.notebooks.cells import Cells, drawings, without_solutions
from bookwright.notebooks.markdown import CodeCell, JupyterMarkdown
from bookwright.places import unsolved_name
from bookwright.publication import Publication, publication

FOLDER = "notebooks"


class Links:
    """Where the links of one page lead once it is a notebook.

    Args:
        app: The build.
        page: The page's name.
        site: Where the site is published, with a slash at the end; None if nobody knows.
        own: Names of the drawings that the page's own cells show.
    """

    def __init__(self, app: Sphinx, page: str, site: str | None, own: set[str]) -> None:
        self.app, self.page, self.own = app, page, own
        self.root = f"{site}{app.config.language}/" if site else None

    def link(self, address: str) -> str | None:
        """A page on the site; without a site the notebook beside this one, or no link."""
        path, _, place = address.partition("#")
        here = posixpath.dirname(self.page)
        path = posixpath.normpath(posixpath.join(here, path)) if path else f"{self.page}.html"
        if self.root:
            return f"{self.root}{path}{'#' if place else ''}{place}"
        name = path.removesuffix(".html")
        if name == self.page or name not in self.app.env.found_docs:
            return None
        return f"{posixpath.relpath(name, here or '.')}.ipynb"

    def picture(self, address: str) -> str | None:
        """An image on the site, for notebooks carry no images but those that their cells draw."""
        if self.root is None or PurePosixPath(address).stem in self.own:
            return None
        builder = self.app.builder
        name = builder.images.get(address) or posixpath.basename(address)
        return f"{self.root}{builder.imagedir}/{name}"

    def number(self, kind: str, node_id: str) -> str:
        """What the page calls a figure, a table, an equation or an exercise: "Figure 3"."""
        found = self.app.env.toc_fignumbers.get(self.page, {}).get(kind, {}).get(node_id, ())
        number = ".".join(map(str, found))
        form = self.app.config.numfig_format.get(kind)
        return form % number if number and form else number


@contextmanager
def _cache(app: Sphinx) -> Iterator[JupyterCacheAbstract]:
    cache = get_cache(app.config.nb_execution_cache_path)
    yield cache
    cache.db.dispose()  # Python 3.13 warns about a database left open


def _read(app: Sphinx, page: str) -> NotebookNode | None:
    """The page's notebook as MyST-NB read it, without outputs; None if it has no code."""
    path = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
    notebook = nbformat.read(path, as_version=4) if path.exists() else new_notebook()
    return notebook if any(cell.cell_type == "code" for cell in notebook.cells) else None


def _alternatives(doctree: nodes.document) -> dict[str, str]:
    """Alternative texts of the page's drawings, by the hash that names their file."""
    return {PurePosixPath(x["uri"]).stem: x.get("alt", "") for x in doctree.findall(nodes.image)}


def as_notebook(app: Sphinx, page: str, doctree: nodes.document) -> NotebookNode:
    """Turns a page that Sphinx has resolved into the notebook that readers take away."""
    words, site = (
        interface.of(app.config.language),
        Publication(*app.config.bookwright_publication).site,
    )
    notebook = _read(app, page)
    if notebook is not None:
        with _cache(app) as cache:
            notebook = cache.merge_match_into_notebook(notebook)[1]
    cells = Cells(notebook or new_notebook(), _alternatives(doctree), words["solution"])
    links = Links(app, page, site, drawings(notebook) if notebook else set())
    writer = JupyterMarkdown(links.link, links.number, links.picture, words)
    for part in writer.parts(doctree):
        if isinstance(part, CodeCell):
            cells.add_code(part.number)
        else:
            cells.add_prose(part)
    done = cells.finish()
    # The first cell of a notebook with code is put in beside the wheel that it names.
    for number, cell in enumerate(done, start=int(notebook is not None)):
        cell.id = f"cell-{number}"  # the same in every build
    title = doctree.next_node(nodes.title)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
        "lang": app.config.language,
        "title": title.astext() if title else page,
    }
    return new_notebook(cells=done, metadata=metadata)


def _write(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is None:
        return
    path = Path(app.outdir, FOLDER, f"{page}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = as_notebook(app, page, doctree)
    nbformat.write(notebook, path)
    unsolved, beside = without_solutions(notebook.cells), path.with_name(unsolved_name(path.stem))
    beside.unlink(missing_ok=True)  # of an earlier build
    if len(unsolved) < len(notebook.cells):
        nbformat.write(new_notebook(cells=unsolved, metadata=notebook.metadata), beside)


def _run_since(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Pages that ran again since they were read: `make test` repeats runs that it cannot accept."""
    found = []
    with _cache(app) as cache:
        for page in env.found_docs - added - changed:
            if (notebook := _read(app, page)) is None:
                continue
            try:
                run = cache.match_cache_notebook(notebook).created.replace(tzinfo=datetime.UTC)
            except KeyError:
                continue
            if run.timestamp() * 1e6 > env.all_docs[page]:
                found.append(page)
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    # Values of the configuration, so that every page is written again when one of them changes.
    app.add_config_value("bookwright_publication", tuple(publication(book.config())), "html")
    app.connect("html-page-context", _write)
    app.connect("env-get-outdated", _run_since)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
