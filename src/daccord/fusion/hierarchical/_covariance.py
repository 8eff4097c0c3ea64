"""How sure the most probable values are: covariance and evidence of a fit."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from daccord.fusion.hierarchical._evidence import RATING, Evidence
from daccord.fusion.hierarchical._normal import Eliminated, State, normal_equations, seen_by, slopes_of
from daccord.fusion.hierarchical._posterior import Fit
from daccord.fusion.hierarchical._scales import MIDDLE_SD, SLOPE_SD, Scales

__all__ = ["contrast_variance", "log_evidence", "posterior_covariance", "smoothed_covariance"]

FloatArray = npt.NDArray[np.float64]

_PINNED: Final = 1e12
_HERMITE = np.polynomial.hermite_e.hermegauss(9)
_NODES: Final = (_HERMITE[0], _HERMITE[1] / _HERMITE[1].sum())
"""Nodes and weights that average over a standard normal."""


def posterior_covariance(fit: Fit, tau: float) -> FloatArray:
    """Covariance of (θ, α) by Laplace's method, shape (n + 1, n + 1), for prior standard deviation τ (natural log)."""
    precision = fit.information + np.diag(np.append(np.full(len(fit.theta), tau**-2), MIDDLE_SD**-2))
    return np.asarray(cho_solve(cho_factor(precision, lower=True), np.eye(len(precision))))


def log_evidence(fit: Fit, tau: float) -> float:
    """Log marginal likelihood of people's answers by Laplace's method, up to a constant of the round.

    It is the sum of what each answer, told one after another, adds to the log predictive density. Jurors' own
    parameters are held at their most probable values: they change next to nothing over the grid.

    Args:
        fit: The fit.
        tau: Its prior standard deviation, natural log.
    """
    n = len(fit.theta)
    precision = fit.information + np.diag(np.append(np.full(n, tau**-2), MIDDLE_SD**-2))
    factor, _ = cho_factor(precision, lower=True)
    return float(fit.log_posterior - n * np.log(tau) - np.log(np.diag(factor)).sum())


def contrast_variance(evidence: Evidence, covariance: FloatArray) -> FloatArray:
    """Posterior variance of each answer's contrast δ, shape (n_answers,), from the covariance of (θ, α)."""
    other = np.where(evidence.b >= 0, evidence.b, evidence.size)
    sign = np.where(evidence.b >= 0, -1.0, 0.0)
    diagonal = np.diag(covariance)
    variance = diagonal[evidence.a] + sign**2 * diagonal[other] + 2 * sign * covariance[evidence.a, other]
    return np.asarray(np.maximum(variance, 0.0))


def smoothed_covariance(
    evidence: Evidence,
    fit: Fit,
    tau: float,
    scales: Scales,
    *,
    noise: float = 1.0,
    sampled: bool = True,
    passes: int = 4,
) -> FloatArray:
    """Covariance of (θ, α, λ) with every answer's information averaged over the posterior, shape (n + 2, n + 2).

    Noise scales were learned from the same answers, so as in any regression the covariance is multiplied by the number
    of answers over that number minus effective parameters.

    λ is free here, so that the common scale of all values is as uncertain as it is. If the round's jurors are a sample
    of people, their mean stretch defines the unit only so well: that adds `θ θᵀ ς² Σ share²`.

    At the most probable values answers look closer than they are, because the values follow them, and a heavy-tailed
    density then claims too much information. The Gaussian that is closest to the posterior in the variational sense
    has the *expected* curvature instead, found by iterating from Laplace's.

    Args:
        evidence: People's answers.
        fit: The fit for the same hyperparameters.
        tau: Prior standard deviation, natural log.
        scales: Noise scales.
        noise: Factor on them.
        sampled: Whether jurors are told apart, so that others could have been in their place.
        passes: Iterations; four settle to well under a percent.

    Source: M. Opper and C. Archambeau, "The variational Gaussian approximation revisited", Neural Computation 21
    (2009), eq. 10.
    """
    state = State(np.append(fit.theta, fit.middle), fit.stretch, fit.offset)
    eta, slope, delta = seen_by(evidence, scales, state)
    sigma = scales.sigma(evidence, noise)
    share = np.bincount(evidence.juror, minlength=evidence.jurors) / max(len(evidence), 1)
    pinned = scales.rating_slope_sd == 0 or not evidence.has(RATING)
    slope_precision = _PINNED if pinned else SLOPE_SD**-2
    precision = np.concatenate([np.full(evidence.size, tau**-2), [MIDDLE_SD**-2, slope_precision]])
    covariance = posterior_covariance(fit, tau)
    for _ in range(passes):
        spread = slope * np.sqrt(contrast_variance(evidence, covariance))
        curvature = np.zeros(len(evidence))
        for node, weight in zip(*_NODES, strict=True):
            curvature += weight * slopes_of(evidence, eta + node * spread, sigma, scales.tie).curvature
        curvature = np.maximum(curvature, 0.0)
        uu, _, uv, vv, _ = normal_equations(evidence, slope, delta, np.zeros(len(evidence)), curvature)
        matrix = Eliminated(uu, uv, vv, share, scales.juror_precision).matrix + np.diag(precision)
        covariance = np.asarray(cho_solve(cho_factor(matrix, lower=True), np.eye(len(matrix))))
    n = evidence.size
    spent = n - float(np.diag(covariance)[:n].sum()) / tau**2
    spent += float((1 - fit.juror_variance * scales.juror_precision).sum())
    covariance *= len(evidence) / max(len(evidence) - spent, 0.25 * len(evidence))
    if sampled:
        covariance[:n, :n] += np.outer(fit.theta, fit.theta) * scales.stretch_sd**2 * float(share @ share)
    return covariance
