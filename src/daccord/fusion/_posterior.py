"""Most probable log-values and their covariance, for given hyperparameters.

With answers in the form of `_evidence`, the joint log posterior of everything a round does not know is

    Σ_k ln p(y_k | η_k) − ‖θ − μ‖² / 2τ² − Σ_j ℓ_j² / 2ς² − Σ_j o_j² / 2ω² − α² / 2·MIDDLE_SD².

It is maximised by Gauss–Newton steps with backtracking. Jurors enter through two parameters each, whose block of the
normal equations is diagonal, so they are eliminated exactly (Schur complement) and cost is linear in jurors. What
scales the answers (noise, slopes, the tie threshold) is given; `_pilot` learns it.

The covariance is the inverse of the observed information (Laplace), marginal over jurors' parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from daccord.errors import ConvergenceError
from daccord.fusion._evidence import ORDER, RATING, RATIO, Evidence
from daccord.fusion._likelihood import DOF, Slopes, order_slopes, student_slopes

__all__ = ["JUROR_NOISE_SD", "MIDDLE_SD", "Fit", "Scales", "fit_conditional", "posterior_covariance", "seen"]

FloatArray = npt.NDArray[np.float64]

JUROR_NOISE_SD: Final = 0.35
"""Prior standard deviation of the log of a juror's own noise factor."""

MIDDLE_SD: Final = 2.0
"""Prior standard deviation of α, the typical project's rating, in sixths of the scale from its middle."""

_STEPS: Final = 200


