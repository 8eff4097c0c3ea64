"""The differential rule with floors, in floating point, for many draws at once; see `_floors` for the model.

The same dual, with the prices found by bisection and Newton's method on the floors' multipliers run for all draws
together: each draw keeps its own step length, and is left alone once its conditions hold to 10^-9 of the pot.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._exact import as_written
from daccord.allocation._rules import MoneyTask

__all__ = ["draw_floors"]

FloatArray = npt.NDArray[np.float64]
_STEPS: Final = 52
_LARGEST: Final = 1e9
_TOLERANCE: Final = 1e-9
_ITERATIONS: Final = 60
_DROPS: Final = 1_000


class _Ensemble:
    """All draws of one task; arrays of shape (n_draws, n), (n_draws, n_floors) or (n, n_floors)."""

    def __init__(self, task: MoneyTask, k: float) -> None:
        cells = sorted(cell for cell, share in task.rules.floors.items() if share > 0)
        self.k = k
        self.total = float(task.budget.amount)
        self.caps = task.team_caps
        self.memberships = np.array(
            [[float(project.cells.get(cell, 0)) for cell in cells] for project in task.projects], dtype=np.float64
        )
        self.floors = np.array([float(as_written(task.rules.floors[cell])) * self.total for cell in cells])

    def take(self, weights: FloatArray, bounds: FloatArray, net: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", over="ignore"):
            wanted = self.k * (weights / np.maximum(net, 1e-300) - 1.0)
        return np.asarray(np.clip(wanted, 0.0, bounds))

    def price(self, weights: FloatArray, bounds: FloatArray, bonus: FloatArray, target: float) -> FloatArray:
        """The price at which a group takes `target`, shape (n_draws,); -inf where it cannot take that much."""
        low = np.min(weights * self.k / (self.k + bounds) + bonus, axis=1)
        high = np.max(weights + bonus, axis=1)
        for _ in range(_STEPS):
            middle = 0.5 * (low + high)
            enough = np.sum(self.take(weights, bounds, middle[:, None] - bonus), axis=1) >= target
            low = np.where(enough, middle, low)
            high = np.where(enough, high, middle)
        return np.asarray(np.where(np.sum(bounds, axis=1) <= target, -np.inf, 0.5 * (low + high)))

    def state(
        self, eta: FloatArray, weights: FloatArray, asks: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Amounts, the price each project faces (its pot's or its team's), and the surplus over the floors."""
        bonus = eta @ self.memberships.T
        bounds = asks.copy()
        prices = np.full_like(weights, -np.inf)
        for cap in self.caps:
            own = list(cap.members)
            price = self.price(weights[:, own], asks[:, own], bonus[:, own], float(cap.amount))[:, None]
            prices[:, own] = price
            amounts = self.take(weights[:, own], asks[:, own], np.where(np.isfinite(price), price, 0.0) - bonus[:, own])
            bounds[:, own] = np.where(np.isfinite(price), amounts, asks[:, own])
        common = self.price(weights, bounds, bonus, self.total)[:, None]
        amounts = self.take(weights, bounds, np.where(np.isfinite(common), common, 0.0) - bonus)
        amounts = np.where(np.isfinite(common), amounts, bounds)
        return amounts, np.maximum(prices, common), amounts @ self.memberships - self.floors

    def response(
        self, eta: FloatArray, weights: FloatArray, asks: FloatArray, amounts: FloatArray, prices: FloatArray
    ) -> FloatArray:
        """Derivative of the surplus by the multipliers, shape (n_draws, n_floors, n_floors)."""
        net = prices - eta @ self.memberships.T
        inside = (amounts > 0) & (amounts < asks) & np.isfinite(net) & (net > 0)
        speed = np.where(inside, self.k * weights / np.where(inside, net, 1.0) ** 2, 0.0)
        m = self.memberships
        matrix = np.einsum("di,ic,ie->dce", speed, m, m, optimize=True)
        common = np.min(prices, axis=1, keepdims=True)
        grouped = np.zeros(len(m), dtype=np.bool_)
        for cap in self.caps:
            own = list(cap.members)
            grouped[own] = True
            apart = np.where(prices[:, own] > common, speed[:, own], 0.0)
            matrix -= self._shared(apart, m[own])
        open_speed = np.where(~grouped[None, :] | (prices <= common), speed, 0.0)
        return matrix - self._shared(open_speed, m)

    @staticmethod
    def _shared(speed: FloatArray, memberships: FloatArray) -> FloatArray:
        first = speed @ memberships
        whole = np.sum(speed, axis=1)
        scale = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
        return np.asarray(np.einsum("dc,de,d->dce", first, first, scale))


