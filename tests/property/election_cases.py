"""Small elections for tests, and a slow rule of equal shares that can be checked by reading it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from daccord.allocation.elections import Election
from daccord.judging import Ballots

__all__ = ["ballots_of", "election_of_rows", "elections", "plain_equal_shares"]


def ballots_of(rows: Sequence[dict[int, int]], *, names: Sequence[str] | None = None) -> Ballots:
    """Ballots from one mapping project → points for each voter."""
    entries = [(v, p, x) for v, row in enumerate(rows) for p, x in row.items()]
    columns = np.array(entries, dtype=np.int64).reshape(-1, 3)
    voters = tuple(names or (f"voter-{v}" for v in range(len(rows))))
    return Ballots(voters, columns[:, 0], columns[:, 1], columns[:, 2], kind="points")


def election_of_rows(
    costs: Sequence[int], budget: int, rows: Sequence[dict[int, int]], ids: Sequence[str] | None = None
) -> Election:
    """An election among projects called p0, p1 …"""
    names = [f"p{i}" for i in range(len(costs))] if ids is None else list(ids)
    return Election.of(names, costs, budget, ballots_of(rows))


@st.composite
def elections(draw: st.DrawFn, *, approval: bool = False, most_voters: int = 8) -> Election:
    """Up to six projects and eight voters; ties of costs, of votes and of prices are frequent."""
    costs = draw(st.lists(st.integers(1, 25), min_size=1, max_size=6))
    points = st.just(1) if approval else st.integers(1, 4)
    row = st.dictionaries(st.integers(0, len(costs) - 1), points, max_size=len(costs))
    rows = draw(st.lists(row, min_size=1, max_size=most_voters))
    return election_of_rows(costs, draw(st.integers(0, 60)), rows)


def _price(cost: int, purses: Sequence[tuple[Fraction, int]]) -> Fraction | None:
    """The ρ at which supporters with this money and this worth pay the cost; None if they cannot."""

    def paid(rho: Fraction) -> Fraction:
        return sum((min(money, rho * worth) for money, worth in purses), Fraction(0))

    if sum((money for money, _ in purses), Fraction(0)) < cost:
        return None
    # What is paid grows with ρ, in straight lines between the points at which somebody has paid all.
    corners = [Fraction(0), *sorted({money / worth for money, worth in purses})]
    for low, high in pairwise(corners):
        if paid(high) >= cost:
            return low + (high - low) * (cost - paid(low)) / (paid(high) - paid(low))
    raise AssertionError("all have paid everything and it was enough")


def plain_equal_shares(
    election: Election, endowment: Fraction, utility: str, candidates: Collection[int]
) -> tuple[list[int], dict[int, Fraction]]:
    """Purchases in order and what each voter has left, voter by voter, in fractions, from the definition."""
    money = dict.fromkeys(range(len(election.voters)), endowment)
    ballots = {voter: dict(group.ballot) for group in election.groups for voter in group.voters}
    bought: list[int] = []
    while True:
        prices: dict[int, Fraction] = {}
        worth: dict[int, dict[int, int]] = {}
        for i in set(candidates) - set(bought):
            factor = election.costs[i] if utility == "cost" else 1
            worth[i] = {v: row[i] * factor for v, row in ballots.items() if i in row}
            price = _price(election.costs[i], [(money[v], value) for v, value in worth[i].items()])
            if price is not None:
                prices[i] = price
        if not prices:
            return bought, money
        best = min(prices, key=lambda i: (prices[i], election.ties[i]))
        for v, value in worth[best].items():
            money[v] -= min(money[v], prices[best] * value)
        bought.append(best)
