"""Equal shares for a whole range of endowments at once, in floating point with a margin.

Raising every voter's endowment by one unit, again and again, means computing equal shares hundreds or thousands of
times, and nearly always with the same result. So money is held as a linear function of the endowment t, money =
value + slope · (t - t0): as long as no comparison turns out differently, all prices and all payments are linear in t
too. One run at t0 gives the purchases there *and* the largest t up to which they stay the same.

Floats only say what need not be computed exactly. A comparison that decides what is bought counts as certain if it
holds by more than `MARGIN`, far above any rounding error; otherwise the run says so, and the caller runs exactly (see
`_raise.py`). Draws are frequent where prices do not depend on t, and there they are the same at every t: between
projects each of whose supporters can pay in full or has nothing left at all. Their prices are kept as fractions too and
compared exactly. Where supporters run out of money is no such comparison: at that point both formulas give the same
price.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation.elections._election import Election

__all__ = ["MARGIN", "Run", "Sweep"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_ZERO: Final = np.zeros(1)

MARGIN: Final = 1e-9
"""Relative difference below which a comparison of floats decides nothing."""

_GRAIN: Final = 1e-12
"""Bound on the error of one group's money, as a share of the endowment: far above what rounding adds up to."""


@dataclass(frozen=True)
class Run:
    """What is bought at one endowment.

    Attributes:
        winners: Positions, in the order of purchase.
        until: The same is bought at every endowment from here to this one, minor units.
        certain: False if a comparison was too close to call; then `winners` is a guess, and `until` the endowment.
    """

    winners: tuple[int, ...]
    until: float
    certain: bool


@dataclass(frozen=True)
class _Support:
    groups: IntArray
    voters: float
    least: float  # worth
    sizes: FloatArray
    worth: FloatArray
    weights: FloatArray  # sizes * worth
    whole: list[int]  # the same, exactly


@dataclass(frozen=True)
class _Price:
    value: float
    slope: float
    error: float
    exact: Fraction | None  # the price, if every supporter pays in full or has nothing left, for certain
    paying: IntArray  # positions in the support, those who pay in full


