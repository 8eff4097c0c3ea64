"""What knowing more would be worth.

Model. With the utilities U_id of decision d in world i and what is known φ_i,

    EVPI = E max_d U_d − max_d E U_d                                 everything known before deciding
    EVPPI(φ) = E_φ max_d E[U_d | φ] − max_d E U_d                    only φ known

E[U_d | φ] is the regression of U_d on φ (Strong, Oakley & Brennan 2014, *Medical Decision Making* 34): least squares on
cubic B-splines with knots at quantiles, or group means if φ is a name. No world needs to be lived through again. Only
differences between decisions matter, so these are regressed.

A regression also finds value in noise. Its size is shown by the same regression on φ shuffled among the worlds; what is
not well above that is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline

from daccord.futures.planner._objective import Objective, project

__all__ = ["Knowing", "evpi", "evppi", "hindsight", "knowing"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

_DEGREE: Final = 3
_KNOTS: Final = 4
"""Inner knots: eight coefficients a question."""


@dataclass(frozen=True)
class Knowing:
    """What an answer is worth.

    Attributes:
        question: What would be known.
        value: EVPPI, in the units of the utilities.
        noise: What the same regression finds in shuffled answers.
    """

    question: str
    value: float
    noise: float

    @property
    def clear(self) -> bool:
        """Whether the value is at least twice the noise."""
        return self.value > 2 * self.noise


def evpi(utilities: FloatArray) -> float:
    """Expected value of perfect information.

    Args:
        utilities: Shape (n_worlds, n_decisions).
    """
    return max(0.0, float(utilities.max(axis=1).mean() - utilities.mean(axis=0).max()))


def evppi(utilities: FloatArray, known: FloatArray | IntArray) -> float:
    """Expected value of knowing something.

    Args:
        utilities: Shape (n_worlds, n_decisions).
        known: φ: numbers of shape (n_worlds,), or names as integers of that shape.
    """
    return _value(utilities, _fitter(known))


def knowing(question: str, utilities: FloatArray, known: FloatArray | IntArray, seed: int) -> Knowing:
    """`evppi`, and the same for shuffled answers."""
    order = np.random.Generator(np.random.Philox(key=seed & (2**64 - 1))).permutation(len(utilities))
    fit = _fitter(known)
    return Knowing(question, _value(utilities, fit), _value(utilities[order], fit))


def _value(utilities: FloatArray, basis: FloatArray) -> float:
    base = int(np.argmax(utilities.mean(axis=0)))
    over = utilities - utilities[:, [base]]
    fitted = basis @ (basis.T @ over)
    return max(0.0, float(fitted.max(axis=1).mean() - over.mean(axis=0).max()))


def _fitter(known: FloatArray | IntArray) -> FloatArray:
    """Orthonormal basis of what can be said with φ, shape (n, p); it contains the constant."""
    if known.dtype.kind in "iu":
        groups = (known[:, None] == np.unique(known)).astype(float)
        return np.asarray(groups / np.sqrt(groups.sum(axis=0)))
    low, high = float(known.min()), float(known.max())
    if low == high:
        return np.full((len(known), 1), 1 / np.sqrt(len(known)))
    inner = np.unique(np.quantile(known, np.arange(1, _KNOTS + 1) / (_KNOTS + 1)))
    inner = inner[(inner > low) & (inner < high)]
    knots = np.concatenate([np.repeat(low, _DEGREE + 1), inner, np.repeat(high, _DEGREE + 1)])
    design = BSpline.design_matrix(np.clip(known, low, high), knots, _DEGREE).toarray()
    vectors, sizes, _ = np.linalg.svd(design, full_matrices=False)
    return np.asarray(vectors[:, sizes > 1e-10 * sizes[0]])


def hindsight(objective: Objective, candidates: FloatArray, *, steps: int = 40) -> tuple[FloatArray, FloatArray]:
    """The best portfolio of each world if it were known: projected gradient in all worlds side by side.

    Args:
        objective: Its worlds and budget.
        candidates: Portfolios to start from; shape (D, K). Each world starts from its best of these and of all money
            on one technology.
        steps: Gradients.

    Returns:
        Welfare of each world under its own portfolio, shape (n,), and the shares, shape (n, K). As a world's welfare
        need not be concave in money, its true best may be higher.
    """
    candidates = np.concatenate([candidates, np.eye(len(objective.fundable))[objective.fundable]])
    worth = np.stack([objective.outcome(candidate, gradient=False).welfare for candidate in candidates])
    here = candidates[np.argmax(worth, axis=0)]
    outcome = objective.outcome(here)
    value = outcome.welfare
    slope = np.where(objective.fundable, outcome.money[:, 0] * objective.budget, 0.0)
    stride = 0.5 / np.maximum(np.abs(slope).max(axis=1), 1e-300)
    for _ in range(steps):
        there = project(here + stride[:, None] * slope)
        outcome = objective.outcome(there)
        better = outcome.welfare > value
        new = np.where(objective.fundable, outcome.money[:, 0] * objective.budget, 0.0)
        here = np.where(better[:, None], there, here)
        slope = np.where(better[:, None], new, slope)
        value = np.where(better, outcome.welfare, value)
        stride = np.where(better, 2 * stride, stride / 4)
    return value, here
