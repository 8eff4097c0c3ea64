"""The money rules in floating point, for a whole ensemble of draws at once.

In one draw the values are known, so there is no discount for uncertainty; the verdicts stand. Nothing here moves money:
these draws give the 80 % intervals that are printed beside the exact awards. The price of money is found for all draws
together by Newton's method inside a shrinking bracket. Arrays have shape (n_draws, n), or (n_draws, n_teams,
n_members) for teams, filled up with members that take nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._rules import MoneyTask, TeamCap

__all__ = ["Teams", "capped", "draw_proportional", "longest", "priced", "values", "viable", "water"]

FloatArray = npt.NDArray[np.float64]
_STEPS: Final = 80
_CLOSE: Final = 1e-13


@dataclass(frozen=True, eq=False)
class Teams:
    """Team caps as arrays.

    Attributes:
        members: Positions of each team's members, shape (n_teams, n_members), filled up with n.
        amounts: Caps, minor units, shape (n_teams,).
        size: n, the number of projects.
    """

    members: npt.NDArray[np.int64]
    amounts: FloatArray
    size: int

    @classmethod
    def of(cls, caps: Sequence[TeamCap], size: int) -> Teams:
        """The caps of `size` projects as arrays."""
        widest = max((len(cap.members) for cap in caps), default=0)
        members = np.full((len(caps), widest), size, dtype=np.int64)
        for row, cap in enumerate(caps):
            members[row, : len(cap.members)] = cap.members
        return cls(members, np.array([cap.amount for cap in caps], dtype=np.float64), size)

    def __bool__(self) -> bool:
        return len(self.members) > 0

    def gather(self, table: FloatArray, fill: float) -> FloatArray:
        """Columns of (n_draws, n) by team: (n_draws, n_teams, n_members)."""
        padded = np.concatenate([table, np.full((len(table), 1), fill)], axis=1)
        return padded[:, self.members]

    def scatter(self, table: FloatArray, by_team: FloatArray) -> FloatArray:
        """A copy of (n_draws, n) in which the members' columns are replaced."""
        padded = np.concatenate([table, np.zeros((len(table), 1))], axis=1)
        padded[:, self.members] = by_team
        return padded[:, : self.size]


def water(weights: FloatArray, bounds: FloatArray, total: float | FloatArray, k: float) -> FloatArray:
    """`clip(w t - k, 0, bound)` with t so that the sum over the last axis is `total`, or the bounds where it is less.

    Args:
        weights: Non-negative, shape (..., n); positive where the bound is.
        bounds: Non-negative, shape (..., n).
        total: What is divided, positive, shape () or (...).
        k: Offset, at least 0.
    """
    return priced(weights, bounds, np.ones(weights.shape[-1]), total, k)


def priced(
    weights: FloatArray, bounds: FloatArray, costs: FloatArray, total: float | FloatArray, k: float
) -> FloatArray:
    """`water` where a unit of column i costs `costs[i]` of the total, positive, shape (n,)."""
    slopes = weights / costs
    target = np.broadcast_to(np.asarray(total, dtype=np.float64), weights.shape[:-1])
    full = bounds @ costs <= target
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.max(np.where(bounds > 0, (bounds + k) / slopes, 0.0), axis=-1, initial=0.0)
        low = target / np.sum(np.where(bounds > 0, weights, 0.0), axis=-1)
    low = np.where(np.isfinite(low), np.minimum(low, high), high)
    level = np.sqrt(low * high)
    for _ in range(_STEPS):
        amounts = slopes * level[..., None] - k
        inside = (amounts > 0) & (amounts < bounds)
        missing = target - np.clip(amounts, 0.0, bounds) @ costs
        if np.all(full | (np.abs(missing) <= _CLOSE * target)):
            break
        low = np.where(missing > 0, level, low)
        high = np.where(missing > 0, high, level)
        slope = np.sum(np.where(inside, weights, 0.0), axis=-1)
        step = level + np.divide(missing, slope, out=np.full_like(slope, np.inf), where=slope > 0)
        level = np.where((step > low) & (step < high), step, np.sqrt(low * high))
    return np.where(full[..., None], bounds, np.clip(slopes * level[..., None] - k, 0.0, bounds))


def capped(weights: FloatArray, bounds: FloatArray, total: float, k: float, teams: Teams) -> FloatArray:
    """`water` under team caps; nested, as in `fill_capped`."""
    if teams:
        own = water(teams.gather(weights, 0.0), teams.gather(bounds, 0.0), teams.amounts, k)
        bounds = teams.scatter(bounds, own)
    return water(weights, bounds, total, k)


def longest(
    weights: FloatArray, bounds: FloatArray, solve: Callable[[FloatArray, FloatArray], FloatArray], minimum: float
) -> FloatArray:
    """Bounds with the smallest weights of the last axis set to 0 until everybody left gets the minimum."""
    strength = np.where(bounds > 0, weights, -1.0)
    rank = np.argsort(np.argsort(-strength, axis=-1, kind="stable"), axis=-1, kind="stable")
    low = np.zeros(bounds.shape[:-1], dtype=np.int64)
    high = np.sum(bounds > 0, axis=-1)
    while np.any(low < high):
        middle = (low + high + 1) // 2
        chosen = rank < middle[..., None]
        good = np.all((solve(weights, np.where(chosen, bounds, 0.0)) >= minimum) | ~chosen, axis=-1)
        low = np.where(good, middle, low)
        high = np.where(good, high, np.maximum(middle - 1, low))
    return np.where(rank < low[..., None], bounds, 0.0)


def viable(weights: FloatArray, bounds: FloatArray, total: float, k: float, teams: Teams, minimum: float) -> FloatArray:
    """`capped` with a minimum, as in `fill_viable`: the longest good beginning of the list by weight, in each draw."""
    slack = minimum - 1e-9 * total
    bounds = np.where(bounds >= minimum, bounds, 0.0)
    if teams:
        inside = partial(water, total=teams.amounts, k=k)
        own = longest(teams.gather(weights, 0.0), teams.gather(bounds, 0.0), inside, slack)
        bounds = teams.scatter(bounds, own)
    bounds = longest(weights, bounds, partial(capped, total=total, k=k, teams=teams), slack)
    return capped(weights, bounds, total, k, teams)


def values(log_values: FloatArray) -> FloatArray:
    """Exponentials, scaled so that the largest value of a draw is 1 (and nothing underflows to 0)."""
    shifted = log_values - np.max(log_values, axis=1, keepdims=True)
    return np.asarray(np.exp(np.maximum(shifted, -300.0)))


def draw_proportional(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """`proportional` for draws; see `MoneyRule.draws`."""
    if task.budget.amount == 0:
        return np.zeros_like(log_values)
    weights = values(log_values)
    bounds = np.tile(np.array(task.bounds, dtype=np.float64), (len(weights), 1))
    pot, minimum = float(task.budget.amount), float(task.rules.minimum)
    teams = Teams.of(task.team_caps, len(task))
    if minimum > 1:
        return viable(weights, bounds, pot, 0.0, teams, minimum)
    return capped(weights, bounds, pot, 0.0, teams)
