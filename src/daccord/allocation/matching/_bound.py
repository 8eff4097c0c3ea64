"""The bound M at which the pairs' match uses up the pool.

    M = the smallest number with six significant digits at which Σ match(M) ≥ pool,

but never more than sixteen times what the most generous donor gave: there a fully trusted pair gets at least 16/17 of
its plain match, so the bound has no work left to do, and what the pool still holds stays unallocated.

The match rises with M, so the number is well defined, and integers decide it: the sums at M and at the number before.
Floating point only says where to look. One pass over the pairs sorts them into bins by what they share (over their
trust), a thousand bins to an octave; from these the sum for any M follows to about seven digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import nlargest
from math import floor, log10
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation.matching._gifts import Gifts, Scale
from daccord.allocation.matching._pairs import blocks, fast_pair_sums
from daccord.allocation.matching._reference import pair_sums
from daccord.fusion import MICRO

__all__ = ["HIGHEST", "Bound", "Matched", "Survey", "find_bound", "grid", "survey"]

FloatArray = npt.NDArray[np.float64]

HIGHEST: Final = 16
"""M is at most so many times what the most generous donor gave."""

_MANTISSAS: Final = 900_000
_BINS: Final = 1024
_OCTAVES: Final = 128
_ZERO: Final = 1023 * _BINS


def grid(place: int) -> Fraction:
    """The number with six significant digits at a place; `grid(0)` is 1, and the next one is 1.00001."""
    exponent, mantissa = divmod(place, _MANTISSAS)
    return (100_000 + mantissa) * Fraction(10) ** (exponent - 5)


def _place(value: float) -> int:
    """Place of the smallest such number that is at least the value, up to rounding in floating point."""
    exponent = floor(log10(value))
    return exponent * _MANTISSAS + int(np.ceil(value / 10.0**exponent * 100_000)) - 100_000


@dataclass(frozen=True, eq=False)
class Survey:
    """All pairs of donors who gave to the same grant, in bins by what they share over their trust.

    Attributes:
        mass: What the pairs of each bin share, units, shape (bins,).
        middle: Shared over trust of the bin's typical pair, units, shape (bins,).
        top: What the pairs share that share most, Σ √(a · b) over the grants to which both gave, units; largest first.
    """

    mass: FloatArray
    middle: FloatArray
    top: tuple[int, ...]

    def total(self, bound: float) -> float:
        """About what all pairs get together for an M, both in units."""
        return float(np.sum(2 * bound * self.mass / (bound + self.middle)))

    def near(self, target: float, highest: float) -> float:
        """About the M at which all pairs get the target, in units; the highest if it takes more."""
        low, high = 0.0, highest
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if self.total(middle) < target else (low, middle)
        return high


def _bins(values: FloatArray) -> npt.NDArray[np.int64]:
    """Bin of each positive number: its exponent and the first ten digits of its mantissa, read from its bits."""
    return np.asarray(np.clip((values.view(np.int64) >> 42) - _ZERO, 0, _OCTAVES * _BINS - 1))


def survey(gifts: Gifts, top: int = 5) -> Survey:
    """Look at all pairs once.

    Args:
        gifts: Who gave what.
        top: How many of the pairs that share most are kept.
    """
    sums = np.zeros((2, _OCTAVES * _BINS))
    trust = gifts.trust / MICRO
    graded = bool(np.any(trust < 1))
    best: list[int] = []
    for block in blocks(gifts, Scale.of(gifts.largest)):
        shared = block.shared[block.shared > 0]
        if not len(shared):
            continue
        best = nlargest(top, best + np.partition(shared, -min(top, len(shared)))[-top:].tolist())
        mass = shared.astype(np.float64)
        both = np.ones(1)
        if graded:
            rows, columns = np.nonzero(block.shared)
            both = trust[rows + block.first] * trust[columns + block.first]
            mass, both = mass[both > 0], both[both > 0]
        bins = _bins(mass / both)
        sums[0] += np.bincount(bins, mass, _OCTAVES * _BINS)
        sums[1] += np.bincount(bins, both if graded else None, _OCTAVES * _BINS)
    used = np.flatnonzero(sums[0] > 0)
    return Survey(sums[0][used], sums[0][used] / sums[1][used], tuple(best))


@dataclass(frozen=True)
class Bound:
    """A value of M.

    Attributes:
        minor: Minor units, exactly.
        units: The same in units, rounded down.
    """

    minor: Fraction
    units: int


@dataclass(frozen=True)
class Matched:
    """The pairwise-bounded match.

    Attributes:
        bound: M; None if no two donors gave to the same grant, or there is no pool.
        sums: Match of each grant, in units, shape (grants,).
        reached: Whether the match uses up the pool.
    """

    bound: Bound | None
    sums: tuple[int, ...]
    reached: bool


def _sums(gifts: Gifts, scale: Scale, bounds: Sequence[Bound]) -> list[list[int]]:
    values = [bound.units for bound in bounds]
    if scale == Scale.of(gifts.largest):
        return fast_pair_sums(gifts, scale, values)
    return pair_sums(gifts, scale, values)


def find_bound(
    gifts: Gifts, scale: Scale, pool: int, seen: Survey | None = None, given: Fraction | None = None
) -> Matched:
    """The match of each grant, at the M that uses up the pool or at a given one.

    Args:
        gifts: Who gave what.
        scale: Of roots and units.
        pool: Minor units, non-negative.
        seen: From `survey`, which looks where M lies; None to have it made.
        given: M in minor units, positive; None to find it. One above the highest M that is looked for counts as that.
    """
    nothing = Matched(None, (0,) * gifts.grants, reached=False)
    if not any(gifts.pairs) or pool <= 0:
        return nothing

    def at(minor: Fraction) -> Bound:
        return Bound(minor, scale.units(minor))

    highest = at(Fraction(HIGHEST * gifts.largest))
    target = pool / scale.unit
    if given is not None:
        bound = at(min(given, highest.minor))
        (sums,) = _sums(gifts, scale, [bound])
        return Matched(bound, tuple(sums), sum(sums) >= target)
    fast = Scale.of(gifts.largest)
    seen = survey(gifts) if seen is None else seen
    middle = seen.near(float(pool / fast.unit), float(highest.minor / fast.unit))
    return _search(gifts, scale, target, highest, _place(middle * float(fast.unit)) if middle > 0 else 0)


def _search(gifts: Gifts, scale: Scale, target: Fraction, highest: Bound, guess: int) -> Matched:
    """The smallest place on the grid whose match reaches the target, starting from a guess; `highest` at most."""
    low: int | None = None
    high: int | None = None
    found: dict[int, Matched] = {}
    probes, step = [guess - 1, guess, guess + 1], 1
    while True:
        bounds = []
        for place in probes:
            minor = min(grid(place), highest.minor)
            bounds.append(Bound(minor, scale.units(minor)))
        for place, bound, sums in zip(probes, bounds, _sums(gifts, scale, bounds), strict=True):
            found[place] = Matched(bound, tuple(sums), sum(sums) >= target)
            if found[place].reached:
                high = place if high is None else min(high, place)
            elif bound == highest:
                return found[place]
            else:
                low = place if low is None else max(low, place)
        if low is None:
            step *= 8
            probes = [guess - step]
        elif high is None:
            step *= 8
            probes = [guess + step]
        elif high - low > 1:
            probes = sorted({low + max(1, (high - low) * k // 4) for k in (1, 2, 3)})
        else:
            return found[high]