class Sweep:
    """An election prepared for many endowments.

    Args:
        election: What to decide.
        utility: See `Election.worth`.
        candidates: Projects that can be bought.
        sizes: Voters in each group, if another electorate than the real one is meant; groups of 0 are nobody.
    """

    def __init__(
        self, election: Election, utility: str, candidates: Collection[int], sizes: Sequence[int] | None = None
    ) -> None:
        sizes = election.sizes if sizes is None else sizes
        self.groups = len(sizes)
        self.costs = [float(cost) for cost in election.costs]
        self.whole_costs = election.costs
        self.support: dict[int, _Support] = {}
        basic: dict[int, Fraction] = {}
        worth = election.worth(utility)
        for i in candidates:
            entries = [(g, value) for g, value in worth[i] if sizes[g]]
            if not entries:
                continue
            number = np.array([sizes[g] for g, _ in entries], dtype=np.float64)
            values = np.array([value for _, value in entries], dtype=np.float64)
            self.support[i] = _Support(
                np.array([g for g, _ in entries], dtype=np.int64),
                float(number.sum()),
                float(values.min()),
                number,
                values,
                number * values,
                [sizes[g] * value for g, value in entries],
            )
            basic[i] = Fraction(election.costs[i], sum(sizes[g] * value for g, value in entries))
        self.ties = election.ties
        self.fresh = {
            i: _Price(float(price), 0.0, MARGIN * float(price), price, np.arange(len(self.support[i].groups)))
            for i, price in basic.items()
        }

    def run(self, endowment: float) -> Run:
        """What is bought if each voter is given so much, minor units."""
        money, slope = np.full(self.groups, endowment), np.ones(self.groups)
        prices = dict(self.fresh)
        steps = np.inf
        certain = True
        winners: list[int] = []
        while prices:
            best, won = -1, None
            for i in sorted(prices, key=lambda i: (prices[i].value, self.ties[i])):
                if won is not None and self._apart(prices[i], i, won, best) > 0:
                    break  # a price of an earlier round is a lower bound now, because money only goes down
                price, rise, sure = self._price(i, money, slope, _GRAIN * endowment)
                steps, certain = min(steps, rise), certain and sure
                if price is None:
                    del prices[i]
                    continue
                prices[i] = price
                if won is None or self._before(price, i, won, best):
                    best, won = i, price
            if won is None:
                break
            del prices[best]
            for i, other in prices.items():
                apart = self._apart(other, i, won, best)
                if apart <= 0:
                    certain = False
                elif won.slope > other.slope:
                    steps = min(steps, apart / (won.slope - other.slope))
            winners.append(best)
            self._pay(best, won, money, slope)
        return Run(tuple(winners), endowment + steps if certain else endowment, certain)

    def _apart(self, price: _Price, i: int, won: _Price, best: int) -> float:
        """How far a price certainly is above the winning one; infinite if it stays so; 0 or less if it may not be."""
        apart = price.value - price.error - won.value - won.error
        if price.exact is None or won.exact is None:
            return apart
        return np.inf if apart > 0 or (price.exact, self.ties[i]) > (won.exact, self.ties[best]) else 0.0

    def _before(self, price: _Price, i: int, other: _Price, j: int) -> bool:
        """Whether a project is bought before another one, as far as can be told."""
        if price.exact is not None and other.exact is not None:
            return (price.exact, self.ties[i]) < (other.exact, self.ties[j])
        return (price.value, self.ties[i]) < (other.value, self.ties[j])

    def _price(self, i: int, money: FloatArray, slope: FloatArray, grain: float) -> tuple[_Price | None, float, bool]:
        """Price of a project, None if it cannot be bought; the rise that may change that; and whether it is certain."""
        support, cost = self.support[i], self.costs[i]
        own = money[support.groups]
        per = own / support.worth
        fresh = self.fresh[i]
        if per.min() > fresh.value + fresh.error + grain / support.least:
            return fresh, np.inf, True
        rising = slope[support.groups]
        together = support.sizes * own
        slack = float(together.sum()) - cost
        error = MARGIN * cost + grain * support.voters
        if slack < error:
            missing, growth = -slack - error, float(support.sizes @ rising)
            return None, (missing / growth if growth > 0 else np.inf), missing > 0
        order = per.argsort(kind="stable")
        rest = cost - np.concatenate([_ZERO, together[order].cumsum()[:-1]])
        weight = support.weights[order][::-1].cumsum()[::-1]
        price = rest / weight
        poor = int((per[order] >= price).argmax())
        value, out = float(price[poor]), order[:poor]
        gain = -float((support.sizes[out] * rising[out]).sum()) / float(weight[poor])
        # As the endowment rises, who pays all may come to pay like the others. Nobody else runs out: prices fall.
        drift = rising[out] / support.worth[out] - gain
        closing = drift > 0
        rise = float(((value - per[out])[closing] / drift[closing]).min()) if closing.any() else np.inf
        exact = None
        broke = not own[out].any() and not rising[out].any()
        if broke and per[order[poor]] > value * (1 + MARGIN) + grain / support.least:
            exact = Fraction(self.whole_costs[i], sum(support.whole[k] for k in order[poor:].tolist()))
        return _Price(value, gain, error / float(weight[poor]), exact, order[poor:]), max(rise, 0.0), True

    def _pay(self, i: int, price: _Price, money: FloatArray, slope: FloatArray) -> None:
        """Let supporters pay."""
        support, rich = self.support[i], price.paying
        if len(rich) == len(support.groups):
            money[support.groups] -= price.value * support.worth
            return
        groups, worth = support.groups[rich], support.worth[rich]
        left, rising = money[groups] - price.value * worth, slope[groups] - price.slope * worth
        money[support.groups] = slope[support.groups] = 0.0
        money[groups], slope[groups] = np.maximum(left, 0.0), rising
