"""Builds the wheel of the helper package that the site carries, the same to the byte each time.

Its version ends in a hash of its content, such as `0.2.0+a1b2c3d4`: no two wheels have one name,
so those of earlier builds can stay on the site, and who has that version has that content. No
index such as PyPI takes versions of this form.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from bookwright import book, durable, environment

KEPT = book.ROOT / "_build" / "wheel"
_SOURCES = ("pyproject.toml", "README.md", "LICENSE")
_DAY_ONE = "315532800"  # 1980-01-01, the first date that a zip file can hold
# Not compressed, for what compresses differs from one Python to the next.
_SETTINGS = "[egg_info]\ntag_build = +{digest}\n[bdist_wheel]\ncompression = stored\n"


class Wheel(NamedTuple):
    """A wheel of the helper package; `sha256` is that of the whole file."""

    path: Path
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def project() -> dict[str, Any]:
    """What pyproject.toml says about the helper package."""
    text = (book.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]


def _copy(folder: Path) -> None:
    """Copies the sources: in the project's own folder, files of earlier builds would slip in."""
    folder.mkdir()
    shutil.copytree(
        book.ROOT / book.BOOK.helper,
        folder / book.BOOK.helper,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for source in _SOURCES:
        shutil.copy(book.ROOT / source, folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _digest(folder: Path) -> str:
    """Hash of all that decides what is in the wheel: the sources, and what builds it.

    It begins with a letter: of digits alone, a version would lose the zeros at its front.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update(metadata.version("setuptools").encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    found = re.search("[a-f][0-9a-f]{7}", digest.hexdigest())
    assert found, "a hash of 64 places holds a letter before its last 7"
    return found[0]


def _build(sources: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(sources)]
    variables = os.environ | {"SOURCE_DATE_EPOCH": _DAY_ONE}
    done = subprocess.run(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,  # on Windows a Python hangs whose input somebody waits for
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = durable.full(folder) or environment.reason(done.stderr)
        raise RuntimeError(f"the wheel could not be built: {why}")


def made() -> Wheel:
    """The wheel of the sources as they are now, built only if they have changed.

    Raises:
        RuntimeError: The build failed; the message is pip's.
    """
    said = project()
    with tempfile.TemporaryDirectory() as temporary:
        sources = Path(temporary, "sources")
        try:
            _copy(sources)
        except OSError as error:  # shutil's holds a line for every file
            raise RuntimeError(durable.full(Path(tempfile.gettempdir())) or f"{error}") from error
        digest = _digest(sources)
        version = f"{said['version']}+{digest}"
        kept = KEPT / f"{said['name'].replace('-', '_')}-{version}-py3-none-any.whl"
        if not zipfile.is_zipfile(kept):  # or cut short
            (sources / "setup.cfg").write_text(_SETTINGS.format(digest=digest), encoding="utf-8")
            kept.parent.mkdir(parents=True, exist_ok=True)
            # Beside its place, so that it gets there whole and at once, whoever else builds it.
            with tempfile.TemporaryDirectory(dir=KEPT, ignore_cleanup_errors=True) as unfinished:
                _build(sources, Path(unfinished))
                Path(unfinished, kept.name).replace(kept)
    return Wheel(kept, version, hashlib.sha256(kept.read_bytes()).hexdigest())


def build(folder: Path) -> Wheel:
    """Puts the wheel into a folder.

    Returns:
        The wheel there.

    Raises:
        RuntimeError: The build failed; the message is pip's.
    """
    kept = made()
    folder.mkdir(parents=True, exist_ok=True)
    return kept._replace(path=Path(shutil.copyfile(kept.path, folder / kept.name)))
