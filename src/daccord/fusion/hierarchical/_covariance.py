"""How sure the most probable values are: covariance and evidence of a fit."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._eliminate import Eliminated
from daccord.fusion.hierarchical._evidence import RATING, Evidence
from daccord.fusion.hierarchical._normal import normal_equations, seen_by, smoothed_curvature
from daccord.fusion.hierarchical._posterior import Fit
from daccord.fusion.hierarchical._scales import MIDDLE_SD, SLOPE_SD, Scales

__all__ = ["contrast_variance", "log_evidence", "posterior_covariance", "smoothed_covariance", "variances_of"]

FloatArray = npt.NDArray[np.float64]

_PINNED: Final = 1e12
_SETTLED: Final = 1e-7
"""Relative change of every answer's information at which smoothing stops."""


def _precision(fit: Fit, tau: float) -> FloatArray:
    """Prior precision of (θ, α)."""
    return np.append(np.full(len(fit.theta), tau**-2), MIDDLE_SD**-2)


def posterior_covariance(fit: Fit, tau: float) -> FloatArray:
    """Covariance of (θ, α) by Laplace's method for prior standard deviation τ (natural log).

    Returns:
        Shape (n + 1, n + 1); beyond `DENSE` projects only the diagonal, shape (n + 1,).
    """
    return fit.information.covariance(_precision(fit, tau))


def log_evidence(fit: Fit, tau: float) -> float:
    """Log marginal likelihood of people's answers by Laplace's method, up to a constant of the round.

    It is the sum of what each answer, told one after another, adds to the log predictive density. Jurors' own
    parameters are held at their most probable values: they change next to nothing over the grid.

    Args:
        fit: The fit.
        tau: Its prior standard deviation, natural log.
    """
    determinant = fit.information.log_determinant(_precision(fit, tau))
    return float(fit.log_posterior - len(fit.theta) * np.log(tau) - 0.5 * determinant)


def variances_of(covariance: FloatArray) -> FloatArray:
    """The diagonal of a covariance, or a diagonal as it is."""
    return covariance if covariance.ndim == 1 else np.asarray(np.diag(covariance))


def contrast_variance(evidence: Evidence, covariance: FloatArray) -> FloatArray:
    """Posterior variance of each answer's contrast δ, shape (n_answers,), from the covariance of (θ, α).

    Where only variances are known, projects count as independent.
    """
    own = variances_of(covariance)[: evidence.size]
    nothing = np.zeros(1)  # what position −1 stands for
    variance = own[evidence.a] + np.concatenate([own, nothing])[evidence.b]
    if covariance.ndim == 2:
        shared = 2 * covariance[evidence.a, evidence.b]
        shared[evidence.layout.rated] = 0.0
        variance -= shared
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
    """Covariance of (θ, α, λ) with every answer's information averaged over the posterior.

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
        passes: Most iterations; four settle to well under a percent.

    Returns:
        Shape (n + 2, n + 2); beyond `DENSE` projects only the diagonal, shape (n + 2,).

    Source: M. Opper and C. Archambeau, "The variational Gaussian approximation revisited", Neural Computation 21
    (2009), eq. 10.
    """
    n, layout = evidence.size, evidence.layout
    eta, slope, delta = seen_by(evidence, scales, fit.state)
    sigma = scales.sigma(evidence, noise)
    share = np.bincount(evidence.juror, minlength=evidence.jurors) / max(len(evidence), 1)
    pinned = scales.rating_slope_sd == 0 or not evidence.has(RATING)
    precision = np.concatenate([_precision(fit, tau), [_PINNED if pinned else SLOPE_SD**-2]])
    covariance, curvature = posterior_covariance(fit, tau), np.full(len(evidence), np.nan)
    for _ in range(passes):
        before = curvature
        spread = slope * np.sqrt(contrast_variance(evidence, covariance))
        curvature = np.maximum(smoothed_curvature(evidence, eta, spread, sigma, scales.tie), 0.0)
        if np.all(np.abs(curvature - before) <= _SETTLED * curvature.max(initial=0.0)):
            break
        equations = normal_equations(evidence, slope, delta, np.zeros(len(evidence)), curvature)
        covariance = Eliminated(equations, layout, share, scales.juror_precision, n + 2).covariance(precision)
    spent = n - float(variances_of(covariance)[:n].sum()) / tau**2
    spent += float((1 - fit.juror_variance * scales.juror_precision).sum())
    covariance *= len(evidence) / max(len(evidence) - spent, 0.25 * len(evidence))
    if sampled:
        common = scales.stretch_sd**2 * float(share @ share)
        if covariance.ndim == 1:
            covariance[:n] += common * fit.theta**2
        else:
            covariance[:n, :n] += common * np.outer(fit.theta, fit.theta)
    return covariance
