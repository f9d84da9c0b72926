"""What readers install: no more and no less than what notebooks and the package import."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib import metadata

from packaging.requirements import Requirement

from bookwright import book
from bookwright.source.facts import facts


def imported(source):
    """The top-level packages that a piece of code imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_readers_install_what_notebooks_and_the_package_import():
    project = tomllib.loads((book.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sources = [path.read_text("utf-8") for path in (book.ROOT / "lessons_src").rglob("*.py")]
    for page in book.all_pages():
        cells = facts(page.source.read_text(encoding="utf-8")).cells
        sources += [cell.source for cell in cells]
    names = {name for source in sources for name in imported(source)}
    brought_by = metadata.packages_distributions()
    others = names - {"lessons_src"} - set(sys.stdlib_module_names)
    wanted = {brought_by[name][0].lower() for name in others}
    assert {Requirement(each).name for each in project["dependencies"]} == wanted
