"""Builds other programs' sites of the book's pages, each program in an environment of its own.

Everything lies below `_build/bench/sides/`: environments by what they pin, sources and sites by
side and language. What is there of the same pages, settings and versions is not built again.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks import environments
from benchmarks.programs import sources
from bookwright import book, durable, environment, places

HERE = Path(__file__).parent
BUILT = places.BUILD / "bench" / "sides"
LABEL = {"ko": "코드", "en": "Code"}  # on folded code, where a program has no words of its own
_SAID = 3000  # characters of what a program that failed said last


class Side(NamedTuple):
    """One program.

    Attributes:
        title: What it is called, with its own search.
        write: Writes the pages of a language into a folder, beside the settings.
        command: What builds the site in that folder.
        output: Where the site comes to lie in it.
        static: Where MathJax belongs in the site.
    """

    title: str
    write: Callable[[Path, str, sources.Pages], None]
    command: Sequence[str]
    output: str
    static: str


def _write_markdown(folder: Path, language: str, pages: sources.Pages, folds: str) -> None:
    for name, (notebook, found) in pages.items():
        text = sources.as_markdown(notebook, found, LABEL[language], folds)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _jupyter_book(folder: Path, language: str, pages: sources.Pages) -> None:
    shutil.copy(book.ROOT / "_toc.yml", folder)
    for name, (notebook, found) in pages.items():
        (folder / f"{name}.ipynb").write_text(sources.as_notebook(notebook, found), "utf-8")


def _furo(folder: Path, language: str, pages: sources.Pages) -> None:
    _write_markdown(folder, language, pages, "<details>")
    first, *others = pages
    with (folder / f"{first}.md").open("a", encoding="utf-8") as file:
        file.write("\n```{toctree}\n:hidden:\n\n" + "\n".join(others) + "\n```\n")


def _mkdocs(folder: Path, language: str, pages: sources.Pages) -> None:
    docs = folder / "docs"
    (docs / "javascripts").mkdir(parents=True)
    shutil.move(folder / "mathjax.js", docs / "javascripts")
    # With a tag that only MkDocs reads, it is no YAML of ours.
    shutil.move(folder / "mkdocs.yml.in", folder / "mkdocs.yml")
    # Python-Markdown leaves the inside of HTML alone, unless told.
    _write_markdown(docs, language, pages, '<details markdown="1">')
    with (folder / "mkdocs.yml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"nav": [f"{name}.md" for name in pages]}))


SIDES = {
    "jupyter-book": Side(
        "Jupyter Book 1.x",
        _jupyter_book,
        ["jupyter-book", "build", "--all", "."],
        "_build/html",
        "_static/mathjax",
    ),
    "furo": Side(
        "Furo with MathJax",
        _furo,
        ["sphinx-build", "-q", "-b", "html", ".", "html"],
        "html",
        "_static/mathjax",
    ),
    "mkdocs-material": Side(
        "Material for MkDocs", _mkdocs, ["mkdocs", "build", "--quiet"], "site", "mathjax"
    ),
}


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout[-_SAID:]}")


def _mathjax() -> Path:
    """MathJax as npm has it, at a pinned version; installed unless it is there."""
    lock = HERE / "mathjax" / "package-lock.json"
    folder = BUILT / f"mathjax-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(lock.parent, folder)
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("npm is needed to install MathJax, and is not there")
        _run([npm, "ci", "--silent", "--ignore-scripts", "--no-audit"], folder)
        (folder / "ready").touch()
    return folder / "node_modules" / "mathjax" / "es5"


def _write(name: str, language: str, pages: sources.Pages, folder: Path, site: Path) -> None:
    """Writes the sources of one side: settings, pages, drawings."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in (HERE / name).iterdir():
        if path.is_file() and not path.name.startswith("requirements"):
            text = path.read_text(encoding="utf-8")
            text = text.replace("LANGUAGE", language).replace("TITLE", book.BOOK.title[language])
            (folder / path.name).write_text(text, encoding="utf-8")
    SIDES[name].write(folder, language, pages)
    docs = folder / "docs"  # where a program wants its pages below its settings
    beside = (docs if docs.is_dir() else folder) / sources.FIGURES
    beside.mkdir()
    for _, found in pages.values():
        for source in found.values():
            shutil.copy(site / language / source, beside)


def _digest(folder: Path, lock: Path, side: Side) -> str:
    digest = hashlib.sha256(repr((side.command, side.output, side.static)).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    digest.update(lock.read_bytes())
    return digest.hexdigest()


def build(name: str, site: Path = places.SITE) -> Path:
    """One side's site of all pages, with a folder for each language, as the book's own has.

    Args:
        name: Which side.
        site: The book's own site, whose notebooks and drawings are taken.

    Raises:
        RuntimeError: Something could not be installed or built; the message is what it said.
    """
    side, target, lock = SIDES[name], BUILT / "sites" / name, HERE / name / "requirements.txt"
    mathjax, made = _mathjax(), BUILT / "environments" / name
    environments.make(made, lock, side.title)
    for language in book.LANGUAGES:
        folder = BUILT / "sources" / name / language
        pages = sources.read(site, language, list(book.page_names()))
        _write(name, language, pages, folder, site)
        of = _digest(folder, lock, side)
        mark = target / f"{language}.made"
        if mark.exists() and mark.read_text(encoding="utf-8") == of:
            continue
        print(f"building {side.title}, {language} ...", flush=True)
        mark.unlink(missing_ok=True)
        shutil.rmtree(target / language, ignore_errors=True)
        program = environment.program(made, side.command[0])
        _run([str(program), *side.command[1:]], folder)
        shutil.copytree(folder / side.output, target / language)
        shutil.copytree(mathjax, target / language / side.static)
        durable.write(mark, of)
    return target
