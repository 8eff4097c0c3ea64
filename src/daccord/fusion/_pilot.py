"""The pilot fit: how noisy answers are, and what a natural-log unit is worth in each kind of answer.

Noise scales and slopes must not be read off the most probable values alone: values that follow the noise make the
noise look small, and values that shrink to please the prior make slopes look large. So they are learned by expectation
maximisation: the values enter with their posterior variance. Each step

* sets τ² to the mean expected square of θ − μ (the grid in `_held_out` later replaces it),
* sets λ_kind to the slope of answers on *expected* contrasts, whose squares include the variance,
* sets the spread of jurors' stretch and offset to their expected squares,
* moves the log noise scales by Fisher scoring on expected squared residuals, one a kind, one factor a juror, one
  inflation of stated intervals.

Source: A. P. Dempster, N. M. Laird, D. B. Rubin, JRSS B 39 (1977); Student-t weights after K. L. Lange et al., JASA 84
(1989).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._evidence import ORDER, RATING, RATIO, Evidence
from daccord.fusion._likelihood import DOF, order_slopes
from daccord.fusion._posterior import JUROR_NOISE_SD, Scales, fit_conditional, posterior_covariance, seen

__all__ = ["learn_scales", "starting_scales"]

FloatArray = npt.NDArray[np.float64]

_LOG_SIGMA: Final = (float(np.log(0.7)), 1.0)
_LOG_INFLATION: Final = (float(np.log(1.3)), 0.7)
_SLOPE_SD: Final = 0.7
_PINNED_SD: Final = 1e-4
_STRETCH_SD: Final = 0.3
"""Two in three jurors use ratios within a factor e^0.3 = 1.35 of each other, until the round says otherwise."""
_OFFSET_SD: Final = 0.5
_BELIEF: Final = 8.0
"""Jurors whose worth the two numbers above have against the round's own jurors."""
_ROUGH: Final = 1e-4
_ROUNDS: Final = 25
_SETTLED: Final = 2e-3
_SHARPNESS: Final = 1.7
"""A logistic with slope 1.7 / σ is close to the probability that normal noise of scale σ leaves the sign alone."""


def starting_scales(evidence: Evidence) -> Scales:
    """Scales before anything is learned.

    One kind of answer has to define the unit of θ: with ratios it is the natural log itself; otherwise a sixth of the
    rating scale; otherwise log-odds. Its slope is pinned.
    """
    orders = evidence.kind == ORDER
    ties = int((orders & (evidence.y == 0)).sum())
    # A share q of ties among equals means t = ln((1 + q) / (1 − q)).
    q = (ties + 0.5) / (orders.sum() + 1.0)
    defines = RATIO if evidence.has(RATIO) else RATING if evidence.has(RATING) else ORDER
    slopes = np.zeros(3)
    if defines != ORDER:
        slopes[ORDER] = np.log(_SHARPNESS / 0.7)
    return Scales(
        ratio=float(np.exp(_LOG_SIGMA[0])),
        rating=float(np.exp(_LOG_SIGMA[0])),
        inflation=1.5,
        tie=float(np.log((1 + q) / (1 - q))) if ties else 0.0,
        slopes=slopes,
        slopes_sd=np.where(np.arange(3) == defines, _PINNED_SD, _SLOPE_SD),
        stretch_sd=_STRETCH_SD,
        offset_sd=_OFFSET_SD,
        juror=np.ones(evidence.jurors),
    )


def _fisher(log_scale: float, prior: tuple[float, float], u: FloatArray) -> float:
    """One Fisher-scoring step for the log of a Student-t scale; u are expected squared residuals over scale²."""
    mean, sd = prior
    gradient = ((DOF + 1) * u / (DOF + u) - 1).sum() - (log_scale - mean) / sd**2
    return float(log_scale + gradient / (len(u) * 2 * DOF / (DOF + 3) + 1 / sd**2))


def _learn_noise(evidence: Evidence, scales: Scales, square: FloatArray) -> Scales:
    """Noise scales from expected squared residuals, shape (n_answers,)."""
    stated = evidence.stated > 0
    is_ratio = evidence.kind == RATIO
    is_plain = (evidence.kind == RATING) & ~stated
    graded = evidence.kind != ORDER
    for _ in range(8):
        u = square / scales.sigma(evidence) ** 2
        score = np.bincount(evidence.juror, graded * ((DOF + 1) * u / (DOF + u) - 1), minlength=evidence.jurors)
        count = np.bincount(evidence.juror, graded * 2 * DOF / (DOF + 3), minlength=evidence.jurors)
        log_juror = np.log(scales.juror)
        log_juror = log_juror + (score - log_juror / JUROR_NOISE_SD**2) / (count + JUROR_NOISE_SD**-2)
        scales = replace(
            scales,
            ratio=float(np.exp(_fisher(np.log(scales.ratio), _LOG_SIGMA, u[is_ratio]))),
            rating=float(np.exp(_fisher(np.log(scales.rating), _LOG_SIGMA, u[is_plain]))),
            inflation=max(1.0, float(np.exp(_fisher(np.log(scales.inflation), _LOG_INFLATION, u[stated])))),
            juror=np.exp(log_juror),
        )
    return scales


