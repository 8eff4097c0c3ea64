"""What it costs to buy a decision: the cheapest coalition that passes, or blocks, anything.

Model. Every member has a price, and whoever pays it has the vote. The cheapest winning coalition minimises the sum of
prices under all quotas; the cheapest blocking one makes one quota unreachable: weights of more than total − needed.

This is the naive technology of bribes: pay first, to each alike. If bribes are promised *only to a pivotal voter*, a
committee can be captured for nothing (E. Dal Bó, "Bribing voters", American Journal of Political Science 51, 2007): no
price printed here is then a protection.

One quota with whole weights is solved by dynamic programming over sums, for any number of members; several quotas by
comparing halves of the body, cheapest first, up to 30 members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daccord.futures.power._game import Body, Quota

__all__ = ["Bought", "cheapest_to_block", "cheapest_to_pass"]

_MOST_HALVED = 30
_ROWS = 64
"""Half-coalitions compared at a time with all others: keeps a block below a few megabytes."""


@dataclass(frozen=True)
class Bought:
    """A coalition and its price; among equally cheap ones, whichever is found first."""

    price: int
    members: tuple[int, ...]


def cheapest_to_pass(body: Body, prices: Sequence[int]) -> Bought:
    """The cheapest winning coalition, positions in the body's order.

    Args:
        body: The voting body.
        prices: A whole price of at least 0 for each member.

    Raises:
        ValueError: A price is missing or negative, or several quotas with more than 30 members.
    """
    if len(prices) != len(body.members) or min(prices) < 0:
        raise ValueError("give every member a whole price of at least 0")
    if len(body.quotas) == 1:
        return _by_sums(body.quotas[0], prices)
    if len(body.members) > _MOST_HALVED:
        raise ValueError(f"{len(body.members)} members under several quotas are too many to search exactly")
    return _by_halves(body, prices)


def cheapest_to_block(body: Body, prices: Sequence[int]) -> Bought:
    """The cheapest coalition without which nothing passes: the cheapest over the quotas, one at a time."""
    blocks = (Quota(sum(quota.weights) - quota.needed + 1, quota.weights) for quota in body.quotas)
    bought = (cheapest_to_pass(Body(body.members, (quota,)), prices) for quota in blocks)
    return min(bought, key=lambda found: found.price)


def _by_sums(quota: Quota, prices: Sequence[int]) -> Bought:
    """Cheapest way to each sum, capped at the quota: the sparse table of 0–1 knapsack."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for k, weight in enumerate(quota.weights):
        for reached, (price, members) in list(best.items()):
            more = min(quota.needed, reached + weight)
            if more not in best or best[more][0] > price + prices[k]:
                best[more] = (price + prices[k], (*members, k))
    return Bought(*best[quota.needed])


def _by_halves(body: Body, prices: Sequence[int]) -> Bought:
    cut = len(body.members) // 2
    left, right = (_half(body, prices, part) for part in (range(cut), range(cut, len(body.members))))
    best = (sum(prices), tuple(range(len(body.members))))
    for start in range(0, len(left.numbers), _ROWS):
        rows = slice(start, start + _ROWS)
        if left.prices[start] >= best[0]:
            break  # sorted by price: nothing further is cheaper
        wins = np.ones((len(left.numbers[rows]), len(right.numbers)), dtype=bool)
        for quota, mine, theirs in zip(body.quotas, left.sums, right.sums, strict=True):
            wins &= theirs[None, :] >= quota.needed - mine[rows, None]
        for row in np.flatnonzero(wins.any(axis=1)):
            column = int(wins[row].argmax())
            price = int(left.prices[start + row] + right.prices[column])
            if price < best[0]:
                best = (price, (*left.members(start + int(row)), *right.members(column)))
    return Bought(*best)


@dataclass(frozen=True)
class _Half:
    """Half-coalitions, cheapest first."""

    part: range
    numbers: NDArray[np.int64]
    prices: NDArray[np.int64]
    sums: list[NDArray[np.int64]]

    def members(self, position: int) -> tuple[int, ...]:
        return tuple(k for bit, k in enumerate(self.part) if int(self.numbers[position]) >> bit & 1)


def _half(body: Body, prices: Sequence[int], part: range) -> _Half:
    numbers = np.arange(2 ** len(part))
    held = (numbers[:, None] >> np.arange(len(part)) & 1).astype(np.int64)
    cost = held @ np.array([prices[k] for k in part], dtype=np.int64)
    order = np.argsort(cost, kind="stable")
    sums = [(held @ np.array([quota.weights[k] for k in part], dtype=np.int64))[order] for quota in body.quotas]
    return _Half(part, numbers[order], cost[order], sums)
