"""A claim's values on a line: the pool, this run, the bound, and the interval of the mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _EDGE = 320, 58, 14
_VALUES, _INTERVAL, _LABELS = 16, 34, 53  # heights
_DODGE = 4  # steps by which dots next to each other are moved apart


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _label(x: float, value: float) -> str:
    anchor = "start" if x < _WIDTH / 6 else "end" if x > _WIDTH * 5 / 6 else "middle"
    return f'<text x="{x:.1f}" y="{_LABELS}" text-anchor="{anchor}">{_number(value)}</text>'


def svg(
    pool: Sequence[float],
    run: Sequence[float],
    bounds: Iterable[float],
    interval: Sequence[float] | None,
    label: str,
) -> str:
    """Draws the values as an inline picture, whose colours are those of the page.

    Args:
        pool: The values of the pool, as dots; may be empty.
        run: The values of this run, as diamonds.
        bounds: What the values, or their mean, have to be above or below.
        interval: That of the pool's mean, as a bar.
        label: What the picture shows, for those who don't see it.
    """
    limits = list(bounds)
    ends = [*pool, *run, *limits, *(interval or ())]
    low, high = min(ends), max(ends)
    wide = (high - low) or max(abs(high), 1.0)

    def place(value: float) -> float:
        return _EDGE + (value - low) / wide * (_WIDTH - 2 * _EDGE)

    parts = []
    for value in limits:
        x = place(value)
        parts += [f'<line class="bound" x1="{x:.1f}" x2="{x:.1f}" y1="3" y2="{_INTERVAL + 6}"/>']
    if pool:  # one path for all dots: a page has dozens of such pictures
        dots = "".join(
            f"M{place(value):.1f} {_VALUES + _DODGE * (number % 3 - 1)}h0"
            for number, value in enumerate(sorted(pool))
        )
        parts.append(f'<path class="pool" d="{dots}"/>')
    for value in run:
        x = place(value)
        parts.append(f'<path d="M{x:.1f} {_VALUES - 6}l4 6-4 6-4-6z"/>')
    if interval:
        left, right = map(place, interval)
        middle = (left + right) / 2
        parts.append(
            f'<path class="interval" d="M{left:.1f} {_INTERVAL}H{right:.1f}'
            f'M{middle:.1f} {_INTERVAL - 4}v8"/>'
        )
    named: Mapping[float, float] = {place(value): value for value in limits}
    for value in (low, high):  # the ends, where no bound is named there already
        if all(abs(place(value) - x) > _WIDTH / 5 for x in named):
            named = {**named, place(value): value}
    parts += [_label(x, value) for x, value in named.items()]
    return (
        f'<svg class="strip" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label, quote=True)}">{"".join(parts)}</svg>'
    )
