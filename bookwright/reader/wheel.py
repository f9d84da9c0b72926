"""Builds the wheel of the helper package that the site carries, the same to the byte each time."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from bookwright import book, environment, files
from bookwright.reader import first_cell

KEPT = book.ROOT / "_build" / "wheel"  # each wheel in a folder named by the hash of its sources
_SOURCES = ("pyproject.toml", "README.md", "LICENSE")
_DAY_ONE = "315532800"  # 1980-01-01, the first date that a zip file can hold


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
    """Hash of all that decides what is in the wheel: the sources, and what builds it."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update(metadata.version("setuptools").encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


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
        why = files.full(folder) or environment.reason(done.stderr)
        raise RuntimeError(f"the wheel could not be built: {why}")


def made() -> Path:
    """The wheel of the sources as they are now, built only if they have changed.

    Raises:
        RuntimeError: The build failed; the message is pip's.
    """
    name = first_cell.wheel_name()
    with tempfile.TemporaryDirectory() as temporary:
        sources = Path(temporary, "sources")
        try:
            _copy(sources)
        except OSError as error:  # shutil's holds a line for every file
            raise RuntimeError(files.full(sources.parent) or f"{error}") from error
        kept = KEPT / _digest(sources) / name
        if not kept.exists() or kept.stat().st_size == 0:  # as a power cut may leave it
            kept.parent.mkdir(parents=True, exist_ok=True)
            # Beside its place, so that it gets there whole and at once, whoever else builds it.
            with tempfile.TemporaryDirectory(dir=KEPT, ignore_cleanup_errors=True) as unfinished:
                _build(sources, Path(unfinished))
                Path(unfinished, name).replace(kept)
    return kept


def build(folder: Path) -> Path:
    """Puts the wheel into a folder.

    Returns:
        The wheel there.

    Raises:
        RuntimeError: The build failed; the message is pip's.
    """
    kept = made()
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(kept, folder / kept.name))
