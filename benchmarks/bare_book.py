"""Makes a small book in a folder of its own, of nothing but what any book has."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_PROJECT = Path(__file__).parents[1]
# What a book in this project's languages says of itself.
SAID: dict[str, Any] = {
    "languages": ["ko", "en"],
    "title": {"ko": "작은 책", "en": "A small book"},
    "helper": "lessons_src",
    "data": "lessons_src.data:prepare",
    "folders": ["LESSONS_DATA_DIR"],
}
CONFIG: dict[str, Any] = {
    "title": "A small book",
    "author": "Nobody",
    "copyright": "2001",
    "only_build_toc_files": True,
    "execute": {
        "execute_notebooks": "cache",
        "timeout": 600,
        "raise_on_error": True,
        "stderr_output": "error",
    },
    "parse": {"myst_enable_extensions": ["attrs_inline", "colon_fence", "deflist", "dollarmath"]},
    "sphinx": {
        "config": {
            "extensions": ["bookwright"],
            "html_math_renderer": "mathml",
            "html_sidebars": {"**": ["navigation.html"]},
            "html_theme": "furo",
            "nb_merge_streams": True,
            "numfig": True,
            "suppress_warnings": ["mystnb.unknown_mime_type"],
        }
    },
}


def contents(*names: str) -> str:
    """The table of contents of a front page, which comes first, and chapters."""
    chapters = "".join(f"  - file: {name}\n" for name in names[1:])
    return f"format: jb-book\nroot: {names[0]}\n" + (f"chapters:\n{chapters}" if chapters else "")


def write(
    folder: Path,
    pages: Mapping[str, Mapping[str, str]],
    *,
    said: Mapping[str, Any] = SAID,
    project: Path = _PROJECT,
) -> None:
    """Writes a book, with the versions that this project pins.

    Args:
        folder: Where it goes.
        pages: The pages' sources by name, the front page first, and by language.
        said: What the book says of itself, as `bookwright.book.SCHEMA` describes it.
        project: Where the helper package is that the book names, with what it is built of.
    """
    helper = said["helper"]
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project / helper, folder / helper, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project / name, folder)
    shutil.copy(_PROJECT / "requirements.txt", folder)
    config = yaml.safe_dump(CONFIG | {"bookwright": dict(said)}, allow_unicode=True)
    (folder / "_config.yml").write_text(config, encoding="utf-8")
    (folder / "_toc.yml").write_text(contents(*pages), encoding="utf-8")
    for name, texts in pages.items():
        for language, text in texts.items():
            path = folder / "book" / language / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