@dataclass(frozen=True, eq=False)
class Scales:
    """Noise of the answers.

    Attributes:
        ratio: σ of ln ratios, natural log.
        rating: σ of ratings, sixths of the scale.
        inflation: Factor on stated intervals (people and models are overconfident), at least 1.
        tie: Threshold t of order-only answers, log-odds.
        slopes: λ_RATIO = 0, λ_ORDER and λ_RATING: log of what a natural-log unit is worth in each kind of answer.
        slopes_sd: Their standard deviations.
        stretch_sd: ς, prior standard deviation of a juror's log-stretch.
        offset_sd: ω, prior standard deviation of a juror's offset, sixths of the rating scale.
        juror: Each juror's own factor on σ, shape (n_jurors,).
    """

    ratio: float
    rating: float
    inflation: float
    tie: float
    slopes: FloatArray
    slopes_sd: FloatArray
    stretch_sd: float
    offset_sd: float
    juror: FloatArray

    @property
    def juror_precision(self) -> FloatArray:
        """Prior precision of (ℓ_j, o_j)."""
        return np.array([self.stretch_sd**-2, self.offset_sd**-2])

    def scaled(self, factor: float) -> Scales:
        """The same with all noise of ratios and ratings multiplied."""
        return replace(
            self, ratio=self.ratio * factor, rating=self.rating * factor, inflation=self.inflation * factor
        )

    def sigma(self, evidence: Evidence, factor: float = 1.0) -> FloatArray:
        """Noise scale of each answer, shape (n_answers,); 1 where it does not apply (order only)."""
        base = np.where(evidence.kind == RATIO, self.ratio, self.rating)
        base = np.where(evidence.stated > 0, self.inflation * evidence.stated, base)
        sigma = factor * base * self.juror[evidence.juror]
        return np.where(evidence.kind == ORDER, 1.0, sigma)


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
        residual: Largest component of the gradient of the log posterior, per natural-log unit.
        steps: Gauss–Newton steps taken.
    """

    theta: FloatArray
    middle: float
    stretch: FloatArray
    offset: FloatArray
    juror_variance: FloatArray
    information: FloatArray
    pull: FloatArray
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
    slope = np.exp(state.stretch[evidence.juror] + scales.slopes[evidence.kind])
    delta = evidence.contrast(state.u[:-1])
    level = np.where(evidence.kind == RATING, state.u[-1] + state.offset[evidence.juror], 0.0)
    return slope * delta + level, slope, delta


def _slopes(evidence: Evidence, eta: FloatArray, sigma: FloatArray, tie: float) -> Slopes:
    graded = student_slopes(evidence.y - eta, sigma)
    if not evidence.has(ORDER):
        return graded
    order = order_slopes(evidence.y, eta, tie)
    is_order = evidence.kind == ORDER
    return Slopes(*(np.where(is_order, o, g) for o, g in zip(order, graded, strict=True)))


def _normal_equations(
    evidence: Evidence, slope: FloatArray, delta: FloatArray, gradient: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Blocks of JᵀWJ and Jᵀg for u = (θ, α) and v = (ℓ_j, o_j) of the answers alone."""
    n, size = evidence.size, evidence.size + 1
    is_rating = (evidence.kind == RATING).astype(float)
    on_stretch = slope * delta
    # Every answer touches two columns of u, with these derivatives: a and b, or for a rating its project and α.
    columns = np.stack([evidence.a, np.where(evidence.b >= 0, evidence.b, n)])
    values = np.stack([slope, np.where(evidence.b >= 0, -slope, 1.0)])
    uu = np.zeros(size * size)
    for i in range(2):
        for j in range(2):
            uu += np.bincount(columns[i] * size + columns[j], weight * values[i] * values[j], minlength=size * size)
    gu = np.bincount(columns.ravel(), (gradient * values).ravel(), minlength=size)
    by_juror = np.stack([on_stretch, is_rating])
    uv = np.zeros(size * 2 * evidence.jurors)
    for i in range(2):
        for j in range(2):
            at = (columns[i] * evidence.jurors + evidence.juror) * 2 + j
            uv += np.bincount(at, weight * values[i] * by_juror[j], minlength=len(uv))
    vv = np.empty((evidence.jurors, 2, 2))
    for i in range(2):
        for j in range(2):
            vv[:, i, j] = np.bincount(evidence.juror, weight * by_juror[i] * by_juror[j], minlength=evidence.jurors)
    gv = np.stack(
        [np.bincount(evidence.juror, gradient * part, minlength=evidence.jurors) for part in by_juror], axis=1
    )
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
        """Gauss–Newton step in u and v for these gradients, with the prior's precision added to u."""
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

    eta, slope, delta = _seen(evidence, scales, state)
    slopes = _slopes(evidence, eta, sigma, scales.tie)
    value = objective(state, slopes)
    residual, steps = np.inf, 0
    for steps in range(1, _STEPS + 1):
        uu, gu, uv, vv, gv = _normal_equations(evidence, slope, delta, slopes.gradient, slopes.weight)
        gu = gu - precision * (state.u - prior)
        gv = gv - np.stack([state.stretch, state.offset], axis=1) * own
        free = gv.copy()
        free[:, 0] -= share * (share @ gv[:, 0]) / (share @ share)
        residual = max(float(np.abs(gu).max(initial=0.0)), float(np.abs(free).max(initial=0.0)))
        if residual < tolerance * max(1.0, len(evidence)):
            break
        du, dv = _Eliminated(uu, uv, vv, share, own).step(gu, gv, precision)
        by = 1.0
        while True:
            trial = state.moved(du, dv, by)
            eta, slope, delta = _seen(evidence, scales, trial)
            slopes = _slopes(evidence, eta, sigma, scales.tie)
            found = objective(trial, slopes)
            if found >= value - 1e-10 * (1 + abs(value)) or by < 1e-6:
                break
            by /= 2
        step = max(float(np.abs(by * du).max(initial=0.0)), float(np.abs(by * dv).max(initial=0.0)))
        state, value = trial, found
        if step < 1e-9:
            break
    else:
        raise ConvergenceError("the hierarchical fit", steps, residual)

    uu, gu, uv, vv, gv = _normal_equations(evidence, slope, delta, slopes.gradient, slopes.information)
    eliminated = _Eliminated(uu, uv, vv, share, own)
    information = eliminated.matrix
    return Fit(
        theta=state.u[:n],
        middle=float(state.u[n]),
        stretch=state.stretch,
        offset=state.offset,
        juror_variance=np.diagonal(eliminated.inverse, axis1=1, axis2=2),
        information=information,
        pull=information @ state.u + gu,
        residual=residual,
        steps=steps,
    )


def posterior_covariance(fit: Fit, tau: float) -> FloatArray:
    """Covariance of (θ, α), shape (n + 1, n + 1), for prior standard deviation τ (natural log)."""
    precision = fit.information + np.diag(np.append(np.full(len(fit.theta), tau**-2), MIDDLE_SD**-2))
    return np.asarray(cho_solve(cho_factor(precision, lower=True), np.eye(len(precision))))


def seen(evidence: Evidence, scales: Scales, fit: Fit) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What each juror sees at a fit: η, the slope dη/dδ and δ, arrays of shape (n_answers,)."""
    return _seen(evidence, scales, _State(np.append(fit.theta, fit.middle), fit.stretch, fit.offset))
