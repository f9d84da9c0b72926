"""Shared by the tests: tiny books, and the built site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lessons_src import report

# Warnings of third parties that start before pytest can filter them.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"

HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What cells hand to their page, by name, instead of IPython's display."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(report, "publish", found.__setitem__)
    return found


@pytest.fixture
def unchanged_settings() -> Iterator[None]:
    """Drawing leaves Matplotlib's global settings alone."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site; `make test` builds it first."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no built site: run `make book` first")
    return SITE
