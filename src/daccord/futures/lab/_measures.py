"""Power, and what it costs to buy it.

    largest share, HHI      max_i p_i and Σ p_i² of the say p, year by year
    Nakamoto coefficient    fewest who hold more than half, the least over compute, say, money and judgement
    passing half            the first year in which somebody holds more than half of the say
    lock-in                 somebody holds more than half of the say for ten years running, or one alone can keep the
                            rule from being changed for as long: more votes than a change leaves over
    effective deciders      1/Σ β_i² with β the Banzhaf shares of the rule by which launches are decided
    capture cost            cheapest coalition that passes, or blocks, at prices of each actor's compute, as a share of
                            all compute. That assumes naive bribes: paid to each who sells. If bribes are promised only
                            to pivotal voters, a committee can be captured for nothing (E. Dal Bó, 2007); `pivotal` says
                            where that is possible: no one alone can pass or block.

Judges who share a source of error are partly one: of n judges whose errors correlate by ρ, the common source counts as
one more, with the share ρ of all judgement. Rules are games with whole weights: votes in 1/200, at least 1 for whoever
has any. They are the institution's own: what outsiders can do against it is counted as broken holds instead.

`hold` takes one game and counts in fractions; `holds` takes many at once, in floats that are exact up to `_EXACT`
players. The tests compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.power import Body, Power, Quota, cheapest_to_block, cheapest_to_pass, concentration, power

__all__ = ["Hold", "deciders", "hold", "holds", "judging", "nakamoto"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_PARTS: Final = 200
"""Votes in all, so that games stay countable."""
_EXACT: Final = 50
"""Players up to which every count of coalitions is a whole number in a float."""


@dataclass(frozen=True)
class Hold:
    """Who holds the decision in one world.

    Attributes:
        deciders: Effective number.
        to_pass: Price of the cheapest winning coalition, share of all compute.
        to_block: Price of the cheapest blocking one.
        pivotal: Whether bribes promised to pivotal voters only could capture it for nothing.
    """

    deciders: float
    to_pass: float
    to_block: float
    pivotal: bool


def nakamoto(shares: FloatArray) -> npt.NDArray[np.intp]:
    """Fewest with more than half, by world; `shares` of shape (N, n)."""
    sums = np.cumsum(np.sort(shares, axis=0)[::-1], axis=0)
    return np.asarray((sums <= 0.5 + 1e-12).sum(axis=0) + 1)


def judging(shares: FloatArray, correlation: float) -> FloatArray:
    """Shares of judgement with the common source of errors as one more judge.

    Args:
        shares: Of each judge, adding up to 1; shape (N, n).
        correlation: ρ between any two.

    Returns:
        Shape (N + 1, n).
    """
    return np.concatenate([(1 - correlation) * shares, np.full((1, shares.shape[1]), correlation)])


def _game(say: FloatArray, quota: float) -> tuple[IntArray, IntArray]:
    """Whole votes, shape (m, N), and how many of them pass, shape (m,)."""
    if not quota:
        return (say > 0).astype(np.int64), np.ones(len(say), np.int64)
    votes = np.where(say > 0, np.maximum(1, np.rint(say * _PARTS)), 0).astype(np.int64)
    total = votes.sum(axis=1)
    return votes, np.clip(np.ceil(quota * total - 1e-9).astype(np.int64), 1, total)


def hold(say: FloatArray, units: FloatArray, quota: float) -> Hold:
    """Who holds the decision.

    Args:
        say: Votes of each actor, adding up to 1, shape (N,); those with none have no part in it.
        units: Compute of each actor, shape (N,).
        quota: Share of votes that passes, or more; 0 if any one can.
    """
    part = np.flatnonzero(say > 0)
    votes, needed = _game(say[None, part], quota)
    body = Body(tuple(str(i) for i in part), (Quota(int(needed[0]), tuple(votes[0].tolist())),))
    prices = [max(1, int(np.rint(units[i]))) for i in part]
    total_price = max(1, int(np.rint(units.sum())))
    found = power(body)
    return Hold(
        _number(found),
        min(1.0, cheapest_to_pass(body, prices).price / total_price),
        min(1.0, cheapest_to_block(body, prices).price / total_price),
        found.fewest_to_pass > 1 and found.fewest_to_block > 1,
    )


def _number(found: Power) -> float:
    """Effective number of deciders."""
    return float(concentration(tuple(Fraction(share) for share in found.banzhaf))[1])


def holds(say: FloatArray, units: FloatArray, quota: float) -> tuple[Hold, ...]:
    """Who holds the decision in each of m worlds: `hold` for many.

    Args:
        say: Votes; shape (m, N).
        units: Compute; shape (m, N).
        quota: As for `hold`.
    """
    votes, needed = _game(say, quota)
    total, most = votes.sum(axis=1), votes.max(axis=1)
    prices = np.where(votes > 0, np.maximum(1.0, np.rint(units)), np.inf)
    whole = np.maximum(1.0, np.rint(units.sum(axis=1)))
    alone = (most >= needed) | (most > total - needed)
    costs = [np.minimum(1.0, _cheapest(votes, enough, prices) / whole) for enough in (needed, total - needed + 1)]
    rows = zip(deciders(say, quota), *costs, ~alone, strict=True)
    return tuple(Hold(float(a), float(b), float(c), bool(d)) for a, b, c, d in rows)


def _cheapest(votes: IntArray, needed: IntArray, prices: FloatArray) -> FloatArray:
    """Least price of at least so many votes; shape (m,)."""
    sums = np.arange(needed.max() + 1)
    best = np.full((len(votes), len(sums)), np.inf)
    best[:, 0] = 0.0
    for vote, price in zip(votes.T, prices.T, strict=True):
        before = np.take_along_axis(best, np.maximum(0, sums - vote[:, None]), axis=1)
        best = np.minimum(best, before + price[:, None])
    return np.asarray(np.take_along_axis(best, needed[:, None], axis=1)[:, 0])


def deciders(say: FloatArray, quota: float) -> FloatArray:
    """Effective number of deciders in each of m worlds.

    Args:
        say: Votes; shape (m, N).
        quota: As for `hold`.
    """
    votes, needed = _game(say, quota)
    votes = -np.sort(-votes, axis=1)  # who is who does not matter, so that equal games are counted once
    games, which = np.unique(np.column_stack([votes, needed]), axis=0, return_inverse=True)
    if (games[:, :-1] > 0).sum(axis=1).max() > _EXACT:
        parts = ((row[:-1][row[:-1] > 0].tolist(), int(row[-1])) for row in games)
        found = np.array([_number(power(Body.weighted(least, *some))) for some, least in parts])
    else:
        shares = _swings(games[:, :-1], games[:, -1])
        found = shares.sum(axis=1) ** 2 / np.einsum("mk,mk->m", shares, shares)
    return np.asarray(found[which.reshape(-1)])


def _swings(votes: IntArray, needed: IntArray) -> FloatArray:
    """Losing coalitions that each player turns into winning ones; shape (m, N).

    With ways(s) the number of coalitions with s votes, those without a player of w votes are ways(s) − without(s − w).
    """
    games, top = len(votes), int(needed.max())
    sums = np.arange(top)
    ways = np.zeros((games, top))
    ways[:, 0] = 1.0
    for vote in votes.T:
        before = sums - vote[:, None]
        ways += np.where(before >= 0, np.take_along_axis(ways, np.maximum(before, 0), axis=1), 0.0)
    step = np.maximum(votes, 1)
    without = np.zeros((top + 1, *votes.shape))  # the last row stays 0: no coalition has fewer than no votes
    row, column = np.indices(votes.shape)
    for total in range(top):
        without[total] = ways[:, total, None] - without[np.where(total >= step, total - step, top), row, column]
    upto = np.cumsum(without[:top], axis=0)
    last, first = needed[:, None] - 1, needed[:, None] - 1 - step
    swings = upto[np.broadcast_to(last, votes.shape), row, column]
    swings -= np.where(first >= 0, upto[np.maximum(first, 0), row, column], 0.0)
    return np.where(votes > 0, swings, 0.0)
