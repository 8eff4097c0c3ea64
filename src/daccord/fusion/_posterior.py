"""Most probable log-values and their covariance, for given hyperparameters.

With answers in the form of `_evidence`, the joint log posterior of everything a round does not know is

    Σ_k ln p(y_k | η_k) − ‖θ − μ‖² / 2τ² − Σ_j ℓ_j² / 2ς² − Σ_j o_j² / 2ω² − α² / 2·MIDDLE_SD².

It is maximised by Newton steps where the surface is concave and Gauss–Newton steps elsewhere, with backtracking.
Jurors enter through two parameters each, whose block of the normal equations is diagonal, so they are eliminated
exactly (Schur complement) and cost is linear in jurors. What scales the answers (noise, the rating slope, the tie
threshold) is given; `_pilot` learns it.

The covariance is the inverse of the observed information (Laplace), marginal over jurors' parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from daccord.errors import ConvergenceError
from daccord.fusion._evidence import ORDER, RATING, Evidence
from daccord.fusion._likelihood import Slopes, order_slopes, student_slopes

__all__ = [
    "JUROR_NOISE_SD",
    "MIDDLE_SD",
    "SLOPE_SD",
    "Fit",
    "Scales",
    "contrast_variance",
    "fit_conditional",
    "posterior_covariance",
    "seen",
    "smoothed_covariance",
]

FloatArray = npt.NDArray[np.float64]

JUROR_NOISE_SD: Final = 0.35
"""Prior standard deviation of the log of a juror's own noise factor."""

MIDDLE_SD: Final = 2.0
"""Prior standard deviation of α, the typical project's rating, in sixths of the scale from its middle."""

SLOPE_SD: Final = 0.7
"""Prior standard deviation of λ around 0: a sixth of the rating scale is worth e^±0.7 natural-log units."""

_PINNED: Final = 1e12
_HERMITE = np.polynomial.hermite_e.hermegauss(9)
_NODES: Final = (_HERMITE[0], _HERMITE[1] / _HERMITE[1].sum())
"""Nodes and weights that average over a standard normal."""
_STEPS: Final = 500
_GUARDED: Final = 3
_PATIENCE: Final = 8
_LEAP: Final = 2.0
"""Longest step, natural log."""
_LONGEST: Final = 8.0
_SHORTEST: Final = 1e-6
_ROUNDING: Final = 1e-10


@dataclass(frozen=True, eq=False)
class Scales:
    """Noise of the answers.

    Attributes:
        ratio: σ of ln ratios, and of what orders tell the sign of, natural log.
        rating: σ of ratings, sixths of the scale.
        inflation: Factor on stated intervals (people and models are overconfident), at least 1.
        tie: Threshold t of order-only answers, natural log.
        rating_slope: λ, log of what a natural-log unit is worth in sixths of the rating scale.
        rating_slope_sd: Its standard deviation.
        stretch_sd: ς, prior standard deviation of a juror's log-stretch.
        offset_sd: ω, prior standard deviation of a juror's offset, sixths of the rating scale.
        juror: Each juror's own factor on σ, shape (n_jurors,).
    """

    ratio: float
    rating: float
    inflation: float
    tie: float
    rating_slope: float
    rating_slope_sd: float
    stretch_sd: float
    offset_sd: float
    juror: FloatArray

    @property
    def juror_precision(self) -> FloatArray:
        """Prior precision of (ℓ_j, o_j)."""
        return np.array([self.stretch_sd**-2, self.offset_sd**-2])

    def scaled(self, factor: float) -> Scales:
        """The same with all noise of ratios and ratings multiplied."""
        inflation = max(1.0, self.inflation * factor)
        return replace(self, ratio=self.ratio * factor, rating=self.rating * factor, inflation=inflation)

    def sigma(self, evidence: Evidence, factor: float = 1.0) -> FloatArray:
        """Noise scale of each answer, shape (n_answers,)."""
        base = np.where(evidence.kind == RATING, self.rating, self.ratio)
        base = np.where(evidence.stated > 0, self.inflation * evidence.stated, base)
        return np.asarray(factor * base * self.juror[evidence.juror])


