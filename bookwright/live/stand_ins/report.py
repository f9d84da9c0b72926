"""In the browser values for the prose are shown where they are made; figures are left out."""

from __future__ import annotations

from collections.abc import Callable


def glue(**values: object) -> None:
    """Shows each value by its name."""
    for name, value in values.items():
        print(f"{name} = {value}")


def _nothing(*_: object, **__: object) -> None:
    pass


def __getattr__(name: str) -> Callable[..., None]:
    if name.startswith("_"):
        raise AttributeError(name)
    return _nothing
