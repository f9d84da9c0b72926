"""Starts a new chapter: writes all of its files or none.

A page in each language, a module and a test, made from `book/templates`, an entry in the table of
contents and one in the glossary. Page and test pass at once; what stands in them only to keep the
place is marked as a placeholder, and `make ready NAME=attention` lists what is still missing.
"""

from __future__ import annotations

import argparse
import keyword
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bookwright import book, glossary
from bookwright.checks.ready import TEMPLATES, beside
from bookwright.problems import tell_problem
from bookwright.reader import wheel

PYTEST = f"{'.venv/Scripts' if sys.platform == 'win32' else '.venv/bin'}/python -m pytest"
# What pages import under these names, what Sphinx writes beside them, what Windows keeps to itself.
_RESERVED = {
    *("np", "plt", "tf", "sklearn", "torch", "jax", "pandas", "pd", "sphinx"),
    *("genindex", "search", "notebooks", "pagefind"),
    *("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))),
}


def refusal(name: str, root: Path = book.ROOT) -> str | None:
    """Says why a new chapter cannot have this name; None if it can.

    Args:
        name: What somebody typed.
        root: The project's folder.
    """
    if not name:
        return "a new chapter needs a name: make lesson NAME=attention"
    if not re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", name) or "__" in name:
        return (
            f"{name!r} cannot name a chapter: expected small Latin letters, digits and single _, "
            "beginning with a letter, as in self_attention"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"{name!r} cannot name a chapter: it is a word of Python's own"
    packages = {re.split(r"\W", each)[0] for each in wheel.project()["dependencies"]}
    if name in sys.stdlib_module_names or name in packages | _RESERVED:
        return f"{name!r} cannot name a chapter: something that pages or tools use has this name"
    files = [*_targets(name).values(), f"{book.BOOK.helper}/chapters/{name}"]
    if taken := [path for path in files if (root / path).exists()]:
        return f"{name!r} is taken: there is {taken[0]} already"
    if name in book.page_names(root / "_toc.yml"):
        return f"{name!r} is taken: _toc.yml lists it already"
    return None


def _targets(name: str, root: Path = book.ROOT) -> dict[str, str]:
    """The chapter's files by their template."""
    pages = {f"page.{each}.md": f"book/{each}/{name}.md" for each in book.LANGUAGES}
    return pages | beside(name, root)


def _template(name: str, root: Path) -> str:
    """What a file starts as: the book's own, for its languages and what its cells import."""
    path = root / TEMPLATES / name
    if not path.exists():
        raise ValueError(f"{TEMPLATES}/{name} is missing: a new chapter starts as a copy of it")
    return path.read_text(encoding="utf-8")


def _fill(text: str, values: Mapping[str, str]) -> str:
    while (filled := re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text)) != text:
        text = filled  # cells hold values of their own
    return text


def _cells(root: Path) -> dict[str, str]:
    """The template's code cells by name; they are the same in all languages."""
    parts = re.split(r"^# %% (\w+)\n", _template("cells.py.txt", root), flags=re.MULTILINE)
    return {name: code.strip("\n") for name, code in zip(parts[1::2], parts[2::2], strict=True)}


def with_chapter(toc: str, name: str) -> str:
    """The table of contents with a new chapter after the last one, its comments untouched.

    Raises:
        ValueError: It lists no page that the chapter could follow.
    """
    lines = toc.splitlines(keepends=True)
    listed = [re.match(r"(\s*- file:\s*)([\w/-]+)", line) for line in lines]
    places = [n for n, each in enumerate(listed) if each and each[2] not in book.BOOK.beside]
    if places:
        last = listed[places[-1]]
        assert last is not None
        lines.insert(places[-1] + 1, f"{last[1]}{name}\n")
        return "".join(lines)
    first = next((n for n, each in enumerate(listed) if each), None)
    if first is not None and (before := listed[first]) is not None:
        lines.insert(first, f"{before[1]}{name}\n")
        return "".join(lines)
    if yaml.safe_load(toc).keys() & {"chapters", "parts"}:
        raise ValueError("_toc.yml lists its pages in a way that a new one cannot be added to")
    return f"{toc.rstrip()}\nchapters:\n  - file: {name}\n"


def with_term(terms: str, term: str, entry: str) -> str:
    """The glossary with a new entry at its place in the alphabet."""
    for found in re.finditer(rf"^- {book.LANGUAGES[-1]}: (.+)$", terms, re.MULTILINE):
        if found[1].strip().lower() > term.lower():
            return terms[: found.start()] + entry + terms[found.start() :]
    return f"{terms.rstrip()}\n\n{entry}".lstrip()


def _known(name: str, root: Path) -> dict[str, Any] | None:
    """The entry of the glossary that a chapter is named after, if there is one."""
    term = name.replace("_", " ")
    for entry in glossary.entries(root / "book" / "glossary.yml"):
        if term in {entry.get(language, "").lower() for language in book.LANGUAGES}:
            return entry
    return None


def known_meaning(name: str, root: Path = book.ROOT) -> str | None:
    """What the glossary says already of the term that a chapter is named after, if it does."""
    entry = _known(name, root)
    return entry["means"][book.LANGUAGES[-1]] if entry else None


def _links(entry: Mapping[str, Any]) -> dict[str, str]:
    """How the pages of each language link to an entry of the glossary."""
    *others, last = book.LANGUAGES
    aim = glossary.term_id(entry)
    links = {f"LINK_{each.upper()}": f"{{term}}`{entry[each]} <{aim}>`" for each in others}
    return links | {f"LINK_{last.upper()}": f"{{term}}`{aim}`"}


def plan(name: str, root: Path = book.ROOT) -> dict[Path, str]:
    """All files that a new chapter writes or changes, with their new content.

    Raises:
        ValueError: A template is missing, or the table of contents takes no chapter.
    """
    term = name.replace("_", " ")
    known = _known(name, root)
    values = {
        "NAME": name,
        "ID": name.replace("_", "-"),
        "TITLE": term.capitalize(),
        "TERM": term,
        **_links(known or dict.fromkeys(book.LANGUAGES, term)),
        **_cells(root),
    }
    written = {
        root / path: _fill(_template(template, root), values)
        for template, path in _targets(name, root).items()
    }
    terms = root / "book" / "glossary.yml"
    if known is None and terms.exists():
        entry = _fill(_template("term.yml", root), values)
        written[terms] = with_term(terms.read_text("utf-8"), term, entry)
    toc = root / "_toc.yml"
    return written | {toc: with_chapter(toc.read_text("utf-8"), name)}


def write(planned: Mapping[Path, str]) -> None:
    """Writes all files; if one cannot be written, leaves everything as it was.

    Raises:
        OSError: A file could not be written.
    """
    before = {path: path.read_bytes() if path.exists() else None for path in planned}
    done: list[Path] = []
    try:
        for path, text in planned.items():
            done.append(path)
            path.write_text(text, encoding="utf-8", newline="\n")
    except BaseException:  # also if somebody stops it
        for path in done:
            content = before[path]
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        raise


def _advice(name: str, changed: list[str]) -> list[str]:
    """How to go on with a chapter that was written, and how to remove it."""
    tests = [path for path in _targets(name).values() if path.startswith("tests/")]
    commands = (
        (f"make page NAME={name}", "runs and builds the page"),
        *((f"{PYTEST} {path}", "runs its tests") for path in tests),
        ("make serve", "shows it while you write"),
        (f"make ready NAME={name}", "says what is still missing"),
    )
    width = max(len(command) for command, _ in commands)
    new = shlex.join(_targets(name).values())
    return [
        *(f"{command:{width}}   {does}" for command, does in commands),
        f"to remove it: git restore {shlex.join(changed)} && git clean -f {new}",
    ]


def main(arguments: Sequence[str]) -> int:
    """Writes the chapter and says how to go on; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright lesson", description=__doc__)
    parser.add_argument("name", help="of the pages, the module and the test, such as attention")
    name = parser.parse_args(arguments).name
    if reason := refusal(name):
        tell_problem(f"{reason}. Nothing was written.")
        return 2
    try:
        meaning = known_meaning(name)
        planned = plan(name)
        write(planned)
    except (OSError, ValueError, yaml.YAMLError) as error:
        tell_problem(f"{error}. Nothing was written.")
        return 1
    new = list(_targets(name).values())
    changed = [path.relative_to(book.ROOT).as_posix() for path in planned]
    changed = [path for path in changed if path not in new]
    print(f"new:     {', '.join(new)}\nchanged: {', '.join(changed)}\n")
    if meaning:
        print(f"The glossary has {name.replace('_', ' ')!r} already: {meaning}")
        print("If your chapter means something else by it, change that sentence or the term.\n")
    print("\n".join(_advice(name, changed)))
    return 0
