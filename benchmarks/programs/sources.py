"""The book's pages as other programs take them: plain Markdown, or notebooks, with the outputs in.

They are made of the notebooks that readers download, where roles and directives have become
Markdown already; the drawings are the files that the book's own pages show. Nothing is run.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from bs4 import BeautifulSoup

# A caption, and below it the figure's alternative text, which a notebook shows in a fold.
_FIGURE = re.compile(
    r"^(?P<caption>\*\*[^\n]+)\n\n<details>\n<summary>[^\n]*</summary>\n\n(?P<alt>[^\n]+)\n\n</details>$",
    re.MULTILINE,
)
_LINK = re.compile(r"\]\((\w+)\.ipynb(#[^)]*)?\)")
_ADDRESS = re.compile(r'href="(\w+)\.ipynb')
_FOLDED = {"hide-input", "hide-cell"}
_UNSEEN = {"remove-cell"}
_NO_OUTPUT = {"remove-output"}
FIGURES = "figures"  # the folder of the drawings, beside the pages

# Pages by name: the downloaded notebook, and the page's `drawings`.
Pages: TypeAlias = Mapping[str, tuple[Mapping[str, Any], Mapping[str, str]]]


def letters(text: str) -> str:
    """What stays of a text in whatever markup: letters and digits."""
    return re.sub(r"[\W_]+", "", html.unescape(text))


def drawings(page: str) -> dict[str, str]:
    """The drawings of one of the book's own pages: where each lies, by `letters` of its text."""
    article = BeautifulSoup(page, "html.parser").select("figure img[src]")
    return {letters(str(image.get("alt", ""))): str(image["src"]) for image in article}


def markdown(text: str, found: Mapping[str, str], suffix: str, folds: str = "<details>") -> str:
    """A cell of Markdown, with its figures and with links to the other pages.

    Args:
        text: What stands in the notebook.
        found: The page's `drawings`.
        suffix: What the pages' files end in, which links name.
        folds: The opening tag of a fold.
    """

    def figure(match: re.Match[str]) -> str:
        source = found.get(letters(match["alt"]))
        if source is None:
            return match[0]
        name = Path(source).name
        return f"![{html.unescape(match['alt'])}]({FIGURES}/{name})\n\n{match['caption']}"

    text = _FIGURE.sub(figure, text)
    text = _LINK.sub(rf"](\1{suffix})", text)
    text = _ADDRESS.sub(r'href="\1.html', text)
    return re.sub("^<details>$", folds, text, flags=re.MULTILINE)


def shown(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells that a page shows: no first cell that installs, none that the page leaves out."""
    cells = notebook["cells"]
    if cells and cells[0]["cell_type"] == "code":
        cells = cells[1:]
    kept = []
    for cell in cells:
        tags = set(cell["metadata"].get("tags", []))
        if cell["cell_type"] == "code" and tags & _UNSEEN:
            continue
        gone = cell["cell_type"] == "code" and tags & _NO_OUTPUT
        kept.append({**cell, "outputs": []} if gone else cell)
    return kept


def printed(cell: Mapping[str, Any]) -> str:
    """What a cell printed, and the value of its last line."""
    texts = [
        output["text"] if "text" in output else output.get("data", {}).get("text/plain", "")
        for output in cell.get("outputs", [])
    ]
    return "".join("".join(text) for text in texts).rstrip("\n")


def _fence(text: str, language: str) -> str:
    marks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{marks}{language}\n{text}\n{marks}"


def as_markdown(
    notebook: Mapping[str, Any], found: Mapping[str, str], label: str, folds: str = "<details>"
) -> str:
    """A whole page as one Markdown file.

    Args:
        notebook: The downloaded notebook.
        found: The page's `drawings`.
        label: What stands on folded code.
        folds: The opening tag of a fold.
    """
    parts = []
    for cell in shown(notebook):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(markdown(source, found, ".md", folds))
            continue
        code = _fence(source, "python")
        if _FOLDED & set(cell["metadata"].get("tags", [])):
            code = f"{folds}\n<summary>{label}</summary>\n\n{code}\n\n</details>"
        parts.append(code)
        if text := printed(cell):
            parts.append(_fence(text, "text"))
    return "\n\n".join(parts) + "\n"


def as_notebook(notebook: Mapping[str, Any], found: Mapping[str, str]) -> str:
    """A whole page as a notebook whose figures stand where the text has them."""
    cells = []
    for cell in shown(notebook):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(markdown(source, found, ".ipynb")))
            continue
        tags = sorted(_FOLDED & set(cell["metadata"].get("tags", [])))
        outputs = [nbformat.from_dict(output) for output in cell.get("outputs", [])]
        cells.append(
            nbformat.v4.new_code_cell(
                source, outputs=outputs, metadata={"tags": tags} if tags else {}
            )
        )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    for number, cell in enumerate(whole.cells):
        cell.id = str(number)  # not drawn by chance: the same pages make the same file
    return json.dumps(whole, ensure_ascii=False, indent=1)


def read(site: Path, language: str, names: Sequence[str]) -> Pages:
    """The notebooks of the built site, each with its page's drawings.

    Args:
        site: The built site.
        language: Which of its languages.
        names: The pages.
    """
    folder = site / language
    return {
        name: (
            json.loads((folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")),
            drawings((folder / f"{name}.html").read_text(encoding="utf-8")),
        )
        for name in names
    }
