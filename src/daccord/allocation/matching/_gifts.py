"""Gifts in columns, and their square roots as integers.

A square root is irrational. Here it is an integer, rounded down, in units so small that what rounding costs in the end
is far below the smallest unit of money (`Scale` says how small, `_precision` says what it costs):

    root(c) = ⌊√(c · 4^s)⌋,  with the s at which all that the most generous donor gave fits into 120 bits,
    product of two roots = ⌊root(a) · root(b) / 2^r⌋,  with r = 62.

So a root has at most 60 bits, and what two donors share, summed over all grants, at most 57 (Cauchy and Schwarz).
Everything after that is sums, products and floors of integers: the same on every machine, in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import isqrt
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from daccord.fusion import MICRO

__all__ = ["ROOT_BITS", "Gifts", "Scale"]

IntArray = npt.NDArray[np.int64]

ROOT_BITS: Final = 60
"""Bits of the root of all that the most generous donor gave, at `guard = 0`."""

_SHIFT: Final = 62
_ADDABLE: Final = 2**62


@dataclass(frozen=True)
class Scale:
    """How roots and what pairs share become integers.

    Attributes:
        root: s: a root is ⌊√(c · 4^s)⌋; may be negative.
        shift: r: a product of roots is divided by 2^r and rounded down.
    """

    root: int
    shift: int

    @classmethod
    def of(cls, largest: int, guard: int = 0) -> Self:
        """The scale for a round.

        Args:
            largest: All that the most generous donor gave, minor units, positive.
            guard: Bits more than fit into 64-bit integers, for rounds where rounding would otherwise be felt.
        """
        return cls((2 * ROOT_BITS - 1 - largest.bit_length()) // 2 + guard, _SHIFT + guard)

    @cached_property
    def unit(self) -> Fraction:
        """One unit of what pairs share, in minor units."""
        return Fraction(2) ** (self.shift - 2 * self.root)

    def root_of(self, amount: int) -> int:
        """Root of an amount of minor units, rounded down."""
        return isqrt(amount << 2 * self.root if self.root >= 0 else amount >> -2 * self.root)

    def units(self, amount: Fraction) -> int:
        """An amount of minor units in units, rounded down."""
        return int(amount / self.unit)


@dataclass(frozen=True, eq=False)
class Gifts:
    """What donors gave to grants; a donor who gave to a grant several times stands there once, with the sum.

    Attributes:
        donors: How many donors; they are counted from 0.
        grants: How many grants.
        donor: Who gave, shape (n,); rising within a grant.
        grant: To what, shape (n,); rising.
        amount: Minor units, positive, shape (n,); Python integers, of any size.
        trust: Trust in each donor, millionths in [0, 10^6], shape (donors,).
    """

    donors: int
    grants: int
    donor: IntArray
    grant: IntArray
    amount: tuple[int, ...]
    trust: IntArray

    @classmethod
    def of(
        cls,
        donor: Sequence[int] | IntArray,
        grant: Sequence[int] | IntArray,
        amount: Sequence[int] | IntArray,
        *,
        donors: int,
        grants: int,
        trust: Sequence[int] | IntArray | None = None,
    ) -> Self:
        """Add up repeated gifts and sort them; the order of the rows does not matter.

        Args:
            donor: Positions of donors, shape (rows,).
            grant: Positions of grants, shape (rows,).
            amount: Minor units, positive, shape (rows,).
            donors: How many donors there are.
            grants: How many grants there are.
            trust: Millionths, shape (donors,); None for full trust in everybody.

        Raises:
            ValueError: A position, an amount or a trust is out of its range, or the columns differ in length.
        """
        who, what = np.asarray(donor, dtype=np.int64), np.asarray(grant, dtype=np.int64)
        if not len(who) == len(what) == len(amount):
            raise ValueError(f"gifts: {len(who)} donors, {len(what)} grants and {len(amount)} amounts")
        if np.any((who < 0) | (who >= donors)) or np.any((what < 0) | (what >= grants)):
            raise ValueError("gifts: a row names a donor or a grant that is not there")
        trusts = np.full(donors, MICRO) if trust is None else np.asarray(trust, dtype=np.int64)
        if trusts.shape != (donors,) or np.any((trusts < 0) | (trusts > MICRO)):
            raise ValueError("gifts: trust is not one number of millionths for each donor")
        if len(who) == 0:
            return cls(donors, grants, who, what, (), trusts)
        values = np.asarray(amount)
        if values.dtype != object and (values.dtype.kind not in "iu" or int(values.max()) * len(values) > _ADDABLE):
            values = np.array([int(value) for value in values], dtype=object)
        if np.any(values <= 0):
            raise ValueError("gifts: an amount is not above zero")
        place = what * donors + who
        order = np.argsort(place, kind="stable")
        place = place[order]
        starts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
        sums = np.add.reduceat(values[order], starts)
        first = order[starts]
        return cls(donors, grants, who[first], what[first], tuple(int(value) for value in sums), trusts)

    def __len__(self) -> int:
        return len(self.amount)

    @cached_property
    def starts(self) -> IntArray:
        """Where each grant's gifts begin, shape (grants + 1,)."""
        return np.searchsorted(self.grant, np.arange(self.grants + 1))

    @cached_property
    def given(self) -> tuple[int, ...]:
        """All that each grant got directly, minor units, shape (grants,)."""
        ends = self.starts.tolist()
        return tuple(sum(self.amount[a:b]) for a, b in pairwise(ends))

    @cached_property
    def largest(self) -> int:
        """All that the most generous donor gave, minor units; 0 without gifts."""
        totals = [0] * self.donors
        for who, amount in zip(self.donor.tolist(), self.amount, strict=True):
            totals[who] += amount
        return max(totals, default=0)

    @cached_property
    def pairs(self) -> tuple[int, ...]:
        """Pairs of donors of each grant, shape (grants,); who gives together to several grants counts in each."""
        sizes = np.diff(self.starts).tolist()
        return tuple(size * (size - 1) // 2 for size in sizes)

    def roots(self, scale: Scale) -> list[int]:
        """The roots of the amounts, shape (n,)."""
        known: dict[int, int] = {}
        out = []
        for amount in self.amount:
            root = known.get(amount)
            if root is None:
                root = known[amount] = scale.root_of(amount)
            out.append(root)
        return out
