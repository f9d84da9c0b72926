"""What is whole or not there, whatever ended its writing: a kill, a full disk, a power cut."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path

_SEAL = "whole.json"
_ROOM = 2**20  # bytes below which what went wrong is put down to want of room


def full(folder: Path) -> str | None:
    """What to say of a folder on whose disk no room is left; None if there is some."""
    if shutil.disk_usage(folder).free >= _ROOM:
        return None
    return f"no room is left on the disk of {folder}: free some, then give the command again"


def write(path: Path, content: str | bytes) -> None:
    """Writes a file whole or not at all; the one that was there stays until then.

    Any number of processes may do so at once.

    Args:
        path: The file; its folder is made, if need be.
        content: What is to stand in it; text becomes UTF-8.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with partial.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())  # or the name could be on the disk before what it names
        partial.replace(path)
    except OSError as error:
        said = full(path.parent) or error.strerror
        partial.unlink(missing_ok=True)
        raise OSError(error.errno, said, str(path)) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _sizes(folder: Path) -> dict[str, int]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in found}


def seal(folder: Path) -> None:
    """Notes what a folder holds whose making has ended."""
    (folder / _SEAL).unlink(missing_ok=True)
    (folder / _SEAL).write_text(json.dumps(_sizes(folder)), encoding="utf-8")


def unseal(folder: Path) -> None:
    """Forgets it, until what is done to the folder now has ended."""
    (folder / _SEAL).unlink(missing_ok=True)


def sealed(folder: Path) -> bool:
    """Whether a folder still holds what it held when its making ended, by the sizes of its files.

    Programs that go by dates alone, as Sphinx does, take what they half wrote, or what a power cut
    left empty, for done.
    """
    try:
        noted = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    found = _sizes(folder)
    found.pop(_SEAL)
    return noted == found
