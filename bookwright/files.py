"""Files that people write: their bytes and signs, and YAML or JSON read through a schema.

What is wrong is told with its line and column, before anything else reads the file and says less.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator, ValidationError

from bookwright.problems import Problem, ProblemError

# Some ten times as fast, where PyYAML was built with it.
_FAST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Letters that show nothing, though Unicode counts them among the letters.
_FILLERS = "\u115f\u1160\u3164\uffa0"
# As git writes it, from its first mark to its last.
_CONFLICT = re.compile(r"^<{7} .*?^={7}$.*?^>{7} ", re.MULTILINE | re.DOTALL)
# What encodings are called that editors still write, by the letters they are for.
_OTHER_ENCODINGS = {"cp949": "Korean", "cp1252": "Western European"}


def name_of(path: Path, root: Path) -> str:
    """What a file is called in messages: its path from the book's folder, if it lies there."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _place(data: bytes, at: int) -> tuple[int, int]:
    """Line and column of a byte, both from 1."""
    line = data.count(b"\n", 0, at) + 1
    before = data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", errors="replace")
    return line, len(before) + 1


def _undecodable(data: bytes, error: UnicodeDecodeError) -> str:
    """What to say of bytes that are not UTF-8."""
    said = f"byte 0x{data[error.start]:02x} is no UTF-8: save the file as UTF-8"
    for encoding, script in _OTHER_ENCODINGS.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any("HANGUL" in unicodedata.name(sign, "") for sign in text) == (script == "Korean"):
            return f"{said} (now it looks like {encoding}, {script})"
    return said


def decoded(data: bytes, where: str) -> str:
    """The text of a file that is UTF-8, not empty, and settled.

    Args:
        data: The file's bytes.
        where: The file, as problems name it.

    Raises:
        ProblemError: It is something else.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        what = "begins with a byte-order mark: save the file as UTF-8 without one"
        raise ProblemError(Problem(what, where, 1, 1))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ProblemError(Problem("is UTF-16: save the file as UTF-8", where, 1, 1))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place(data, error.start)
        raise ProblemError(Problem(_undecodable(data, error), where, *place)) from None
    if not text.strip("\0 \t\r\n"):
        what = "is empty: restore it from git, or write something into it"
        raise ProblemError(Problem(what, where))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if mark := _CONFLICT.search(text):
        what = "a conflict of git's begins here: keep one of its sides, and remove the marks"
        raise ProblemError(Problem(what, where, text.count("\n", 0, mark.start()) + 1))
    return text


def read_text(path: Path, where: str) -> str:
    """The text of a file that people write.

    Args:
        path: The file.
        where: What problems call it.

    Raises:
        ProblemError: It is not there, empty, no UTF-8, or holds a conflict of git's.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ProblemError(Problem("is missing", where)) from None
    except OSError as error:
        raise ProblemError(Problem(f"cannot be read: {error.strerror}", where)) from None
    return decoded(data, where)


def _unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") or sign in _FILLERS


