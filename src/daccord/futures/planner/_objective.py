"""What a planner maximises: expected welfare over fixed worlds, and how bad the bad beliefs are.

Model. With worlds θ_1 … θ_n fixed (sample-average approximation, common random numbers) and money x = budget · y, y the
shares,

    W(y) = mean_i W(θ_i, x)            years of life now, per person
    tail(y) = CVaR_α: the mean of P(catastrophe | θ_i, x) over the worst (1 − α) n worlds
    goal(y) = W(y) − μ · tail(y)       μ = 0 unless the tail is constrained

The tail is over worlds, i.e. over beliefs and the times that follow from them; whether a catastrophe then happens is
already a probability inside a world. Feasible are y ≥ 0, Σ y ≤ 1: money may stay unspent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.world import Draws, Outcome, Values, Welfare, budget_plan, live

__all__ = ["ALPHA", "Objective", "Score", "project", "tail_mean"]

FloatArray = npt.NDArray[np.float64]

ALPHA: Final = 0.95
"""The tail is the worst 5 % of worlds."""


@dataclass(frozen=True)
class Score:
    """What a portfolio is worth, with derivatives by shares.

    Attributes:
        goal: What is maximised.
        slope: Of the goal, by shares; shape (K,).
        welfare: W.
        catastrophe: Mean probability of a catastrophe.
        tail: CVaR of that probability.
    """

    goal: float
    slope: FloatArray
    welfare: float
    catastrophe: float
    tail: float


def tail_mean(values: FloatArray, alpha: float = ALPHA) -> tuple[float, npt.NDArray[np.intp]]:
    """Mean of the largest 1 − α of the values (at least one), and which they are."""
    count = max(1, round(len(values) * (1 - alpha)))
    worst = np.argpartition(values, len(values) - count)[len(values) - count :]
    return float(values[worst].mean()), np.sort(worst)


def project(points: FloatArray) -> FloatArray:
    """Nearest point with y ≥ 0 and Σ y ≤ 1, row by row.

    Args:
        points: Shape (K,) or (n, K).
    """
    rows = np.atleast_2d(points)
    found = np.maximum(rows, 0.0)
    over = found.sum(axis=1) > 1
    if over.any():
        steep = np.sort(rows[over], axis=1)[:, ::-1]
        excess = (np.cumsum(steep, axis=1) - 1) / np.arange(1, rows.shape[1] + 1)
        last = (steep > excess).sum(axis=1) - 1
        found[over] = np.maximum(rows[over] - excess[np.arange(len(last)), last][:, None], 0.0)
    return found.reshape(points.shape)


@dataclass(frozen=True)
class Objective:
    """Expected welfare of portfolios over fixed worlds.

    Attributes:
        draws: The worlds.
        budget: Money a year during the window, to divide or keep.
        welfare: How lives are valued.
        fundable: Whether a technology can be funded; shape (K,).
        price: μ, years of life per unit of tail.
        alpha: Of the tail.
    """

    draws: Draws
    budget: float
    welfare: Welfare | Values
    fundable: npt.NDArray[np.bool_]
    price: float = 0.0
    alpha: float = ALPHA

    def outcome(self, shares: FloatArray, *, gradient: bool = True) -> Outcome:
        """Every world under a portfolio; shares of shape (K,), or (n, K) if each world has its own."""
        return live(self.draws, budget_plan(self.draws.world, shares * self.budget), self.welfare, gradient=gradient)

    def value(self, shares: FloatArray) -> float:
        """The goal alone: faster."""
        outcome = self.outcome(shares, gradient=False)
        found = float(outcome.welfare.mean())
        return found if not self.price else found - self.price * tail_mean(outcome.catastrophe, self.alpha)[0]

    def __call__(self, shares: FloatArray) -> Score:
        outcome = self.outcome(shares)
        tail, worst = tail_mean(outcome.catastrophe, self.alpha)
        welfare = float(outcome.welfare.mean())
        slope = outcome.money[:, 0].mean(axis=0)
        if self.price:
            risk = outcome.arrivals.to_money(outcome.catastrophe_slope)[:, 0]
            slope = slope - self.price * risk[worst].mean(axis=0)
        slope = np.where(self.fundable, slope * self.budget, 0.0)
        return Score(welfare - self.price * tail, slope, welfare, float(outcome.catastrophe.mean()), tail)
