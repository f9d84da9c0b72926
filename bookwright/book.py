"""Which book this is: its folder, what `_config.yml` says of it, its pages, the data they load."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import pkgutil
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from sphinx_external_toc.parsing import MalformedError, parse_toc_data

from bookwright import files
from bookwright.problems import ProblemError


def root(start: Path) -> Path:
    """The folder of the book that a folder belongs to: it holds `_toc.yml`; else the folder."""
    return next((each for each in (start, *start.parents) if (each / "_toc.yml").exists()), start)


def check_own(folder: Path, running: Path = Path(__file__).parent) -> None:
    """Makes sure that a book which brings this package along is built by that very copy.

    Args:
        folder: The book's.
        running: Where the package lies that runs.

    Raises:
        RuntimeError: Another copy runs, such as that of a clone which this one was copied from.
    """
    own = folder / running.name
    if (own / Path(__file__).name).exists() and not own.samefile(running):
        raise RuntimeError(
            f"{own} is not what runs, but {running}: the environment {sys.prefix} is another "
            "clone's, or PYTHONPATH leads there. Run `make`, which needs no activated environment "
            "and makes that of this clone."
        )


ROOT = root(Path.cwd())
check_own(ROOT)
if str(ROOT) not in sys.path:  # the book's own packages lie there; Python's `-m` sees to it alone
    sys.path.insert(0, str(ROOT))

_CONFIG = "_config.yml"
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_NAMES = {"type": "array", "items": {"type": "string"}}
_ATTRIBUTES = {"type": "array", "items": {"type": "string", "pattern": r"^[^\W\d]\w*$"}}
# What a book says of itself, below `bookwright` in its `_config.yml`.
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["languages", "title", "helper"],
    "properties": {
        "languages": {**_NAMES, "minItems": 1, "maxItems": 2, "uniqueItems": True},
        "title": _TEXTS,
        "license": _TEXTS,
        "helper": {"type": "string", "pattern": r"^\w+$"},
        "data": {"type": "string", "pattern": r"^[\w.]+:\w+$"},
        "folders": _NAMES,
        "beside": _NAMES,
        "ranked_lower": _NAMES,
        "files": {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": r"^[\w.-]*\w$"},
            "propertyNames": {"enum": ["pdf", "notebooks"]},
        },
        "drawn_in": {"type": "string"},
        "guide_to_claims": {"type": "string"},
        "opened_once": _ATTRIBUTES,
        "closed": _ATTRIBUTES,
        "schemas": _TEXTS,
    },
}


class Settings(NamedTuple):
    """The facts of a book that its machinery has to know.

    Attributes:
        languages: One or two; each is a folder below `book/`. Cells are the same in all.
        title: The book's name in each language.
        license: What readers may do with it, in each language; may be empty.
        helper: The package at the book's root that pages import and readers install.
        data: "module:function" that makes data sets available, or None. It is called with the names
            of those that pages load and returns for each where it came from and its hashes; it
            raises a RuntimeError that says what to do where there is no copy. It may add as "other"
            what to do where a copy holds other data than the book's claims are about.
        folders: Variables of the environment that name folders, for the pages' runs.
        beside: Pages that are no chapters.
        ranked_lower: Pages about the book, which mention everything: a search lets their sections
            give way to those of other pages.
        files: What the names of the readers' files begin with: "pdf" the whole book's, "notebooks"
            the zip's; the helper's name by default.
        drawn_in: The language of the words in figures.
        guide_to_claims: The page that explains how claims are decided, which each links, or None.
        opened_once: Functions by which a page takes data that it may look at once, such as those of
            a test: it calls each once, and what that gives it uses in that cell alone.
        closed: Attributes that hold the same data, which cells may not read.
        schemas: YAML and JSON files of the book's own, each with the JSON schema that says what it
            may hold; both from the book's folder.
    """

    languages: tuple[str, ...]
    title: Mapping[str, str]
    helper: str
    license: Mapping[str, str]
    data: str | None
    folders: tuple[str, ...]
    beside: tuple[str, ...]
    ranked_lower: tuple[str, ...]
    files: Mapping[str, str]
    drawn_in: str
    guide_to_claims: str | None
    opened_once: tuple[str, ...]
    closed: tuple[str, ...]
    schemas: Mapping[str, str]


def config(folder: Path = ROOT) -> dict[str, Any]:
    """The book's configuration.

    Raises:
        RuntimeError: There is none, so the folder belongs to no book; or it is not YAML, and a
            `ProblemError` says where.
    """
    return _configuration(folder).data


def _configuration(folder: Path) -> files.Document:
    path = folder / "_config.yml"
    if not path.exists():
        raise RuntimeError(f"{folder} is no book: it has no _config.yml. Start in a book's folder.")
    return files.read_yaml(path, _CONFIG, {"type": "object", "description": "settings by name"})


def _whole_schema() -> dict[str, Any]:
    """Jupyter Book's own schema of its configuration, with what a book says to this package.

    Jupyter Book would print what does not fit, and go on.
    """
    spec = importlib.util.find_spec("jupyter_book")
    assert spec is not None and spec.origin is not None, "a dependency"
    package = Path(spec.origin).parent
    schema = json.loads((package / "config_schema.json").read_text(encoding="utf-8"))
    defaults = files.read_yaml(package / "default_config.yml", _CONFIG, {}).data
    known = {name: {} for name in (*defaults, "notebooks")} | schema["properties"]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["bookwright"],
        "properties": known | {"bookwright": SCHEMA},
    }


def settings(folder: Path = ROOT) -> Settings:
    """What the configuration says of the book.

    Raises:
        ProblemError: It says too little, or something else than was expected.
    """
    document = files.check(_configuration(folder), _whole_schema())
    said = document.data["bookwright"]
    for number, language in enumerate(said["languages"]):
        try:
            Locale.parse(language)
        except (ValueError, UnknownLocaleError) as error:
            what, path = f"bookwright.languages: {error}", ("bookwright", "languages", number)
            raise ProblemError(document.problem(what, path)) from error
    for name in ("title", "license"):
        if name in said and (lacking := set(said["languages"]) - set(said[name])):
            what = f"bookwright.{name}: nothing in {lacking.pop()!r}"
            raise ProblemError(document.problem(what, ("bookwright", name)))
    return Settings(
        tuple(said["languages"]),
        said["title"],
        said["helper"],
        said.get("license", {}),
        said.get("data"),
        tuple(said.get("folders", [])),
        tuple(said.get("beside", ["index"])),
        tuple(said.get("ranked_lower", [])),
        {"pdf": said["helper"], "notebooks": said["helper"]} | said.get("files", {}),
        said.get("drawn_in", said["languages"][-1]),
        said.get("guide_to_claims"),
        tuple(said.get("opened_once", [])),
        tuple(said.get("closed", [])),
        said.get("schemas", {}),
    )


BOOK = settings()
LANGUAGES = BOOK.languages
# The versions that pages run with: the pinned ones, or others that `runs.conditions` tries out.
VERSIONS = Path(os.environ.get("BOOK_VERSIONS", ROOT / "requirements.txt"))

# Below a language's folder, and nowhere else.
_PAGE_NAME = re.compile(r"(?!.*\.\.)[^\s\\/][^\\]*(?<![\s/])")
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
        return ROOT / self.where

    @property
    def where(self) -> str:
        """What problems call that file."""
        return f"book/{self}.md"


def page_names(toc: Path = ROOT / "_toc.yml") -> list[str]:
    """Names of the chapters, in the order of the table of contents.

    Raises:
        ProblemError: It is no table of contents, or names a page with its suffix or twice.
    """
    return list(_names(files.read_text(toc, "_toc.yml")))


@functools.lru_cache(maxsize=4)  # each page may ask for the names of all
def _names(toc: str) -> tuple[str, ...]:
    schema = {"type": "object", "description": "`format`, `root` and `chapters`"}
    document = files.check(files.yaml_document(toc, "_toc.yml"), schema)
    files.check(document, {"required": ["format", "root"]})
    seen: dict[str, int] = {}
    for path in document.places:
        if path[-1:] == ("glob",):
            raise ProblemError(document.problem("pages are named one by one: file: NAME", path))
        if path[-1:] not in (("file",), ("root",)):
            continue
        name = _at(document, path)
        if not isinstance(name, str) or not _PAGE_NAME.fullmatch(name):
            what = f"expected the name of a page in book/{LANGUAGES[0]}, got {name!r}"
            raise ProblemError(document.problem(what, path))
        if name.endswith((".md", ".ipynb")):
            what = f"pages are named without their suffix: {name.rpartition('.')[0]}"
            raise ProblemError(document.problem(what, path))
        if name in seen:
            what = f"the page {name!r} is there already, in line {seen[name]}: name it once"
            raise ProblemError(document.problem(what, path))
        seen[name] = document.places[path][0]
    try:
        return tuple(parse_toc_data(document.data))
    except MalformedError as error:
        said, _, place = str(error).partition(" @ ")
        said = f"{said}: {error.__cause__}" if error.__cause__ else said
        steps = [int(x) if x.isdecimal() else x for x in place.strip("'").split("/") if x]
        keys = [(*steps, key, None) for key in re.findall(r"'(\w+)'", said)]
        path = next((each for each in keys if each in document.places), tuple(steps))
        raise ProblemError(document.problem(said, path)) from None


def _at(document: files.Document, path: tuple) -> object:
    found = document.data
    for part in path:
        found = found[part]
    return found


def all_pages() -> list[Page]:
    """Every page; the two languages of a chapter stand together, so that the second is reused."""
    return [Page(language, name) for name in page_names() for language in LANGUAGES]


def chapters() -> list[str]:
    """The pages that are chapters, in their order."""
    return [name for name in page_names() if name not in BOOK.beside]


def other(language: str) -> str | None:
    """The book's other language, or None if it has only one."""
    return next((each for each in LANGUAGES if each != language), None)


