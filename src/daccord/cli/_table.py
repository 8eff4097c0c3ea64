"""Tables for terminals: rich where there is one, plain text where there is none, and numbers that never break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from daccord.fusion import MICRO

__all__ = ["SIMULATED", "STYLES", "Column", "chance", "decimals", "per_cent", "print_table"]

SIMULATED: Final = "SIMULATED ROUND: projects or judgments are invented"

STYLES: Final = {
    "accelerate": "blue",
    "with_safeguards": "cyan",
    "hold": "red",
    "unclear": "magenta",
    "unrated": "dim",
}
"""Verdict → style; the verdict always stands there in words too, so colour never speaks alone."""

_GAP: Final = 2
_LEAST: Final = 14
"""Characters that are left of a title, however narrow the terminal is."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        head: May have several lines.
        right: True for numbers.
        clip: True for the one column that gives way where the table is wider than the terminal; all others keep
            every character.
    """

    head: str
    right: bool = False
    clip: bool = False


def _width(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def print_table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], styles: Sequence[str | None] | None = None
) -> None:
    """Print a table on stdout.

    Args:
        columns: Heads; at most one is clipped.
        rows: Cells, one line each; shown as they are, markup means nothing.
        styles: rich style of each row; ignored where stdout is no terminal or NO_COLOR is set.
    """
    needed = [max(_width(column.head), *(_width(row[k]) for row in rows), 1) for k, column in enumerate(columns)]
    console = Console(highlight=False, markup=False, emoji=False)
    fixed = sum(needed) + _GAP * (len(columns) - 1)
    for k, column in enumerate(columns):
        if column.clip and fixed > console.width:
            shorter = max(min(_LEAST, needed[k]), needed[k] - (fixed - console.width))
            fixed -= needed[k] - shorter
            needed[k] = shorter
    # A line longer than the terminal is wide is better than half a number.
    console.width = max(console.width, fixed)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for column, width in zip(columns, needed, strict=True):
        table.add_column(
            Text(column.head), justify="right" if column.right else "left", no_wrap=True, width=width, vertical="bottom"
        )
    for number, row in enumerate(rows):
        table.add_row(*(Text(cell, overflow="ellipsis") for cell in row), style=styles[number] if styles else None)
    console.print(table)


def chance(millionths: int) -> str:
    """A probability in millionths as `83 %`, rounded down; the ends are not certain, so they read `<1 %`, `>99 %`."""
    if millionths < MICRO // 100:
        return "<1 %"
    return ">99 %" if millionths > 99 * MICRO // 100 else f"{millionths // (MICRO // 100)} %"


def decimals(fractions: Sequence[float]) -> int:
    """Decimals of a column of percentages: one, or as many as the smallest value above zero needs, at most four."""
    least = min((value for value in fractions if value > 0), default=1.0)
    digits = 1
    while digits < 4 and 100 * least < 0.5 * 10.0**-digits:
        digits += 1
    return digits


def per_cent(fraction: float, digits: int) -> str:
    """A fraction of 1 as a percentage without its sign; zero has no decimals."""
    return f"{100 * fraction:.{digits}f}" if fraction else "0"
