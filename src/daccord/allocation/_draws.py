"""The money rules in floating point, for a whole ensemble of draws at once.

In one draw the values are known, so there is no discount for uncertainty; the verdicts stand. Nothing here moves money:
these draws give the 80 % intervals that are printed beside the exact awards. All functions bisect on the price of money
for all draws together; arrays have shape (n_draws, n).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._draw_floors import draw_floors
from daccord.allocation._rules import MoneyTask, TeamCap
from daccord.fusion import MICRO

__all__ = ["draw_differential", "draw_proportional", "water"]

FloatArray = npt.NDArray[np.float64]
_STEPS: Final = 44


def water(
    weights: FloatArray, bounds: FloatArray, total: float, k: float, costs: FloatArray | None = None
) -> FloatArray:
    """`clip(w t / c - k, 0, bound)` with t so that `Σ c x = total` in each draw, or the bounds where that is less.

    Args:
        weights: Positive, shape (n_draws, n).
        bounds: Non-negative, shape (n_draws, n).
        total: What may be spent.
        k: Offset, at least 0.
        costs: What a unit costs, positive, shape (n,); None means 1.
    """
    if total <= 0:
        return np.zeros_like(weights)
    price = np.ones(weights.shape[1]) if costs is None else costs
    slopes = weights / price
    full = bounds @ price <= total
    high = np.max(np.where(bounds > 0, (bounds + k) / slopes, 0.0), axis=1, initial=0.0)
    low = total / np.sum(weights, axis=1)
    high = np.maximum(high, low)
    for _ in range(_STEPS):
        middle = np.sqrt(low * high)
        below = np.clip(slopes * middle[:, None] - k, 0.0, bounds) @ price < total
        low = np.where(below, middle, low)
        high = np.where(below, high, middle)
    level = np.sqrt(low * high)[:, None]
    amounts = np.clip(slopes * level - k, 0.0, bounds)
    inside = (amounts > 0) & (amounts < bounds)
    slope = np.sum(np.where(inside, weights, 0.0), axis=1)
    missing = total - amounts @ price
    level += np.where(slope > 0, missing / np.where(slope > 0, slope, 1.0), 0.0)[:, None]
    return np.where(full[:, None], bounds, np.clip(slopes * level - k, 0.0, bounds))


def _capped(weights: FloatArray, bounds: FloatArray, total: float, k: float, caps: Sequence[TeamCap]) -> FloatArray:
    left = bounds.copy()
    for cap in caps:
        own = list(cap.members)
        if len(own) == 1:
            left[:, own] = np.minimum(left[:, own], cap.amount)
        elif np.any(np.sum(bounds[:, own], axis=1) > cap.amount):
            left[:, own] = water(weights[:, own], bounds[:, own], float(cap.amount), k)
    return water(weights, left, total, k)


def _viable(
    weights: FloatArray, bounds: FloatArray, total: float, k: float, caps: Sequence[TeamCap], minimum: float
) -> FloatArray:
    """`_capped` with a minimum: the longest beginning of the list by weight in which everybody gets it, by draw."""
    slack = minimum - 1e-9 * total
    bounds = np.where(bounds >= minimum, bounds, 0.0)
    for cap in caps:
        own = list(cap.members)
        bounds[:, own] = _longest(weights[:, own], bounds[:, own], partial(water, total=float(cap.amount), k=k), slack)
    bounds = _longest(weights, bounds, partial(_capped, total=total, k=k, caps=caps), slack)
    return _capped(weights, bounds, total, k, caps)


def _longest(
    weights: FloatArray, bounds: FloatArray, solve: Callable[[FloatArray, FloatArray], FloatArray], minimum: float
) -> FloatArray:
    """Bounds with the smallest weights set to 0 until everybody left gets the minimum."""
    strength = np.where(bounds > 0, weights, -1.0)
    rank = np.argsort(np.argsort(-strength, axis=1, kind="stable"), axis=1, kind="stable")
    low = np.zeros(len(weights), dtype=np.int64)
    high = np.sum(bounds > 0, axis=1)
    while np.any(low < high):
        middle = (low + high + 1) // 2
        chosen = rank < middle[:, None]
        amounts = solve(weights, np.where(chosen, bounds, 0.0))
        good = np.all((amounts >= minimum) | ~chosen, axis=1)
        low = np.where(good, middle, low)
        high = np.where(good, high, np.maximum(middle - 1, low))
    return np.where(rank < low[:, None], bounds, 0.0)


def _values(log_values: FloatArray) -> FloatArray:
    """Exponentials, scaled so that the largest value of a draw is 1 (and nothing underflows to 0)."""
    shifted = log_values - np.max(log_values, axis=1, keepdims=True)
    return np.exp(np.maximum(shifted, -300.0))


def _bounds(task: MoneyTask, shape: tuple[int, ...]) -> FloatArray:
    return np.tile(np.array(task.bounds, dtype=np.float64), (shape[0], 1))


def draw_proportional(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """`proportional` for draws; see `MoneyRule.draws`."""
    weights, bounds = _values(log_values), _bounds(task, log_values.shape)
    pot, minimum = float(task.budget.amount), float(task.rules.minimum)
    if minimum > 1:
        return _viable(weights, bounds, pot, 0.0, task.team_caps, minimum)
    return _capped(weights, bounds, pot, 0.0, task.team_caps)


def draw_differential(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """`differential` for draws; see `MoneyRule.draws`."""
    rules, pot = task.rules, float(task.budget.amount)
    factors = np.ones(len(task))
    harms = np.zeros(len(task))
    for i, score in enumerate(task.scores):
        for criterion, priority in (("defence", rules.defence_priority), ("diffusion", rules.diffusion_priority)):
            known = score.criteria.get(criterion)
            if known is not None and known.above is not None:
                factors[i] *= 1.0 + priority * known.above / MICRO
        known = score.criteria.get("harm")
        if known is not None and known.above is not None:
            harms[i] = known.above / MICRO
    weights, bounds = _values(log_values + np.log(factors)), _bounds(task, log_values.shape)
    k = rules.saturation * pot / max(1, len(task))
    if any(share > 0 for share in rules.floors.values()):
        amounts = draw_floors(task, weights, bounds, k)
    elif rules.minimum > 1:
        amounts = _viable(weights, bounds, pot, k, task.team_caps, float(rules.minimum))
    else:
        amounts = _capped(weights, bounds, pot, k, task.team_caps)
    if rules.harm_budget is None:
        return amounts
    risky = harms > 0
    amounts[:, risky] = water(weights[:, risky], amounts[:, risky], rules.harm_budget * pot, k, harms[risky])
    if rules.minimum > 1:
        amounts[amounts < rules.minimum] = 0.0
    return amounts
