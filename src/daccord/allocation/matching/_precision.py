"""How far rounding in integers can move an award, and the scale that makes it too small to be felt.

The match of one pair at one grant differs from its exact value, with both at the same M, by less than

    1.1   the product of two roots: rounded down (1), of roots rounded down (below 0.1),
    0.3 k what the two share, the same error for each of the k grants they share, times at most 1/4,
    2     M in units and M times trust, rounded down,
    1     the quotient, rounded down,

units, together below 5 + k/3, and it counts twice. Summed over the k grants of a pair the second line is 0.3 for each,
so all matches together are off by less than 5 units for each pair at each grant, twice. An award is the pool times the
match over the sum of matches, so it is off by less than the error of the match plus its share of the error of the sum.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from daccord.allocation.matching._gifts import Gifts, Scale

__all__ = ["ENOUGH", "error_bound", "scale_for"]

ENOUGH: Final = Fraction(1, 100)
"""Minor units by which rounding may move an award before more bits are used."""

_WIDE_GUARD: Final = 64
_WIDE_PAIRS: Final = 200_000


def error_bound(gifts: Gifts, scale: Scale, share: Fraction = Fraction(1)) -> Fraction:
    """Minor units by which rounding moves any pairwise-bounded award at most, before the award itself is rounded.

    Args:
        gifts: Who gave what.
        scale: Of roots and units.
        share: Largest share of the pool that a grant gets.
    """
    if not len(gifts):
        return Fraction(0)
    grants = int(np.bincount(gifts.donor).max())
    own = (5 + Fraction(grants, 3)) * max(gifts.pairs)
    return 2 * (own + share * 5 * sum(gifts.pairs)) * scale.unit


def scale_for(gifts: Gifts) -> Scale:
    """64-bit integers where they are exact enough; 64 bits more where they are not and the round is small.

    A large round whose smallest unit of money is finer than 64-bit integers can resolve (18 decimals, say) stays with
    them; then `error_bound`, which is published, says how fine its amounts are.
    """
    scale = Scale.of(gifts.largest)
    if error_bound(gifts, scale) <= ENOUGH or sum(gifts.pairs) > _WIDE_PAIRS:
        return scale
    return Scale.of(gifts.largest, _WIDE_GUARD)
