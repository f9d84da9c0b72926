"""Notes what a page uses, from inside its kernel: modules, files, packages, data, seeds.

This file is copied into the kernel's environment and imported there before anything else, so it
needs the standard library alone. It hears of files, data and seeds through Python's audit events.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

_opened: set[str] = set()
_data: dict[str, dict[str, Any]] = {}
_offsets: set[int] = set()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    # Called for every audit event of the process, so the common case must cost next to nothing.
    if event == "open":
        if isinstance(arguments[0], str):
            _opened.add(arguments[0])
    elif event == "bookwright.data":
        name, source, sha256 = arguments
        _data[name] = {"source": source, "sha256": json.loads(sha256)}
    elif event == "bookwright.seeds":
        _offsets.add(arguments[0])


def opened(path: Path) -> bool:
    """Whether this process has opened a file since this module was imported."""
    return str(path) in _opened


def data() -> dict[str, dict[str, Any]]:
    """The data sets that were loaded, each with its source and the hashes of its files."""
    return dict(_data)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def own_files(package: str) -> dict[str, str]:
    """The package's modules that were loaded and its files that were opened, with their hashes."""
    loaded = [
        module
        for name, module in list(sys.modules.items())
        if name == package or name.startswith(f"{package}.")
    ]
    paths = {Path(module.__file__) for module in loaded if module.__file__}
    if not paths:
        return {}
    root = Path(sys.modules[package].__file__ or "").parent
    inside = os.path.normcase(root) + os.sep  # as text: of many thousands a Path each is slow
    for name in _opened:
        full = os.path.abspath(name)  # noqa: PTH100 - `resolve` would follow links
        if not os.path.normcase(full).startswith(inside) or full.endswith((".py", ".pyc")):
            continue
        if (path := Path(full)).is_file():
            paths.add(path)
    return {path.relative_to(root.parent).as_posix(): _sha256(path) for path in sorted(paths)}


def _packages(own: str) -> dict[str, str]:
    """Every distribution of which a module is loaded, with its version; without our own."""
    names = {name.partition(".")[0] for name in sys.modules}
    brought_by = metadata.packages_distributions()
    found = {name for top in names for name in brought_by.get(top, [])}
    versions = {re.sub(r"[-_.]+", "-", name).lower(): metadata.version(name) for name in found}
    versions.pop(own.replace("_", "-"), None)
    return dict(sorted(versions.items()))


def machine() -> dict[str, Any]:
    """What the machine computes with; it decides last digits, and no run is thrown away for it."""
    found: dict[str, Any] = {"system": platform.system(), "machine": platform.machine()}
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    if model := re.search(r"^model name\s*: (.+)$", text, re.MULTILINE):
        found["processor"] = model[1].strip()
    elif platform.system() == "Darwin":
        done = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True
        )
        found["processor"] = done.stdout.strip()
    else:
        found["processor"] = platform.processor()
    if "numpy" in sys.modules:
        from numpy._core._multiarray_umath import __cpu_features__

        found["instructions"] = sorted(name for name, has in __cpu_features__.items() if has)
    return found


def report(package: str) -> None:
    """Prints the record as one line of JSON; the last cell that the page's run gets calls this.

    Args:
        package: The helper package whose files are recorded one by one.
    """
    record = {
        "files": own_files(package),
        "packages": _packages(package),
        "data": _data,
        "seed_offsets": sorted(_offsets),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": machine(),
    }
    print(json.dumps(record))


sys.addaudithook(_hear)
