"""The bootstrap over voters: a slow way to standard errors that assumes nothing about a voter's answers.

A resample draws as many voters as there are, with replacement, and takes all answers of each as often as he or she was
drawn. The **full** bootstrap fits every resample anew, from the solution on. The **one-step** bootstrap takes one
Newton step with the curvature of the original fit,

    θ* ≈ θ + Σ_v (m_v − 1)·x_v,   m_v how often voter v was drawn, x_v the voter's influence (see `_spread`),

and its variance over resamples is that of the sandwich, but for the factor V/(V − 1) and the luck of the draw. It is
here to check the sandwich, which needs no resamples.

Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 6 and 8.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.fusion.pairwise._counts import PairCounts
from daccord.fusion.pairwise._fit import PairFit, fit_pairs
from daccord.fusion.pairwise._plain import voter_pulls
from daccord.fusion.pairwise._spread import bend

__all__ = ["full_bootstrap", "one_step_bootstrap"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]


def _drawn(voters: int, resamples: int, seed: int) -> IntArray:
    """How often each voter is drawn in each resample, shape (resamples, voters)."""
    rng = np.random.Generator(np.random.Philox(seed))
    return rng.multinomial(voters, np.full(voters, 1.0 / voters), size=resamples)


def full_bootstrap(
    fit: PairFit,
    a: IntArray,
    b: IntArray,
    outcome: IntArray,
    voter: IntArray,
    *,
    resamples: int = 100,
    seed: int = 0,
    compiled: bool | None = None,
) -> FloatArray:
    """Scores of resamples of voters, each fitted anew.

    Args:
        fit: The fit to the comparisons themselves.
        a: Position of the first project, shape (n,).
        b: Position of the second.
        outcome: +1, −1 or 0.
        voter: Who answered, from 0.
        resamples: How many.
        seed: Of the draws.
        compiled: As for `fit_pairs`.

    Returns:
        Natural log-odds, shape (resamples, size).

    Raises:
        ConvergenceError: A resample's fit did not settle; without a prior it may have no solution.
    """
    counts = fit.curvature.counts
    _, person = np.unique(voter, return_inverse=True)
    key = counts.a.astype(np.int64) * counts.size + counts.b
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    pair = np.searchsorted(key, low * counts.size + high)
    side = np.where(a < b, outcome, -outcome)
    cell = 3 * pair + 1 - side  # wins of the lower, ties, wins of the higher
    found = np.empty((resamples, counts.size))
    for k, drawn in enumerate(_drawn(int(person.max()) + 1, resamples, seed)):
        told = np.bincount(cell, drawn[person], 3 * len(key)).reshape(-1, 3).round().astype(np.int64)
        resample = PairCounts(counts.size, counts.a, counts.b, told[:, 0], told[:, 2], told[:, 1])
        again = fit_pairs(resample, ties=fit.tie > 0.0, precision=fit.curvature.precision, start=fit, compiled=compiled)
        found[k] = again.theta
    return found


def one_step_bootstrap(
    fit: PairFit,
    a: IntArray,
    b: IntArray,
    outcome: IntArray,
    voter: IntArray,
    *,
    resamples: int = 100,
    seed: int = 0,
) -> FloatArray:
    """Scores of resamples of voters, one Newton step from the solution; arguments as for `full_bootstrap`.

    Returns:
        Natural log-odds, shape (resamples, size).
    """
    curvature, size = fit.curvature, fit.curvature.counts.size
    gradients = voter_pulls(a, b, outcome, voter, fit.theta, fit.tie)
    drawn = _drawn(gradients.shape[0], resamples, seed) - 1.0
    pulls = np.asarray((gradients.T @ drawn.T).T)
    solved = curvature.solve(np.ascontiguousarray(pulls[:, :size].T), fit.near, tolerance=1e-8)
    return fit.theta + curvature.joint(solved, pulls[:, size], bend(fit)).T
