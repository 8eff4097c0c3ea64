"""Skill of voices and the hyperparameters, learned from answers held out by juror.

Jurors are dealt into folds. For each fold the model is fitted to the other folds' answers once; because the posterior
for any other prior follows from that fit's information matrix, every point of the grid (τ, noise factor) and every
choice of the voices' coefficients c is scored on the held-out answers without refitting:

    held-out log predictive density L(τ, ν, c) = Σ_k ln p(y_k | answers of other jurors, prior N(Σ_f c_f z_f, τ²)),

a new juror's own stretch and offset being unknown. For each grid point c ≥ 0 maximises L under the family cap
`c_f² ≤ cap/(1−cap) · (Σ_{g≠f} c_g² + τ²)` (a voice's share of the prior's variance). Given its c, each grid point is
weighted by the marginal likelihood of all answers times a weak prior: hyperparameters are integrated over, not plugged
in, and no fold's luck decides how far people are heard.

Answers that hang together (one juror's) are never split between fitting and scoring. Where one juror gave more than
half of all answers, as in files without juror ids, answers are grouped by what was compared instead, and a warning
says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import stdtr

from daccord.fusion.hierarchical._covariance import log_evidence
from daccord.fusion.hierarchical._evidence import ORDER, Evidence
from daccord.fusion.hierarchical._folds import ROUGH, Fold, Linear, deal_folds, fit_folds, linearise
from daccord.fusion.hierarchical._likelihood import DOF
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.hierarchical._scales import Scales

__all__ = [
    "COEFFICIENT_SD",
    "NOISES",
    "TAIL",
    "TAUS",
    "WIDEST",
    "GridPoint",
    "HeldOut",
    "learn_from_held_out",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TAUS: Final = (0.1, 0.2, 0.35, 0.6, 1.0, 1.6, 2.6)
"""Prior standard deviations around what the voices say, natural log."""

NOISES: Final = (0.7, 0.85, 1.0, 1.2)
"""Factors on the pilot fit's noise scales."""

_REPEATS: Final = 2
_LOG_TAU: Final = (np.log(0.5), 1.0)
"""Mean and standard deviation of the weak normal prior on ln τ."""
_LOG_NOISE_SD: Final = 0.2
COEFFICIENT_SD: Final = 1.5
"""Weak prior on coefficients: keeps them finite when people said next to nothing."""

TAIL: Final = 0.1
"""Probability outside an 80 % interval on either side."""

WIDEST: Final = 3.0
"""Largest widening of intervals; a model that needs more is wrong, not just overconfident."""

_NOTHING: Final = 1e-4
_NEGLIGIBLE: Final = 0.01
_HOPELESS: Final = 12.0
"""Grid points whose held-out log density is worse than the best by more than this are not fitted again."""


