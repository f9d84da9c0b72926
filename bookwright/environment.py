"""Makes `.venv`, the environment that builds and tests the book; `make` calls it before the rest.

Nothing is installed yet, so this module needs only Python itself. pip installs uv alone, at its
pinned version; uv installs all else. It keeps every file once and links it into each environment
where the file system can, so the reader's environment (`bookwright.reader.environment`) downloads
nothing again.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bookwright.problems import tell_problem

ROOT = Path.cwd()  # make starts it in the project's folder
LOCK = "requirements.txt"
# What the pinned packages take on Linux, where they take most.
_DOWNLOAD, _DISK = "1 GB", "3 GB"
_PYTHON_PARTS = {
    "ensurepip": f"on Debian and Ubuntu: apt-get install python3.{sys.version_info[1]}-venv",
    "_sqlite3": "a Python built without SQLite cannot run Jupyter either",
    "_ssl": "a Python built without OpenSSL can download nothing",
}
# uv reads none of pip's settings: where pip alone has been told of a mirror, uv would find nothing.
_PIP_FOR_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_OFFLINE",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def program(folder: Path, name: str) -> Path:
    """Where an environment has a program, whatever the system."""
    scheme = {"base": str(folder), "platbase": str(folder)}
    return Path(sysconfig.get_path("scripts", "venv", scheme), name)


def pinned(name: str, lock: str) -> str:
    """A package's own lines in a lock file: its version and hashes, or those of each version.

    Raises:
        ValueError: The file does not pin it.
    """
    found = re.findall(rf"^{re.escape(name)}==(?:.*\\\n)*.*$", lock, re.MULTILINE)
    if not found:
        raise ValueError(f"expected a line {name}==... in {LOCK}, which make lock writes")
    return "".join(f"{lines}\n" for lines in found)


def uv_settings(listing: str) -> dict[str, str]:
    """Says in uv's variables what `pip config list` says: where packages are, and how to get them.

    Args:
        listing: pip's output, such as `global.index-url='https://mirror.test/simple'`.
    """
    found = {}
    for section in ("global", "install", ":env:"):  # a later one counts more, as in pip
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.*)$", listing, re.MULTILINE):
            found[name] = str(ast.literal_eval(value)).split()
    # uv gives up over a folder that is not there, which pip passes over.
    links = [link for link in found.get("find-links", []) if "://" in link or Path(link).is_dir()]
    found["find-links"] = [",".join(links)] if links else []
    # uv has no variable for "no index". Without any network it asks none; links must be folders.
    no_index = found.get("no-index", ["no"])[0].lower() in ("1", "on", "true", "yes")
    found["no-index"] = ["1"] if no_index and "://" not in "".join(links) else []
    settings = {
        variable: " ".join(found[name]) for name, variable in _PIP_FOR_UV.items() if found.get(name)
    }
    if "UV_INDEX" in settings:  # pip takes the best of all places; each file has its pinned hash
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return settings


def uv_variables(python: Path, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables to run uv with.

    Args:
        python: A Python with the pip whose settings count.
        given: Variables of this process; who tells uv itself where packages are is not overruled.
    """
    if any(re.match("UV_.*(INDEX|FIND_LINKS)", name) for name in given):
        return dict(given)
    asked = [str(python), "-m", "pip", "config", "list"]
    done = subprocess.run(
        asked,
        env=dict(given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return uv_settings(done.stdout if done.returncode == 0 else "") | dict(given)


def lacking() -> str | None:
    """What this Python lacks, if anything, to make an environment."""
    for part, advice in _PYTHON_PARTS.items():
        if importlib.util.find_spec(part) is None:
            return (
                f"{sys.executable} lacks {part.lstrip('_')} ({advice}).\n"
                "Install it, or name another Python: make PYTHON=python3.12"
            )
    return None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lets one process at a time make something; the lock ends with it, however it ends.

    Args:
        folder: What is made, in the project's folder; its name stands for it.
    """
    import sqlite3  # brings locks for every system; that it is there has been looked at

    place = folder.parent / "_build" / f"{folder.name.lstrip('.')}.lock"
    place.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(place, timeout=0, isolation_level=None)) as lock:
        told = False
        while not lock.in_transaction:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise OSError(f"{place}: {error}") from error
                if not told:
                    print(f"another command is making {folder.name}; waiting ...", flush=True)
                told = True
                time.sleep(0.2)  # SQLite's own waiting would not end at Ctrl-C
        yield


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """Runs a step in silence.

    Raises:
        RuntimeError: It failed; the message has its own words.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = done.stdout.strip().splitlines()
        warned = [line for line in said if line.startswith("WARNING")]  # pip does so at each try
        said = warned[-1:] + [line for line in said if line not in warned]
        raise RuntimeError("\n".join(said) or f"{' '.join(command)}: status {done.returncode}")


def reason(said: str) -> str:
    """What pip says of its failure, without screenfuls of remarks and tracebacks around it."""
    lines = said.strip().splitlines()
    told = [line.strip() for line in lines if re.match(r"\s*(ERROR|WARNING|error)\b", line)]
    return "\n".join(told or lines[-1:])


def up_to_date(folder: Path) -> bool:
    """Whether the environment was made whole, after its versions last changed."""
    ready = folder / "ready"
    if not ready.exists():
        return False
    sources = (LOCK, "pyproject.toml", "bookwright/pyproject.toml")
    changed = [(folder.parent / source).stat().st_mtime for source in sources]
    return ready.stat().st_mtime >= max(changed)


def starts(python: Path) -> bool:
    """Whether a Python is there and runs; what it links to may have been taken away."""
    try:
        done = subprocess.run([str(python), "-c", ""], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def whole(folder: Path) -> bool:
    """Whether an earlier command ended with an environment that this Python can go on with.

    One that was moved or copied is none: its programs would run with what lies at the old place.
    """
    try:
        said = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
        place = (folder / "ready").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    version = re.search(r"^version\w* *= *(\d+)\.(\d+)", said, re.MULTILINE)
    same = version is not None and tuple(map(int, version.groups())) == sys.version_info[:2]
    here = place == str(folder) and same
    return here and (Path(sys.prefix) == folder or starts(program(folder, "python")))


def make(folder: Path) -> None:
    """Makes the environment, or brings one up to date; what was broken off is made anew.

    Args:
        folder: Where it goes, in the project's folder.

    Raises:
        OSError: It cannot be written.
        RuntimeError: A package could not be installed; the message is pip's or uv's.
        ValueError: The lock file pins no uv.
    """
    project = folder.parent
    uv = pinned("uv", (project / LOCK).read_text(encoding="utf-8"))
    go_on = whole(folder)
    if go_on:
        print(f"bringing {folder.name} up to date ...", flush=True)
    else:
        size = f"{_DOWNLOAD} to download, unless uv has it, and {_DISK} on disk"
        print(f"making {folder.name}: about {size}, a minute or two ...", flush=True)
    (folder / "ready").unlink(missing_ok=True)  # until all is there
    if not go_on:
        try:
            venv.create(folder, with_pip=True, clear=True, symlinks=os.name != "nt")
        except subprocess.CalledProcessError as error:
            raise RuntimeError(reason((error.output or b"").decode(errors="replace"))) from error
    python = program(folder, "python")
    with tempfile.TemporaryDirectory() as name:
        only_uv = Path(name, LOCK)
        only_uv.write_text(uv, encoding="utf-8")
        command = [str(python), "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
        command += ["-r", str(only_uv)]
        run(command, os.environ | {"PIP_USER": "0"}, project)  # the user's folder is not meant
    install = [str(python), "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    environment = uv_variables(python)
    # What builds a package is in no lock, so none is built.
    locked = ["--require-hashes", "--no-build", "--requirements", LOCK]
    run([*install, *locked], environment, project)
    editable = ["--no-deps", "--no-build-isolation", "--editable", ".", "--editable", "bookwright"]
    run([*install, *editable], environment, project)
    (folder / "ready").write_text(str(folder), encoding="utf-8")


def main(folder: Path = ROOT / ".venv") -> int:
    """Makes sure that the environment is there; returns the exit status."""
    if problem := lacking():
        tell_problem(problem)
        return 1
    try:
        with alone(folder):
            if not (up_to_date(folder) and whole(folder)):
                make(folder)
    except KeyboardInterrupt:
        tell_problem(f"\nbroken off: the next make makes {folder.name} anew")
        return 130
    except (OSError, RuntimeError, ValueError) as error:
        tell_problem(
            f"{folder.name} could not be made:\n{error}\n"
            f"What to do: see to the network and to {_DISK} of free disk, then run make again; "
            "what has been downloaded is kept. If packages come from a mirror, set PIP_INDEX_URL.",
        )
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--whole"]:  # make asks the environment's own Python
        print("whole" if up_to_date(ROOT / ".venv") and whole(ROOT / ".venv") else "")
    else:
        sys.exit(main())