def sign_problems(where: str, text: str) -> Iterator[Problem]:
    """Signs that nobody sees, or that turn the direction of writing, and decomposed letters.

    Searches and labels would not match what looks the same.

    Args:
        where: The file, as problems name it.
        text: Its text.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if line.isascii() and line.isprintable():
            continue
        for column, sign in enumerate(line, start=1):
            if sign != "\t" and _unseen(sign):
                name = unicodedata.name(sign, "without a name")
                what = f"an invisible sign, U+{ord(sign):04X} ({name}): delete it"
                yield Problem(what, where, number, column)
        if not unicodedata.is_normalized("NFC", line):
            pairs = zip(line, unicodedata.normalize("NFC", line), strict=False)
            column = next(i for i, (one, other) in enumerate(pairs, start=1) if one != other)
            word = unicodedata.normalize("NFC", line[column - 1 :]).split()[0]
            what = f"{word!r} is written in decomposed letters: type it anew, or compose it (NFC)"
            yield Problem(what, where, number, column)


class Document(NamedTuple):
    """What a YAML or JSON file holds, and where it holds what.

    Attributes:
        data: The content.
        places: Line and column of each part, by its path; of the keys of mappings too, as
            `(*path, key, None)`.
        where: The file, as problems name it.
    """

    data: Any
    places: Mapping[tuple[Hashable, ...], tuple[int, int]]
    where: str

    def problem(self, what: str, path: Iterable[Hashable] = ()) -> Problem:
        """A problem of some part; of one that is not there, at the nearest part that is."""
        parts = tuple(path)
        while parts and parts not in self.places:
            parts = parts[:-1]
        return Problem(what, self.where, *self.places.get(parts, (1, 1)))


def _parts(
    node: yaml.Node, path: tuple[Hashable, ...], where: str
) -> Iterator[tuple[tuple[Hashable, ...], tuple[int, int]]]:
    """The places of a node and of all within it."""
    yield path, (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            yield from _parts(each, (*path, number), where)
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if not isinstance(key, yaml.ScalarNode):
                what = "expected a name, and here are braces or a list: put a text into quotes"
                raise ProblemError(Problem(what, where, line, column))
            if key.value in seen:
                what = f"{key.value!r} is there already, in line {seen[key.value]}: keep one"
                raise ProblemError(Problem(what, where, line, column))
            seen[str(key.value)] = line
            yield (*path, key.value, None), (line, column)
            yield from _parts(value, (*path, key.value), where)


def _yaml_problem(error: yaml.YAMLError, where: str, text: str) -> Problem:
    """What is wrong with the form of a YAML file."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        what = f"U+{error.character:04X} may not stand in YAML: delete it"
        return Problem(what, where, line, column)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (None, None)
    context = getattr(error, "context", None)
    said = " ".join(filter(None, (context, getattr(error, "problem", None) or str(error))))
    advice = ""
    if "mapping values are not allowed" in said:
        advice = ": put a text with a colon into quotes, and see to the indentation"
    elif "quoted scalar" in said:
        advice = ": a quotation mark is not closed"
    elif "while parsing a flow" in said:
        advice = f": see to the bracket that opens in line {error.context_mark.line + 1}"
    elif "expected <block end>" in said:
        advice = ": see to the indentation"
    elif "cannot start any token" in said:
        advice = ": indent with blanks, and put a text that begins with a sign into quotes"
    return Problem(f"is not YAML: {' '.join(said.split())}{advice}", where, *place)


def _parsed(text: str, where: str, loader: type[yaml.SafeLoader]) -> Document:
    reading = loader(text)
    try:
        node = reading.get_single_node()
        places = dict(_parts(node, (), where)) if node else {}
        return Document(reading.construct_document(node) if node else None, places, where)
    finally:
        reading.dispose()


def yaml_document(text: str, where: str, first_line: int = 1) -> Document:
    """Reads YAML, with the places of its parts.

    Args:
        text: The YAML.
        where: The file, as problems name it.
        first_line: The line of the file in which it begins.

    Raises:
        ProblemError: It is no YAML, or a mapping has a key twice.
    """
    text = "\n" * (first_line - 1) + text
    try:
        try:
            return _parsed(text, where, _FAST)
        except yaml.YAMLError:
            return _parsed(text, where, yaml.SafeLoader)  # which says more of what is wrong
    except yaml.YAMLError as error:
        raise ProblemError(_yaml_problem(error, where, text)) from None
    except (ValueError, RecursionError) as error:  # such as a date of no calendar
        raise ProblemError(Problem(f"is not YAML: {error}", where, first_line)) from None


