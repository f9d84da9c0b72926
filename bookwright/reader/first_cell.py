"""The first cell of every notebook that leaves the site: it brings the helper package along."""

from __future__ import annotations

import json
import textwrap
import tomllib
from typing import Any

from bookwright import book
from bookwright import words as interface

_WIDTH = 76  # of a line of text in the code
# Code of every language's notebooks, so what it says is in all of them.
_CODE = """\
# @title {title}
import importlib.metadata
import subprocess
import sys
from pathlib import Path

WHEEL, VERSION = "{wheel}", "{version}"
SITE = {site!r}  # {site_words}

try:
    if (found := importlib.metadata.version("{distribution}")) != VERSION:
        raise ImportError(f"{helper} {{found}} is here, this notebook needs {{VERSION}}")
    import {helper}

    print(f"{helper} {{VERSION}}: {here}")
except ImportError as error:
    beside = [str(Path(WHEEL).resolve())] if Path(WHEEL).exists() else []
    reasons = [str(error)] + ([] if beside else [f"{{WHEEL}} is not in {{Path.cwd()}}"])
    for place in beside + ([SITE + WHEEL] if SITE else []):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, place], capture_output=True, text=True)
        if done.returncode == 0:
            break
        reasons.append(f"{{place}}: {{(done.stderr or done.stdout).strip()[-500:]}}")
    else:
        raise RuntimeError(
            f"{helper} {{VERSION}} {missing}\\n  "
            + "\\n  ".join(reasons)
{advice}
        ) from None
    importlib.invalidate_caches()
    import {helper}

    print(f"{helper} {{VERSION}}: {installed} {{place}}")
"""


def project() -> dict:
    """What pyproject.toml says about the helper package."""
    text = (book.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]


def version() -> str:
    """The helper package's version."""
    return project()["version"]


def wheel_name() -> str:
    """The file name of the helper package's wheel."""
    distribution = project()["name"].replace("-", "_")
    return f"{distribution}-{version()}-py3-none-any.whl"


def _all(word: str) -> str:
    """What all languages of the book say, the one of its code first."""
    return " / ".join(dict.fromkeys(text[word] for text in _texts()))


def _texts() -> list[dict[str, Any]]:
    return [interface.of(language)["first_cell"] for language in reversed(book.LANGUAGES)]


def _advice(text: str) -> str:
    """The lines of code that say what to do; `{wheel}` in the text is the wheel's name."""
    parts = textwrap.wrap(
        text.replace("{wheel}", "{WHEEL}"), _WIDTH, drop_whitespace=False, break_long_words=False
    )
    lines = [json.dumps(part, ensure_ascii=False) for part in parts]
    lines[0] = rf'"\n{lines[0][1:]}'
    return "\n".join(f"            {'+ ' if n == 0 else ''}f{line}" for n, line in enumerate(lines))


def installed() -> str:
    """What the cell prints between the package's version and the place it was installed from."""
    return _all("installed")


def source(site: str | None) -> str:
    """The cell's code.

    Args:
        site: Where the site is published, with a slash at the end; None if nobody knows.
    """
    return _CODE.format(
        title=_all("title"),
        wheel=wheel_name(),
        version=version(),
        distribution=project()["name"],
        helper=book.BOOK.helper,
        site=site,
        site_words=_all("site"),
        here=_all("here"),
        missing=_all("missing"),
        advice="\n".join(_advice(text["advice"]) for text in _texts()),
        installed=_all("installed"),
    ).rstrip()
