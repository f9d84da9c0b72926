"""Where the pages are, and which data they load."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import NamedTuple

import yaml
from sphinx_external_toc.parsing import parse_toc_yaml

from lessons_src import data


def root(start: Path) -> Path:
    """The folder of the book that a folder belongs to: it holds `_toc.yml`; else the folder."""
    return next((each for each in (start, *start.parents) if (each / "_toc.yml").exists()), start)


ROOT = root(Path.cwd())
LANGUAGES = ("ko", "en")
# The versions that pages run with: the pinned ones, or others that `runs.conditions` tries out.
VERSIONS = Path(os.environ.get("LESSONS_VERSIONS", ROOT / "requirements.txt"))

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


def data_set(name: str) -> dict:
    """One data set: where it came from, and its hashes.

    Raises:
        DataError: There is no copy to be had.
    """
    known = data_sets()
    return known[name] if name in known else data.prepare([name])[name]
