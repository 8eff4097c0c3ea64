"""The differential rule in floating point, for many draws at once; see `_differential` and `_floors` for the model.

Floors are solved through the same dual as the exact rule: prices by Newton's method in a bracket, and Newton's method
on the floors' multipliers for all draws together, where each draw keeps its own step length and is left alone once its
conditions hold to 10^-9 of the pot.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._draw_levels import Groups, find_prices, price_amounts
from daccord.allocation._draws import capped, priced, values, viable
from daccord.allocation._exact import as_written
from daccord.allocation._rules import MoneyTask
from daccord.fusion import MICRO

__all__ = ["draw_differential"]

FloatArray = npt.NDArray[np.float64]
_LARGEST: Final = 1e4
"""Largest multiplier of a floor, in units of the largest weight: smaller than in the exact rule, for precision."""

_TOLERANCE: Final = 1e-9
_ITERATIONS: Final = 80
_HALVINGS: Final = 30


class _Ensemble:
    """All draws of one task; arrays of shape (n_draws, n), (n_draws, n_floors) or (n, n_floors)."""

    def __init__(self, task: MoneyTask, k: float, teams: Groups) -> None:
        cells = sorted(cell for cell, share in task.rules.floors.items() if share > 0)
        self.k = k
        self.total = float(task.budget.amount)
        self.teams = teams
        self.everybody = Groups.one(len(task), self.total)
        self.memberships = np.array(
            [[float(task.projects[i].cells.get(cell, 0)) for cell in cells] for i in teams.order], dtype=np.float64
        )
        self.floors = np.array([float(as_written(task.rules.floors[cell])) * self.total for cell in cells])

    def state(
        self, eta: FloatArray, weights: FloatArray, asks: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Amounts, the price each project faces (its pot's or its team's), and the surplus over the floors."""
        bonus = eta @ self.memberships.T
        bounds = asks
        prices = np.full_like(weights, -np.inf)
        if np.any(np.isfinite(self.teams.limits)):
            prices = self.teams.spread(find_prices(weights, asks, bonus, self.k, self.teams))
            bounds = price_amounts(weights, asks, self.k, prices - bonus)
        common = find_prices(weights, bounds, bonus, self.k, self.everybody)
        amounts = price_amounts(weights, bounds, self.k, common - bonus)
        return amounts, np.maximum(prices, common), amounts @ self.memberships - self.floors

    def response(self, eta: FloatArray, asks: FloatArray, amounts: FloatArray, prices: FloatArray) -> FloatArray:
        """Derivative of the surplus by the multipliers, shape (n_draws, n_floors, n_floors)."""
        net = prices - eta @ self.memberships.T
        inside = (amounts > 0) & (amounts < asks) & np.isfinite(net) & (net > 0)
        speed = np.where(inside, (amounts + self.k) / np.where(inside, net, 1.0), 0.0)
        m = self.memberships
        matrix = np.stack([(speed * m[:, c]) @ m for c in range(m.shape[1])], axis=1)
        apart = prices > np.min(prices, axis=1, keepdims=True)
        for groups, part in (
            (self.teams, np.where(apart, speed, 0.0)),
            (self.everybody, np.where(apart, 0.0, speed)),
        ):
            whole = groups.sum(part)
            first = np.stack([groups.sum(part * m[:, c]) for c in range(m.shape[1])], axis=2)
            matrix -= np.swapaxes(first / np.where(whole > 0, whole, 1.0)[:, :, None], 1, 2) @ first
        return matrix

    def solve(self, eta: FloatArray, weights: FloatArray, asks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Multipliers and amounts, from a start of the multipliers."""
        eta = eta.copy()
        amounts, prices, surplus = self.state(eta, weights, asks)
        stalled = np.zeros(len(eta), dtype=np.bool_)
        for _ in range(_ITERATIONS):
            free = _free(eta, surplus)
            violation = np.max(np.where(free, np.abs(surplus), 0.0), axis=1)
            at = np.flatnonzero((violation > _TOLERANCE * self.total) & ~stalled)
            if len(at) == 0:
                break
            w, a, e, g = weights[at], asks[at], eta[at], surplus[at]
            move = self._newton(self.response(e, a, amounts[at], prices[at]), e, g, free[at])
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.where(move > 0, (_LARGEST - e) / move, np.where(move < 0, -e / move, np.inf))
            step = np.minimum(1.0, np.min(room, axis=1))
            slope = np.sum(move * g, axis=1)
            todo = np.arange(len(at))
            for _halving in range(_HALVINGS):
                trial = np.clip(e[todo] + step[todo, None] * move[todo], 0.0, _LARGEST)
                x, p, s = self.state(trial, w[todo], a[todo])
                # the dual is convex: a step is short enough while the slope along it has not turned up
                fine = np.sum(move[todo] * s, axis=1) <= -0.1 * slope[todo]
                done = at[todo[fine]]
                eta[done], amounts[done], prices[done], surplus[done] = trial[fine], x[fine], p[fine], s[fine]
                todo = todo[~fine]
                if len(todo) == 0:
                    break
                step[todo] *= 0.5
            stalled[at[todo]] = True
        return eta, amounts

    def _newton(
        self, matrix: FloatArray, eta: FloatArray, surplus: FloatArray, free: npt.NDArray[np.bool_]
    ) -> FloatArray:
        """Newton's direction among the multipliers that may move, shape (n_draws, n_floors)."""
        free = free.copy()
        ridge = 1e-9 * (np.max(np.diagonal(matrix, axis1=1, axis2=2), axis=1) + self.total)
        for _ in range(len(self.floors) + 1):
            both = free[:, :, None] & free[:, None, :]
            diagonal = np.eye(matrix.shape[1]) * np.where(free, ridge[:, None], 1.0)[:, None, :]
            right = np.where(free, -surplus, 0.0)[:, :, None]
            move = np.linalg.solve(np.where(both, matrix, 0.0) + diagonal, right)[:, :, 0]
            leaves = ((eta <= 0) & (move < 0)) | ((eta >= _LARGEST) & (move > 0))
            if not np.any(leaves):
                break
            free &= ~leaves
        return np.where(free, move, 0.0)


def _free(eta: FloatArray, surplus: FloatArray) -> npt.NDArray[np.bool_]:
    return ~(((eta <= 0) & (surplus >= 0)) | ((eta >= _LARGEST) & (surplus <= 0)))


def _with_floors(ensemble: _Ensemble, weights: FloatArray, bounds: FloatArray, minimum: float) -> FloatArray:
    """Amounts under asks, team caps, floors and the minimum.

    With a minimum, the lower half of the awards below it is dropped in each pass, where the exact rule drops them one
    by one: close enough for an interval, and much faster.
    """
    eta = np.zeros((len(weights), len(ensemble.floors)))
    bounds = np.where(bounds >= minimum, bounds, 0.0) if minimum > 1 else bounds
    eta, amounts = ensemble.solve(eta, weights, bounds)
    slack = minimum - 1e-9 * ensemble.total
    while minimum > 1:
        small = (bounds > 0) & (amounts < slack)
        rows = np.flatnonzero(np.any(small, axis=1))
        if len(rows) == 0:
            break
        rank = np.argsort(np.argsort(np.where(small[rows], amounts[rows], np.inf), axis=1), axis=1)
        dropped = small[rows] & (rank < (np.sum(small[rows], axis=1, keepdims=True) + 1) // 2)
        bounds[rows] = np.where(dropped, 0.0, bounds[rows])
        eta[rows], amounts[rows] = ensemble.solve(eta[rows], weights[rows], bounds[rows])
    return amounts


def _known(task: MoneyTask, criterion: str) -> FloatArray:
    """Probability of being above the criterion's threshold, 0 where it is not known, shape (n,)."""
    scores = [score.criteria.get(criterion) for score in task.scores]
    return np.array([0.0 if score is None or score.above is None else score.above / MICRO for score in scores])


def draw_differential(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """`differential` for draws; see `MoneyRule.draws`."""
    rules, pot = task.rules, float(task.budget.amount)
    out = np.zeros_like(log_values)
    if pot == 0:
        return out
    teams = Groups.of(task.team_caps, len(task))
    order = teams.order
    factors = (1 + rules.defence_priority * _known(task, "defence")) * (
        1 + rules.diffusion_priority * _known(task, "diffusion")
    )
    harms = _known(task, "harm")[order]
    weights = values(log_values + np.log(factors))[:, order]
    bounds = np.tile(np.array(task.bounds, dtype=np.float64)[order], (len(weights), 1))
    k = rules.saturation * pot / len(task)
    if any(share > 0 for share in rules.floors.values()):
        amounts = _with_floors(_Ensemble(task, k, teams), weights, bounds, float(rules.minimum))
    elif rules.minimum > 1:
        amounts = viable(weights, bounds, pot, k, teams, float(rules.minimum))
    else:
        amounts = capped(weights, bounds, pot, k, teams)
    risky = harms > 0
    if rules.harm_budget is not None and np.any(risky):
        amounts[:, risky] = priced(weights[:, risky], amounts[:, risky], harms[risky], rules.harm_budget * pot, k)
        if rules.minimum > 1:
            amounts[amounts < rules.minimum] = 0.0
    out[:, order] = amounts
    return out
