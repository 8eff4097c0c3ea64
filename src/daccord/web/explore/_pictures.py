"""Small drawings as SVG text: no library, no style attributes, so that the page's content policy holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.web.explore._numbers import plain

__all__ = ["Line", "bar", "lines"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One line of a drawing.

    Attributes:
        kind: Class in the style sheet.
        values: By point.
    """

    kind: str
    values: Sequence[float] | FloatArray


def lines(
    across: Sequence[float] | FloatArray,
    drawn: Sequence[Line],
    top: float,
    *,
    last: float,
    per_cent: bool,
    width: int = 260,
) -> str:
    """Lines over years, with both axes.

    Args:
        across: Years.
        drawn: Lines of the same length.
        top: Of the upward axis, which begins at 0; positive.
        last: Year at which the axis ends; positive.
        per_cent: Whether the upward axis is in per cent.
        width: Of the drawing, in units in which letters are 11 high.
    """
    left, right, upper, lower = 42.0, width - 10.0, 8.0, 104.0

    def at(year: float, value: float) -> str:
        x = left + (right - left) * year / last
        y = lower - (lower - upper) * min(max(value / top, 0.0), 1.0)
        return f"{x:.1f},{y:.1f}"

    text = [f'<svg viewBox="0 0 {width} 126" aria-hidden="true" class="lines">']
    for share in (0.0, 0.5, 1.0):
        y = lower - (lower - upper) * share
        shown = f"{plain(100 * top * share, 2)}%" if per_cent else plain(top * share, 2)
        text.append(f'<path class="grid" d="M{left:.1f},{y:.1f}H{right:.1f}"/>')
        text.append(f'<text x="{left - 5:.1f}" y="{y + 4:.1f}" class="end">{shown}</text>')
    for share, kind in ((0.0, "start"), (0.5, "mid"), (1.0, "end")):
        x = left + (right - left) * share
        text.append(f'<text x="{x:.1f}" y="{lower + 16:.1f}" class="{kind}">{plain(last * share, 2)}</text>')
    for line in drawn:
        path = " ".join(at(float(year), float(value)) for year, value in zip(across, line.values, strict=True))
        text.append(f'<polyline class="line {line.kind}" points="{path}"/>')
    text.append("</svg>")
    return "".join(text)


def bar(low: float, middle: float, high: float, last: float, kind: str) -> str:
    """A bar from low to high with a dot in the middle, on an axis from 0 to `last`; what is beyond runs off."""

    def x(value: float) -> float:
        return 200 * min(max(value / last, 0.0), 1.0)

    dot = "" if middle > last else f'<circle cx="{x(middle):.1f}" cy="5" r="3.5"/>'
    width = max(x(high) - x(low), 1.0)
    return (
        f'<svg viewBox="-4 0 208 10" aria-hidden="true" class="bar {kind}">'
        f'<rect x="{x(low):.1f}" y="3" width="{width:.1f}" height="4"/>{dot}</svg>'
    )
