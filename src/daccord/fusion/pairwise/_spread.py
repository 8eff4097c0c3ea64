"""How sure the values are if comparisons are independent and the model is right: Var(θ) = S⁺ (see `_curvature`).

With a prior that is the posterior variance. It is exact for up to `DENSE` projects. Beyond, from Hx = u follows, for
C = H⁺ and W = D − H,

    C_ii = (1 − 2/n)/H_ii + (1/(n·τ²) + (WCW)_ii)/H_ii²,

and only the small last term is estimated, from samples x with covariance C that are drawn with random signs from a
fixed seed. With k opponents a project and M samples it leaves a relative error of about 1/(√2·k·√M) in a standard
error, which is reported.

Source: P. Sidén, F. Lindgren, D. Bolin and M. Villani, JCGS 27 (2018) 898–909, for the small term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError
from daccord.fusion.pairwise._counts import DENSE
from daccord.fusion.pairwise._curvature import Factor
from daccord.fusion.pairwise._fit import PairFit
from daccord.fusion.pairwise._plain import mix

__all__ = ["AIM", "CLOSE", "SEED", "Spread", "bend", "independent_trace", "model_spread", "power_of_two"]

FloatArray = npt.NDArray[np.float64]

AIM: Final = 0.005
"""Relative error of a standard error that approximations aim at."""

SEED: Final = 20_260
_COLUMNS: Final = 64
"""Samples drawn at a time: one bit each of a pair's random word."""

CLOSE: Final = 1e-4
"""Relative residual of linear systems whose solutions are averaged over random signs."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Variances of log-values.

    Attributes:
        variance: Squared natural log-odds, shape (size,).
        error: Root mean square, over projects, of the relative error of a standard error; 0 if exact.
        covariance: H⁺ with the uncertainty of ν, shape (size, size); None where it is too large to hold.
    """

    variance: FloatArray
    error: float = 0.0
    covariance: FloatArray | None = None


def power_of_two(least: float, low: int, high: int) -> int:
    """The smallest power of two that is at least `least`, within limits that are powers of two themselves."""
    return int(min(max(2 ** int(np.ceil(np.log2(max(least, 1.0)))), low), high))


def bend(fit: PairFit) -> FloatArray:
    """z = H⁺c, shape (size,); zeros if ν is not estimated."""
    curvature = fit.curvature
    if not curvature.corner:
        return np.zeros(curvature.counts.size)
    return curvature.solve(curvature.cross[:, None], fit.near, tolerance=1e-10)[:, 0]


def model_spread(fit: PairFit) -> Spread:
    """Variances if comparisons are independent and the model is right.

    Args:
        fit: A fit.

    Raises:
        ConvergenceError: A linear system did not settle, or is singular as far as doubles can tell.
    """
    curvature, size = fit.curvature, fit.curvature.counts.size
    if size < 2:
        return Spread(np.zeros(size), covariance=np.zeros((size, size)))  # the average is the project itself
    bent = bend(fit)
    share = bent / np.sqrt(curvature.spare(bent)) if curvature.corner else bent
    if size > DENSE:
        sampled = _sampled(fit)
        return Spread(sampled.variance + share**2, sampled.error)
    try:
        covariance = Factor(curvature).inverse()
    except np.linalg.LinAlgError as singular:
        raise ConvergenceError("inverse of the curvature of the likelihood", fit.iterations, fit.residual) from singular
    if curvature.corner:
        covariance += np.outer(share, share)
    return Spread(np.maximum(np.diag(covariance), 0.0), covariance=covariance)


def _sampled(fit: PairFit) -> Spread:
    """The diagonal of H⁺ for many projects; see the top of the module."""
    curvature, size = fit.curvature, fit.curvature.counts.size
    counts, diagonal = curvature.counts, curvature.diagonal
    needed = power_of_two(0.5 / (max(counts.opponents, 1.0) * AIM) ** 2, 16, 1024)
    total, squares = np.zeros(size), np.zeros(size)
    for start in range(0, needed, _COLUMNS):
        columns, seed = min(_COLUMNS, needed - start), SEED + start
        noise = curvature.kernels.edge_noise(counts.a, counts.b, np.sqrt(curvature.weight), seed, columns, size)
        if curvature.precision:
            bits = mix(np.arange(size, dtype=np.uint64), seed + 1)[:, None] >> np.arange(columns, dtype=np.uint64)
            noise += np.sqrt(curvature.precision) * (2.0 * (bits & np.uint64(1)).astype(np.float64) - 1.0)
        around = curvature.neighbours(curvature.solve(noise, fit.near, tolerance=CLOSE)) ** 2
        total += around.sum(axis=1)
        squares += (around**2).sum(axis=1)
    mean = total / needed
    noise_of_mean = np.sqrt(np.maximum(squares / needed - mean**2, 0.0) / needed)
    variance = (1.0 - 2.0 / size) / diagonal + (curvature.precision / size + mean) / diagonal**2
    relative = noise_of_mean / diagonal**2 / variance / 2.0
    return Spread(variance, float(np.sqrt(np.mean(relative**2))))


def independent_trace(fit: PairFit, model: Spread) -> float:
    """The sum of variances that the estimate has over repeated answers, if the model is right: tr(H⁺LH⁺).

    Without a prior that is the sum of `model_spread`; with one it is less, because a prior does not vary.

    Args:
        fit: A fit.
        model: Its `model_spread`.
    """
    curvature = fit.curvature
    if model.covariance is not None:
        return float(np.trace(model.covariance) - curvature.precision * np.sum(model.covariance**2))
    counts, scale = curvature.counts, np.sqrt(curvature.weight)
    noise = curvature.kernels.edge_noise(counts.a, counts.b, scale, SEED, _COLUMNS, counts.size)
    return float(np.sum(curvature.solve(noise, fit.near, tolerance=CLOSE) ** 2)) / _COLUMNS
