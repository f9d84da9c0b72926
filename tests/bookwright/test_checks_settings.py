"""Names in the configuration that lead nowhere are told with their place."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookwright.checks.settings import setting_problems
from tests.helpers import said

GOOD: dict[str, Any] = {
    "bookwright": {
        "languages": ["en"],
        "title": {"en": "Tides"},
        "helper": "tides",
        "beside": ["index"],
        "ranked_lower": ["index"],
        "guide_to_claims": "index",
        "schemas": {"data.yml": "data.json"},
    },
    "parse": {"myst_enable_extensions": ["dollarmath"]},
    "sphinx": {
        "config": {"extensions": ["bookwright", "waves"]},
        "local_extensions": {"waves": "book/_ext"},
    },
}


def problems(folder: Path, *path: str, value: object) -> list[str]:
    """What is said if one setting has another value."""
    given = within = copy.deepcopy(GOOD)
    for part in path[:-1]:
        within = within[part]
    within[path[-1]] = value
    for name in ("tides/__init__.py", "data.yml", "data.json", "book/_ext/waves.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    text = yaml.safe_dump(given, sort_keys=False)
    (folder / "_config.yml").write_text(text, encoding="utf-8")
    return said(setting_problems(folder))


def test_nothing_is_wrong_with_names_that_lead_somewhere(tmp_path):
    assert problems(tmp_path, "title", value="Tides") == []


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("beside", ["indec"], "8:5: bookwright.beside: _toc.yml has no page 'indec': did you mean"),
        ("ranked_lower", ["x"], "10:5: bookwright.ranked_lower: _toc.yml has no page 'x': add it"),
        ("guide_to_claims", "x", "11:20: bookwright.guide_to_claims: _toc.yml has no page 'x'"),
        ("helper", "tide", "6:11: bookwright.helper: there is no package 'tide'"),
        ("schemas", {"dat.yml": "data.json"}, "13:5: bookwright.schemas: there is no dat.yml"),
        ("schemas", {"data.yml": "d.json"}, "13:15: bookwright.schemas: there is no d.json"),
    ],
)
def test_what_a_book_says_of_itself_is_there(tmp_path, path, value, what):
    (found,) = problems(tmp_path, "bookwright", path, value=value)
    assert found.startswith(f"_config.yml:{what}")


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        (("sphinx", "config", "extensions"), ["tidal"], "sphinx.config.extensions: nothing called"),
        (("sphinx", "extra_extensions"), ["a.b"], "sphinx.extra_extensions: nothing called 'a.b'"),
        (("sphinx", "local_extensions"), {"waves": "x"}, "there is no x/waves.py"),
        (("parse", "myst_enable_extensions"), ["dollar"], "items not recognised: {'dollar'}"),
    ],
)
def test_extensions_are_there(tmp_path, path, value, what):
    (found,) = problems(tmp_path, *path, value=value)
    assert what in found
    assert found.startswith("_config.yml:")