def _key_advice(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f": did you mean {close[0]!r}?" if close else f": expected one of {', '.join(known)}"


def _schema_problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    """What a schema has against a part of a document."""
    path = tuple(error.absolute_path)
    within = path[1:] if path and isinstance(path[0], int) else path  # the line says of which
    name = ".".join(map(str, within)) or error.schema.get("title", "the file")
    properties = sorted(error.schema.get("properties", {}))
    other = "|".join(error.schema.get("patternProperties", ())) or "(?!)"
    if error.validator == "additionalProperties" and properties:
        unknown = [key for key in error.instance if key not in properties]
        for key in [key for key in unknown if not re.search(other, key)]:
            what = f"{name} has no setting {key!r}{_key_advice(key, properties)}"
            yield document.problem(what, (*path, key, None))
    elif error.validator == "required":
        lacking = error.message.split("'")[1]
        yield document.problem(f"{name} lacks `{lacking}: ...`", path)
    else:
        wanted = error.schema.get("description")
        said = f"expected {wanted}, got {error.instance!r:.60}" if wanted else error.message
        yield document.problem(f"{name}: {said}", path)


def _named(data: object) -> object:
    """The same content with texts for keys, as schemas have them; YAML reads 1 and no otherwise."""
    if isinstance(data, dict):
        return {str(key): _named(value) for key, value in data.items()}
    return [_named(each) for each in data] if isinstance(data, list) else data


def _errors(data: object, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    formats = Draft202012Validator.FORMAT_CHECKER  # such as that of regular expressions
    return Draft202012Validator(schema, format_checker=formats).iter_errors(data)


def check(document: Document, schema: Mapping[str, Any]) -> Document:
    """Holds a document against a schema.

    Args:
        document: What was read.
        schema: A JSON schema; a `description` in it says what was expected where a value is wrong.

    Returns:
        The same document.

    Raises:
        ProblemError: It does not fit; all that is wrong is named.
    """
    errors = sorted(
        _errors(_named(document.data), schema),
        key=lambda error: [str(part) for part in error.absolute_path],
    )
    if found := [each for error in errors for each in _schema_problems(document, error)]:
        raise ProblemError(*found)
    return document


def read_yaml(
    path: Path, where: str, schema: Mapping[str, Any], nothing: object = None
) -> Document:
    """Reads a YAML file that people write.

    Args:
        path: The file.
        where: What problems call it.
        schema: What it may hold.
        nothing: What it holds if it is not there or holds only comments; None if that is wrong.

    Raises:
        ProblemError: It cannot be read, is no YAML, or holds something else.
    """
    if nothing is not None and not path.exists():
        return Document(nothing, {}, where)
    document = yaml_document(read_text(path, where), where)
    if document.data is None and nothing is not None:
        return document._replace(data=nothing)
    return check(document, schema)


def _json_document(text: str, where: str) -> Document:
    """JSON with its places: it is YAML, whose reader knows the lines, but takes no tabs."""
    return yaml_document(text.replace("\t", " "), where)


def json_data(text: str, where: str) -> Any:  # noqa: ANN401
    """Reads JSON.

    Raises:
        ProblemError: It is none, or an object has a name twice.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            _json_document(text, where)  # names both places
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise ProblemError(
            Problem(f"is not JSON: {error.msg}", where, error.lineno, error.colno)
        ) from None
    except RecursionError:
        raise ProblemError(Problem("is not JSON that anybody wrote: too deep", where)) from None


def read_json(path: Path, where: str, schema: Mapping[str, Any], advice: str = "") -> Any:  # noqa: ANN401
    """Reads a JSON file.

    Args:
        path: The file.
        where: What problems call it.
        schema: What it may hold.
        advice: What to do if something is wrong with it.

    Raises:
        ProblemError: It cannot be read, is no JSON, or holds something else.
    """
    text = read_text(path, where)
    try:
        data = json_data(text, where)
        if next(_errors(data, schema), None):
            check(_json_document(text, where)._replace(data=data), schema)
    except ProblemError as error:
        more = f": {advice}" if advice else ""
        raise ProblemError(*(x._replace(what=x.what + more) for x in error.problems)) from None
    return data
