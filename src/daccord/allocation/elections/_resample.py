"""Elections held again with electorates drawn anew from those who voted, for intervals.

Nothing here moves money. As many voters as took part are drawn from them with replacement; the same rule then decides,
in floating point. One thing is simpler: the endowment at which `add1` ends is found by doubling and halving and not by
single steps, to a sixty-fourth of the equal share. Both agree where outcomes grow steadily, which they nearly do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._exact import as_written
from daccord.allocation.elections._election import Election
from daccord.allocation.elections._sweep import Sweep
from daccord.round import ElectionRules

__all__ = ["resample_greedy", "resample_shares"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_DOUBLINGS: Final = 60
_HALVINGS: Final = 6


class _Electorate:
    """An election with another number of voters in each group."""

    def __init__(self, election: Election, points: IntArray, sizes: IntArray, threshold: float) -> None:
        self.election, self.sizes = election, sizes
        self.costs = np.array(election.costs, dtype=np.float64)
        self.points = points
        self.scores = sizes @ points
        self.able = (self.scores > 0) & (self.scores >= threshold)

    def cost(self, winners: Collection[int]) -> float:
        return float(self.costs[list(winners)].sum())

    def greedy(self, before: Collection[int] = (), *, skips: bool = True) -> list[int]:
        """By score, after what has been bought already."""
        won = list(before)
        left = self.election.budget - self.cost(won)
        for i in np.lexsort((self.costs, -self.scores)).tolist():
            if i in won or not self.able[i]:
                continue
            if self.costs[i] <= left:
                won.append(i)
                left -= self.costs[i]
            elif not skips:
                break
        return won

    def shares(self, rules: ElectionRules, unit: int) -> list[int]:
        """By equal shares."""
        budget = self.election.budget
        candidates = np.flatnonzero(self.able & (self.costs <= budget)).tolist()
        sweep = Sweep(self.election, rules.utility, candidates, self.sizes.tolist())
        share = budget / self.sizes.sum()
        won = list(sweep.run(share).winners)
        if rules.completion.startswith("add1"):
            won = self._raised(sweep, share, unit, won, len(candidates))
        if rules.completion.endswith("greedy"):
            won = self.greedy(won)
        return self._preferred(won, self.greedy()) if rules.comparison else won

    def _raised(self, sweep: Sweep, share: float, unit: int, won: list[int], most: int) -> list[int]:
        low, high = share, share
        for _ in range(_DOUBLINGS):
            if len(won) == most:
                return won
            high = max(2 * low, low + unit)
            found = list(sweep.run(high).winners)
            if self.cost(found) > self.election.budget:
                break
            low, won = high, found
        for _ in range(_HALVINGS):
            if high - low <= unit:
                break
            middle = (low + high) / 2
            found = list(sweep.run(middle).winners)
            if self.cost(found) > self.election.budget:
                high = middle
            else:
                low, won = middle, found
        return won

    def _preferred(self, shares: list[int], other: list[int]) -> list[int]:
        ours, theirs = self.points[:, shares].sum(axis=1), self.points[:, other].sum(axis=1)
        return other if self.sizes @ (theirs > ours) > self.sizes @ (ours > theirs) else shares


def _electorates(election: Election, threshold: float, number: int, seed: int) -> Iterator[_Electorate]:
    generator = np.random.Generator(np.random.Philox(seed))
    sizes = np.array(election.sizes, dtype=np.float64)
    points = np.zeros((len(election.groups), len(election)), dtype=np.int64)
    for g, group in enumerate(election.groups):
        for project, given in group.ballot:
            points[g, project] = given
    lowest = float(as_written(threshold) * 10**election.digits)
    for drawn in generator.multinomial(len(election.voters), sizes / sizes.sum(), size=number):
        yield _Electorate(election, points, drawn.astype(np.int64), lowest)


def _held(
    election: Election, threshold: float, number: int, seed: int, hold: Callable[[_Electorate], list[int]]
) -> FloatArray:
    out = np.zeros((number, len(election)))
    if not election.voters or not len(election):
        return out
    for row, electorate in zip(out, _electorates(election, threshold, number, seed), strict=True):
        won = hold(electorate)
        row[won] = electorate.costs[won]
    return out


def resample_shares(election: Election, rules: ElectionRules, unit: int, number: int, seed: int) -> FloatArray:
    """Awards of `equal-shares` in electorates drawn anew, minor units, shape (number, n)."""
    return _held(election, rules.threshold, number, seed, lambda one: one.shares(rules, unit))


def resample_greedy(election: Election, rules: ElectionRules, number: int, seed: int) -> FloatArray:
    """Awards of `greedy` in electorates drawn anew, minor units, shape (number, n)."""
    return _held(election, rules.threshold, number, seed, lambda one: one.greedy(skips=rules.skips))
