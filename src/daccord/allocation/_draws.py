"""The money rules in floating point, for a whole ensemble of draws at once.

In one draw the values are known, so there is no discount for uncertainty; the verdicts stand. Nothing here moves money:
these draws give the 80 % intervals that are printed beside the exact awards. Arrays have shape (n_draws, n), with the
projects' columns in the order of `Groups`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from daccord.allocation._draw_levels import Groups, find_levels, level_amounts
from daccord.allocation._rules import MoneyTask

__all__ = ["capped", "draw_proportional", "priced", "values", "viable", "water"]

FloatArray = npt.NDArray[np.float64]


def water(weights: FloatArray, bounds: FloatArray, k: float, groups: Groups) -> FloatArray:
    """Each group's limit divided: `clip(w t - k, 0, bound)` with one t for each draw and group."""
    levels = find_levels(weights, bounds, np.ones(weights.shape[1]), k, groups)
    return level_amounts(weights, bounds, k, groups.spread(levels))


def priced(weights: FloatArray, bounds: FloatArray, costs: FloatArray, total: float, k: float) -> FloatArray:
    """`total` divided where a unit of column i costs `costs[i]` of it, positive, shape (n,)."""
    if total <= 0:
        return np.zeros_like(weights)
    groups = Groups.one(weights.shape[1], total)
    slopes = weights / costs
    return level_amounts(slopes, bounds, k, groups.spread(find_levels(slopes, bounds, costs, k, groups)))


def capped(weights: FloatArray, bounds: FloatArray, total: float, k: float, teams: Groups) -> FloatArray:
    """`total` divided under team caps; nested, as in `fill_capped`."""
    if np.any(np.isfinite(teams.limits)):
        bounds = water(weights, bounds, k, teams)
    return water(weights, bounds, k, Groups.one(weights.shape[1], total))


def _longest(
    weights: FloatArray,
    bounds: FloatArray,
    groups: Groups,
    solve: Callable[[FloatArray, FloatArray], FloatArray],
    minimum: float,
) -> FloatArray:
    """Bounds with the smallest weights of each group set to 0 until everybody left gets the minimum."""
    strength = np.where(bounds > 0, weights, -1.0)
    overall = np.argsort(np.argsort(-strength, axis=1, kind="stable"), axis=1, kind="stable")
    grouped = overall + len(groups.order) * groups.of_column
    rank = np.argsort(np.argsort(grouped, axis=1), axis=1) - groups.starts[groups.of_column]
    low = np.zeros((len(bounds), len(groups.starts)), dtype=np.int64)
    high = groups.sum((bounds > 0).astype(np.float64)).astype(np.int64)
    while True:
        rows = np.flatnonzero(np.any(low < high, axis=1))
        if len(rows) == 0:
            break
        middle = (low[rows] + high[rows] + 1) // 2
        chosen = rank[rows] < middle[:, groups.of_column]
        amounts = solve(weights[rows], np.where(chosen, bounds[rows], 0.0))
        good = groups.sum((chosen & (amounts < minimum)).astype(np.float64)) == 0
        low[rows] = np.where(good, middle, low[rows])
        high[rows] = np.where(good, high[rows], np.maximum(middle - 1, low[rows]))
    return np.where(rank < low[:, groups.of_column], bounds, 0.0)


def viable(
    weights: FloatArray, bounds: FloatArray, total: float, k: float, teams: Groups, minimum: float
) -> FloatArray:
    """`capped` with a minimum, as in `fill_viable`: the longest good beginning of the list by weight, in each draw."""
    slack = minimum - 1e-9 * total
    bounds = np.where(bounds >= minimum, bounds, 0.0)
    if np.any(np.isfinite(teams.limits)):
        bounds = _longest(weights, bounds, teams, partial(water, k=k, groups=teams), slack)
    everybody = Groups.one(weights.shape[1], total)
    bounds = _longest(weights, bounds, everybody, partial(capped, total=total, k=k, teams=teams), slack)
    return capped(weights, bounds, total, k, teams)


def values(log_values: FloatArray) -> FloatArray:
    """Exponentials, scaled so that the largest value of a draw is 1 (and nothing underflows to 0)."""
    shifted = log_values - np.max(log_values, axis=1, keepdims=True)
    return np.asarray(np.exp(np.maximum(shifted, -300.0)))


def draw_proportional(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """`proportional` for draws; see `MoneyRule.draws`."""
    pot, minimum = float(task.budget.amount), float(task.rules.minimum)
    teams = Groups.of(task.team_caps, len(task))
    out = np.zeros_like(log_values)
    if pot == 0:
        return out
    weights = values(log_values)[:, teams.order]
    bounds = np.tile(np.array(task.bounds, dtype=np.float64)[teams.order], (len(weights), 1))
    out[:, teams.order] = (
        viable(weights, bounds, pot, 0.0, teams, minimum) if minimum > 1 else capped(weights, bounds, pot, 0.0, teams)
    )
    return out
