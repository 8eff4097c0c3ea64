"""The pilot fit: how noisy answers are, and what a natural-log unit is worth in each kind of answer.

Noise scales and slopes must not be read off the most probable values alone: values that follow the noise make the
noise look small, and values that shrink to please the prior make slopes look large. So they are learned by expectation
maximisation: the values enter with their posterior variance. Each step

* sets τ² to the mean expected square of θ − μ (the grid in `_heldout` later replaces it),
* sets the spread of jurors' stretch and offset to their expected squares,
* sets ρ, how alike the answers of one juror about one project err (`_repeats`),
* sets the probability that each juror is heard (`_heard`),
* moves the log noise scales by Fisher scoring on expected squared residuals, one a kind, one factor a juror, one
  inflation of stated intervals; orders share the ratios' noise.

In turns with that, λ is set to the slope of highest evidence (Laplace's method), for the same reason; where there are
orders and ratings but no ratios, the noise behind the orders is.

Source: A. P. Dempster, N. M. Laird, D. B. Rubin, JRSS B 39 (1977); Student-t weights after K. L. Lange et al., JASA 84
(1989).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import stdtrit

from daccord.fusion.hierarchical._covariance import contrast_variance, log_evidence, posterior_covariance, variances_of
from daccord.fusion.hierarchical._evidence import ORDER, RATING, RATIO, Evidence
from daccord.fusion.hierarchical._heard import heard
from daccord.fusion.hierarchical._likelihood import DOF
from daccord.fusion.hierarchical._noise import LOG_SIGMA, SHARPEST, Expected, learn_noise, learn_ties
from daccord.fusion.hierarchical._posterior import MANY, Fit, fit_conditional
from daccord.fusion.hierarchical._rankings import LOG_ODDS
from daccord.fusion.hierarchical._repeats import FEWEST, learn_alike
from daccord.fusion.hierarchical._sample import thinned
from daccord.fusion.hierarchical._scales import SLOPE_SD, Scales
from daccord.fusion.hierarchical._seeing import State, seen_by

__all__ = ["learn_scales", "starting_scales"]

FloatArray = npt.NDArray[np.float64]

_STRETCH_SD: Final = 0.3
"""Two in three jurors use ratios within a factor e^0.3 = 1.35 of each other, until the round says otherwise."""
_WIDEST: Final = 0.4
"""Largest spread of log-stretch. Beyond it "stretch" would stand for disagreement, and because the mean stretch defines
the unit, everybody's values would shrink."""
_OFFSET_SD: Final = 0.5
_BELIEF: Final = 8.0
"""Jurors whose worth the two numbers above have against the round's own jurors."""
_ROUGH: Final = 1e-4
_ROUNDS: Final = 25
_SETTLED: Final = 2e-3
_FIRST_TAU: Final = 0.8
_TURNS: Final = 6
_TURN_SETTLED: Final = 0.02
_REACH: Final = 0.5
"""How far the log of a scale is looked for at a time."""
_NEAR: Final = 0.1
"""How far once some of the answers have told about where it lies."""


def starting_scales(evidence: Evidence) -> Scales:
    """Scales before anything is learned.

    One kind of answer has to define the unit of θ: with ratios it is the natural log itself; otherwise a sixth of the
    rating scale; otherwise the noise behind orders, set to what makes them close to log-odds.
    """
    orders = evidence.kind == ORDER
    only_orders = bool(orders.all())  # or rankings
    sigma = LOG_ODDS if only_orders else float(np.exp(LOG_SIGMA[0]))
    ties = int((orders & (evidence.y == 0)).sum())
    # A share q of ties among equals means 2 F(t/σ) − 1 = q.
    q = (ties + 0.5) / (orders.sum() + 1.0)
    return Scales(
        ratio=sigma,
        rating=float(np.exp(LOG_SIGMA[0])),
        inflation=1.5,
        tie=float(sigma * stdtrit(DOF, (1 + q) / 2)) if ties else 0.0,
        rating_slope=0.0,
        rating_slope_sd=SLOPE_SD if evidence.has(RATIO) else 0.0,
        stretch_sd=_STRETCH_SD,
        offset_sd=_OFFSET_SD,
        juror=np.ones(evidence.jurors),
        # until the answers say otherwise, whoever speaks often has one vote
        alike=1.0 if evidence.jurors >= FEWEST else 0.0,
    )


def _by_evidence(
    evidence: Evidence,
    prior_mean: FloatArray,
    tau: float,
    place: Callable[[float], Scales],
    around: float,
    prior: tuple[float, float],
    reach: float,
) -> float:
    """The log of a scale at its highest evidence times prior, with the values integrated over.

    Args:
        evidence: People's answers.
        prior_mean: μ, natural log, shape (n_projects,).
        tau: Prior standard deviation, natural log.
        place: Scales with this log value in place.
        around: Where to search.
        prior: Mean and standard deviation of the log value.
    """
    known: State | None = None

    def against(log_value: float) -> float:
        nonlocal known
        fit = fit_conditional(evidence, prior_mean, tau, place(log_value), start=known, tolerance=_ROUGH)
        known = fit.state if len(evidence) > MANY else None
        return 0.5 * ((log_value - prior[0]) / prior[1]) ** 2 - log_evidence(fit, tau)

    bounds = (around - reach, around + reach)
    return float(minimize_scalar(against, bounds=bounds, method="bounded", options={"xatol": reach / 50}).x)


