"""Levels and prices for many draws at once: the one-dimensional equations behind the money rules, in floating point.

Projects stand in columns, sorted so that a team's projects are neighbours; a group is such a run of columns, and a sum
over a group is one `reduceat`. Each function finds one number per draw and group by Newton's method inside a shrinking
bracket; draws in which every group has settled leave the computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._rules import TeamCap

__all__ = ["Groups", "find_levels", "find_prices", "level_amounts", "price_amounts"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_STEPS: Final = 100
_CLOSE: Final = 1e-13


@dataclass(frozen=True, eq=False)
class Groups:
    """Runs of columns and what each may spend together.

    Attributes:
        order: Column → position of the project, shape (n,).
        starts: First column of each group, shape (n_groups,).
        limits: What each group may spend; infinite for a project without a team, shape (n_groups,).
    """

    order: IntArray
    starts: IntArray
    limits: FloatArray

    @classmethod
    def of(cls, caps: Sequence[TeamCap], size: int) -> Groups:
        """Teams and single projects as groups; `size` is the number of projects."""
        runs = [(float(cap.amount), cap.members) for cap in caps]
        taken = {i for cap in caps for i in cap.members}
        runs += [(np.inf, (i,)) for i in range(size) if i not in taken]
        counts = np.array([len(members) for _, members in runs], dtype=np.int64)
        return cls(
            np.array([i for _, members in runs for i in members], dtype=np.int64),
            np.cumsum(counts) - counts,
            np.array([limit for limit, _ in runs]),
        )

    @classmethod
    def one(cls, size: int, limit: float) -> Groups:
        """All columns as one group."""
        return cls(np.arange(size), np.zeros(1, dtype=np.int64), np.array([limit]))

    @cached_property
    def counts(self) -> IntArray:
        """Columns of each group, shape (n_groups,)."""
        return np.diff(np.append(self.starts, len(self.order)))

    @cached_property
    def of_column(self) -> IntArray:
        """Group of each column, shape (n,)."""
        return np.repeat(np.arange(len(self.starts)), self.counts)

    def sum(self, table: FloatArray) -> FloatArray:
        """Sums by group: (n_draws, n) → (n_draws, n_groups)."""
        return np.asarray(np.add.reduceat(table, self.starts, axis=1))

    def largest(self, table: FloatArray) -> FloatArray:
        """Maxima by group: (n_draws, n) → (n_draws, n_groups)."""
        return np.asarray(np.maximum.reduceat(table, self.starts, axis=1))

    def spread(self, table: FloatArray) -> FloatArray:
        """A group's number in each of its columns: (n_draws, n_groups) → (n_draws, n)."""
        return table[:, self.of_column]


