"""Least squares on the simplex: the convex combination that fits best, exactly, with its certificate.

    minimise ‖D w − y‖²   subject to   w ≥ 0, Σ w = 1.

The optimum is certified by its multiplier μ: with g = Dᵀ(D w − y), g_k ≥ μ everywhere and w_k (g_k − μ) = 0. An
active-set method finds it in finitely many steps: it keeps a support, solves the equality-constrained problem on it,
walks back to the boundary where a weight would turn negative, and adds the list whose gradient lies furthest below μ.
D is reduced to a square factor first, so cost is linear in answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError

__all__ = ["SimplexFit", "fit_simplex", "kkt_residual"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TOLERANCE: Final = 1e-10
"""How far a gradient may lie below μ, over its own scale, and still count as level with it."""


@dataclass(frozen=True, eq=False)
class SimplexFit:
    """Weights on the simplex.

    Attributes:
        weights: At least 0, summing to 1, shape (n_lists,).
        residual: How far from optimal, see `kkt_residual`.
        iterations: Supports that were tried.
    """

    weights: FloatArray
    residual: float
    iterations: int


def kkt_residual(design: FloatArray, y: FloatArray, weights: FloatArray) -> float:
    """Largest violation of the optimality conditions, over the largest gradient the answers could cause; 0 is exact.

    That is how far a gradient lies below μ = g·w, or w_k (g_k − μ), whichever is larger.

    Args:
        design: D, shape (n_answers, n_lists).
        y: Shape (n_answers,).
        weights: w, shape (n_lists,).
    """
    misfit = design @ weights - y
    gradient = design.T @ misfit
    level = float(gradient @ weights)
    off = np.maximum(level - gradient, weights * np.abs(gradient - level))
    return max(float(off.max()), 0.0) / _scale(design, y)


def _scale(design: FloatArray, y: FloatArray) -> float:
    """Largest list times largest pull; 1 where both are nothing."""
    size = float(np.sqrt((design**2).sum(axis=0).max()))
    return size * max(float(np.linalg.norm(y)), size) or 1.0


def _on_support(design: FloatArray, y: FloatArray, support: list[int]) -> FloatArray:
    """Best weights on a support, of any sign, summing to 1: the first list plus differences to it."""
    first = design[:, support[0]]
    rest = design[:, support[1:]] - first[:, None]
    moved = np.linalg.lstsq(rest, y - first, rcond=None)[0]
    return np.concatenate([[1.0 - moved.sum()], moved])


def fit_simplex(
    design: FloatArray, y: FloatArray, place: IntArray | None = None, *, max_iterations: int = 10_000
) -> SimplexFit:
    """Convex weights of the columns of `design` that come closest to `y`.

    Where several weights fit equally well, columns of an earlier place keep theirs: one that adds nothing gets nothing.

    Args:
        design: D, shape (n_answers, n_lists), at least one list.
        y: Shape (n_answers,).
        place: Of each column among equals, shape (n_lists,); their order if None.
        max_iterations: Supports before giving up.

    Raises:
        ConvergenceError: The support did not settle.

    Source: C. L. Lawson and R. J. Hanson, Solving Least Squares Problems (1974), chapter 23, with the sum fixed.
    """
    lists = design.shape[1]
    factor: FloatArray = np.asarray(np.linalg.qr(np.column_stack([design, y]), mode="r"))
    small, target = factor[:, :-1], factor[:, -1]
    cost = ((small - target[:, None]) ** 2).sum(axis=0)
    level = np.flatnonzero(cost <= cost.min() + TOLERANCE * _scale(small, target))
    best = int(level[0] if place is None else level[np.argmin(place[level])])
    weights = np.zeros(lists)
    weights[best] = 1.0
    support, barred = [best], set[int]()
    for iteration in range(1, max_iterations + 1):
        misfit = small @ weights - target
        gradient = small.T @ misfit
        below = gradient @ weights - gradient
        below[support + sorted(barred)] = 0.0
        entering = int(np.argmax(below))
        if below[entering] <= TOLERANCE * _scale(small, target):
            return SimplexFit(weights, kkt_residual(small, target, weights), iteration)
        support.append(entering)
        weights, support = _walk(small, target, weights, support)
        if entering in support:
            barred.clear()
        else:
            barred.add(entering)  # rounding: it was level with μ after all
    raise ConvergenceError("the convex combination of lists", max_iterations, kkt_residual(small, target, weights))


def _walk(design: FloatArray, y: FloatArray, weights: FloatArray, support: list[int]) -> tuple[FloatArray, list[int]]:
    """Move to the best point of a support, dropping lists whose weight would turn negative on the way."""
    while True:
        wanted = _on_support(design, y, support)
        here = weights[support]
        falling = wanted <= 0
        if not falling.any():
            here = wanted
        else:
            steps = np.where(falling, here / np.maximum(here - wanted, 1e-300), np.inf)
            step = float(steps.min())
            here = np.where(steps <= step, 0.0, here + step * (wanted - here))
        weights = np.zeros_like(weights)
        weights[support] = here
        weights /= weights.sum()
        support = [k for k in support if weights[k] > 0]
        if not falling.any():
            return weights, support
