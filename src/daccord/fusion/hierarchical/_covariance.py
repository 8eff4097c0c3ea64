"""How sure the most probable values are: covariance and evidence of a fit."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._eliminate import Eliminated
from daccord.fusion.hierarchical._evidence import RATING, Evidence
from daccord.fusion.hierarchical._normal import normal_equations
from daccord.fusion.hierarchical._posterior import Fit
from daccord.fusion.hierarchical._rankings import LOG_ODDS, ranking_slopes
from daccord.fusion.hierarchical._scales import MIDDLE_SD, SLOPE_SD, Scales
from daccord.fusion.hierarchical._seeing import Seen, seen_by, smoothed_curvature

__all__ = [
    "contrast_variance",
    "log_evidence",
    "posterior_covariance",
    "ranking_variance",
    "smoothed_covariance",
    "variances_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

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

    It is the sum of what each answer, told one after another, adds to the log predictive density. Everything unknown is
    integrated over, jurors' own parameters too: left at their most probable values they would fit some of the noise,
    and a smaller noise would look likelier than it is.

    Args:
        fit: The fit.
        tau: Its prior standard deviation, natural log.
    """
    determinant = fit.information.log_determinant(_precision(fit, tau)) + fit.information.jurors_log_determinant
    return float(fit.log_posterior - len(fit.theta) * np.log(tau) - 0.5 * determinant)


def variances_of(covariance: FloatArray) -> FloatArray:
    """The diagonal of a covariance, or a diagonal as it is."""
    return covariance if covariance.ndim == 1 else np.asarray(np.diag(covariance))


def contrast_variance(evidence: Evidence, covariance: FloatArray) -> FloatArray:
    """Posterior variance of each answer's contrast δ, shape (n_rows,), from the covariance of (θ, α).

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
    n, layout, share = evidence.size, evidence.layout, scales.share(evidence)
    seen = seen_by(evidence, scales, fit.state)
    sigma = scales.sigma(evidence, noise)
    pinned = scales.rating_slope_sd == 0 or not evidence.has(RATING)
    precision = np.concatenate([_precision(fit, tau), [_PINNED if pinned else SLOPE_SD**-2]])
    covariance, curvature = posterior_covariance(fit, tau), np.full(evidence.rows, np.nan)
    for _ in range(passes):
        before = curvature
        spread = seen.slope * np.sqrt(contrast_variance(evidence, covariance))
        curvature = np.maximum(smoothed_curvature(evidence, scales, seen, spread, sigma), 0.0)
        if evidence.rows and np.all(np.abs(curvature - before) <= _SETTLED * curvature.max(initial=0.0)):
            break
        ranked = _smoothed_rankings(evidence, scales, seen, covariance, noise)
        equations = normal_equations(evidence, seen, np.zeros(evidence.rows), curvature, ranked)
        covariance = Eliminated(equations, layout, share, scales.juror_precision, n + 2).covariance(precision)
    spent = n - float(variances_of(covariance)[:n].sum()) / tau**2
    spent += float((1 - fit.juror_variance * scales.juror_precision).sum())
    covariance *= evidence.total / max(evidence.total - spent, 0.25 * evidence.total)
    if sampled:
        common = scales.stretch_sd**2 * float(share @ share)
        if covariance.ndim == 1:
            covariance[:n] += common * fit.theta**2
        else:
            covariance[:n, :n] += common * np.outer(fit.theta, fit.theta)
    return covariance


def ranking_variance(projects: IntArray, covariance: FloatArray) -> FloatArray:
    """Mean variance of the differences within each ranking of a block, shape (n,).

    Args:
        projects: Shape (n, length).
        covariance: Of the projects, or their variances alone, with which projects count as independent.
    """
    length = projects.shape[1]
    own = variances_of(covariance)[projects].sum(axis=1)
    if covariance.ndim == 1:
        return np.asarray(2 * own / length)
    total = covariance[projects[:, :, None], projects[:, None, :]].sum(axis=(1, 2))
    return np.asarray(np.maximum(2 / (length - 1) * (own - total / length), 0.0))


def _smoothed_rankings(
    evidence: Evidence, scales: Scales, seen: Seen, covariance: FloatArray, noise: float
) -> tuple[tuple[FloatArray, FloatArray], ...]:
    """No gradient, and the bend of each ranking averaged over the posterior.

    A logistic density averaged over a normal is close to a wider logistic density, so a ranking is bent as if its noise
    had the variance of what its juror sees added to it.
    """
    found = []
    for block, eta, stretch in zip(evidence.ranked.blocks, seen.ranked, seen.stretched, strict=True):
        lift = scales.lift(block, evidence, noise)
        variance = stretch**2 * ranking_variance(block.project, covariance)
        wider = lift / np.sqrt(1 + lift**2 * variance / LOG_ODDS**2)
        slopes = ranking_slopes(eta, wider, block.choices)
        found.append((np.zeros_like(eta), slopes.bend * (lift / wider)[:, None, None]))
    return tuple(found)
