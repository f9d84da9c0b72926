"""Reads back what a figure draws, so that a page can show the numbers behind it as tables.

One table for each pair of axes: rows are places on the horizontal axis (or bars, or the rows of an
image), columns are curves. The labels are those of the drawing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, StepPatch
from matplotlib.ticker import FixedLocator, FuncFormatter

_DIGITS = 6
_READABLE = "lines, markers, bands of fill_between, stairs, bars, scatters and imshow"


class Series(NamedTuple):
    """One column of a table to be: values of a curve, of a band's edge, or of one of its runs."""

    name: str
    part: str  # "", "lowest", "highest", or "run 1" and so on
    x: Sequence[Any] | np.ndarray  # numbers, or the words that stand at them on the axis
    y: Sequence[float] | np.ndarray
    turns: bool = False  # the curve goes back on the horizontal axis, so its order says something


def tables(figure: Figure) -> list[dict[str, Any]]:
    """Reads the data of a figure's curves, one table for each pair of axes that has a scale.

    Axes without frame and scale (`set_axis_off`) hold a diagram, and colour bars hold a key:
    neither has data.

    Args:
        figure: A finished figure.

    Returns:
        Tables as JSON holds them: `caption`; `head`, what the rows are; `columns`, pairs of a name
        and "", "lowest", "highest" or "run 1" and so on; `rows`, lists of the row's place and its
        values, None where a curve has none; `marks`, pairs of "horizontal" or "vertical" and the
        place of a straight line across the axes; `log`, true where the vertical axis is
        logarithmic.

    Raises:
        ValueError: A drawing holds something that this cannot read, or nothing.
    """
    found = []
    for ax in figure.axes:
        if not ax.axison or ax.get_label() == "<colorbar>":
            continue
        of_axes = [*_images(ax), *_joined(ax, [*_curves(ax), *_bands(ax), *_runs(ax), *_bars(ax)])]
        if not of_axes:
            raise ValueError(
                f"the axes {_caption(ax)!r} draw nothing: add a curve, or call ax.set_axis_off() "
                "on a diagram without scale"
            )
        found += of_axes
    return found


def _unreadable(ax: Axes, artist: Artist) -> ValueError:
    return ValueError(
        f"the data of a {type(artist).__name__} in the axes {_caption(ax)!r} cannot be read for "
        f"the table below the figure, only {_READABLE}: use those, or hand the table over with "
        "glue_figure(..., tables=...)"
    )


def _across(ax: Axes, artist: Artist) -> bool:
    """Whether an artist spans the axes (axhline, axvspan) or is placed otherwise than by data."""
    if isinstance(artist, Patch):
        return artist.get_data_transform() is not ax.transData
    return artist.get_transform() is not ax.transData


def _name(artist: Artist | BarContainer, fallback: str) -> str:
    label = str(artist.get_label() or "")
    return fallback if not label or label.startswith("_") else _plain(label)


def _plain(text: str) -> str:
    """A label without the signs of a formula and without line breaks."""
    return " ".join(text.replace("$", "").split())


def _seen(ax: Axes) -> list[Line2D]:
    return [line for line in ax.lines if line.get_visible()]


def _names(ax: Axes) -> dict[tuple[float, ...], str]:
    """Names of the lines by their colours."""
    return {to_rgba(line.get_color())[:3]: _name(line, "band") for line in _seen(ax)[::-1]}


