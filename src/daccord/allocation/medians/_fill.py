"""Dividing a pot in proportion to integers within bounds, with integers alone.

`min(bound, t · weight)` with the one t at which the pot is used up, as in the rule `proportional` where no team has a
cap, and rounded in the same way. It is done for every voter when ballots are left out in turn, so it is written without
fractions: the projects at their bounds are a beginning of the list by bound / weight, and all others have quotas over
one denominator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Filled", "fill"]


@dataclass(frozen=True)
class Filled:
    """A division of the pot.

    Attributes:
        weights: As given, shape (n,).
        bounds: Bounds of those with a weight, 0 for the others, shape (n,).
        full: Whether a project has its bound, shape (n,).
        left: What the pot leaves to projects that are not full, minor units.
        rest: The sum of their weights; 0 if the pot is not the limit.
    """

    weights: Sequence[int]
    bounds: Sequence[int]
    full: Sequence[bool]
    left: int
    rest: int

    @property
    def level(self) -> Fraction | None:
        """t, minor units per unit of weight; None if the pot is not the limit."""
        return Fraction(self.left, self.rest) if self.rest else None

    def below(self, minimum: int) -> list[bool]:
        """Whether a project with a weight has a quota below `minimum`, shape (n,)."""
        return [
            weight > 0 and (bound < minimum if full else weight * self.left < minimum * self.rest)
            for weight, bound, full in zip(self.weights, self.bounds, self.full, strict=True)
        ]

    def rounded(self, ties: Sequence[int]) -> list[int]:
        """Amounts by largest remainder; between equals the smaller tie goes first."""
        amounts = list(self.bounds)
        over: list[tuple[int, int, int]] = []
        units = self.left
        for i, (weight, full) in enumerate(zip(self.weights, self.full, strict=True)):
            if not full:
                amounts[i], remainder = divmod(weight * self.left, self.rest)
                units -= amounts[i]
                over.append((-remainder, ties[i], i))
        for _, _, i in sorted(over)[:units]:
            amounts[i] += 1
        return amounts


def fill(weights: Sequence[int], bounds: Sequence[int], pot: int) -> Filled:
    """Divide the pot in proportion to weights, within bounds.

    Args:
        weights: Not negative, shape (n,); who has 0 gets nothing.
        bounds: Minor units, not negative, shape (n,).
        pot: Minor units.
    """
    tops = [bound if weight else 0 for weight, bound in zip(weights, bounds, strict=True)]
    if sum(tops) <= pot:
        return Filled(weights, tops, [True] * len(tops), 0, 0)
    able = [i for i, weight in enumerate(weights) if weight]
    # Two different ratios of such numbers differ in their whole part once they are shifted so far.
    shift = 2 * max(weights[i] for i in able).bit_length()
    full = [not weight for weight in weights]
    left, rest = pot, sum(weights)
    for i in sorted(able, key=lambda i: (tops[i] << shift) // weights[i]):
        if weights[i] * left < tops[i] * rest:
            break
        full[i] = True
        left -= tops[i]
        rest -= weights[i]
    return Filled(weights, tops, full, left, rest)
