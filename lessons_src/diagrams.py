"""The book's diagrams in one visual language: circles hold values, boxes do something with them.

Colours and lines say what a thing is, and mean the same on every page. There are symbols and no
words: those stand in the caption, in the page's language.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from lessons_src import plotting

Kind: TypeAlias = Literal["input", "state", "output", "weight", "backward"]
Place: TypeAlias = tuple[float, float]

# Blue comes in, grey is handed on, green comes out, wine is learned; what goes back is vermilion
# and dashed. Each can be read as the colour of a symbol.
_COLORS: dict[Kind, str] = {
    "input": plotting.COLORS[0],
    "state": "#404040",
    "output": plotting.COLORS[2],
    "weight": plotting.COLORS[3],
    "backward": plotting.COLORS[1],
}
SIZE = 15  # points: 9 pixels and more when 5.2 inches shrink to a telephone's width
RADIUS = 0.5  # of a node, in the units of the canvas; a box is as high as a node


def canvas(
    width: float, height: float, x: tuple[float, float], y: tuple[float, float]
) -> tuple[Figure, Axes]:
    """Makes an empty drawing whose units are as wide as high.

    Args:
        width: Inches; up to 5.2 can be read on a telephone.
        height: Inches.
        x: Left and right end, in units.
        y: Lower and upper end, in units.
    """
    figure, ax = plotting.subplots(width=width, height=height)
    ax.set(xlim=x, ylim=y, aspect="equal")
    ax.set_axis_off()
    return figure, ax


def text(ax: Axes, x: float, y: float, label: str, kind: Kind | None = None) -> None:
    """Writes symbols, centred; in the colour of a kind, or black."""
    color = _COLORS[kind] if kind else "black"
    ax.text(x, y, label, ha="center", va="center", size=SIZE, color=color)


def node(ax: Axes, x: float, y: float, label: str = "", kind: Kind = "state") -> None:
    """Draws a value: a circle with its symbol."""
    look: dict[str, Any] = {"facecolor": (_COLORS[kind], 0.12), "edgecolor": _COLORS[kind]}
    ax.add_patch(Circle((x, y), RADIUS, lw=1.8, zorder=2, **look))
    ax.text(x, y, label, ha="center", va="center", size=SIZE, zorder=3)


def box(ax: Axes, x: float, y: float, label: str, kind: Kind = "state", width: float = 1.0) -> None:
    """Draws an operation: a box with its sign, around a place.

    Args:
        ax: Where to draw.
        x: Its middle.
        y: Its middle.
        label: What it does, in symbols.
        kind: What it works on.
        width: In units.
    """
    corner = (x - width / 2 + 0.1, y - RADIUS + 0.1)
    style = "round,pad=0.1"
    look: dict[str, Any] = {"facecolor": "white", "edgecolor": _COLORS[kind]}
    patch = FancyBboxPatch(corner, width - 0.2, 2 * RADIUS - 0.2, style, lw=1.8, zorder=2, **look)
    ax.add_patch(patch)
    ax.text(x, y, label, ha="center", va="center", size=SIZE, zorder=3)


def arrow(
    ax: Axes,
    start: Place,
    end: Place,
    kind: Kind = "state",
    *,
    label: str = "",
    side: float = 0.35,
    bend: float = 0.0,
) -> None:
    """Draws where a value goes; what goes back is dashed.

    Args:
        ax: Where to draw.
        start: Where it comes from.
        end: Where its head is.
        kind: What it is.
        label: A symbol beside its middle.
        side: How far the label stands to the left of the direction, in units.
        bend: Curvature, to the right of the direction if positive.
    """
    line = (0, (4, 2)) if kind == "backward" else "-"
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=14,
            shrinkA=0,
            shrinkB=0,
            connectionstyle=f"arc3,rad={bend}",
            linestyle=line,
            color=_COLORS[kind],
            lw=1.8,
            zorder=1,
        )
    )
    if label:
        (x0, y0), (x1, y1) = start, end
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        across = (y0 - y1) / length, (x1 - x0) / length
        shift = side - bend * length / 2
        place = ((x0 + x1) / 2 + shift * across[0], (y0 + y1) / 2 + shift * across[1])
        text(ax, *place, label, kind)
