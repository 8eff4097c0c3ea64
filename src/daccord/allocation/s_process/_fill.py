"""Spending an amount where the next unit is worth most, exact to the unit and without a loop over units.

All units that a spender could buy stand in one line: the greater worth first; between units of equal worth, the one
whose project has less money; then the smaller SHA-256 of the project's id. The amount buys the beginning of the line.
The level at which it ends is found by halving on integers; the few units around it are compared as exact fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from daccord.allocation.s_process._curves import Curve, Line, grid_bits

__all__ = ["Spender"]


class Spender:
    """One who spends by curves of its own; remembers what it has looked up.

    Args:
        curves: Of the projects, shape (n,).
        ties: What decides between equals, smaller first, shape (n,).
    """

    def __init__(self, curves: Sequence[Curve], ties: Sequence[int]) -> None:
        bits = grid_bits(curves)
        self._lines = [Line(curve, bits) for curve in curves]
        self._ties = ties
        self._known = [(0, line.top(0)) for line in self._lines]
        self._stride = max(1, max((top for _, top in self._known), default=0) // 2)

    def fill(self, money: int, had: Sequence[int], rooms: Sequence[int], among: Sequence[int]) -> dict[int, int]:
        """Spend money.

        Args:
            money: Units to spend.
            had: Units each project has already, shape (n,).
            rooms: Units each may still take, shape (n,).
            among: Positions to choose from.

        Returns:
            Position → units, for those who get some; together less than `money` only if no further unit is worth
            anything.
        """
        ends = {i: had[i] + rooms[i] for i in among if rooms[i] > 0}
        tops = {i: self._top(i, had[i]) for i in ends}

        def reach(level: int) -> dict[int, int]:
            """Units that those projects have, once all above the level are bought, that get any."""
            found = {i: min(self._lines[i].height(level), ends[i]) for i, top in tops.items() if top > level}
            return {i: x for i, x in found.items() if x > had[i]}

        def size(reached: Mapping[int, int]) -> int:
            return sum(x - had[i] for i, x in reached.items())

        upper, above = max(tops.values(), default=0), dict[int, int]()
        lower = max(0, upper - self._stride)
        while size(below := reach(lower)) <= money:
            if not lower:
                return {i: x - had[i] for i, x in below.items()}
            upper, above, lower = lower, below, max(0, lower - 2 * (upper - lower))
        start, few = upper, len(below) // 4 + 8
        while upper - lower > 1 and size(below) - size(above) > few:
            middle = (upper + lower) // 2
            found = reach(middle)
            if size(found) <= money:
                upper, above = middle, found
            else:
                lower, below = middle, found
        self._stride = max(1, max(tops.values()) - upper, start - upper)
        return self._finish(money - size(above), had, above, below)

    def _top(self, i: int, had: int) -> int:
        """What the next unit is worth on the grid, rounded up; most projects have not moved since the last time."""
        if self._known[i][0] != had:
            self._known[i] = had, self._lines[i].top(had)
        return self._known[i][1]

    def _finish(
        self, left: int, had: Sequence[int], above: Mapping[int, int], below: Mapping[int, int]
    ) -> dict[int, int]:
        """Spend what is left on the units between two levels, by exact worth."""
        reached = dict(above)
        groups: dict[Fraction, dict[int, tuple[int, int]]] = {}
        for i, stop in below.items():
            for value, first, last in _runs(self._lines[i].curve, above.get(i, had[i]), stop):
                runs = groups.setdefault(value, {})
                runs[i] = (runs[i][0] if i in runs else first, last)
        for value in sorted(groups, reverse=True):
            runs = groups[value]
            size = sum(last - first for first, last in runs.values())
            if size > left:
                runs = self._level(runs, left)
                size = left
            reached |= {i: last for i, (_, last) in runs.items()}
            left -= size
            if not left:
                break
        return {i: x - had[i] for i, x in reached.items() if x > had[i]}

    def _level(self, runs: dict[int, tuple[int, int]], left: int) -> dict[int, tuple[int, int]]:
        """Of units of equal worth those whose projects have least, so many of them."""

        def bought(line: int) -> int:
            return sum(min(max(line, first), last) - first for first, last in runs.values())

        low, high = min(first for first, _ in runs.values()), max(last for _, last in runs.values())
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if bought(middle) <= left else (low, middle)
        left -= bought(low)
        next_ = sorted((i for i, (first, last) in runs.items() if first <= low < last), key=self._ties.__getitem__)
        extra = set(next_[:left])
        return {i: (first, min(max(low, first), last) + (i in extra)) for i, (first, last) in runs.items()}


def _runs(curve: Curve, start: int, stop: int) -> list[tuple[Fraction, int, int]]:
    """The units of [start, stop) as runs of equal worth: (worth, first, behind the last)."""
    runs = []
    for piece in curve.pieces:
        low, high = max(start, piece.start), min(stop, piece.stop)
        if low >= high:
            continue
        if piece.fall:
            runs += [(piece.value(unit), unit, unit + 1) for unit in range(low, high)]
        else:
            runs.append((piece.top, low, high))
    return runs
