"""The first cell of every notebook that leaves the site: it brings the helper package along."""

from __future__ import annotations

import tomllib

from bookwright import book

# Code of both languages' notebooks, so what it says is in both.
_CODE = """\
# @title Brings the book's helper package along / 이 책의 도우미 패키지를 준비합니다
import importlib.metadata
import subprocess
import sys
from pathlib import Path

WHEEL, VERSION = "{wheel}", "{version}"
SITE = {site!r}  # where the book is published / 책이 공개된 주소

try:
    if importlib.metadata.version("lessons-src") != VERSION:
        raise ImportError("another version of the book")
    import lessons_src

    print(f"lessons_src {{VERSION}}: already here / 이미 있습니다")
except ImportError:
    beside = [str(Path(WHEEL).resolve())] if Path(WHEEL).exists() else []
    reasons = [] if beside else [f"{{WHEEL}} is not in {{Path.cwd()}}"]
    for place in beside + ([SITE + WHEEL] if SITE else []):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, place], capture_output=True, text=True)
        if done.returncode == 0:
            break
        reasons.append(f"{{place}}: {{(done.stderr or done.stdout).strip()[-500:]}}")
    else:
        raise RuntimeError(
            "lessons_src is missing and could not be installed / 설치하지 못했습니다.\\n  "
            + "\\n  ".join(reasons)
            + f"\\nWhat to do: put {{WHEEL}} beside this notebook (it is in the zip with all "
            "notebooks) and run this cell again."
            f"\\n할 일: 모든 노트북을 담은 zip에 있는 {{WHEEL}}을 이 노트북과 같은 폴더에 두고 "
            "이 셀을 다시 실행하세요."
        ) from None
    importlib.invalidate_caches()
    import lessons_src

    print(f"lessons_src {{VERSION}}: installed from / 설치한 곳: {{place}}")
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
    return f"lessons_src-{version()}-py3-none-any.whl"


def source(site: str | None) -> str:
    """The cell's code.

    Args:
        site: Where the site is published, with a slash at the end; None if nobody knows.
    """
    return _CODE.format(wheel=wheel_name(), version=version(), site=site).rstrip()