def _violation(eta: FloatArray, surplus: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    free = ~(((eta <= 0) & (surplus >= 0)) | ((eta >= _LARGEST) & (surplus <= 0)))
    return np.max(np.where(free, np.abs(surplus), 0.0), axis=1, initial=0.0), free


def _solve(ensemble: _Ensemble, weights: FloatArray, asks: FloatArray) -> FloatArray:
    eta = np.zeros((len(weights), len(ensemble.floors)))
    amounts, prices, surplus = ensemble.state(eta, weights, asks)
    for _ in range(_ITERATIONS):
        violation, free = _violation(eta, surplus)
        at = np.flatnonzero(violation > _TOLERANCE * ensemble.total)
        if len(at) == 0:
            break
        w, a, e, g = weights[at], asks[at], eta[at], surplus[at]
        matrix = ensemble.response(e, w, a, amounts[at], prices[at])
        both = free[at][:, :, None] & free[at][:, None, :]
        eye = np.eye(eta.shape[1])
        ridge = 1e-13 * np.max(np.diagonal(matrix, axis1=1, axis2=2), axis=1) + 1e-16 * ensemble.total
        matrix = np.where(both, matrix, 0.0) + eye * np.where(free[at], ridge[:, None], 1.0)[:, None, :]
        move = np.linalg.solve(matrix, np.where(free[at], -g, 0.0)[:, :, None])[:, :, 0]
        step = np.ones(len(at))
        pending = np.ones(len(at), dtype=np.bool_)
        for halving in range(24):
            trial = np.clip(e + step[:, None] * move, 0.0, _LARGEST)
            x, p, s = ensemble.state(trial, w, a)
            # the dual is convex: a step is short enough while its derivative along the way has not turned up steeply
            ahead = np.sum((trial - e) * s, axis=1)
            behind = -np.sum((trial - e) * g, axis=1)
            fine = pending & ((ahead <= 0.9 * behind) | (halving == 23))
            chosen = at[fine]
            eta[chosen], amounts[chosen], prices[chosen], surplus[chosen] = trial[fine], x[fine], p[fine], s[fine]
            pending &= ~fine
            step = np.where(pending, 0.5 * step, step)
            if not np.any(pending):
                break
    return amounts


def draw_floors(task: MoneyTask, weights: FloatArray, bounds: FloatArray, k: float) -> FloatArray:
    """Amounts in each draw under asks, team caps, floors and the minimum, before the harm budget.

    With a minimum, the smallest award below it is dropped in each draw and the pot divided again, until there is none.

    Args:
        task: The fundable projects and the rules.
        weights: Value of each project in each draw, positive, shape (n_draws, n).
        bounds: Asks, minor units, shape (n_draws, n).
        k: Saturation, minor units, positive.
    """
    ensemble = _Ensemble(task, k)
    minimum = float(task.rules.minimum)
    if minimum <= 1:
        return _solve(ensemble, weights, bounds)
    slack = minimum - 1e-9 * ensemble.total
    bounds = np.where(bounds >= minimum, bounds, 0.0)
    amounts = _solve(ensemble, weights, bounds)
    for _ in range(_DROPS):
        small = (bounds > 0) & (amounts < slack)
        rows = np.flatnonzero(np.any(small, axis=1))
        if len(rows) == 0:
            break
        nothing = small[rows] & (amounts[rows] <= 0)
        least = np.argmin(np.where(small[rows], amounts[rows], np.inf), axis=1)
        drop = np.where(np.any(nothing, axis=1)[:, None], nothing, np.arange(bounds.shape[1]) == least[:, None])
        bounds[rows] = np.where(drop, 0.0, bounds[rows])
        amounts[rows] = _solve(ensemble, weights[rows], bounds[rows])
    return amounts
