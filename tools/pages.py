"""Where the pages are, what their runs depend on, and how a page becomes a notebook."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import jupytext
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import JupyterCacheAbstract
from nbformat import NotebookNode
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sphinx_external_toc.parsing import parse_toc_yaml

from lessons_src import data

ROOT = Path(__file__).parents[1]
LANGUAGES = ("ko", "en")
# The versions that pages run with: the pinned ones, or others that `tools.conditions` tries out.
VERSIONS = Path(os.environ.get("LESSONS_VERSIONS", ROOT / "requirements.txt"))
NOTEBOOKS = ROOT / ".pages"  # nbmake passes over everything below a folder called _build

# What the source of every page starts with.
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


class Page(NamedTuple):
    """One page in one language."""

    language: str
    name: str

    def __str__(self) -> str:
        return f"{self.language}/{self.name}"

    @property
    def source(self) -> Path:
        """The MyST file that people edit."""
        return ROOT / "book" / self.language / f"{self.name}.md"

    @property
    def notebook(self) -> Path:
        """The notebook that nbmake runs, alone in its folder: pytest looks at all files there."""
        return NOTEBOOKS / self.language / self.name / f"{self.name}.ipynb"


def page_names(toc: Path = ROOT / "_toc.yml") -> list[str]:
    """Names of the chapters, in the order of the table of contents."""
    return list(parse_toc_yaml(toc))


def all_pages() -> list[Page]:
    """Every page; the two languages of a chapter stand together, so that the second is reused."""
    return [Page(language, name) for name in page_names() for language in LANGUAGES]


def config() -> dict:
    """The book's configuration."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


@functools.cache  # it may ask a host, and a build needs it more than once
def data_sets() -> dict[str, dict]:
    """Makes sure the data that the pages load are here; where each came from, and its hashes.

    Raises:
        DataError: There is no copy to be had.
    """
    text = "".join(page.source.read_text("utf-8") for page in all_pages() if page.source.exists())
    return data.prepare(sorted(set(re.findall(r"data\.load_(\w+)\(", text))))


def write_notebook(page: Page) -> None:
    """Turns a page into the notebook that nbmake runs."""
    notebook = jupytext.read(page.source, fmt="md:myst")
    page.notebook.parent.mkdir(parents=True, exist_ok=True)
    jupytext.write(notebook, page.notebook, fmt="ipynb")


def _pins(lock: Path) -> str:
    """The lock's lines for what a page's kernel loads; the tools around it change no output."""
    found: set[str] = set()
    waiting = ["lessons-src", "ipykernel"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        with contextlib.suppress(metadata.PackageNotFoundError):  # of another platform
            needs = map(Requirement, metadata.requires(name) or [])
            # What an extra brings is asked for by name where it is used.
            waiting += [need.name for need in needs if not need.marker or need.marker.evaluate()]
    lines = lock.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if canonicalize_name(line.split("==")[0]) in found)


@functools.cache
def fingerprint() -> str:
    """Hash of all that a run depends on beside the page's own cells.

    jupyter-cache knows a page by its code cells and kernel alone. The helper package, the
    pinned versions and the data change its output too, so they name the cache's folder.
    """
    digest = hashlib.sha256()
    files = [path for path in sorted((ROOT / "lessons_src").rglob("*.*")) if path.suffix != ".pyc"]
    for path in files:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(_pins(VERSIONS).encode())
    digest.update(json.dumps(data_sets(), sort_keys=True).encode())
    return digest.hexdigest()[:16]


@functools.cache
def cache() -> JupyterCacheAbstract:
    """The cache of executed pages that nbmake fills and the build of both languages reads."""
    return get_cache(ROOT / "_build" / "cache" / fingerprint())


def executed(page: Page) -> NotebookNode | None:
    """The page's notebook with the outputs of its run, or None if it has not been run yet."""
    notebook = jupytext.read(page.source, fmt="md:myst")
    try:
        return cache().merge_match_into_notebook(notebook)[1]
    except KeyError:
        return None