def level_amounts(slopes: FloatArray, bounds: FloatArray, k: float, levels: FloatArray) -> FloatArray:
    """`clip(slope t - k, 0, bound)`; the bound where t is infinite. All of shape (n_draws, n)."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(levels), bounds, np.clip(slopes * levels - k, 0.0, bounds))


def find_levels(slopes: FloatArray, bounds: FloatArray, costs: FloatArray, k: float, groups: Groups) -> FloatArray:
    """The t at which `Σ c clip(slope t - k, 0, bound)` is each group's limit; infinite where it stays below.

    Args:
        slopes: Positive where the bound is, shape (n_draws, n).
        bounds: Non-negative, shape (n_draws, n).
        costs: Positive, shape (n,).
        k: Offset, at least 0.
        groups: Runs of columns with their limits, positive.

    Returns:
        Shape (n_draws, n_groups).
    """
    out = np.full((len(slopes), len(groups.starts)), np.inf)
    short = groups.sum(bounds * costs) > groups.limits
    rows = np.flatnonzero(np.any(short, axis=1))
    short, slopes, bounds = short[rows], slopes[rows], bounds[rows]
    target = np.where(short, groups.limits, 1.0)
    active = bounds > 0
    top = np.divide(bounds + k, slopes, out=np.zeros_like(bounds), where=active)
    high = np.where(short, groups.largest(top), 1.0)
    drift = groups.sum(np.where(active, slopes * costs, 0.0))
    low = np.where(short, np.minimum(target / np.where(short, drift, 1.0), high), 1.0)
    level = np.sqrt(low * high)
    for _ in range(_STEPS):
        wanted = slopes * groups.spread(level) - k
        missing = np.where(short, target - groups.sum(np.clip(wanted, 0.0, bounds) * costs), 0.0)
        open_ = np.any(np.abs(missing) > _CLOSE * target, axis=1)
        out[rows[~open_]] = np.where(short[~open_], level[~open_], np.inf)
        if not np.any(open_):
            return out
        slope = groups.sum(np.where((wanted > 0) & (wanted < bounds), slopes * costs, 0.0))
        low = np.where(missing > 0, level, low)
        high = np.where(missing > 0, high, level)
        step = level + np.divide(missing, slope, out=np.full_like(slope, np.inf), where=slope > 0)
        level = np.where((step > low) & (step < high), step, np.sqrt(low * high))
        if not np.all(open_):
            rows, short, target, slopes, bounds = rows[open_], short[open_], target[open_], slopes[open_], bounds[open_]
            low, high, level = low[open_], high[open_], level[open_]
    out[rows] = np.where(short, level, np.inf)
    return out


def price_amounts(weights: FloatArray, bounds: FloatArray, k: float, net: FloatArray) -> FloatArray:
    """`clip(k (w / net - 1), 0, bound)`; the bound where the net price is not positive. All of shape (n_draws, n)."""
    positive = net > 0
    wanted = k * (np.divide(weights, net, out=np.full_like(weights, np.inf), where=positive) - 1.0)
    return np.asarray(np.clip(wanted, 0.0, bounds))


def find_prices(weights: FloatArray, bounds: FloatArray, bonus: FloatArray, k: float, groups: Groups) -> FloatArray:
    """The price at which `Σ clip(k (w / (price - bonus) - 1), 0, bound)` is each group's limit.

    Args:
        weights: Positive where the bound is, shape (n_draws, n).
        bounds: Non-negative, shape (n_draws, n).
        bonus: Taken off the price, shape (n_draws, n).
        k: Saturation, positive.
        groups: Runs of columns with their limits, positive.

    Returns:
        Shape (n_draws, n_groups); -inf where the group cannot take its limit.
    """
    out = np.full((len(weights), len(groups.starts)), -np.inf)
    short = groups.sum(bounds) > groups.limits
    rows = np.flatnonzero(np.any(short, axis=1))
    short, weights, bounds, bonus = short[rows], weights[rows], bounds[rows], bonus[rows]
    target = np.where(short, groups.limits, 1.0)
    active = bounds > 0
    low = np.where(short, -groups.largest(np.where(active, -(weights * k / (k + bounds) + bonus), -np.inf)), 0.0)
    high = np.where(short, groups.largest(np.where(active, weights + bonus, -np.inf)), 1.0)
    price = 0.5 * (low + high)
    for _ in range(_STEPS):
        net = groups.spread(price) - bonus
        amounts = price_amounts(weights, bounds, k, net)
        excess = np.where(short, groups.sum(amounts) - target, 0.0)
        open_ = np.any(np.abs(excess) > _CLOSE * 10 * target, axis=1)
        out[rows[~open_]] = np.where(short[~open_], price[~open_], -np.inf)
        if not np.any(open_):
            return out
        inside = (amounts > 0) & (amounts < bounds)
        slope = groups.sum(np.divide(amounts + k, net, out=np.zeros_like(net), where=inside))
        low = np.where(excess >= 0, price, low)
        high = np.where(excess >= 0, high, price)
        step = price + np.divide(excess, slope, out=np.full_like(slope, np.inf), where=slope > 0)
        price = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        if not np.all(open_):
            rows, short, target = rows[open_], short[open_], target[open_]
            weights, bounds, bonus = weights[open_], bounds[open_], bonus[open_]
            low, high, price = low[open_], high[open_], price[open_]
    out[rows] = np.where(short, price, -np.inf)
    return out