def _learn_unit(evidence: Evidence, prior_mean: FloatArray, scales: Scales, tau: float, reach: float) -> Scales:
    """What ties two kinds of answers together: λ between ratios and ratings, else the noise behind orders."""
    if evidence.has(RATIO):
        slope = _by_evidence(
            evidence,
            prior_mean,
            tau,
            lambda value: replace(scales, rating_slope=value),
            scales.rating_slope,
            (0.0, SLOPE_SD),
            reach,
        )
        return replace(scales, rating_slope=slope)
    noise = _by_evidence(
        evidence,
        prior_mean,
        tau,
        lambda value: replace(scales, ratio=float(np.exp(value))),
        float(np.log(scales.ratio)),
        LOG_SIGMA,
        reach,
    )
    return replace(scales, ratio=max(SHARPEST, float(np.exp(noise))))


def _expected(evidence: Evidence, scales: Scales, fit: Fit, covariance: FloatArray) -> Expected:
    """Mean and variance of what jurors see."""
    seen = seen_by(evidence, scales, fit.state)
    own = fit.juror_variance[evidence.juror]
    variance = seen.slope**2 * contrast_variance(evidence, covariance) + (seen.slope * seen.delta) ** 2 * own[:, 0]
    variance += np.where(evidence.kind == RATING, own[:, 1], 0.0)
    return Expected(seen.eta, variance)


def _learn_noise_and_tau(
    evidence: Evidence, prior_mean: FloatArray, scales: Scales, tau: float
) -> tuple[Scales, float]:
    """Expectation maximisation of everything but λ."""
    start = None
    for _ in range(_ROUNDS):
        before, before_tau = scales, tau
        fit = fit_conditional(evidence, prior_mean, tau, scales, start=start, tolerance=_ROUGH)
        start = fit.state
        covariance = posterior_covariance(fit, tau)
        expected = _expected(evidence, scales, fit, covariance)
        scales = learn_noise(evidence, scales, expected)
        scales = replace(scales, alike=learn_alike(evidence, scales, fit.state))
        sound = heard(evidence, scales, expected)
        # Who is not heard tells nothing about how jurors stretch.
        surplus = sound * (fit.stretch**2 + fit.juror_variance[:, 0] - _STRETCH_SD**2)
        stretch_square = (evidence.jurors + _BELIEF) * _STRETCH_SD**2 + float(surplus.sum())
        offset_square = float((fit.offset**2 + fit.juror_variance[:, 1]).sum())
        scales = replace(
            scales,
            heard=sound,
            # A mean that bends to nobody far out, as a Cauchy estimate does: the typical juror defines the unit.
            typical=sound / (1 + (fit.stretch / _STRETCH_SD) ** 2),
            stretch_sd=min(_WIDEST, float(np.sqrt(stretch_square / (evidence.jurors + _BELIEF)))),
            offset_sd=float(np.sqrt((offset_square + _BELIEF * _OFFSET_SD**2) / (evidence.jurors + _BELIEF))),
        )
        if scales.tie > 0:
            scales = learn_ties(evidence, scales, expected)
        tau = float(np.sqrt(np.mean((fit.theta - prior_mean) ** 2 + variances_of(covariance)[:-1])))
        moved = [
            np.log(scales.ratio / before.ratio),
            np.log(scales.rating / before.rating),
            np.log(scales.inflation / before.inflation),
            np.log(tau / before_tau),
        ]
        if np.abs(moved).max() < _SETTLED:
            break
    return scales, tau


def learn_scales(evidence: Evidence, prior_mean: FloatArray) -> tuple[Scales, float]:
    """Learn noise, the rating slope and a first τ.

    Where answers are plenty, some of them tell where to look first.

    Args:
        evidence: People's answers.
        prior_mean: μ, natural log, shape (n_projects,).

    Returns:
        Scales, and τ (natural log) of the pilot.
    """
    scales, tau, reach, turns = starting_scales(evidence), _FIRST_TAU, _REACH, _TURNS
    if len(evidence) > MANY:
        some = thinned(evidence)
        if len(some) < len(evidence):
            scales, tau = learn_scales(some, prior_mean)
            reach, turns = _NEAR, 1
    scales, tau = _learn_noise_and_tau(evidence, prior_mean, scales, tau)
    if evidence.has(RATING) and (evidence.has(RATIO) or evidence.has_order):
        for _ in range(turns):
            before = scales
            scales = _learn_unit(evidence, prior_mean, scales, tau, reach)
            scales, tau = _learn_noise_and_tau(evidence, prior_mean, scales, tau)
            moved = abs(scales.rating_slope - before.rating_slope) + abs(np.log(scales.ratio / before.ratio))
            if moved < _TURN_SETTLED:
                break
    return scales, tau
