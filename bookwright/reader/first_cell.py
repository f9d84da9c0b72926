"""The first cell of every notebook that leaves the site: it brings the helper package along.

It installs one known wheel, by the hash of the whole file, or takes what is there if its version
holds the hash of the same content.
"""

from __future__ import annotations

import json
import textwrap
from typing import Any
from urllib.parse import quote

from bookwright import book
from bookwright import words as interface
from bookwright.reader import wheel

# JupyterLab's word for a closed cell, and Colab's. It stands here so that a build loads nothing for
# it that writes notebooks.
CLOSED: dict[str, Any] = {"jupyter": {"source_hidden": True}, "cellView": "form"}
_WIDTH = 88  # of a line of text in the code
_CODE = """\
# @title {title}
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

VERSION = "{version}"  # ends in a hash of the content
WHEEL = "{wheel}"
SHA256 = "{sha256}"  # of the wheel
SITE = {site}  # {site_words}
SAY = {{
{say}
}}


def version_here():
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("{helper}")
    if spec is None or spec.origin is None:
        return None
    taken, installed = Path(spec.origin).resolve(), None
    try:
        known = importlib.metadata.distribution("{distribution}")
        installed = Path(known.locate_file("{helper}/__init__.py")).resolve()
    except importlib.metadata.PackageNotFoundError:
        pass
    if taken != installed:
        raise RuntimeError(SAY["in the way"].format(taken.parent))
    return known.version


found = version_here()
if found == VERSION:
    print(f"{helper} {{VERSION}}: {{SAY['here']}}")
else:
    beside = Path(WHEEL).resolve()
    places = [beside.as_uri()] if beside.exists() else []
    places += [SITE + "{address}"] if SITE else []
    reasons = [SAY["other"].format(found)] if found else []
    reasons += [] if beside.exists() else [SAY["not beside"].format(WHEEL, Path.cwd())]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for place in places:
        wanted = f"{{place}}#sha256={{SHA256}}"
        done = subprocess.run([*pip, wanted], capture_output=True, text=True)
        if done.returncode == 0:
            break
        lines = (done.stderr or done.stdout).strip().splitlines()
        errors = [line for line in lines if line.lower().startswith("error")]
        changed = any("Expected sha256" in line for line in lines)
        why = SAY["changed"] if changed else [*errors, *lines[-1:], str(done.returncode)][0]
        reasons.append(f"{{place}}: {{why}}")
    else:
        why = "\\n  ".join([f"{helper} {{VERSION}}: {{SAY['missing']}}", *reasons])
        raise RuntimeError(f"{{why}}\\n{{SAY['advice'].format(WHEEL)}}")
    if version_here() != VERSION:
        raise RuntimeError(f"{helper} {{VERSION}}: {{SAY['restart']}}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "{helper}"]:
        del sys.modules[name]  # of the other version
    print(f"{helper} {{VERSION}}: {{SAY['installed']}} {{place}}")
os.environ.setdefault("BOOK_LANGUAGE", "{language}")
import {helper}
"""
_SAID = (
    *("here", "installed", "other", "not beside", "changed", "missing", "advice"),
    *("in the way", "restart"),
)


def _say(name: str, text: str) -> str:
    """The lines of code that hold what the cell says; a long text takes several."""
    parts = textwrap.wrap(text, _WIDTH - 8, drop_whitespace=False, break_long_words=False)
    lines = [json.dumps(part, ensure_ascii=False) for part in parts]
    joined = lines[0] if len(lines) == 1 else "\n        ".join(["(", *lines]) + "\n    )"
    return f"    {json.dumps(name)}: {joined},"


def installed(language: str) -> str:
    """What the cell prints between the package's version and the place it was installed from."""
    return interface.of(language)["first_cell"]["installed"]


def source(made: wheel.Wheel, site: str | None, language: str) -> str:
    """The cell's code.

    Args:
        made: The wheel that it installs.
        site: Where the site is published, with a slash at the end; None if nobody knows.
        language: Of what it says.
    """
    words = interface.of(language)["first_cell"]
    return _CODE.format(
        title=words["title"],
        version=made.version,
        wheel=made.name,
        sha256=made.sha256,
        site=json.dumps(site, ensure_ascii=False) if site else None,
        site_words=words["site"],
        say="\n".join(_say(name, words[name.replace(" ", "_")]) for name in _SAID),
        language=language,
        helper=book.BOOK.helper,
        distribution=wheel.project()["name"],
        address=quote(made.name),
    ).rstrip()