def _curves(ax: Axes) -> Iterator[Series]:
    for number, line in enumerate(_seen(ax), start=1):
        x, y = (np.asarray(places, dtype=float) for places in line.get_data())
        if not _across(ax, line) and len(x):
            steps = np.diff(x[np.isfinite(x)])
            drawn = line.get_linestyle() not in ("None", "none", " ", "")
            turns = drawn and bool((steps < 0).any() and (steps > 0).any())
            yield Series(_name(line, f"curve {number}"), "", x, y, turns)
    for number, dots in enumerate(ax.collections, start=1):
        if isinstance(dots, PathCollection):
            x, y = np.ma.getdata(dots.get_offsets()).T
            yield Series(_name(dots, f"dots {number}"), "", x, y)
    for patch in ax.patches:
        if isinstance(patch, StepPatch):
            values, edges = (np.asarray(places) for places in patch.get_data()[:2])
            bins = [f"{a:.4g} to {b:.4g}" for a, b in itertools.pairwise(edges)]
            yield Series(_name(patch, _label(ax, "y")), "", bins, values)


def _bands(ax: Axes) -> Iterator[Series]:
    """Edges of what fill_between drew; a band without a label belongs to the line of its colour."""
    names = _names(ax)
    for artist in ax.collections:
        if isinstance(artist, PathCollection) or _across(ax, artist):
            continue
        if not isinstance(artist, PolyCollection):
            raise _unreadable(ax, artist)
        sides = []
        for path in artist.get_paths():
            # One edge forth and the other back, each with a corner of its own at the start.
            corners = np.asarray(path.vertices)
            n = (len(corners) - 3) // 2
            one, other = corners[1 : n + 1], corners[n + 2 : 2 * n + 2][::-1]
            if one.shape != other.shape or not np.array_equal(one[:, 0], other[:, 0]):
                raise _unreadable(ax, artist)
            sides.append(np.column_stack([one, other[:, 1]]))
        x, *edges = np.concatenate(sides).T
        name = _name(artist, names.get(tuple(np.ravel(artist.get_facecolor())[:3]), "band"))
        yield Series(name, "lowest", x, np.minimum(*edges))
        yield Series(name, "highest", x, np.maximum(*edges))


def _runs(ax: Axes) -> Iterator[Series]:
    """Single runs, as `plotting.band` leaves them: each belongs to the line of its colour."""
    names = _names(ax)
    for line in ax.lines:
        if not line.get_visible():
            name = names.get(to_rgba(line.get_color())[:3], "band")
            x, y = (np.asarray(places, dtype=float) for places in line.get_data())
            yield Series(name, str(line.get_label()).removeprefix("_"), x, y)


def _bars(ax: Axes) -> Iterator[Series]:
    read = []
    for bars in ax.containers:
        if not isinstance(bars, BarContainer):
            raise _unreadable(ax, bars[0])
        read += bars.patches
        along = "x" if bars.orientation == "vertical" else "y"
        places = [
            bar.get_x() + bar.get_width() / 2
            if along == "x"
            else bar.get_y() + bar.get_height() / 2
            for bar in bars
        ]
        sizes = [bar.get_height() if along == "x" else bar.get_width() for bar in bars]
        name = _name(bars, _label(ax, "y" if along == "x" else "x") or "length")
        yield Series(name, "", _words(ax, along, places), sizes)
    for patch in ax.patches:
        if patch not in read and not isinstance(patch, StepPatch) and not _across(ax, patch):
            raise _unreadable(ax, patch)


def _images(ax: Axes) -> Iterator[dict[str, Any]]:
    for image in ax.images:
        values: np.ndarray = np.ma.getdata(np.ma.asarray(image.get_array()))
        if values.ndim != 2:
            raise _unreadable(ax, image)
        left, right, bottom, top = image.get_extent()
        rows, columns = (
            _words(ax, axis, start + (np.arange(n) + 0.5) * (end - start) / n)
            for axis, n, start, end in zip(
                "yx", values.shape, (top, left), (bottom, right), strict=True
            )
        )
        meaning = image.colorbar.ax.get_ylabel() if image.colorbar else _name(image, "")
        head = " / ".join(filter(None, [_label(ax, "y"), _label(ax, "x")]))
        yield {
            "caption": ": ".join(filter(None, [_caption(ax), meaning])),
            "head": head,
            "columns": [[str(_number(column)), ""] for column in columns],
            "rows": [[_number(x), *map(_number, row)] for x, row in zip(rows, values, strict=True)],
            "marks": [],
        }


