"""Power, and what it costs to buy it.

    largest share, HHI      max_i p_i and Σ p_i² of the say p, year by year
    Nakamoto coefficient    fewest actors with more than half, the smaller of compute and say
    lock-in                 somebody holds more than half of the say for ten years running
    effective deciders      1/Σ β_i² with β the Banzhaf shares of the rule by which launches are decided
    capture cost            cheapest coalition that passes, or blocks, at prices of each actor's compute, as a share of
                            all compute. That assumes naive bribes: paid to each who sells. If bribes are promised only
                            to pivotal voters, a committee can be captured for nothing (E. Dal Bó, 2007); `pivotal` says
                            where that is possible: no one alone can pass or block.

Rules are games with whole weights: votes in 1/200, at least 1 for whoever has any. They are the institution's own:
what outsiders can do against it is counted as broken holds instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from daccord.futures.power import Body, Quota, cheapest_to_block, cheapest_to_pass, concentration, power

__all__ = ["Hold", "hold", "nakamoto"]

FloatArray = npt.NDArray[np.float64]

_PARTS = 200
"""Votes in all, so that games stay countable."""


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
    """Fewest actors with more than half, by world; `shares` of shape (N, n)."""
    sums = np.cumsum(np.sort(shares, axis=0)[::-1], axis=0)
    return np.asarray((sums <= 0.5 + 1e-12).sum(axis=0) + 1)


def hold(say: FloatArray, units: FloatArray, quota: float) -> Hold:
    """Who holds the decision.

    Args:
        say: Votes of each actor, adding up to 1, shape (N,); those with none have no part in it.
        units: Compute of each actor, shape (N,).
        quota: Share of votes that passes, or more; 0 if any one can.
    """
    part = np.flatnonzero(say > 0)
    names = tuple(str(i) for i in part)
    if quota:
        votes = tuple(int(v) for v in np.maximum(1, np.rint(say[part] * _PARTS)))
        total = sum(votes)
        needed = max(1, min(total, int(np.ceil(quota * total - 1e-9))))
    else:
        votes, needed = (1,) * len(part), 1
    body = Body(names, (Quota(needed, votes),))
    prices = [max(1, int(np.rint(units[i]))) for i in part]
    total_price = max(1, int(np.rint(units.sum())))
    found = power(body)
    _, deciders = concentration(tuple(Fraction(share) for share in found.banzhaf))
    return Hold(
        float(deciders),
        min(1.0, cheapest_to_pass(body, prices).price / total_price),
        min(1.0, cheapest_to_block(body, prices).price / total_price),
        found.fewest_to_pass > 1 and found.fewest_to_block > 1,
    )
