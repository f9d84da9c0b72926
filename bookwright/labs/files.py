"""What a book's labs are: a folder `book/labs/NAME` each, of `lab.yml`, `lab.js` and what it reads.

`lab.yml` says what can be set and in which range, and brings the words of each language; `lab.js`
draws. Sphinx copies none of it: a build puts it, with what all labs share, into a folder named by
the hash of all, so that no browser keeps one file of an earlier build beside others of a later one.
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from bookwright import book, files
from bookwright import words as interface
from bookwright.problems import ProblemError

FOLDER = "labs"  # of each language's part of the site
LABS = book.ROOT / "book" / FOLDER
SHARED = Path(__file__).parent / "opened"
CURVES = Path(__file__).parent / "curves"  # the lab that figures of curves have
CURVES_VERSION = 1  # of its state
_DESCRIBED = "lab.yml"
_NUMBER = {"type": "number"}
_CONTROL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "start"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "a short name"},
        "start": {"type": ["number", "string"]},
        "choices": {"type": "array", "minItems": 2, "items": {"type": "string"}},
        "several": {"type": "boolean"},
        "from": _NUMBER,
        "to": _NUMBER,
        "step": _NUMBER,
        "log": {"type": "boolean"},
        "whole": {"type": "boolean"},
        "longest": {"type": "integer", "minimum": 1},
        "lang": {"type": "string"},
        "when": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string"}},
    },
    "oneOf": [
        {"required": ["choices"]},
        {"required": ["from", "to"]},
        {"required": ["longest"]},
    ],
    "description": "choices, from and to, or longest",
}
_SCHEMA = {
    "title": _DESCRIBED,
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "controls", "words"],
    "properties": {
        "version": {"type": "integer", "minimum": 1},
        "plays": {"type": "boolean"},
        "glued": {"type": "string"},
        "controls": {"type": "array", "items": _CONTROL},
        "words": {"type": "object", "additionalProperties": {"type": "object"}},
    },
}


class Lab(NamedTuple):
    """A lab of the book.

    Attributes:
        name: Its name, that of its folder.
        version: Of its state; it grows when an old link would mean something else.
        plays: Whether it goes on for seconds, and so can be stopped.
        controls: What can be set, in their order: `name`, `start`, and `choices` (`several` of them
            with dots between, or none), or `from` and `to` (with `step` or `log` a slider; `whole`
            numbers), or `longest` of a text; `when` names another control and its value without
            which this one counts for nothing, `lang` the language that a text is written in.
        words: Its own words by language.
        glued: The name under which the page's cells hand over (`report.glue`) what it works with,
            such as weights; empty if it needs nothing.
    """

    name: str
    version: int
    plays: bool
    controls: list[dict[str, Any]]
    words: dict[str, dict[str, Any]]
    glued: str = ""

    def value(self, name: str, text: str) -> float | str:
        """The value that a text means for a control.

        Raises:
            ValueError: There is no such control, or it takes no such value.
        """
        control = next((each for each in self.controls if each["name"] == name), None)
        if control is None:
            known = ", ".join(each["name"] for each in self.controls)
            raise ValueError(f"the lab {self.name!r} has no {name!r}: expected one of {known}")
        if "choices" in control:
            chosen = list(filter(None, text.split("."))) if control.get("several") else [text]
            if not set(chosen) <= set(control["choices"]):
                raise ValueError(f"{name} is one of {', '.join(control['choices'])}, got {text!r}")
            return text
        if "longest" in control:
            if len(text) > control["longest"]:
                raise ValueError(f"{name} has at most {control['longest']} signs, got {len(text)}")
            return text
        number = float(text)
        if not control["from"] <= number <= control["to"]:
            raise ValueError(f"{name} is from {control['from']} to {control['to']}, got {text}")
        return number

    def query(self, settings: Mapping[str, str]) -> str:
        """The query of an address with these settings; what is not named is as at the start.

        Raises:
            ValueError: The lab cannot be set so.
        """
        for name, text in settings.items():
            self.value(name, text)
        # As `written` in `opened/state.js`: a text's own % and ~ are encoded twice.
        parts = (
            f"{name}.{quote(text.replace('%', '%25').replace('~', '%7E'), safe='')}"
            for name, text in settings.items()
        )
        return "?lab=" + "~".join([self.name, str(self.version), *parts])

    def about(self, language: str) -> str:
        """What the lab's script reads when it is opened: JSON."""
        said = {"version": self.version, "plays": self.plays, "controls": self.controls}
        said["words"] = interface.of(language)["lab"] | self.words[language]
        return json.dumps(said, ensure_ascii=False, indent=1)


def _check_words(lab: Lab, where: str, document: files.Document) -> None:
    needed = {each["name"]: "" for each in lab.controls}
    for language in book.LANGUAGES:
        if language not in lab.words:
            raise ProblemError(document.problem(f"words lacks {language}: ...", ("words",)))
        own = lab.words[language]
        other = lab.words.get(book.other(language) or language, {})
        for name in interface.lacking(own, {"controls": needed} | other):
            what = f"the words in {language!r} lack {name}"
            raise ProblemError(document.problem(what, ("words", language)))


@functools.cache
def lab(name: str, folder: Path = LABS) -> Lab:
    """A lab by its name.

    Raises:
        ProblemError: There is none, or its description cannot be read or lacks words.
    """
    where = f"book/{FOLDER}/{name}/{_DESCRIBED}"
    document = files.read_yaml(folder / name / _DESCRIBED, where, _SCHEMA)
    said = document.data
    plays, glued = said.get("plays", False), said.get("glued", "")
    found = Lab(name, said["version"], plays, said["controls"], said["words"], glued)
    _check_words(found, where, document)
    return found


def curves() -> Lab:
    """The lab that figures of curves have; what can be set follows from a figure's data."""
    drawn = {"drawn_in": book.BOOK.drawn_in}
    words = {each: interface.of(each)["curves"] | drawn for each in book.LANGUAGES}
    return Lab(CURVES.name, CURVES_VERSION, False, [], words)


def names(folder: Path = LABS) -> list[str]:
    """The labs that the book has."""
    return sorted(path.parent.name for path in folder.glob(f"*/{_DESCRIBED}"))


def digest(language: str) -> str:
    """Names exactly what readers of a language load when they open labs."""
    found = hashlib.sha256()
    for path in sorted([*SHARED.glob("*"), *CURVES.glob("*"), *LABS.glob("*/*")]):
        found.update(f"{path.name} ".encode() + path.read_bytes())
    for each in [curves(), *map(lab, names())]:
        found.update(each.about(language).encode())
    return found.hexdigest()[:12]


def put(target: Path, language: str) -> None:
    """Puts the labs of a language into its part of the site, in the place of those of before.

    Raises:
        OSError: They cannot be written.
    """
    shutil.rmtree(target / FOLDER, ignore_errors=True)
    folder = target / FOLDER / digest(language)
    shutil.copytree(SHARED, folder)
    for each in [curves(), *map(lab, names())]:
        source = CURVES if each.name == CURVES.name else LABS / each.name
        shutil.copytree(source, folder / each.name, ignore=shutil.ignore_patterns(_DESCRIBED))
        (folder / each.name / "about.json").write_text(each.about(language), encoding="utf-8")
