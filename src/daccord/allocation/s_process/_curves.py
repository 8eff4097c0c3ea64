"""Curves of marginal value, exactly: what unit number u + 1 of a project is worth once it has u.

A curve is a row of pieces; inside a piece every unit is worth the same amount less than the one before. It never rises,
and behind its last piece it is zero. Weighted sums of curves are curves again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Final

from daccord.judging import MarginalValue

__all__ = ["NOTHING", "Curve", "Line", "Piece", "curve_of", "grid_bits", "weighted_sum"]


@dataclass(frozen=True)
class Piece:
    """Units `start` ≤ u < `stop`: unit u is worth `top` - `fall` (u - `start`), above zero for all of them."""

    start: int
    stop: int
    top: Fraction
    fall: Fraction

    def value(self, unit: int) -> Fraction:
        """Worth of a unit of the piece."""
        return self.top - self.fall * (unit - self.start)

    def worth(self, start: int, stop: int) -> Fraction:
        """Worth of the units of [start, stop) that lie in the piece, together."""
        low, high = max(start, self.start), min(stop, self.stop)
        return (self.value(low) + self.value(high - 1)) * (high - low) / 2 if low < high else Fraction(0)


@dataclass(frozen=True)
class Curve:
    """Adjoining pieces from unit 0 on, never rising."""

    pieces: tuple[Piece, ...] = ()

    def value(self, unit: int) -> Fraction:
        """Worth of one unit."""
        place = bisect_left(self._stops, unit + 1)
        return self.pieces[place].value(unit) if place < len(self.pieces) else Fraction(0)

    def worth(self, start: int, stop: int) -> Fraction:
        """Worth of the units of [start, stop) together."""
        first, last = bisect_left(self._stops, start + 1), bisect_left(self._stops, stop) + 1
        return sum((piece.worth(start, stop) for piece in self.pieces[first:last]), Fraction(0))

    @cached_property
    def _stops(self) -> list[int]:
        return [piece.stop for piece in self.pieces]


NOTHING: Final = Curve()
"""The curve of a project in which somebody sees no value."""


def curve_of(points: Iterable[MarginalValue]) -> Curve:
    """The curve through a juror's points for one project.

    Raises:
        ValueError: The points are no curve: none at 0, two at one amount, or a rising value.
    """
    ordered = sorted(points, key=lambda point: point.amount)
    if not ordered or ordered[0].amount != 0:
        raise ValueError("a curve begins at amount 0")
    pieces = []
    for one, other in pairwise(ordered):
        units = other.amount - one.amount
        if units <= 0 or other.value > one.value or other.value < 0:
            raise ValueError(f"from {one.amount} to {other.amount} the curve does not go forward, rises or is negative")
        if one.value > 0:
            pieces.append(Piece(one.amount, other.amount, one.value, (one.value - other.value) / units))
    return Curve(tuple(pieces))


def weighted_sum(curves: Sequence[tuple[Fraction, Curve]]) -> Curve:
    """The curve whose every unit is worth the weighted sum of what the others say; weights are positive."""
    # Every piece is a straight line `level - fall u` that begins and ends somewhere; walk along and keep the sum.
    steps: dict[int, tuple[Fraction, Fraction]] = {}
    for weight, curve in curves:
        for piece in curve.pieces:
            level, fall = weight * (piece.top + piece.fall * piece.start), weight * piece.fall
            for cut, sign in ((piece.start, 1), (piece.stop, -1)):
                before = steps.get(cut, (Fraction(0), Fraction(0)))
                steps[cut] = before[0] + sign * level, before[1] + sign * fall
    level = fall = Fraction(0)
    pieces = []
    for start, stop in pairwise(sorted(steps)):
        level, fall = level + steps[start][0], fall + steps[start][1]
        pieces.append(Piece(start, stop, level - fall * start, fall))
    return Curve(tuple(pieces))


def grid_bits(curves: Iterable[Curve]) -> int:
    """Bits of a grid so fine that between two neighbours on it no falling piece has more than one unit."""
    falls = [piece.fall for curve in curves for piece in curve.pieces if piece.fall > 0]
    return max((fall.denominator // fall.numerator for fall in falls), default=0).bit_length() + 1


class Line:
    """A curve in integers, to ask at which unit it comes down to a level on the grid of 2^-bits.

    Args:
        curve: The curve.
        bits: Of the grid.
    """

    def __init__(self, curve: Curve, bits: int) -> None:
        self.curve = curve
        self._pieces = []
        self._stops = [piece.stop for piece in curve.pieces]
        self._bottoms = []  # what a piece's last unit is worth on the grid, rounded up, negative to bisect
        for piece in curve.pieces:
            unit = lcm(piece.top.denominator, piece.fall.denominator)
            top = piece.top.numerator * (unit // piece.top.denominator) << bits
            fall = piece.fall.numerator * (unit // piece.fall.denominator) << bits
            self._pieces.append((piece.start, piece.stop, top, fall, unit))
            self._bottoms.append((top - fall * (piece.stop - 1 - piece.start)) // -unit)

    def top(self, unit: int) -> int:
        """Least level above which the unit and those after it are not worth anything more."""
        place = bisect_left(self._stops, unit + 1)
        if place == len(self._pieces):
            return 0
        start, _, top, fall, scale = self._pieces[place]
        return -((top - fall * (unit - start)) // -scale)

    def height(self, level: int) -> int:
        """How many units from the first on are worth more than the level; it is at least 0."""
        place = bisect_left(self._bottoms, -level)
        if place == len(self._pieces):
            return self._pieces[-1][1] if self._pieces else 0
        start, _, top, fall, unit = self._pieces[place]
        above = top - level * unit
        return start - (above // -fall) if above > 0 and fall else start