def _words(ax: Axes, axis: str, places: Sequence[float] | np.ndarray) -> list[Any]:
    """What stands at these places of an axis: words where each tick has its own, else numbers."""
    of_axis = getattr(ax, f"{axis}axis")
    name = of_axis.get_major_formatter()
    fixed = isinstance(of_axis.get_major_locator(), FixedLocator)
    if fixed and isinstance(name, FuncFormatter) and of_axis.get_scale() == "linear":
        words = [_plain(name(round(float(place), _DIGITS))) for place in places]
        if all(words):
            return words
    return list(places)


def _joined(ax: Axes, series: Sequence[Series]) -> Iterator[dict[str, Any]]:
    """One table of all curves over the union of their places; one each where places repeat.

    A curve that turns back has one of its own too, with its points in the order of the drawing.
    """
    lines = [np.asarray(line.get_data()) for line in ax.lines if _across(ax, line)]
    marks = [["horizontal", _number(y[0])] for _, y in lines if y[0] == y[-1]]
    marks += [["vertical", _number(x[0])] for x, y in lines if y[0] != y[-1]]
    across = any(isinstance(x, BarContainer) and x.orientation != "vertical" for x in ax.containers)
    table: dict[str, Any] = {
        "caption": _caption(ax),
        "head": _label(ax, "y" if across else "x"),
        "marks": marks,
    }
    if ax.get_yscale() == "log":
        table["log"] = True
    clouds: list[Series] = []
    curves: list[Series] = []
    for one in series:
        (clouds if one.turns or len(set(one.x)) < len(one.x) else curves).append(one)
    for one in clouds:
        rows = [[_number(x), _number(y)] for x, y in zip(one.x, one.y, strict=True)]
        yield table | {"columns": [[one.name, one.part]], "rows": rows}
    if curves:
        places = list(dict.fromkeys(place for one in curves for place in one.x))
        if not any(isinstance(place, str) for place in places):
            places.sort()
        # A band's edges stand beside its line.
        order = list(dict.fromkeys(one.name for one in curves))
        curves.sort(key=lambda one: order.index(one.name))
        known = [dict(zip(one.x, one.y, strict=True)) for one in curves]
        words = places if isinstance(places[0], str) else _words(ax, "x", places)
        yield table | {
            "columns": [[one.name, one.part] for one in curves],
            "rows": [
                [_number(word), *(_number(of_curve.get(place)) for of_curve in known)]
                for word, place in zip(words, places, strict=True)
            ],
        }


def _number(value: Any) -> Any:  # noqa: ANN401
    """A place or value for JSON: words as they are, None for what is no finite number."""
    if value is None or isinstance(value, str):
        return value
    return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None


def _label(ax: Axes, axis: str) -> str:
    """The name of an axis: the figure's, its own, or that of the axes that share it."""
    figure = ax.get_figure()
    over_all = getattr(figure, f"get_sup{axis}label")() if figure is not None else ""
    return _plain(over_all) or _shared(ax, axis, f"get_{axis}label")


def _caption(ax: Axes) -> str:
    """What the axes are about: their title and what is on the vertical axis."""
    return ", ".join(filter(None, [_shared(ax, "x", "get_title"), _shared(ax, "y", "get_ylabel")]))


def _shared(ax: Axes, axis: str, getter: str) -> str:
    """A label of the axes, or of those in the same column or row of a grid that share the axis."""
    span = "colspan" if axis == "x" else "rowspan"
    here = ax.get_subplotspec()
    for other in (ax, *getattr(ax, f"get_shared_{axis}_axes")().get_siblings(ax)):
        there = other.get_subplotspec()
        beside = here and there and getattr(there, span) == getattr(here, span)
        if (other is ax or beside) and (text := getattr(other, getter)()):
            return _plain(text)
    return ""
