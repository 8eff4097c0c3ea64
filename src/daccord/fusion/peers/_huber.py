"""Rule `huber`: Huber's loss on log ratios, so that an extreme answer pulls no harder than a clear one.

Model: ln r_k = θ_a(k) − θ_b(k) + ε_k. Minimise Σ_k ρ(ln r_k − θ_a(k) + θ_b(k)) with

    ρ(e) = e²/2 where |e| ≤ δ,  δ·(|e| − δ/2) beyond;   ψ(e) = ρ'(e) = max(−δ, min(δ, e)),

θ centred in every connected group of projects. By default δ = 1.345·s, with s = max(median |ln r|, ln 1.1) / Φ⁻¹(3/4),
the normalised median absolute deviation of the answers from "equal"; it does not change when the sides of a comparison
are swapped. This is the δ with which the weights published for the 2025 trial as `huber-log` come out.

Fit: iteratively reweighted least squares from the least-squares solution, weights min(1, δ/|e|), until the gradient
vanishes. Covariance: Huber's first estimate,

    Cov(θ) = κ²·[Σψ²/(m − p)]/q²·L⁺,   κ = 1 + (p/m)·(1 − q)/q,

m answers, p fitted differences, q the share of answers within δ; it is the least-squares covariance when q = 1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._least_squares import fit_least_squares, relative_gradient
from daccord.fusion.peers._log_ratios import NOISE_FLOOR, LogRatioFit, fit_beliefs, noise_variance
from daccord.fusion.peers._ratio_answers import RatioAnswers

__all__ = ["HUBER", "default_delta", "fit_huber"]

FloatArray = npt.NDArray[np.float64]

TUNING: Final = 1.345
"""δ in units of the scale; 95 % as efficient as least squares if errors are normal with that scale."""

NORMAL_QUARTILE: Final = 0.6744897501960817
"""Φ⁻¹(3/4): median absolute deviation of a standard normal."""

TOLERANCE: Final = 1e-12
"""Largest gradient element, over the largest total pull on a project, at which the fit counts as settled."""


def default_delta(log_ratio: FloatArray) -> float:
    """δ from the spread of the answers: 1.345 times the normalised median of |ln r|, the median not below ln 1.1.

    The floor counts where about half of the answers say "equal": nobody's answer is cut for less than people can judge.

    Args:
        log_ratio: Answers, natural log, shape (n_answers,), at least one.

    Returns:
        δ in natural-log units, at least 0.19.

    Source: P. J. Huber, Ann. Math. Statist. 35 (1964) 73–101, for the loss; 1.345 and the scale were found by this
        project to reproduce the published `huber-log` weights (docs/methods/huber.md).
    """
    typical = max(float(np.median(np.abs(log_ratio))), NOISE_FLOOR)
    return TUNING * typical / NORMAL_QUARTILE


def fit_huber(answers: RatioAnswers, delta: float | None = None, *, max_iterations: int = 5_000) -> LogRatioFit:
    """Log-values that minimise Huber's loss.

    Args:
        answers: At least one.
        delta: δ, natural-log units, above zero; None for `default_delta`.
        max_iterations: Reweightings before giving up.

    Returns:
        Fit with `parameters` `delta` and `share_clipped`, the share of answers beyond δ.

    Raises:
        ValueError: δ is not above zero.
        ConvergenceError: The gradient did not vanish.

    Source: P. J. Huber, Robust Statistics (1981), chapter 7: algorithm and covariance.
    """
    chosen = default_delta(answers.log_ratio) if delta is None else delta
    if not chosen > 0.0:
        raise ValueError(f"delta must be above zero, not {chosen!r}")
    theta = fit_least_squares(answers).theta
    residuals = answers.residuals(theta)
    gradient = np.inf
    for iteration in range(1, max_iterations + 1):
        pulls = np.clip(residuals, -chosen, chosen)
        gradient = relative_gradient(answers, pulls)
        if gradient <= TOLERANCE:
            return _finish(answers, theta, residuals, delta=chosen, gradient=gradient, iterations=iteration)
        weights = chosen / np.maximum(np.abs(residuals), chosen)
        theta = theta + answers.solve(answers.collect(pulls), weights)
        residuals = answers.residuals(theta)
    raise ConvergenceError("Huber fit of the log ratios", max_iterations, gradient)


def _finish(
    answers: RatioAnswers, theta: FloatArray, residuals: FloatArray, *, delta: float, gradient: float, iterations: int
) -> LogRatioFit:
    """The fit with its noise: Huber's first covariance estimate is this noise times L⁺."""
    size, rank = len(answers), answers.rank
    pulls = np.clip(residuals, -delta, delta)
    inside = float(np.mean(np.abs(residuals) <= delta))
    variance, warnings = noise_variance(answers.log_ratio, float(pulls @ pulls), size - rank)
    if inside == 0.0:
        inside = 1.0 / size
        warnings = (*warnings, "every answer is beyond delta: the values are hardly determined")
    correction = 1.0 + rank / size * (1.0 - inside) / inside
    clipped = float(np.mean(np.abs(residuals) > delta))
    return LogRatioFit(
        theta=theta,
        noise=variance * (correction / inside) ** 2,
        residual=gradient,
        iterations=iterations,
        parameters={"delta": delta, "share_clipped": clipped},
        warnings=warnings,
    )


def _fit(task: FusionTask) -> CriterionBeliefs:
    return fit_beliefs(task, "huber", fit_huber)


HUBER = register(
    FusionRule(
        name="huber",
        title="Huber loss on log ratios (Deep Funding)",
        model=(
            "As least-squares, but beyond a stated distance delta an answer's pull grows no further. Delta is 1.345 "
            "times the normalised median of the absolute log ratios. Only people's answers with a ratio are used."
        ),
        assumptions=(
            "most answers are equally exact, and independent of each other, also those of one juror",
            "errors on the log scale are symmetric; few may be very large",
            "every juror means the same by 'ten times'",
            "answers link all projects, directly or through others",
        ),
        failure_modes=(
            (
                "the bound is on one answer, not on one juror: on the 2025 trial, leaving out one juror of 37 still "
                "moves the largest weight by up to 0.109"
            ),
            (
                "delta follows the spread of all answers: if most are extreme it is wide and little is clipped; the "
                "share clipped is among the parameters"
            ),
            (
                "if the answers of one juror lean the same way, intervals are too narrow; look at the coverage on "
                "jurors left out"
            ),
            "orders, ratings and models are set aside; the warnings say how many",
        ),
        source=(
            "Deep Funding's published `huber-log` weights of the 2025 trial, reproduced; "
            "P. J. Huber, Ann. Math. Statist. 35 (1964) 73–101"
        ),
        fit=_fit,
        reads=("ratios",),
        sure="asymptotic covariance of a robust regression",
    )
)
"""Deep Funding's robust variant as a named rule."""
