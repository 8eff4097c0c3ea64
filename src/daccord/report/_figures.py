"""A figure: a chart in a wide and a narrow form, what it shows in words, and its data as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daccord.allocation import Label
from daccord.report._svg import missing_extra, render

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "COLOURS",
    "INK",
    "NARROW",
    "PAPER",
    "SHAPES",
    "SYMBOLS",
    "WIDE",
    "Figure",
    "Size",
    "Table",
    "altair",
    "draw",
    "label_room",
    "row_step",
]

INK: Final = "#1c2430"
PAPER: Final = "#fffefb"

# Okabe & Ito, "Color universal design" (2008), with the reddish purple and the green darkened until they
# stand 3:1 against white; every verdict also has a shape and a sign of its own, so colour never speaks alone.
COLOURS: Final[Mapping[Label, str]] = {
    "accelerate": "#0072b2",
    "with_safeguards": "#00795a",
    "hold": "#c44f00",
    "unclear": "#9a4a7f",
    "unrated": "#5c6370",
}
SHAPES: Final[Mapping[Label, str]] = {
    "accelerate": "circle",
    "with_safeguards": "triangle-up",
    "hold": "square",
    "unclear": "diamond",
    "unrated": "cross",
}
SYMBOLS: Final[Mapping[Label, str]] = {
    "accelerate": "●",
    "with_safeguards": "▲",
    "hold": "■",
    "unclear": "◆",
    "unrated": "✚",
}


@dataclass(frozen=True)
class Size:
    """The form a chart is drawn in.

    Attributes:
        name: `wide`, or `narrow` for telephones.
        width: Of the whole chart, pixels.
        labels: Characters a project's name may take beside a row.
    """

    name: str
    width: int
    labels: int


WIDE: Final = Size("wide", 720, 42)
NARROW: Final = Size("narrow", 330, 18)


@dataclass(frozen=True)
class Table:
    """A table for people.

    Attributes:
        caption: What it holds.
        head: Column heads.
        rows: Cells as text; the first is the row's head.
        text_columns: Positions of further columns that hold text; all others hold numbers.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A chart with its text alternative and its data.

    Attributes:
        id: Anchor, unique in the page.
        title: Says what the figure shows.
        text: What there is to see, in words that do without the drawing.
        svg: Name of the size → markup; empty if there is nothing to draw.
        table: The data.
        legend: Verdicts that its marks stand for; the page explains them beside it.
    """

    id: str
    title: str
    text: str
    svg: Mapping[str, str]
    table: Table
    legend: tuple[Label, ...] = ()


def altair() -> Any:  # noqa: ANN401 the module, typed where it is used
    """The chart library, imported when a chart is drawn.

    Raises:
        ExternalError: It is not installed.
    """
    try:
        import altair as alt  # noqa: PLC0415 half a second that only reports need
    except ImportError as error:
        raise missing_extra(error) from error
    return alt


def label_room(labels: Sequence[str], font: int) -> int:
    """Pixels the longest label takes in a wide face, so that no system font runs over the edge."""
    return math.ceil(max((len(label) for label in labels), default=0) * font * 0.56) + 8


def row_step(rows: int) -> int:
    """Pixels a row of a chart takes: less when there are many rows, but never less than its label needs."""
    return 24 if rows <= 30 else 16


def draw(
    identifier: str, label: str, chart: Callable[[Size], alt.TopLevelMixin], sizes: Sequence[Size]
) -> dict[str, str]:
    """Draw a chart in each size.

    Args:
        identifier: Anchor of the figure.
        label: Text alternative.
        chart: Builds the chart for a size.
        sizes: Sizes to draw.

    Returns:
        Name of the size → markup.
    """
    drawn: dict[str, str] = {}
    for size in sizes:
        text = {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": INK}
        spec = chart(size).to_dict()
        spec.pop("$schema", None)
        spec["config"] = {
            "aria": False,
            "background": None,
            "view": {"stroke": None},
            "axis": {
                **text,
                "titleFontWeight": "normal",
                "gridColor": "#e7e3da",
                "domain": False,
                "ticks": False,
                "labelPadding": 6,
                "labelLimit": 0,
            },
            "text": {"fontSize": 12, "fill": INK},
            "concat": {"spacing": 24},
        }
        drawn[size.name] = render(spec, f"{identifier}-{size.name}", label)
    return drawn