def _learn_slopes(
    evidence: Evidence, scales: Scales, stretched: FloatArray, variance: FloatArray, target: FloatArray, free: list[int]
) -> Scales:
    """λ of each free kind from expected contrasts.

    Args:
        evidence: People's answers.
        scales: Current scales.
        stretched: Expected contrast times the juror's stretch, shape (n_answers,).
        variance: Its posterior variance, shape (n_answers,).
        target: Answer minus the juror's level, shape (n_answers,).
        free: Kinds whose slope is not pinned.
    """
    slopes, sds = scales.slopes.copy(), scales.slopes_sd.copy()
    for kind in free:
        rows = evidence.kind == kind
        mean, spread = stretched[rows], variance[rows]
        prior = 0.0 if kind == RATING else np.log(_SHARPNESS / (scales.ratio if evidence.has(RATIO) else 0.7))
        for _ in range(4):
            slope = np.exp(slopes[kind])
            if kind == RATING:
                sigma = scales.sigma(evidence)[rows]
                residual = target[rows] - slope * mean
                weight = (DOF + 1) / (DOF + (residual**2 + slope**2 * spread) / sigma**2) / sigma**2
                gradient = (weight * slope * (mean * target[rows] - slope * (mean**2 + spread))).sum()
                curvature = (weight * slope**2 * (mean**2 + spread)).sum()
            else:  # a probit-like average of the logistic over the values' uncertainty
                shrink = 1 / np.sqrt(1 + np.pi / 8 * slope**2 * spread)
                found = order_slopes(target[rows], shrink * slope * mean, scales.tie)
                # d(shrink · slope)/dλ = shrink³ · slope
                change = shrink**3 * slope * mean
                gradient, curvature = (found.gradient * change).sum(), (found.information * change**2).sum()
            precision = curvature + _SLOPE_SD**-2
            step = (gradient - (slopes[kind] - prior) / _SLOPE_SD**2) / precision
            slopes[kind] += float(np.clip(step, -0.5, 0.5))
            sds[kind] = 1 / np.sqrt(precision)
    return replace(scales, slopes=slopes, slopes_sd=sds)


def learn_scales(evidence: Evidence, prior_mean: FloatArray) -> tuple[Scales, float]:
    """Learn noise, slopes and a first τ.

    Args:
        evidence: People's answers.
        prior_mean: μ, natural log, shape (n_projects,).

    Returns:
        Scales, and τ (natural log) of the pilot.
    """
    scales = starting_scales(evidence)
    free = [kind for kind in (ORDER, RATING) if evidence.has(kind) and scales.slopes_sd[kind] > _PINNED_SD]
    tau = 0.8
    fit = None
    for _ in range(_ROUNDS):
        before, before_tau = scales, tau
        fit = fit_conditional(evidence, prior_mean, tau, scales, start=fit, tolerance=_ROUGH)
        covariance = posterior_covariance(fit, tau)
        n = evidence.size
        eta, slope, delta = seen(evidence, scales, fit)
        other = np.where(evidence.b >= 0, evidence.b, n)
        sign = np.where(evidence.b >= 0, -1.0, 0.0)
        diagonal = np.diag(covariance)
        variance = diagonal[evidence.a] + sign**2 * diagonal[other] + 2 * sign * covariance[evidence.a, other]
        stretch = np.exp(fit.stretch)[evidence.juror]
        scales = _learn_noise(evidence, scales, (evidence.y - eta) ** 2 + slope**2 * variance)
        stretch_square = float((fit.stretch**2 + fit.juror_variance[:, 0]).sum())
        offset_square = float((fit.offset**2 + fit.juror_variance[:, 1]).sum())
        scales = replace(
            scales,
            stretch_sd=float(np.sqrt((stretch_square + _BELIEF * _STRETCH_SD**2) / (evidence.jurors + _BELIEF))),
            offset_sd=float(np.sqrt((offset_square + _BELIEF * _OFFSET_SD**2) / (evidence.jurors + _BELIEF))),
        )
        level = np.where(evidence.kind == RATING, fit.middle + fit.offset[evidence.juror], 0.0)
        scales = _learn_slopes(evidence, scales, stretch * delta, stretch**2 * variance, evidence.y - level, free)
        tau = float(np.sqrt(np.mean((fit.theta - prior_mean) ** 2 + diagonal[:n])))
        moved = [
            np.log(scales.ratio / before.ratio),
            np.log(scales.rating / before.rating),
            np.log(scales.inflation / before.inflation),
            np.log(tau / before_tau),
            *(scales.slopes - before.slopes),
        ]
        if np.abs(moved).max() < _SETTLED:
            break
    return scales, tau
