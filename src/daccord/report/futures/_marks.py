"""Colours, dashes, legends and names that the charts of the comparison share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from daccord.report._figures import Size, label_room
from daccord.report._words import unique_labels

__all__ = ["DASHES", "LINES", "beside", "colours", "legend"]

LINES: Final = ("#5c6370", "#c44f00", "#0072b2", "#9a4a7f", "#00795a", "#b8860b", "#1c2430", "#56b4e9")
"""A colour for each constitution, class or friction; the panel of weights has the same ones."""
DASHES: Final = ([1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 1], [10, 3], [1, 3], [5, 5])
"""A dash for each, so that colour never speaks alone."""


def legend(alt: Any, columns: int, **more: Any) -> Any:  # noqa: ANN401
    """A legend above its chart, with room for faces wider than the one that the library measures."""
    return alt.Legend(
        title=None, labelFontSize=12, orient="top", columns=columns, labelLimit=260, columnPadding=32, **more
    )


def beside(names: Sequence[str], size: Size) -> tuple[dict[str, str], int]:
    """Constitution → its name beside a row, and the room that these take."""
    short = unique_labels(list(names), size.labels)
    return dict(zip(names, short, strict=True)), label_room(short, 12)


def colours(alt: Any, names: Sequence[str], legend: Any) -> Any:  # noqa: ANN401
    """Colour by name."""
    return alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(LINES[: len(names)])), legend=legend)
