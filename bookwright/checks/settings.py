"""What the configuration names and is not there: pages, packages, files, extensions."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from myst_parser.config.main import MdParserConfig

from bookwright import book, files
from bookwright.problems import Problem

_WHERE = "_config.yml"


def _page_problems(
    document: files.Document, said: dict[str, Any], names: Collection[str]
) -> Iterator[Problem]:
    for key in ("beside", "ranked_lower", "guide_to_claims"):
        given = said.get(key, [])
        for number, name in enumerate([given] if isinstance(given, str) else given):
            if name not in names:
                close = difflib.get_close_matches(name, names, n=1)
                advice = f": did you mean {close[0]!r}?" if close else ": add it, or remove it here"
                what = f"bookwright.{key}: _toc.yml has no page {name!r}{advice}"
                yield document.problem(what, ("bookwright", key, number))


def _file_problems(document: files.Document, said: dict[str, Any], root: Path) -> Iterator[Problem]:
    helper = said["helper"]
    if not (root / helper / "__init__.py").exists():
        what = (
            f"bookwright.helper: there is no package {helper!r}, for want of {helper}/__init__.py"
        )
        yield document.problem(what, ("bookwright", "helper"))
    for name, schema in said.get("schemas", {}).items():
        path = ("bookwright", "schemas", name)
        for file, place in ((name, (*path, None)), (schema, path)):
            if not (root / file).exists():
                yield document.problem(f"bookwright.schemas: there is no {file}", place)


def _extension_problems(document: files.Document, root: Path) -> Iterator[Problem]:
    sphinx = document.data.get("sphinx") or {}
    local = sphinx.get("local_extensions") or {}
    for name, folder in local.items():
        if not any((root / str(folder) / f"{name}{end}").exists() for end in (".py", "")):
            what = f"sphinx.local_extensions: there is no {folder}/{name}.py"
            yield document.problem(what, ("sphinx", "local_extensions", name, None))
    for path in (("config", "extensions"), ("extra_extensions",)):
        within = sphinx
        for part in path:
            within = within.get(part) or {}
        for number, name in enumerate(within):
            top = str(name).partition(".")[0]
            if name not in local and importlib.util.find_spec(top) is None:
                what = f"sphinx.{'.'.join(path)}: nothing called {name!r} is installed"
                yield document.problem(what, ("sphinx", *path, number))
    given = (document.data.get("parse") or {}).get("myst_enable_extensions") or []
    try:
        MdParserConfig(enable_extensions=set(given))
    except (TypeError, ValueError) as error:
        what = f"parse.myst_enable_extensions: {error}"
        yield document.problem(what, ("parse", "myst_enable_extensions"))


def setting_problems(root: Path = book.ROOT) -> list[Problem]:
    """What the configuration of a book names and is not there.

    Args:
        root: The book's folder, whose configuration fits its schema.

    Raises:
        ProblemError: The configuration or the table of contents cannot be read.
    """
    document = files.read_yaml(root / _WHERE, _WHERE, {})
    said, names = document.data["bookwright"], book.page_names(root / "_toc.yml")
    return [
        *_page_problems(document, said, names),
        *_file_problems(document, said, root),
        *_extension_problems(document, root),
    ]
