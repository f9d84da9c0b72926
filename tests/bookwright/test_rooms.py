"""What `bookwright/README.md` says of each room is true of the folders that there are."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

OWN = ROOT / "bookwright"
NO_CODE = {"locale"}
BESIDE_TOO = {3, 5}  # layers whose rooms may import one another


class Line(NamedTuple):
    """What the table says of a room."""

    name: str
    holds: str
    start: str
    layer: int


def lines() -> list[Line]:
    """The table, one line for each room or module beside them."""
    row = re.compile(r"\| `([^`]+)` \| (.+) \| `([^`]+)` \| (\d) \|")
    found = row.findall((OWN / "README.md").read_text(encoding="utf-8"))
    return [Line(name, holds, start, int(layer)) for name, holds, start, layer in found]


LAYERS = {line.name.strip("/"): line.layer for line in lines()}


def room(path: Path) -> str:
    """The room or module that a file belongs to."""
    return path.relative_to(OWN).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The other rooms that a file imports from, wherever in it it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: an import says from where"
            names = [f"{node.module}.{each.name}" for each in node.names]
        for name in names:
            top, _, rest = name.partition(".")
            if top == "bookwright" and (other := rest.partition(".")[0]) != room(path):
                yield other


def test_every_room_and_every_module_beside_them_has_one_line():
    rooms = {f"{path.parent.name}/" for path in OWN.glob("*/__init__.py")}
    rooms |= {f"{name}/" for name in NO_CODE}
    modules = {path.stem for path in OWN.glob("*.py")} - {"__init__"}
    assert sorted(line.name for line in lines()) == sorted(rooms | modules)
    folders = {f"{path.name}/" for path in OWN.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert {each for each in folders if not each.startswith("bookwright.egg")} == rooms


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.name)
def test_a_line_is_one_sentence_and_names_a_file_of_its_room(line):
    assert re.fullmatch(r"[A-Z`][^.]*( COMMAND`)?\.", line.holds)
    assert (OWN / line.start).is_file()
    assert line.start.startswith(line.name)


@pytest.mark.parametrize("path", sorted(OWN.glob("*/__init__.py")), ids=lambda path: room(path))
def test_a_room_says_of_itself_what_its_line_says(path):
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0]
    assert said in {line.holds for line in lines() if line.name == f"{room(path)}/"}


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_a_room_imports_only_what_its_layer_may(name):
    files = [path for path in OWN.rglob("*.py") if room(path) == name]
    for path in files:
        for other in imported(path):
            beside = LAYERS[name] == LAYERS[other] and LAYERS[name] in BESIDE_TOO
            assert LAYERS[other] > LAYERS[name] or beside, f"{path} imports {other}"


def test_the_layers_are_those_that_the_linter_checks():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    [contract] = [each for each in contracts if each.get("containers") == ["bookwright"]]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    checked = {name: number for number, of in enumerate(layers, 1) for name in of}
    assert checked == {name: LAYERS[name] for name in LAYERS.keys() - NO_CODE}
    free = {number for number, layer in enumerate(contract["layers"], 1) if ":" in layer}
    assert free == BESIDE_TOO
