"""The differential rule in floating point, for many draws at once; see `_differential` and `_floors` for the model.

Floors are solved through the same dual as the exact rule: prices by Newton's method in a bracket, and Newton's method
on the floors' multipliers for all draws together, where each draw keeps its own step length and is left alone once its
conditions hold to 10^-9 of the pot.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._draws import Teams, capped, priced, values, viable
from daccord.allocation._exact import as_written
from daccord.allocation._rules import MoneyTask
from daccord.fusion import MICRO

__all__ = ["draw_differential"]

FloatArray = npt.NDArray[np.float64]
_STEPS: Final = 80
_CLOSE: Final = 1e-12
_LARGEST: Final = 1e9
_TOLERANCE: Final = 1e-9
_ITERATIONS: Final = 80
_HALVINGS: Final = 30


def _take(weights: FloatArray, bounds: FloatArray, net: FloatArray, k: float) -> FloatArray:
    with np.errstate(divide="ignore", over="ignore"):
        wanted = k * (weights / np.maximum(net, 1e-300) - 1.0)
    return np.asarray(np.clip(wanted, 0.0, bounds))


def _price(
    weights: FloatArray, bounds: FloatArray, bonus: FloatArray, total: float | FloatArray, k: float
) -> FloatArray:
    """The price at which the last axis takes `total`; -inf where it cannot take that much."""
    target = np.broadcast_to(np.asarray(total, dtype=np.float64), weights.shape[:-1])
    full = np.sum(bounds, axis=-1) <= target
    low = np.min(np.where(bounds > 0, weights * k / (k + bounds) + bonus, np.inf), axis=-1)
    high = np.max(np.where(bounds > 0, weights + bonus, -np.inf), axis=-1)
    low, high = np.where(full, 0.0, low), np.where(full, 1.0, high)
    price = 0.5 * (low + high)
    for _ in range(_STEPS):
        net = price[..., None] - bonus
        amounts = _take(weights, bounds, net, k)
        excess = np.sum(amounts, axis=-1) - target
        if np.all(full | (np.abs(excess) <= _CLOSE * target)):
            break
        low = np.where(excess >= 0, price, low)
        high = np.where(excess >= 0, high, price)
        inside = (amounts > 0) & (amounts < bounds)
        slope = np.sum(np.where(inside, (amounts + k) / np.where(inside, net, 1.0), 0.0), axis=-1)
        step = price + np.divide(excess, slope, out=np.full_like(slope, np.inf), where=slope > 0)
        price = np.where((step > low) & (step < high), step, 0.5 * (low + high))
    return np.where(full, -np.inf, price)


class _Ensemble:
    """All draws of one task; arrays of shape (n_draws, n), (n_draws, n_floors) or (n, n_floors)."""

    def __init__(self, task: MoneyTask, k: float) -> None:
        cells = sorted(cell for cell, share in task.rules.floors.items() if share > 0)
        self.k = k
        self.total = float(task.budget.amount)
        self.teams = Teams.of(task.team_caps, len(task))
        self.memberships = np.array(
            [[float(project.cells.get(cell, 0)) for cell in cells] for project in task.projects], dtype=np.float64
        )
        self.floors = np.array([float(as_written(task.rules.floors[cell])) * self.total for cell in cells])

    def state(
        self, eta: FloatArray, weights: FloatArray, asks: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Amounts, the price each project faces (its pot's or its team's), and the surplus over the floors."""
        bonus = eta @ self.memberships.T
        bounds = asks
        prices = np.full_like(weights, -np.inf)
        teams = self.teams
        if teams:
            w, a, b = teams.gather(weights, 0.0), teams.gather(asks, 0.0), teams.gather(bonus, 0.0)
            price = _price(w, a, b, teams.amounts, self.k)[..., None]
            bounds = teams.scatter(asks, _take(w, a, price - b, self.k))
            prices = teams.scatter(prices, np.broadcast_to(price, w.shape))
        common = _price(weights, bounds, bonus, self.total, self.k)[:, None]
        amounts = _take(weights, bounds, common - bonus, self.k)
        return amounts, np.maximum(prices, common), amounts @ self.memberships - self.floors

    def response(
        self, eta: FloatArray, weights: FloatArray, asks: FloatArray, amounts: FloatArray, prices: FloatArray
    ) -> FloatArray:
        """Derivative of the surplus by the multipliers, shape (n_draws, n_floors, n_floors)."""
        net = prices - eta @ self.memberships.T
        inside = (amounts > 0) & (amounts < asks) & np.isfinite(net) & (net > 0)
        speed = np.where(inside, (amounts + self.k) / np.where(inside, net, 1.0), 0.0)
        m = self.memberships
        matrix = np.stack([(speed * m[:, c]) @ m for c in range(m.shape[1])], axis=1)
        common = np.min(prices, axis=1, keepdims=True)
        apart = np.zeros(speed.shape, dtype=np.bool_)
        if self.teams:
            in_team = np.isin(np.arange(speed.shape[1]), self.teams.members)
            apart = in_team & (prices > common)
            own = self.teams.gather(np.where(apart, speed, 0.0), 0.0)
            padded = np.concatenate([m, np.zeros((1, m.shape[1]))])[self.teams.members]
            first = np.einsum("dtm,tmc->dtc", own, padded)
            whole = np.sum(own, axis=-1)
            matrix -= np.einsum("dtc,dte->dce", first / np.where(whole > 0, whole, 1.0)[..., None], first)
        free = np.where(apart, 0.0, speed)
        first = free @ m
        whole = np.sum(free, axis=1)
        return np.asarray(matrix - (first / np.where(whole > 0, whole, 1.0)[:, None])[:, :, None] * first[:, None, :])

    def solve(self, eta: FloatArray, weights: FloatArray, asks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Multipliers and amounts, from a start of the multipliers."""
        eta = eta.copy()
        amounts, prices, surplus = self.state(eta, weights, asks)
        for _ in range(_ITERATIONS):
            free = ~(((eta <= 0) & (surplus >= 0)) | ((eta >= _LARGEST) & (surplus <= 0)))
            violation = np.max(np.where(free, np.abs(surplus), 0.0), axis=1)
            at = np.flatnonzero(violation > _TOLERANCE * self.total)
            if len(at) == 0:
                break
            w, a, e, g = weights[at], asks[at], eta[at], surplus[at]
            move = self._newton(self.response(e, w, a, amounts[at], prices[at]), g, free[at])
            step = np.ones(len(at))
            todo = np.arange(len(at))
            for halving in range(_HALVINGS):
                trial = np.clip(e[todo] + step[todo, None] * move[todo], 0.0, _LARGEST)
                x, p, s = self.state(trial, w[todo], a[todo])
                # the dual is convex: a step is short enough while the slope along it has not turned up steeply
                change = trial - e[todo]
                fine = np.sum(change * s, axis=1) <= -0.9 * np.sum(change * g[todo], axis=1)
                fine |= halving == _HALVINGS - 1
                done = at[todo[fine]]
                eta[done], amounts[done], prices[done], surplus[done] = trial[fine], x[fine], p[fine], s[fine]
                todo = todo[~fine]
                if len(todo) == 0:
                    break
                step[todo] *= 0.5
        return eta, amounts

    def _newton(self, matrix: FloatArray, surplus: FloatArray, free: npt.NDArray[np.bool_]) -> FloatArray:
        both = free[:, :, None] & free[:, None, :]
        ridge = 1e-13 * np.max(np.diagonal(matrix, axis1=1, axis2=2), axis=1) + 1e-16 * self.total
        diagonal = np.eye(matrix.shape[1]) * np.where(free, ridge[:, None], 1.0)[:, None, :]
        right = np.where(free, -surplus, 0.0)[:, :, None]
        return np.asarray(np.linalg.solve(np.where(both, matrix, 0.0) + diagonal, right)[:, :, 0])


def _with_floors(task: MoneyTask, weights: FloatArray, bounds: FloatArray, k: float) -> FloatArray:
    """Amounts under asks, team caps, floors and the minimum.

    With a minimum, the lower half of the awards below it is dropped in each pass, where the exact rule drops them one
    by one: close enough for an interval, and a hundred times faster.
    """
    ensemble = _Ensemble(task, k)
    eta = np.zeros((len(weights), len(ensemble.floors)))
    minimum = float(task.rules.minimum)
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


def draw_differential(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """`differential` for draws; see `MoneyRule.draws`."""
    rules, pot = task.rules, float(task.budget.amount)
    if pot == 0:
        return np.zeros_like(log_values)
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
    weights = values(log_values + np.log(factors))
    bounds = np.tile(np.array(task.bounds, dtype=np.float64), (len(weights), 1))
    k = rules.saturation * pot / len(task)
    teams = Teams.of(task.team_caps, len(task))
    if any(share > 0 for share in rules.floors.values()):
        amounts = _with_floors(task, weights, bounds, k)
    elif rules.minimum > 1:
        amounts = viable(weights, bounds, pot, k, teams, float(rules.minimum))
    else:
        amounts = capped(weights, bounds, pot, k, teams)
    risky = harms > 0
    if rules.harm_budget is None or not np.any(risky):
        return amounts
    amounts[:, risky] = priced(weights[:, risky], amounts[:, risky], harms[risky], rules.harm_budget * pot, k)
    if rules.minimum > 1:
        amounts[amounts < rules.minimum] = 0.0
    return amounts
