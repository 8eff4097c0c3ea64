"""Fitting Bradley and Terry's or Davidson's model to counts of pairs by Newton's method.

Model: with log-values θ (natural log-odds) and δ = θ_a − θ_b,

    P(a wins) ∝ e^(δ/2),   P(b wins) ∝ e^(−δ/2),   P(tie) ∝ ν,   θ_i ~ N(0, τ²) if there is a prior.

The log likelihood is concave in θ and ln ν, so what Newton's method finds is the optimum. A step is cut where it would
move the two projects of a pair apart by more than `_STRIDE`, and halved while it overshoots: while the slope along it
is reversed.

The fit has converged when the last step was shorter than `_LAST`, so that the next would be about its square, and when
each project's expected wins minus losses equal the actual ones to within `TOLERANCE` of its number of comparisons, and
the expected number of ties likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError
from daccord.fusion.pairwise._backend import Kernels, kernels
from daccord.fusion.pairwise._counts import PairCounts
from daccord.fusion.pairwise._curvature import Curvature, Preconditioner, preconditioner

__all__ = ["TOLERANCE", "PairFit", "fit_pairs"]

FloatArray = npt.NDArray[np.float64]

TOLERANCE: Final = 1e-9
"""Residual at which the fit counts as settled."""

_LAST: Final = 1e-5
"""Longest step, natural log-odds, after which another is not worth its while."""

_PASSES: Final = 4
"""Passes over the pairs of a fit that cost what counting as many comparisons costs, for the choice of the code."""

_STRIDE: Final = 4.0
_STEPS: Final = 200
_HALVINGS: Final = 40
_REVERSED: Final = 0.5
"""Share of its first slope, negative, at which a step has overshot."""

_NEAR: Final = 0.7
"""Longest step after which a preconditioner still serves: a pair's curvature changes by a factor of two at most."""


@dataclass(frozen=True, eq=False)
class PairFit:
    """A fitted model.

    Attributes:
        theta: Log-values, natural log-odds, summing to zero, shape (size,).
        tie: ν; 0 if ties count as half a win for each side, or if there are none.
        curvature: Second derivatives at `theta` and `tie`.
        near: A preconditioner for `curvature`, from near by.
        residual: How far expectation and counts are apart, as a share of a project's comparisons.
        iterations: Newton steps.
    """

    theta: FloatArray
    tie: float
    curvature: Curvature
    near: Preconditioner
    residual: float
    iterations: int


@dataclass(frozen=True, eq=False)
class _Point:
    """The slope and the curvature of the log posterior at some values."""

    slope: FloatArray
    tie_slope: float
    residual: float
    curvature: Curvature


def _at(counts: PairCounts, theta: FloatArray, tie: float, precision: float, work: Kernels, *, free: bool) -> _Point:
    """Slope and curvature; `free` says whether ν is estimated."""
    weight, expected, degree, cross, ties, corner = work.curve(counts.a, counts.b, counts.total, theta, tie)
    slope = counts.net / 2.0 - expected - precision * theta
    residual = float(np.max(np.abs(slope) / np.maximum(counts.compared, 1.0), initial=0.0))
    tie_slope = counts.tied - ties
    if free:
        residual = max(residual, abs(tie_slope) / len(counts))
    else:
        cross, tie_slope, corner = np.zeros_like(cross), 0.0, 0.0
    return _Point(slope, tie_slope, residual, Curvature(counts, weight, degree, cross, corner, precision, work))


def _start(counts: PairCounts) -> FloatArray:
    """Log-odds of each project's share of wins, half a win and half a loss added."""
    odds = np.log((counts.compared + counts.net + 1.0) / (counts.compared - counts.net + 1.0))
    return np.asarray(odds - odds.mean()) if len(odds) else odds


def _newton_step(point: _Point, near: Preconditioner) -> tuple[FloatArray, float]:
    """The step for θ and for ln ν, solved the more exactly the closer the fit is."""
    curvature, tolerance = point.curvature, max(min(0.05, point.residual), 1e-12)
    if not curvature.corner:
        return curvature.solve(point.slope[:, None], near, tolerance=tolerance)[:, 0], 0.0
    solved = curvature.solve(np.stack([point.slope, curvature.cross], axis=1), near, tolerance=tolerance)
    step = curvature.joint(solved[:, :1], np.array([point.tie_slope]), solved[:, 1])[:, 0]
    return step, (point.tie_slope - float(curvature.cross @ step)) / curvature.corner


def _longest(counts: PairCounts, step: FloatArray) -> float:
    """How far the step moves the two projects of a pair apart, at most; where that is little, an upper bound."""
    bound = 2.0 * float(np.max(np.abs(step), initial=0.0))
    if bound <= _NEAR or not len(counts.a):
        return bound
    return float(np.max(np.abs(step[counts.a] - step[counts.b])))


def fit_pairs(
    counts: PairCounts,
    *,
    ties: bool = True,
    precision: float = 0.0,
    start: PairFit | None = None,
    compiled: bool | None = None,
) -> PairFit:
    """The most likely, or with a prior the most probable, values.

    Args:
        counts: The comparisons. Without a prior there must be a solution: see `_graph`.
        ties: Whether to estimate ν; False counts a tie as half a win for each side. If all comparisons are ties, the
            likeliest ν is infinite; it is then taken as if half a comparison more had been decided.
        precision: 1/τ² of the prior, at least 0.
        start: A fit of similar counts to start from; None for a first guess.
        compiled: True or False to insist on compiled code or on plain numpy; None to decide by the number of pairs.

    Raises:
        ConvergenceError: The fit did not settle.

    Source: R. A. Bradley and M. E. Terry, Biometrika 39 (1952) 324–345; R. R. Davidson, JASA 65 (1970) 317–328.
    """
    work = kernels(_PASSES * len(counts.a), compiled=compiled)
    decided = len(counts) - counts.tied
    theta, tie = _start(counts), 2.0 * counts.tied / max(decided, 0.5) if ties else 0.0
    if start is not None:
        theta, tie = start.theta, start.tie if start.tie and tie else tie
    free = bool(tie) and decided > 0
    point = _at(counts, theta, tie, precision, work, free=free)
    near = preconditioner(point.curvature) if start is None else start.near
    for iteration in range(1, _STEPS + 1):
        step, tie_step = _newton_step(point, near)
        longest = max(_longest(counts, step), abs(tie_step))
        share = min(1.0, _STRIDE / max(longest, _STRIDE))
        uphill = float(point.slope @ step) + point.tie_slope * tie_step
        for _ in range(_HALVINGS):
            next_theta, next_tie = theta + share * step, tie * float(np.exp(share * tie_step))
            found = _at(counts, next_theta, next_tie, precision, work, free=free)
            if float(found.slope @ step) + found.tie_slope * tie_step >= -_REVERSED * uphill:
                break
            share /= 2.0
        theta, tie, point = next_theta, next_tie, found
        if share * longest <= _LAST and point.residual <= TOLERANCE:
            return PairFit(theta, tie, point.curvature, near, point.residual, iteration)
        if share * longest > _NEAR:
            near = preconditioner(point.curvature)
    raise ConvergenceError("fit of the paired-comparison model", _STEPS, point.residual)