def _prepared(names: list[str]) -> dict[str, dict]:
    if not names or BOOK.data is None:
        return {}
    try:
        return pkgutil.resolve_name(BOOK.data)(names)
    except (ImportError, AttributeError, ValueError) as error:
        raise RuntimeError(f"_config.yml: bookwright.data: {BOOK.data}: {error}") from error


@functools.cache  # it may ask a host, and a build needs it more than once
def data_sets() -> dict[str, dict]:
    """Makes sure the data that the pages load are here; where each came from, and its hashes.

    Raises:
        RuntimeError: There is no copy to be had; the message says what to do.
    """
    text = "".join(page.source.read_text("utf-8") for page in all_pages() if page.source.exists())
    return _prepared(sorted(set(re.findall(r"data\.load_(\w+)\(", text))))


def need_data_of_claims() -> None:
    """Makes sure the data that the pages load are those that the book's claims are about.

    Raises:
        RuntimeError: They are others, or there is no copy to be had; the message says what to do.
    """
    for name, copy in data_sets().items():
        if "other" in copy:
            raise RuntimeError(f"the {name} data are not what claims are about: {copy['other']}")


def data_set(name: str) -> dict:
    """One data set: where it came from, and its hashes.

    Raises:
        RuntimeError: There is no copy to be had; the message says what to do.
    """
    known = data_sets()
    found = known if name in known else _prepared([name])
    if name not in found:
        raise RuntimeError(
            f"a page loads the {name} data: bookwright.data in _config.yml makes none"
        )
    return found[name]
