"""Writes each page as a notebook that runs alone, into `notebooks/` beside the pages."""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from docutils import nodes
from jupyter_cache import get_cache
from jupyter_markdown import CodeCell, JupyterMarkdown, fence, fold
from myst_nb.core.utils import coalesce_streams
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from words import WORDS

from tools import first_cell, pages
from tools.publication import Publication, publication

FOLDER = "notebooks"
PLUMBING = "application/papermill.record/"  # values for the prose, which now stand in the prose


def _known() -> Publication:
    return publication(pages.config())


class Links:
    """Where the links of one page lead once it is a notebook."""

    def __init__(self, app: Sphinx, page: str, site: str | None) -> None:
        self.app, self.page = app, page
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
        """An image on the site; a figure of this page's cells is shown by its cell instead."""
        builder = self.app.builder
        name = builder.images.get(address) or posixpath.basename(address)
        return f"{self.root}{builder.imagedir}/{name}" if self.root else None


def _number(app: Sphinx, page: str, kind: str, node_id: str) -> str:
    found = app.env.toc_fignumbers.get(page, {}).get(kind, {}).get(node_id)
    number = ".".join(map(str, found)) if found else ""
    form = app.config.numfig_format.get(kind)
    return form % number if number and form else number


def _outputs(cell: nbformat.NotebookNode, alternatives: dict[str, str]) -> list:
    """Outputs as a reader's program shows them: figures as PNG, no values meant for the site."""
    kept = []
    for output in coalesce_streams(cell.outputs):
        data = {k: v for k, v in output.get("data", {}).items() if not k.startswith(PLUMBING)}
        if "data" in output and not data:
            continue
        if "image/png" in data:
            drawing = data.pop("image/svg+xml", "")  # JupyterLab would show it after a run only
            name = hashlib.sha256("\n".join(drawing.splitlines()).encode()).hexdigest()
            output.metadata = {"image/png": {"alt": alternatives.get(name, "")}}
        if "data" in output:
            output.data = data
        kept.append(output)
    return kept


def _code_cell(cell: nbformat.NotebookNode, alternatives: dict[str, str]) -> nbformat.NotebookNode:
    """A code cell with its outputs; what the page hides is closed but there, and runs."""
    tags = list(cell.metadata.get("tags", []))
    metadata: dict[str, Any] = {"tags": tags} if tags else {}
    if {"remove-cell", "hide-cell", "remove-input", "hide-input"} & set(tags):
        metadata["jupyter"] = {"source_hidden": True}
        metadata["cellView"] = "form"  # Colab's word for it
    if "hide-output" in tags:
        metadata.setdefault("jupyter", {})["outputs_hidden"] = True
    return new_code_cell(
        cell.source,
        metadata=metadata,
        outputs=_outputs(cell, alternatives),
    )


def _alternatives(doctree: nodes.document) -> dict[str, str]:
    """The alternative texts that the page gives its drawings, by the hash that names their file."""
    return {PurePosixPath(x["uri"]).stem: x.get("alt", "") for x in doctree.findall(nodes.image)}


def _executed(app: Sphinx, page: str) -> nbformat.NotebookNode:
    """The page as MyST-NB read it, with the outputs of its run."""
    notebook = nbformat.read(Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb", 4)
    if any(cell.cell_type == "code" for cell in notebook.cells):
        cache = get_cache(app.config.nb_execution_cache_path)
        notebook = cache.merge_match_into_notebook(notebook)[1]
        cache.db.dispose()  # Python 3.13 warns about a database left open
    return notebook


def _number_cells(notebook: nbformat.NotebookNode) -> None:
    """Ids and counts that are the same in every build; only the first cell has not run."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code[1:], start=2):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"


def _as_notebook(app: Sphinx, page: str, doctree: nodes.document) -> nbformat.NotebookNode:
    words = WORDS[app.config.language]
    site = _known().site
    links = Links(app, page, site)
    writer = JupyterMarkdown(
        links.link,
        lambda kind, node_id: _number(app, page, kind, node_id),
        links.picture,
        words,
    )
    executed = _executed(app, page)
    alternatives = _alternatives(doctree)
    cells, prose, given = [], [], 0

    def close() -> None:
        if prose:
            cells.append(new_markdown_cell("\n\n".join(prose)))
            prose.clear()

    def give(last: int) -> None:
        nonlocal given
        for cell in executed.cells[given : last + 1]:
            if cell.cell_type != "code":
                continue
            close()
            if "solution" in cell.metadata.get("tags", []):
                cells.append(
                    new_markdown_cell(fold(words["solution"], fence(cell.source, "python")))
                )
            cells.append(_code_cell(cell, alternatives))
        given = max(given, last + 1)

    for part in writer.parts(doctree):
        if isinstance(part, CodeCell):
            give(part.index)
            # A cell that the page leaves out has no place in it: it follows the one above it.
            while given < len(executed.cells) and "remove-cell" in executed.cells[
                given
            ].metadata.get("tags", []):
                give(given)
        else:
            if re.match(r"#+ ", part):
                close()
            prose.append(part)
    close()
    give(len(executed.cells))
    notebook = new_notebook(cells=cells)
    if any(cell.cell_type == "code" for cell in cells):
        notebook.cells.insert(0, new_code_cell(first_cell.source(site)))
    _number_cells(notebook)
    title = doctree.next_node(nodes.title)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
        "lang": app.config.language,
        "title": title.astext() if title else page,
        "authors": [{"name": app.config.author}],
    }
    return notebook


def _write(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is None:
        return
    path = Path(app.outdir, FOLDER, f"{page}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(_as_notebook(app, page, doctree), path)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    # A value of the configuration, so that every page is written again when it changes.
    app.add_config_value("lessons_publication", tuple(_known()), "html")
    app.connect("html-page-context", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