@dataclass(frozen=True, eq=False)
class Fit:
    """A conditional posterior.

    Attributes:
        theta: Log-values, natural log, shape (n_projects,).
        middle: α, the typical rating of a project with θ = 0, in sixths of the scale from its middle.
        stretch: ℓ_j, shape (n_jurors,).
        offset: o_j, shape (n_jurors,).
        juror_variance: Posterior variances of (ℓ_j, o_j) given θ, shape (n_jurors, 2).
        information: What the answers alone say about (θ, α), jurors eliminated, shape (n + 1, n + 1).
        pull: `information · (θ, α)` plus the gradient of the answers' log density, shape (n + 1,): with it, the
            Gaussian posterior for any other prior follows without a new fit.
        log_posterior: The maximised log posterior, without the normalising constants of the priors.
        residual: Largest component of the gradient of the log posterior, per natural-log unit.
        steps: Steps taken.
    """

    theta: FloatArray
    middle: float
    stretch: FloatArray
    offset: FloatArray
    juror_variance: FloatArray
    information: FloatArray
    pull: FloatArray
    log_posterior: float
    residual: float
    steps: int


@dataclass
class _State:
    """Current values during the ascent."""

    u: FloatArray  # θ, then α
    stretch: FloatArray
    offset: FloatArray

    def moved(self, du: FloatArray, dv: FloatArray, by: float) -> _State:
        return _State(self.u + by * du, self.stretch + by * dv[:, 0], self.offset + by * dv[:, 1])


def _seen(evidence: Evidence, scales: Scales, state: _State) -> tuple[FloatArray, FloatArray, FloatArray]:
    """η, the slope dη/dδ and δ of each answer."""
    slope = np.exp(state.stretch[evidence.juror] + scales.rating_slope * (evidence.kind == RATING))
    delta = evidence.contrast(state.u[:-1])
    level = np.where(evidence.kind == RATING, state.u[-1] + state.offset[evidence.juror], 0.0)
    return slope * delta + level, slope, delta


def _slopes(evidence: Evidence, eta: FloatArray, sigma: FloatArray, tie: float) -> Slopes:
    graded = student_slopes(evidence.y - eta, sigma)
    if not evidence.has(ORDER):
        return graded
    order = order_slopes(evidence.y, eta, sigma, tie)
    is_order = evidence.kind == ORDER
    return Slopes(*(np.where(is_order, o, g) for o, g in zip(order, graded, strict=True)))


