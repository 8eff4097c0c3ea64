"""The grid of hyperparameters: prior spread τ and a common factor on the noise, and a way to visit only what counts."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._seeing import State

__all__ = ["NOISES", "TAUS", "GridPoint", "explore", "weak_prior"]

FloatArray = npt.NDArray[np.float64]

TAUS: Final = (0.1, 0.2, 0.35, 0.6, 1.0, 1.6, 2.6)
"""Prior standard deviations around what the voices say, natural log."""

NOISES: Final = (0.7, 0.85, 1.0, 1.2)
"""Factors on the pilot fit's noise scales."""

_LOG_TAU: Final = (np.log(0.5), 1.0)
"""Mean and standard deviation of the weak normal prior on ln τ."""
_LOG_NOISE_SD: Final = 0.2

Place = tuple[int, int]
"""Position of a point in `TAUS` and in `NOISES`."""


@dataclass(frozen=True, eq=False)
class GridPoint:
    """One point of the hyperparameter grid.

    Attributes:
        weight: Posterior probability of the point; all sum to 1.
        tau: Prior standard deviation, natural log.
        noise: Factor on the noise scales.
        coefficients: c, one a voice.
        score: Held-out log predictive density of all answers, natural log.
        start: Most probable values found there, to start from; None if unknown.
    """

    weight: float
    tau: float
    noise: float
    coefficients: FloatArray
    score: float
    start: State | None = None


def weak_prior(tau: float, noise: float) -> float:
    """Log density, up to a constant."""
    return float(-0.5 * ((np.log(tau) - _LOG_TAU[0]) / _LOG_TAU[1]) ** 2 - 0.5 * (np.log(noise) / _LOG_NOISE_SD) ** 2)


def explore(
    start: Place, height: Callable[[Place, Place | None], float], hopeless: float, among: set[Place] | None = None
) -> dict[Place, float]:
    """Climb the grid from a point and visit everything around that is not hopeless.

    Neighbours of the best point that is left are visited first; points that are lower than the highest by more than
    `hopeless` are not gone on from. On a grid with one hill that finds every point that counts.

    Args:
        start: Where to begin.
        height: Height at a point, given the visited neighbour it was reached from.
        hopeless: How far below the highest point it is not worth going on.
        among: Points that may be visited; all if None.

    Returns:
        Height of each visited point.
    """
    found = {start: height(start, None)}
    left = [(-found[start], start)]
    while left:
        below, (i, j) = heapq.heappop(left)
        if -below < max(found.values()) - hopeless:
            break
        for at in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            inside = 0 <= at[0] < len(TAUS) and 0 <= at[1] < len(NOISES)
            if not inside or at in found or (among is not None and at not in among):
                continue
            found[at] = height(at, (i, j))
            heapq.heappush(left, (-found[at], at))
    return found
