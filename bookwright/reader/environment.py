"""A reader's machine: an environment with TensorFlow and Jupyter's kernel, but without our package.

The environment is made once for each set of pinned versions, each file checked by its hash, and
nothing is installed into it later: every notebook that runs gets a layer of its own above it, into
which its first cell installs the wheel. uv has most of its files already, from `.venv`, and links
them where it can.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookwright import book
from bookwright.environment import alone, pinned, program, run, uv_variables

_PINNED = "requirements.txt"
FOLDER = book.ROOT / (".venv-reader" if book.VERSIONS.name == _PINNED else ".venv-conditions")
KERNEL = "reader"
_PINS = (book.ROOT / "pyproject.toml", book.VERSIONS)


def _packages(folder: Path) -> str:
    scheme = {"base": str(folder), "platbase": str(folder)}
    return sysconfig.get_path("purelib", "venv", scheme)


def _made(digest: str) -> bool:
    ready = FOLDER / "ready"
    return ready.exists() and ready.read_text() == digest


def resolve(constraints: Path, *options: str) -> str:
    """Finds a version of each package that a reader has, from what pyproject.toml asks for.

    Args:
        constraints: Versions that are given.
        options: More for uv.

    Returns:
        The versions, as a requirements file.

    Raises:
        RuntimeError: No versions fit; the message is uv's.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "-", "--quiet"]
    command += ["--constraints", str(constraints), "--python", sys.executable]
    # A package that is no wheel would be built to see what it needs, by what is in no lock.
    command += ["--no-build", "--no-annotate", "--no-header", *options]
    done = subprocess.run(
        command,
        cwd=book.ROOT,
        env=uv_variables(Path(sys.executable)),
        input="ipykernel\npip\n",  # what Jupyter and Colab bring along
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"no versions fit:\n{done.stderr.strip()}")
    return done.stdout


def _locked(*options: str) -> str:
    """The lines of the pinned versions that a reader has, with their hashes."""
    lock = book.VERSIONS.read_text(encoding="utf-8")
    names = re.findall(r"^([\w.-]+)==", resolve(book.VERSIONS, *options), re.MULTILINE)
    return "".join(pinned(name, lock) for name in names)


def _make() -> None:
    print(f"making a reader's environment in {FOLDER.name} ...", flush=True)
    python = str(program(FOLDER, "python"))
    uv = [sys.executable, "-m", "uv"]
    create = [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER)]
    given = uv_variables(Path(sys.executable))
    run(create, given, book.ROOT)
    lock = FOLDER / "requirements.txt"
    install = [*uv, "pip", "install", "--quiet", "--python", python]
    install += ["--require-hashes", "--no-build", "--requirements", str(lock)]
    try:
        lock.write_text(_locked("--offline"), encoding="utf-8")
        run([*install, "--offline"], given, book.ROOT)
    except RuntimeError:  # not all of it has been downloaded for `.venv`
        lock.write_text(_locked(), encoding="utf-8")
        run(install, given, book.ROOT)
    # Where there are many fonts, Matplotlib would say in a page that it looks through them.
    fonts = "import importlib.util, importlib as i; i.util.find_spec('matplotlib') and "
    run([python, "-c", f"{fonts}i.import_module('matplotlib.font_manager')"], given, book.ROOT)


def environment() -> Path:
    """Makes the environment if it is missing or its versions are no longer the pinned ones.

    Any number of processes may ask for it at once. One that was broken off is made anew.

    Returns:
        Its folder.

    Raises:
        RuntimeError: It could not be made; the message is uv's.
    """
    whole = hashlib.sha256(sys.version.encode())
    for path in _PINS:
        whole.update(path.read_bytes())
    digest = whole.hexdigest()
    if _made(digest):
        return FOLDER
    try:
        with alone(FOLDER.resolve()):
            if not _made(digest):  # by another process, meanwhile
                _make()
                (FOLDER / "ready").write_text(digest)
    except (OSError, RuntimeError, ValueError) as error:
        raise RuntimeError(f"the reader's environment could not be made:\n{error}") from error
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
    return program(folder, "python")


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
            "argv": [
                *(str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                # What C++ logs when TensorFlow starts is no output of the cell.
                "--IPKernelApp.capture_fd_output=False",
            ],
            "display_name": KERNEL,
            "language": "python",
            # Nothing of the project leads in: the package must come from the wheel.
            "env": {
                "PYTHONPATH": "",
                "PYTHONNOUSERSITE": "1",
                # uv compiles nothing. TensorFlow takes 5 s; the first run keeps it for the others.
                "PYTHONDONTWRITEBYTECODE": "",
                **(variables or {}),
            },
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