def _normal_equations(
    evidence: Evidence,
    slope: FloatArray,
    delta: FloatArray,
    gradient: FloatArray,
    weight: FloatArray,
    *,
    exact: bool = False,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Blocks of JᵀWJ and Jᵀg for u = (θ, α, λ) and v = (ℓ_j, o_j) of the answers alone.

    With `exact`, the curvature of η itself (stretch times contrast) is taken off, which gives the negative Hessian in
    (θ, α) and v if `weight` is the answers' curvature.
    """
    n, size = evidence.size, evidence.size + 2
    is_rating = (evidence.kind == RATING).astype(float)
    on_stretch = slope * delta
    # Every answer touches these columns of u, with these derivatives: a and b, or for a rating its project, α and λ.
    columns = np.stack([evidence.a, np.where(evidence.b >= 0, evidence.b, n), np.full(len(evidence), n + 1)])
    values = np.stack([slope, np.where(evidence.b >= 0, -slope, 1.0), is_rating * on_stretch])
    uu = np.zeros(size * size)
    for i in range(3):
        for j in range(3):
            uu += np.bincount(columns[i] * size + columns[j], weight * values[i] * values[j], minlength=size * size)
    gu = np.bincount(columns.ravel(), (gradient * values).ravel(), minlength=size).astype(np.float64)
    by_juror = np.stack([on_stretch, is_rating])
    uv = np.zeros(size * 2 * evidence.jurors)
    for i in range(3):
        for j in range(2):
            at = (columns[i] * evidence.jurors + evidence.juror) * 2 + j
            entry = weight * values[i] * by_juror[j]
            if exact and j == 0:
                entry = entry - gradient * np.where(columns[i] == n, 0.0, values[i])
            uv += np.bincount(at, entry, minlength=len(uv))
    vv = np.empty((evidence.jurors, 2, 2))
    for i in range(2):
        for j in range(2):
            vv[:, i, j] = np.bincount(evidence.juror, weight * by_juror[i] * by_juror[j], minlength=evidence.jurors)
    if exact:
        vv[:, 0, 0] -= np.bincount(evidence.juror, gradient * on_stretch, minlength=evidence.jurors)
    gv = np.empty((evidence.jurors, 2))
    for j in range(2):
        gv[:, j] = np.bincount(evidence.juror, gradient * by_juror[j], minlength=evidence.jurors)
    return uu.reshape(size, size), gu, uv.reshape(size, evidence.jurors, 2), vv, gv


class _Eliminated:
    """The normal equations with jurors eliminated, under the constraint `share · ℓ = 0`.

    The typical juror defines the unit of θ: without the constraint, stretching every juror and shrinking every
    project would fit as well and only please the prior. The constraint's multiplier is one more unknown, eliminated
    last.
    """

    def __init__(self, uu: FloatArray, uv: FloatArray, vv: FloatArray, share: FloatArray, own: FloatArray) -> None:
        size, jurors = len(uu), len(share)
        self.inverse = np.linalg.inv(vv + np.diag(own))
        self._uv = np.zeros((size + 1, jurors, 2))
        self._uv[:size] = uv
        self._uv[size, :, 0] = share
        self._carried = np.einsum("ija,jab->ijb", self._uv, self.inverse)
        full = np.zeros((size + 1, size + 1))
        full[:size, :size] = uu
        full -= self._carried.reshape(size + 1, -1) @ self._uv.reshape(size + 1, -1).T
        self._edge, self._corner = full[:size, size], full[size, size]
        self.matrix = full[:size, :size] - np.outer(self._edge, self._edge) / self._corner

    def step(self, gu: FloatArray, gv: FloatArray, precision: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Step in u and v for these gradients, with the prior's precision added to u.

        Raises:
            LinAlgError: The equations are not positive definite, so their solution need not lead up.
        """
        if np.any(np.linalg.det(self.inverse) <= 0) or np.any(self.inverse[:, 0, 0] <= 0):
            raise np.linalg.LinAlgError
        right = -np.einsum("ija,ja->i", self._carried, gv)
        reduced = gu + right[:-1] - self._edge * (right[-1] / self._corner)
        factor = cho_factor(self.matrix + np.diag(precision), lower=True)
        du = cho_solve(factor, reduced)
        multiplier = (right[-1] - self._edge @ du) / self._corner
        back = gv - np.einsum("ija,i->ja", self._uv, np.append(du, multiplier))
        return du, np.einsum("jab,jb->ja", self.inverse, back)


def fit_conditional(
    evidence: Evidence,
    prior_mean: FloatArray,
    tau: float,
    scales: Scales,
    *,
    noise: float = 1.0,
    start: Fit | None = None,
    tolerance: float = 1e-8,
) -> Fit:
    """Most probable values and the answers' information, for given hyperparameters.

    Args:
        evidence: People's answers.
        prior_mean: μ, natural log, shape (n_projects,).
        tau: Prior standard deviation around μ, natural log, > 0.
        scales: Noise scales, held fixed.
        noise: Factor on all noise scales of ratios and ratings, > 0.
        start: A nearby fit to start from.
        tolerance: Largest component of the gradient of the log posterior at which the ascent stops, per answer.

    Raises:
        ConvergenceError: The ascent did not settle.
    """
    n = evidence.size
    prior = np.append(prior_mean, 0.0)
    precision = np.append(np.full(n, tau**-2), MIDDLE_SD**-2)
    own = scales.juror_precision
    sigma = scales.sigma(evidence, noise)
    if start is None:
        state = _State(prior.copy(), np.zeros(evidence.jurors), np.zeros(evidence.jurors))
    else:
        state = _State(np.append(start.theta, start.middle), start.stretch.copy(), start.offset.copy())

    answers = np.bincount(evidence.juror, minlength=evidence.jurors)
    share = answers / max(len(evidence), 1)

    def objective(at: _State, slopes: Slopes) -> float:
        penalty = (precision * (at.u - prior) ** 2).sum()
        penalty += own[0] * (at.stretch**2).sum() + own[1] * (at.offset**2).sum()
        return float(slopes.log_density.sum() - 0.5 * penalty)

    def look(du: FloatArray, dv: FloatArray, by: float) -> tuple[_State, float, Slopes, FloatArray, FloatArray]:
        at = state.moved(du, dv, by)
        eta, slope, delta = _seen(evidence, scales, at)
        slopes = _slopes(evidence, eta, sigma, scales.tie)
        return at, objective(at, slopes), slopes, slope, delta

    eta, slope, delta = _seen(evidence, scales, state)
    slopes = _slopes(evidence, eta, sigma, scales.tie)
    value = objective(state, slopes)
    residual, steps = np.inf, 0
    for steps in range(1, _STEPS + 1):
        uu, gu, uv, vv, gv = _normal_equations(evidence, slope, delta, slopes.gradient, slopes.weight)
        gu = gu[:-1] - precision * (state.u - prior)  # λ is given
        gv = gv - np.stack([state.stretch, state.offset], axis=1) * own
        free = gv.copy()
        free[:, 0] -= share * (share @ gv[:, 0]) / (share @ share)
        residual = max(float(np.abs(gu).max(initial=0.0)), float(np.abs(free).max(initial=0.0)))
        if residual < tolerance * max(1.0, len(evidence)):
            break
        guarded = _Eliminated(uu[:-1, :-1], uv[:-1], vv, share, own)
        if steps <= _GUARDED:
            du, dv = guarded.step(gu, gv, precision)
        else:
            hessian = _normal_equations(evidence, slope, delta, slopes.gradient, slopes.curvature, exact=True)
            newton = _Eliminated(hessian[0][:-1, :-1], hessian[2][:-1], hessian[3], share, own)
            try:  # Newton's step, if the surface is concave here
                du, dv = newton.step(gu, gv, precision)
            except np.linalg.LinAlgError:
                du, dv = guarded.step(gu, gv, precision)
        longest = max(float(np.abs(du).max(initial=0.0)), float(np.abs(dv).max(initial=0.0)))
        du, dv = du * min(1.0, _LEAP / (longest or 1.0)), dv * min(1.0, _LEAP / (longest or 1.0))
        by = 1.0
        trial, found, slopes, slope, delta = look(du, dv, by)
        while found < value - _ROUNDING * (1 + abs(value)) and by > _SHORTEST:
            by /= 2
            trial, found, slopes, slope, delta = look(du, dv, by)
        # Where answers change from outlier to fitting, the surface is flat and full steps creep: stride on.
        while by >= 1.0 and steps > _PATIENCE and by < _LONGEST:
            further = look(du, dv, 2 * by)
            if further[1] <= found:
                break
            by *= 2
            trial, found, slopes, slope, delta = further
        step = max(float(np.abs(by * du).max(initial=0.0)), float(np.abs(by * dv).max(initial=0.0)))
        state, value = trial, found
        if step < 1e-9:
            break
    else:
        raise ConvergenceError("the hierarchical fit", steps, residual)

    uu, gu, uv, vv, gv = _normal_equations(evidence, slope, delta, slopes.gradient, slopes.information)
    eliminated = _Eliminated(uu[:-1, :-1], uv[:-1], vv, share, own)
    information = eliminated.matrix
    return Fit(
        theta=state.u[:n],
        middle=float(state.u[n]),
        stretch=state.stretch,
        offset=state.offset,
        juror_variance=np.diagonal(eliminated.inverse, axis1=1, axis2=2),
        information=information,
        pull=information @ state.u + gu[:-1],
        log_posterior=value,
        residual=residual,
        steps=steps,
    )


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
    state = _State(np.append(fit.theta, fit.middle), fit.stretch, fit.offset)
    eta, slope, delta = _seen(evidence, scales, state)
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
            curvature += weight * _slopes(evidence, eta + node * spread, sigma, scales.tie).curvature
        curvature = np.maximum(curvature, 0.0)
        uu, _, uv, vv, _ = _normal_equations(evidence, slope, delta, np.zeros(len(evidence)), curvature)
        matrix = _Eliminated(uu, uv, vv, share, scales.juror_precision).matrix + np.diag(precision)
        covariance = np.asarray(cho_solve(cho_factor(matrix, lower=True), np.eye(len(matrix))))
    n = evidence.size
    spent = n - float(np.diag(covariance)[:n].sum()) / tau**2
    spent += float((1 - fit.juror_variance * scales.juror_precision).sum())
    covariance *= len(evidence) / max(len(evidence) - spent, 0.25 * len(evidence))
    if sampled:
        covariance[:n, :n] += np.outer(fit.theta, fit.theta) * scales.stretch_sd**2 * float(share @ share)
    return covariance


def seen(evidence: Evidence, scales: Scales, fit: Fit) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What each juror sees at a fit: η, the slope dη/dδ and δ, arrays of shape (n_answers,)."""
    return _seen(evidence, scales, _State(np.append(fit.theta, fit.middle), fit.stretch, fit.offset))