@dataclass(frozen=True, eq=False)
class GridPoint:
    """One point of the hyperparameter grid.

    Attributes:
        weight: Posterior probability of the point; all sum to 1.
        tau: Prior standard deviation, natural log.
        noise: Factor on the noise scales.
        coefficients: c, one a voice.
        score: Held-out log predictive density of all answers, natural log.
    """

    weight: float
    tau: float
    noise: float
    coefficients: FloatArray
    score: float


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What holding out taught.

    Attributes:
        grid: Points with weight, heaviest first.
        scales: Noise scales that the grid's noise factors multiply.
        coverage: Share of held-out graded answers inside the 80 % predictive interval before any widening; NaN
            without graded answers.
        widening: Factor ≥ 1 on standard deviations at which the 80 % interval holds 80 % of the held-out answers.
        answers: Number of held-out answers scored.
        gains: Log predictive density per answer that each voice alone adds to no voice, shape (n_voices,).
        grouped_by: `juror`, `pair`, or `nothing` if no answer could be held out.
    """

    grid: tuple[GridPoint, ...]
    scales: Scales
    coverage: float
    widening: float
    answers: int
    gains: FloatArray
    grouped_by: str


def _best_coefficients(linear: Linear, start: FloatArray, tau: float, cap: float | None) -> FloatArray:
    """c ≥ 0 that maximises the held-out density under the family cap."""
    if not len(start):
        return start

    def loss(c: FloatArray) -> tuple[float, FloatArray]:
        density, gradient = linear.density(c)
        return (
            -float(density.sum()) + float((c**2).sum()) / (2 * COEFFICIENT_SD**2),
            -gradient.sum(axis=0) + c / COEFFICIENT_SD**2,
        )

    constraints: list[Any] = []
    if cap is not None and cap < 1:
        odds = cap / (1 - cap)

        def room(c: FloatArray) -> FloatArray:
            return np.asarray(odds * ((c**2).sum() - c**2 + tau**2) - c**2)

        def room_slope(c: FloatArray) -> FloatArray:
            slope = np.tile(2 * odds * c, (len(c), 1))
            np.fill_diagonal(slope, -2 * c)
            return slope

        constraints = [{"type": "ineq", "fun": room, "jac": room_slope}]
        start = np.minimum(start, 0.7 * np.sqrt(odds) * tau)
    found = minimize(
        loss,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 10.0)] * len(start),
        constraints=constraints,
        options={"ftol": 1e-9, "maxiter": 200},
    )
    c = np.maximum(found.x, 0.0)
    return np.where(c < _NOTHING, 0.0, c)


_Point = tuple[float, float, float, FloatArray, float, Linear]
"""Held-out score with weak priors, τ, noise factor, coefficients, held-out score, predictions."""


def learn_from_held_out(
    evidence: Evidence, voices: FloatArray, scales: Scales, pilot_tau: float, cap: float | None
) -> HeldOut:
    """Learn the voices' coefficients and the weights of the hyperparameter grid.

    Args:
        evidence: People's answers, all of them.
        voices: Standardised vectors, shape (n_projects, n_voices).
        scales: Noise scales of the pilot fit.
        pilot_tau: Prior standard deviation of the pilot fit, natural log.
        cap: Largest share of the prior's variance one voice may explain; None if people lifted the cap.
    """
    c = np.zeros(voices.shape[1])
    tau, how = pilot_tau, "juror"
    folds: list[Fold] = []
    for repeats in (1, _REPEATS):
        folds = []
        for repeat in range(repeats):
            fold, how = deal_folds(evidence, repeat)
            folds += fit_folds(evidence, fold, voices, scales, voices @ c, tau)
        if not folds:
            return _untested(evidence, voices, scales)
        new_juror = how == "juror"
        points: list[_Point] = []
        for at in TAUS:
            for noise in NOISES:
                linear = linearise(folds, scales, at, noise, c, new_juror=new_juror)
                best = _best_coefficients(linear, np.maximum(c, 0.2), at, cap)
                linear = linearise(folds, scales, at, noise, best, new_juror=new_juror)
                score = float(linear.density(best)[0].sum()) / repeats
                points.append((score + _weak_prior(at, noise), at, noise, best, score, linear))
        heaviest = max(points, key=lambda point: point[0])
        tau, c = heaviest[1], heaviest[3]
        if repeats < _REPEATS:
            scales = scales.scaled(heaviest[2])
    near = [point for point in points if point[0] > heaviest[0] - _HOPELESS]
    told = np.array([_told(evidence, voices, scales, point) for point in near])
    weights = np.exp(told - told.max())
    weights = np.where(weights < _NEGLIGIBLE * weights.sum(), 0.0, weights)
    weights /= weights.sum()
    grid = tuple(
        sorted(
            (
                GridPoint(float(weight), at, noise, best, score)
                for weight, (_, at, noise, best, score, _) in zip(weights, near, strict=True)
                if weight > 0
            ),
            key=lambda point: -point.weight,
        )
    )
    coverage, widening = _coverage([(w, p[5], p[3]) for w, p in zip(weights, near, strict=True) if w > 0])
    return HeldOut(
        grid=grid,
        scales=scales,
        coverage=coverage,
        widening=widening,
        answers=len(evidence),
        gains=_gains(folds, voices.shape[1], scales, new_juror=new_juror),
        grouped_by=how,
    )


def _untested(evidence: Evidence, voices: FloatArray, scales: Scales) -> HeldOut:
    """What is left when no answer can be held out: models have shown no skill, and τ follows from the answers alone."""
    silent = np.zeros(voices.shape[1])
    told = []
    for tau in TAUS:
        fit = fit_conditional(evidence, np.zeros(evidence.size), tau, scales, tolerance=ROUGH)
        told.append(log_evidence(fit, tau) + _weak_prior(tau, 1.0))
    weights = np.exp(np.array(told) - max(told))
    weights /= weights.sum()
    grid = [GridPoint(float(w), tau, 1.0, silent, float("nan")) for w, tau in zip(weights, TAUS, strict=True)]
    return HeldOut(
        grid=tuple(sorted(grid, key=lambda point: -point.weight)),
        scales=scales,
        coverage=float("nan"),
        widening=1.0,
        answers=0,
        gains=silent,
        grouped_by="nothing",
    )


def _told(evidence: Evidence, voices: FloatArray, scales: Scales, point: _Point) -> float:
    """Log evidence of a grid point given its coefficients, with the weak priors of τ and the noise."""
    _, tau, noise, c, _, _ = point
    fit = fit_conditional(evidence, voices @ c, tau, scales, noise=noise, tolerance=ROUGH)
    return log_evidence(fit, tau) + _weak_prior(tau, noise)


def _weak_prior(tau: float, noise: float) -> float:
    """Log density, up to a constant."""
    return float(-0.5 * ((np.log(tau) - _LOG_TAU[0]) / _LOG_TAU[1]) ** 2 - 0.5 * (np.log(noise) / _LOG_NOISE_SD) ** 2)


def _coverage(weighted: list[tuple[float, Linear, FloatArray]]) -> tuple[float, float]:
    """Coverage of the mixture's 80 % predictive interval on graded answers, and the widening that makes it 80 %."""
    graded = weighted[0][1].kind != ORDER
    if not np.any(graded):
        return float("nan"), 1.0

    def inside(widening: float) -> float:
        below = np.zeros(int(graded.sum()))
        for weight, linear, c in weighted:
            missed = (linear.y - linear.base - linear.slope @ c) / (widening * linear.scale)
            below += weight * stdtr(DOF, missed[graded])
        return float(np.mean((below > TAIL) & (below < 1 - TAIL)))

    plain = inside(1.0)
    widths = np.arange(1.0, WIDEST + 0.01, 0.01)
    widening = next((float(width) for width in widths if inside(float(width)) >= 1 - 2 * TAIL), WIDEST)
    return plain, widening


def _gains(folds: list[Fold], count: int, scales: Scales, *, new_juror: bool) -> FloatArray:
    """Held-out log density per answer that each voice alone adds, each with its own best τ."""
    none = np.zeros(count)

    def best(which: int | None) -> float:
        scores = []
        for tau in TAUS:
            linear = linearise(folds, scales, tau, 1.0, none, new_juror=new_juror)
            c = none.copy()
            if which is not None:
                only = replace(linear, slope=linear.slope[:, [which]])
                c[which] = _best_coefficients(only, np.array([0.3]), tau, None)[0]
            scores.append(float(linear.density(c)[0].mean()))
        return max(scores)

    alone = best(None)
    return np.array([best(which) - alone for which in range(count)])
