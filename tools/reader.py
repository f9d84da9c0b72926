"""A reader's machine: an environment with TensorFlow and Jupyter's kernel, but without our package.

The environment is made once for each set of pinned versions and is never written to again: every
notebook that runs gets a layer of its own above it, into which its first cell installs the wheel.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import pages

_PINNED = "requirements.txt"
FOLDER = pages.ROOT / (".venv-reader" if pages.VERSIONS.name == _PINNED else ".venv-conditions")
KERNEL = "reader"
_PINS = (pages.ROOT / "pyproject.toml", pages.VERSIONS)


def _program(folder: Path, name: str) -> Path:
    scheme = {"base": str(folder), "platbase": str(folder)}
    return Path(sysconfig.get_path("scripts", "venv", scheme), name)


def _packages(folder: Path) -> str:
    scheme = {"base": str(folder), "platbase": str(folder)}
    return sysconfig.get_path("purelib", "venv", scheme)


def environment() -> Path:
    """Makes the environment if it is missing or its versions are no longer the pinned ones.

    Returns:
        Its folder.

    Raises:
        RuntimeError: It could not be made; the message is uv's.
    """
    digest = hashlib.sha256(sys.version.encode())
    for path in _PINS:
        digest.update(path.read_bytes())
    ready = FOLDER / "ready"
    if ready.exists() and ready.read_text() == digest.hexdigest():
        return FOLDER
    print(f"making a reader's environment in {FOLDER.name} ...", flush=True)
    uv = [sys.executable, "-m", "uv"]
    install = [*uv, "pip", "install", "--quiet", "--python", str(_program(FOLDER, "python"))]
    # What the wheel depends on, and what Jupyter and Colab bring along; not our package.
    install += ["--requirements", "pyproject.toml", "ipykernel", "pip"]
    install += ["--constraints", str(pages.VERSIONS)]
    create = [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER)]
    for command in (create, install):
        done = subprocess.run(
            command, cwd=pages.ROOT, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the reader's environment could not be made:\n{done.stderr}")
    ready.write_text(digest.hexdigest())
    return FOLDER


def add_layer(folder: Path, base: Path) -> Path:
    """Makes an environment that sees the packages of another one and installs into itself.

    Args:
        folder: Where the new environment goes.
        base: The environment below it.

    Returns:
        The new environment's Python.
    """
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")  # pip is in the one below
    Path(_packages(folder), "below.pth").write_text(_packages(base))
    return _program(folder, "python")


@contextmanager
def kernel(base: Path, variables: dict[str, str] | None = None) -> Iterator[Path]:
    """A Jupyter kernel named `reader` in a layer of its own, for one run of one notebook.

    Args:
        base: What `environment` returned.
        variables: Environment variables of the kernel.

    Yields:
        The kernel's Python. While the context lasts, Jupyter in this process knows the kernel.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        python = add_layer(Path(name, "layer"), base)
        spec = Path(name, "kernels", KERNEL, "kernel.json")
        spec.parent.mkdir(parents=True)
        content = {
            "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": KERNEL,
            "language": "python",
            # Nothing of the project leads in: the package must come from the wheel.
            "env": {"PYTHONPATH": "", "PYTHONNOUSERSITE": "1", **(variables or {})},
        }
        spec.write_text(json.dumps(content))
        before = os.environ.get("JUPYTER_PATH")
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [name, before]))
        try:
            yield python
        finally:
            if before is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = before


if __name__ == "__main__":
    environment()
