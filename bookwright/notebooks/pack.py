"""What readers take away: the wheel, notebooks that name it, zips of both for each language.

The command unpacks the zips of the built site, those with solutions, into `_build/notebooks`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from bookwright import book
from bookwright.places import BUILD, SITE, unsolved_name, unsolved_zip_name, zip_name
from bookwright.problems import tell_problem
from bookwright.publication import publication
from bookwright.reader import first_cell, wheel

FOLDER = BUILD / "notebooks"
_DAY_ONE = (1980, 1, 1, 0, 0, 0)  # the same zip each time


def requirements(made: wheel.Wheel) -> str:
    """What a reader's environment needs: the package's own loose ranges, and Jupyter."""
    needed = wheel.project()["dependencies"]
    lines = [f"./{made.name}", *needed, "jupyterlab>=4"]
    return "".join(f"{line}\n" for line in lines)


def readme(made: wheel.Wheel, language: str) -> str:
    """How to run the notebooks, in one language, from `book/notebooks-readme.LANGUAGE.md`."""
    path = book.ROOT / "book" / f"notebooks-readme.{language}.md"
    if not path.exists():
        return f"# {book.BOOK.title[language]}\n"
    text = path.read_text(encoding="utf-8")
    site = publication(book.config()).site
    return text.format(wheel=made.name, site=f"\n\n{site}{language}/" if site else "")


def _begin(notebook: Path, first: NotebookNode) -> None:
    """Puts the first cell into a notebook that has code; as JSON, for validating takes long."""
    whole = json.loads(notebook.read_text(encoding="utf-8"))
    if any(cell["cell_type"] == "code" for cell in whole["cells"]):
        whole["cells"].insert(0, first)
        text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
        notebook.write_text(f"{text}\n", encoding="utf-8")


def _zip(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DAY_ONE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def pack(site: Path) -> wheel.Wheel:
    """Puts the wheel and the zips of each language into a site whose pages and notebooks are there.

    Here the notebooks get their first cell: what it names is the very wheel beside them.

    Returns:
        The wheel.

    Raises:
        RuntimeError: The wheel could not be built.
    """
    built, address = wheel.build(site), publication(book.config()).site
    for language in book.LANGUAGES:
        code = first_cell.source(built, address, language)
        first = new_code_cell(code, id="cell-0", metadata=first_cell.CLOSED)
        folder = site / language / "notebooks"
        names = book.page_names()
        expected = {f"{name}.ipynb" for name in names} | {unsolved_name(name) for name in names}
        for notebook in folder.glob("*.ipynb"):
            if notebook.name not in expected:  # of a page that is no longer there
                notebook.unlink()
            else:
                _begin(notebook, first)
        files = {f"{name}.ipynb": (folder / f"{name}.ipynb").read_bytes() for name in names}
        beside = {
            built.name: built.path.read_bytes(),
            "requirements.txt": requirements(built).encode(),
            "README.md": readme(built, language).encode(),
        }
        _zip(folder / zip_name(language), files | beside)
        # By the same names, so that notebooks find each other.
        unsolved = {f"{name}.ipynb": folder / unsolved_name(name) for name in names}
        without = {name: path.read_bytes() for name, path in unsolved.items() if path.exists()}
        (folder / unsolved_zip_name(language)).unlink(missing_ok=True)  # of an earlier build
        if without:
            _zip(folder / unsolved_zip_name(language), files | without | beside)
    binder = book.ROOT / "binder"
    if binder.exists():  # on the branch of the built site Binder finds it beside the notebooks
        shutil.copytree(binder, site / "binder")
    return built


def main(arguments: Sequence[str] = ()) -> int:
    """Unpacks the notebooks of the built site; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright notebooks", description=__doc__)
    parser.parse_args(arguments)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for language in book.LANGUAGES:
        source = SITE / language / "notebooks" / zip_name(language)
        if not source.exists():
            tell_problem("there is no built site: run `make book` first")
            return 1
        with zipfile.ZipFile(source) as archive:
            archive.extractall(FOLDER / language)
        print(f"notebooks: {FOLDER / language}")
    return 0
